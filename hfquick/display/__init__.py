"""A picture or table for every kind of result, used by pipelines, notebooks and widgets."""

from .results import LabelScore, Scores

__all__ = ["LabelScore", "Scores"]
