"""Token classification: which words of a text are names, and of what (named entity recognition, "ner")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import Entities, Entity, Results
from ..i18n import gettext as _
from ..tokenization.options import LARGE
from ..utils.arrays import softmax
from ..utils.errors import did_you_mean
from ..utils.notices import say
from .base import Piece, Pipeline, check_text, check_whole

STRATEGIES = ("none", "simple", "first", "average", "max")


@dataclass
class Token:
    """One token of a text with its scores."""

    word: str  # as the vocabulary spells it
    scores: np.ndarray  # (N,) one for each label
    start: int  # characters of the text
    end: int
    index: int  # its place in what the model read, special tokens counted
    continues: bool  # the word before it


@dataclass
class _Facts:
    """What is known of a window before the model reads it: where its tokens stand."""

    text: str
    tokens: list[str | None]
    offsets: list[tuple[int, int]]
    special: list[int]


class TokenClassificationPipeline(Pipeline):
    """Finds the entities of a text: label, score, words, and from which character to which.

    Options of a call:
        aggregation_strategy: "none" gives every token for itself; the others give entities. "simple" joins neighbours
            of one label, even inside a word; "first", "average" and "max" first give every word one label: that of its
            first token, of the mean of its tokens' scores, of its surest token. What a word is, a WordPiece vocabulary
            tells; with others a word ends at a space.
        ignore_labels: labels that are left out of the result.
        stride: reads a text that is too long for the model in windows, which have this many tokens in common; where
            they disagree, the longer entity counts, then the surer. Left out, the end of such a text is not read, and
            one line says so.
        batch_size: most windows per batch; left out, batches are made by length.
    """

    wants: ClassVar[str] = "a text"
    defaults: ClassVar[dict[str, Any]] = {
        "aggregation_strategy": "none",
        "ignore_labels": ("O",),
        "stride": None,
    }

    def check(self, settings: dict[str, Any]) -> None:
        strategy, stride, ignored = settings["aggregation_strategy"], settings["stride"], settings["ignore_labels"]
        if strategy not in STRATEGIES:
            raise ValueError(
                f"aggregation_strategy {strategy!r} is unknown{did_you_mean(strategy, STRATEGIES)}; "
                f"known: {', '.join(STRATEGIES)}"
            )
        if isinstance(ignored, str) or not isinstance(ignored, Sequence):
            raise TypeError(f"ignore_labels is {ignored!r}, expected a list of labels such as ['O']; [] gives all")
        if stride is None:
            return
        check_whole("stride", stride, 0, ", or None to read the beginning of a long text only")
        if strategy == "none":
            raise ValueError(
                "stride joins the entities of several windows; give an aggregation_strategy, e.g. 'simple'"
            )
        room = self.most_tokens - self.tokenizer.num_special_tokens_to_add()
        if stride >= room:
            raise ValueError(f"stride is {stride}, but a window has room for {room} tokens; give a smaller one")

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str)

    def preprocess(self, inputs: list[Any], settings: dict[str, Any]) -> list[list[Piece]]:
        limit, stride = self.most_tokens, settings["stride"]
        batch = self.tokenizer(
            [check_text(text, "token classification") for text in inputs],
            truncation=limit < LARGE,
            max_length=limit if limit < LARGE else None,
            stride=stride or 0,
            return_overflowing_tokens=True,
        )
        pieces: list[list[Piece]] = [[] for _text in inputs]
        cut = set()
        for row, (source, encoding) in enumerate(
            zip(batch["overflow_to_sample_mapping"], batch.encodings, strict=True)
        ):
            if pieces[source] and stride is None:
                cut.add(source)
                continue
            features = {name: batch[name][row] for name in self.tokenizer.model_input_names if name in batch}
            tokens = self.tokenizer.convert_ids_to_tokens(encoding.ids)
            facts = _Facts(inputs[source], tokens, encoding.offsets, encoding.special_tokens_mask)
            pieces[source].append(Piece(features, facts))
        if cut:
            line = _(
                "{count} of {total} texts have more than {limit} tokens, their ends are not read; {advice} reads all"
            )
            advice = f"stride={limit // 4}, aggregation_strategy='simple'"
            say(line.format(count=len(cut), total=len(inputs), limit=limit, advice=advice))
        return pieces

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: dict[str, Any]) -> list[Entity]:
        scores = softmax(piece.unpadded(outputs["logits"]))  # (T, N)
        tokens, strategy = self._tokens(piece, scores), settings["aggregation_strategy"]
        labels = self.model.config.id2label
        found: list[Entity] = []
        if strategy == "none":
            for token in tokens:
                label, score = _best(token.scores, labels)
                places = {"index": token.index, "word": token.word, "start": token.start, "end": token.end}
                found.append(Entity(entity=label, score=score, **places))
            return [entity for entity in found if entity["entity"] not in settings["ignore_labels"]]
        words = [[token] for token in tokens] if strategy == "simple" else _words(tokens)
        for group in _groups([self._labelled(word, strategy, labels) for word in words]):
            found.append(
                Entity(
                    entity_group=group[0]["entity"].split("-", 1)[-1],
                    score=float(np.mean([word["score"] for word in group])),
                    word=self.tokenizer.convert_tokens_to_string([word["word"] for word in group]),
                    start=group[0]["start"],
                    end=group[-1]["end"],
                )
            )
        return [entity for entity in found if entity["entity_group"] not in settings["ignore_labels"]]

    def join(self, results: list[list[Entity]], inputs: Any, settings: dict[str, Any]) -> Entities:
        found = [entity for result in results for entity in result]
        return Entities(found if len(results) == 1 else _without_overlaps(found), inputs)

    def many_results(self, results: list[Any], inputs: list[Any], settings: dict[str, Any]) -> Any:
        return Results(results)

    def _tokens(self, piece: Piece, scores: np.ndarray) -> list[Token]:
        """The tokens of a window that stand for text, and whether each continues a word."""
        facts, tokens = piece.facts, []
        prefix = getattr(self.tokenizer.backend_tokenizer.model, "continuing_subword_prefix", None)
        for index, (word, (start, end)) in enumerate(zip(facts.tokens, facts.offsets, strict=True)):
            if facts.special[index]:
                continue
            written = facts.text[start:end]
            if prefix:  # "##ing" is longer than what it stands for
                continues = len(word) != len(written)
            else:
                continues = start > 0 and " " not in facts.text[start - 1 : start + 1]
            if piece.features["input_ids"][index] == self.tokenizer.unk_token_id:
                word, continues = written, False
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
        label, score = _best(scores, labels)
        written = word[0].word
        if strategy != "simple":
            written = self.tokenizer.convert_tokens_to_string([token.word for token in word])
        return {"entity": label, "score": score, "word": written, "start": word[0].start, "end": word[-1].end}


def _best(scores: np.ndarray, labels: dict[int, str]) -> tuple[str, float]:
    best = int(scores.argmax())
    return labels[best], float(scores[best])


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
    """Entities of several windows -> one for each place: the longer one, then the surer."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda entity: entity["start"]):
        if kept and kept[-1]["start"] <= entity["start"] < kept[-1]["end"]:
            length, before = entity["end"] - entity["start"], kept[-1]["end"] - kept[-1]["start"]
            if (length, entity["score"]) > (before, kept[-1]["score"]):
                kept[-1] = entity
        else:
            kept.append(entity)
    return kept
