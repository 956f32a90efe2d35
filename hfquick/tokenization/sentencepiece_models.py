"""Tokenizers from the model of SentencePiece, sentencepiece.bpe.model, for CamemBERT and XLM-RoBERTa.

Such a file is a message of Protocol Buffers: a row of fields, each a number, a kind and a value. The few are read that
a unigram model needs (Kudo 2018, https://arxiv.org/abs/1804.10959), so no further library has to be installed:

    1: a piece (1: text, 2: score, 3: kind)    2: of the training (3: algorithm)    3: normalization (2: its table)

fairseq, with which both models were trained, puts tokens of its own in front of the pieces, and <mask> behind them.
"""

import math
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from ..hub.repository import Repo
from ..i18n import said, spoken
from ..utils.errors import damaged

FILE = "sentencepiece.bpe.model"  # its name; the algorithm is "unigram" all the same
ALGORITHMS = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4  # kinds of pieces
RESERVED = 3  # pieces at the front of every model: <unk>, <s>, </s>

# The tokens in front, with their scores; those of the model itself that stay follow.
FRONT = {
    "XLMRoberta": [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)],
    "Camembert": [
        ("<s>NOTUSED", 0.0),
        ("<pad>", 0.0),
        ("</s>NOTUSED", 0.0),
        ("<unk>", 0.0),
        ("<unk>NOTUSED", -100.0),  # so low that no text is split into it
        ("<s>", 0.0),
        ("</s>", 0.0),
    ],
}
UNKNOWN = 3  # where <unk> is in both


class Piece(NamedTuple):
    """One row of the vocabulary."""

    text: str
    score: float  # logarithm of its probability
    kind: int


def read_pieces(data: bytes) -> tuple[list[Piece], bytes, str]:
    """The file's content -> its pieces, the table of its normalization (may be empty), its algorithm.

    Raises ValueError for what is no such file.
    """
    pieces, table, algorithm = [], b"", 1
    for number, value in _fields(data):
        if number == 1:
            pieces.append(_piece(value))
        elif number == 2:
            algorithm = dict(_fields(value)).get(3, algorithm)
        elif number == 3:
            table = dict(_fields(value)).get(2, table)
    return pieces, table, ALGORITHMS.get(algorithm, str(algorithm))


def _piece(data: Any) -> Piece:
    fields: dict[int, Any] = {2: b"\0\0\0\0", 3: NORMAL} | dict(_fields(data))
    try:
        piece = Piece(fields[1].decode("utf-8"), struct.unpack("<f", fields[2])[0], fields[3])
    except (KeyError, AttributeError, TypeError, struct.error, UnicodeDecodeError):
        raise spoken(ValueError, "a piece without a text or with no number as its score") from None
    if not math.isfinite(piece.score):
        raise spoken(ValueError, "the score of {piece!r} is {score}", piece=piece.text, score=piece.score)
    return piece


def _fields(data: Any) -> Iterator[tuple[int, Any]]:
    """Number and value of each field: a whole number, or bytes."""
    if not isinstance(data, bytes):
        raise spoken(ValueError, "a number where fields are expected")
    place = 0
    while place < len(data):
        key, place = _whole_number(data, place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, place = _whole_number(data, place)
            yield number, value
            continue
        if kind == 2:
            length, place = _whole_number(data, place)
        else:
            length = {1: 8, 5: 4}.get(kind, 0)
        if not length and kind != 2:
            raise spoken(ValueError, "byte {place}: a field of unknown kind {kind}", place=place, kind=kind)
        if place + length > len(data):
            raise spoken(ValueError, "it ends in the middle of a field")
        yield number, data[place : place + length]
        place += length


def _whole_number(data: bytes, place: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first -> it, and the place behind it."""
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise spoken(ValueError, "it ends in the middle of a number")
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
    raise spoken(ValueError, "byte {place}: a number without an end", place=place)


def from_sentencepiece(repo: Repo, family: str) -> Tokenizer:
    """The tokenizer of a repository that has sentencepiece.bpe.model; `family` is a key of FRONT.

    Raises ValueError for a damaged file, and for one of another algorithm.
    """
    try:
        pieces, table, algorithm = read_pieces(repo.path(FILE).read_bytes())
    except ValueError as error:
        raise damaged(FILE, repo.id, error) from None
    if algorithm != "unigram":
        raise spoken(
            ValueError,
            "{file} of {repo!r} is a {algorithm!r} model, hfquick reads 'unigram' models; it becomes a "
            "tokenizer.json with transformers: AutoTokenizer...save_pretrained()",
            file=FILE,
            repo=repo.id,
            algorithm=algorithm,
        )
    if [piece.text for piece in pieces[:RESERVED]] != ["<unk>", "<s>", "</s>"]:
        found = ", ".join(repr(piece.text) for piece in pieces[:RESERVED]) or said("nothing")
        raise damaged(FILE, repo.id, said("it starts with {found}, expected '<unk>', '<s>', '</s>'", found=found))
    words = [(piece.text, piece.score) for piece in pieces[RESERVED:]]
    backend = Tokenizer(models.Unigram([*FRONT[family], *words, ("<mask>", 0.0)], UNKNOWN))
    tidy = [normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")]
    try:
        first = [normalizers.Precompiled(table)] if table else []
    except Exception as error:  # what the library raises has no class of its own
        raise damaged(FILE, repo.id, said("the table of its normalization: {error}", error=error)) from None
    backend.normalizer = normalizers.Sequence([*first, *tidy])
    backend.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    backend.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    backend.add_tokens(
        [
            AddedToken(piece.text, normalized=False, special=piece.kind == CONTROL)
            for piece in pieces
            if piece.kind in (CONTROL, USER_DEFINED)
        ]
    )
    ends = [("<s>", backend.token_to_id("<s>")), ("</s>", backend.token_to_id("</s>"))]
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ends
    )
    return backend
