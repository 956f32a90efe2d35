"""A picture or table for every kind of result, used by pipelines, notebooks and widgets."""

from .alignment import CrossAlignment
from .answers import Answer, Answers
from .attention import AttentionMap, AttentionMaps
from .boxes import Box, Boxes
from .chart import Curves
from .entities import Entities, Entity
from .evaluation import ConfusionMatrix, LargestLosses
from .picture import to_draw
from .picture_scores import PictureAnswer, PictureAnswers, PictureScores
from .probabilities import TokenProbabilities
from .results import LabelScore, Results, Scores
from .segments import Segment, Segments
from .sound import to_hear
from .sound_scores import SoundScores, SoundView
from .texts import Texts
from .transcript import Transcript
from .words import WordScore, WordScores

__all__ = [
    "Answer",
    "Answers",
    "AttentionMap",
    "AttentionMaps",
    "Box",
    "Boxes",
    "ConfusionMatrix",
    "CrossAlignment",
    "Curves",
    "Entities",
    "Entity",
    "LabelScore",
    "LargestLosses",
    "PictureAnswer",
    "PictureAnswers",
    "PictureScores",
    "Results",
    "Scores",
    "Segment",
    "Segments",
    "SoundScores",
    "SoundView",
    "Texts",
    "TokenProbabilities",
    "Transcript",
    "WordScore",
    "WordScores",
    "to_draw",
    "to_hear",
]
