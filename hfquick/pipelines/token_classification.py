"""Token classification: a label for every token, such as the entities of a text (named entity recognition, "ner")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import Entities, Entity
from ..i18n import N_, said, spoken
from ..i18n import gettext as _
from ..tokenization.options import LARGEST_LIMIT
from ..utils.arrays import numbers, softmax
from ..utils.elsewhere import Other
from ..utils.errors import unknown
from ..utils.fields import Range, check_field
from ..utils.notices import say
from .base import Piece, Settings
from .names import OF_TOKENS
from .texts import TextPipeline, check_text, unpadded

STRATEGIES = ("none", "simple", "first", "average", "max")


@dataclass
class Token:
    """One token of a text with its scores."""

    word: str  # as the vocabulary spells it
    scores: np.ndarray  # (N,) one for each label
    start: int  # characters of the text
    end: int
    index: int  # its position in the input of the model, special tokens counted
    continues: bool  # the word before it


@dataclass(frozen=True, kw_only=True)
class TokenClassificationSettings(Settings):
    """The options of TokenClassificationPipeline."""

    aggregation_strategy: str = "none"
    ignore_labels: Sequence[str] = ("O",)
    stride: int | None = None
    truncation: bool | None = None
    max_length: int | None = None


class TokenClassificationPipeline(TextPipeline):
    """Finds the entities of a text: label, score, words, and from which character to which.

    An entity is what a model was trained to find; with named entity recognition a person, a place, an organisation.
    """

    wants: ClassVar[str] = N_("a text")
    settings_class: ClassVar[type[Settings]] = TokenClassificationSettings
    other_names: ClassVar[Mapping[str, Other]] = OF_TOKENS

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Find the entities of one text, or of each of many.

        Args:
            inputs: a text, or a list, dataset or generator of texts.
            aggregation_strategy: "none" gives every token for itself; the others give entities. "simple" joins
                neighbours of one label, even inside a word; "first", "average" and "max" first give every word one
                label: that of its first token, of the mean of its tokens' scores, of its surest token. What a word is,
                a WordPiece vocabulary tells; with others a word ends at a space.
            ignore_labels: labels that are left out of the result; "O" marks what is no entity.
            stride: cuts a text that is too long for the model into windows, which have this many tokens in common;
                where they disagree, the longer entity counts, then the surer. None leaves out the end of such a text.
            truncation: True leaves out the end of a text that is too long for the model without a word, None says so
                in one line, False raises an error.
            max_length: a text, or a window, is cut at so many tokens, special ones counted; None for what the model
                takes.
            batch_size: most windows per batch; None makes batches by length, which is nearly always faster.

        An option left out is the one with which the pipeline was made.
        """
        return super().__call__(inputs, **options)

    def check(self, settings: Any) -> None:
        strategy, stride, ignored = settings.aggregation_strategy, settings.stride, settings.ignore_labels
        if strategy not in STRATEGIES:
            raise unknown(N_("aggregation_strategy {name!r} is unknown{near}; known: {known}"), strategy, STRATEGIES)
        if isinstance(ignored, str) or not isinstance(ignored, Sequence):
            raise spoken(
                TypeError,
                "ignore_labels is {ignored!r}, expected a list of labels such as ['O']; [] gives all",
                ignored=ignored,
            )
        check_field("truncation", settings.truncation, bool | None)
        check_field("max_length", settings.max_length, int | None, Range(1))
        if stride is None:
            return
        check_field("stride", stride, int, Range(0), said(", or None for the beginning of a long text only"))
        if strategy == "none":
            raise spoken(
                ValueError, "stride joins the entities of several windows; give an aggregation_strategy, e.g. 'simple'"
            )
        room = self._limit(settings) - self.tokenizer.num_special_tokens_to_add()
        if stride >= room:
            raise spoken(
                ValueError,
                "stride is {stride}, but a window has room for {room} tokens; give a smaller one",
                stride=stride,
                room=room,
            )

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
        limit, stride = self._limit(settings), settings.stride
        has_limit = limit <= LARGEST_LIMIT and (settings.truncation is not False or stride is not None)
        texts = [check_text(text, said("token classification")) for text in inputs]
        batch = self.tokenizer(
            texts,
            truncation=has_limit,
            max_length=limit if has_limit else None,
            stride=stride or 0,
            return_overflowing_tokens=True,
        )
        pieces: list[list[Piece]] = [[] for _text in inputs]
        cut = set()
        for row, piece in self.windows_of(batch, texts):
            if pieces[row] and stride is None:
                cut.add(row)
            else:
                pieces[row].append(piece)
        if not has_limit:
            self.check_lengths([piece for [piece] in pieces], "truncation=True")
        if cut and settings.truncation is None and settings.max_length is None:
            if len(inputs) == 1:
                line = _("the text has more than {limit} tokens, its end is not read; {advice} reads all")
            elif len(cut) == 1:
                line = _("1 of {total} texts has more than {limit} tokens, its end is not read; {advice} reads all")
            else:
                line = _(
                    "{count} of {total} texts have more than {limit} tokens, their ends are not read; "
                    "{advice} reads all"
                )
            advice = f"stride={limit // 4}, aggregation_strategy='simple'"
            say(line.format(count=len(cut), total=len(inputs), limit=limit, advice=advice))
        return pieces

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> list[Entity]:
        scores = numbers(softmax(unpadded(outputs["logits"], piece)))  # (T, N)
        tokens, strategy = self._tokens(piece, scores), settings.aggregation_strategy
        labels = self.model.config.id2label
        found: list[Entity] = []
        if strategy == "none":
            for token in tokens:
                label, score = _top_label(token.scores, labels)
                where = {"index": token.index, "word": token.word, "start": token.start, "end": token.end}
                found.append(Entity(entity=label, score=score, **where))
            return [entity for entity in found if entity["entity"] not in settings.ignore_labels]
        words = [[token] for token in tokens] if strategy == "simple" else _words(tokens)
        for group in _groups([self._labelled(word, strategy, labels) for word in words]):
            start, end = group[0]["start"], group[-1]["end"]
            found.append(
                Entity(
                    entity_group=group[0]["entity"].split("-", 1)[-1],
                    score=float(np.mean([word["score"] for word in group])),
                    word=piece.facts.text[start:end],  # as it is written: tokens do not say where spaces were
                    start=start,
                    end=end,
                )
            )
        return [entity for entity in found if entity["entity_group"] not in settings.ignore_labels]

    def join(self, results: list[list[Entity]], inputs: Any, settings: Any) -> Entities:
        found = [entity for result in results for entity in result]
        found = found if len(results) == 1 else _without_overlaps(found)
        if settings.aggregation_strategy != "none":
            for entity in found:
                _leave_out_spaces(entity)
        return Entities(found, inputs)

    def _limit(self, settings: Any) -> int:
        """Tokens of a text, or of a window, at most."""
        return self.most_tokens if settings.max_length is None else min(settings.max_length, self.most_tokens)

    def _tokens(self, piece: Piece, scores: np.ndarray) -> list[Token]:
        """The tokens of a window that stand for text, and whether each continues a word."""
        ids, found, tokens = piece.features["input_ids"], piece.facts, []
        prefix = getattr(self.tokenizer.backend_tokenizer.model, "continuing_subword_prefix", None)
        for index, word in enumerate(self.tokenizer.convert_ids_to_tokens(ids)):
            if not found.inside[index]:
                continue
            start, end = found.offsets[index].tolist()
            letters = found.text[start:end]
            if prefix:  # "##ing" is longer than what it stands for
                continues = len(word) != len(letters)
            else:
                continues = start > 0 and " " not in found.text[start - 1 : start + 1]
            if ids[index] == self.tokenizer.unk_token_id:
                word, continues = letters, False
            tokens.append(Token(word, scores[index], start, end, index, continues))
        return tokens

    def _labelled(self, word: list[Token], strategy: str, labels: dict[int, str]) -> dict[str, Any]:
        """The tokens of a word -> its label and score by the strategy."""
        if strategy == "average":
            scores = np.mean([token.scores for token in word], axis=0)
        elif strategy == "max":
            scores = max(word, key=lambda token: token.scores.max()).scores
        else:
            scores = word[0].scores
        label, score = _top_label(scores, labels)
        return {"entity": label, "score": score, "start": word[0].start, "end": word[-1].end}


def _top_label(scores: np.ndarray, labels: dict[int, str]) -> tuple[str, float]:
    best = int(scores.argmax())
    return labels[best], float(scores[best])


def _leave_out_spaces(entity: Entity) -> None:
    """Let an entity start with its first letter and end with its last: a SentencePiece token has a space in front."""
    word = entity["word"]
    if stripped := word.strip():
        start = entity["start"] + word.index(stripped)
        entity.update(word=stripped, start=start, end=start + len(stripped))


def _words(tokens: list[Token]) -> list[list[Token]]:
    """Tokens -> the tokens of each word."""
    words: list[list[Token]] = []
    for token in tokens:
        if words and token.continues:
            words[-1].append(token)
        else:
            words.append([token])
    return words


def _groups(words: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Words with labels -> neighbours that make one entity: of one kind, and none but the first begins one (B-)."""
    groups: list[list[dict[str, Any]]] = []
    for word in words:
        begins, kind = _tag(word["entity"])
        if groups and not begins and kind == _tag(groups[-1][-1]["entity"])[1]:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _tag(label: str) -> tuple[bool, str]:
    """A label -> whether it begins an entity, and the kind of entity.

    >>> _tag("B-PER"), _tag("I-PER"), _tag("PER")
    ((True, 'PER'), (False, 'PER'), (False, 'PER'))
    """
    return label.startswith("B-"), label[2:] if label.startswith(("B-", "I-")) else label


def _without_overlaps(entities: list[Entity]) -> list[Entity]:
    """Entities of several windows -> of those that overlap the longer one, then the surer."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda entity: entity["start"]):
        if kept and kept[-1]["start"] <= entity["start"] < kept[-1]["end"]:
            length, before = entity["end"] - entity["start"], kept[-1]["end"] - kept[-1]["start"]
            if (length, entity["score"]) > (before, kept[-1]["score"]):
                kept[-1] = entity
        else:
            kept.append(entity)
    return kept
