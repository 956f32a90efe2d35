"""A picture or table for every kind of result, used by pipelines, notebooks and widgets."""

from .alignment import CrossAlignment
from .answers import Answer, Answers
from .entities import Entities, Entity
from .probabilities import TokenProbabilities
from .results import LabelScore, Results, Scores
from .texts import Texts
from .words import WordScore, WordScores

__all__ = [
    "Answer",
    "Answers",
    "CrossAlignment",
    "Entities",
    "Entity",
    "LabelScore",
    "Results",
    "Scores",
    "Texts",
    "TokenProbabilities",
    "WordScore",
    "WordScores",
]
