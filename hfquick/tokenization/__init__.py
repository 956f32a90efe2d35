"""Text <-> token ids.

tokenizer.py         the class, and what a call does: texts -> token ids
decoding.py          token ids -> tokens and texts
ctc.py  letters.py   the same from the frames of a sound, and its vocabulary of letters
special_tokens.py    [CLS], [PAD] and their like
encoding.py          what a call returns
chat.py              a conversation -> one text
sandbox.py           what its template may do, and how much
inputs.py  options.py  padding.py            what may be given, truncation and padding
files.py  vocabularies.py  families.py       the files of a repository, and the kinds of tokenizer on the Hub
"""

from .encoding import BatchEncoding
from .tokenizer import PreTrainedTokenizerFast

__all__ = ["BatchEncoding", "PreTrainedTokenizerFast"]
