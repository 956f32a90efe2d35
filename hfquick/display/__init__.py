"""A picture or table for every kind of result, used by pipelines, notebooks and widgets."""

from .answers import Answer, Answers
from .entities import Entities, Entity
from .results import LabelScore, Results, Scores
from .texts import Texts
from .words import WordScore, WordScores

__all__ = [
    "Answer",
    "Answers",
    "Entities",
    "Entity",
    "LabelScore",
    "Results",
    "Scores",
    "Texts",
    "WordScore",
    "WordScores",
]
