"""A picture or table for every kind of result, used by pipelines, notebooks and widgets."""

from .alignment import CrossAlignment
from .answers import Answer, Answers
from .chart import Curves
from .entities import Entities, Entity
from .evaluation import ConfusionMatrix, LargestLosses
from .probabilities import TokenProbabilities
from .results import LabelScore, Results, Scores
from .texts import Texts
from .words import WordScore, WordScores

__all__ = [
    "Answer",
    "Answers",
    "ConfusionMatrix",
    "CrossAlignment",
    "Curves",
    "Entities",
    "Entity",
    "LabelScore",
    "LargestLosses",
    "Results",
    "Scores",
    "Texts",
    "TokenProbabilities",
    "WordScore",
    "WordScores",
]
