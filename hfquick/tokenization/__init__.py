"""Texts <-> numbers.

tokenizer.py         the class, and what a call does: texts -> ids
decoding.py          ids -> tokens and texts
special_tokens.py    [CLS], [PAD] and their like
batch_encoding.py    what a call returns
inputs.py  options.py  padding.py            what may be given, how texts are cut and filled
files.py  vocabularies.py  families.py       the files of a repository, and the kinds of tokenizer on the Hub
"""

from .encoding import BatchEncoding
from .tokenizer import PreTrainedTokenizerFast

__all__ = ["BatchEncoding", "PreTrainedTokenizerFast"]
