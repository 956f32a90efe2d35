"""Fill-mask: the most probable words for the masked token of a text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import Results, WordScore, WordScores
from ..i18n import N_, spoken
from ..i18n import gettext as _
from ..utils.arrays import numbers, softmax
from ..utils.elsewhere import Other
from ..utils.fields import Range, check_field
from ..utils.notices import say
from .base import Piece, Settings
from .names import OF_MASKS
from .texts import TextPipeline, check_text, unpadded, which_text


@dataclass(frozen=True, kw_only=True)
class FillMaskSettings(Settings):
    """The options of FillMaskPipeline."""

    top_k: int = 5
    targets: str | Sequence[str] | None = None
    truncation: bool = False
    max_length: int | None = None
    tokenizer_kwargs: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class _Ready(FillMaskSettings):
    """The options, with what is worked out once for all texts of a call."""

    target_ids: list[int] | None


class FillMaskPipeline(TextPipeline):
    """Predicts the masked word of a text: `pipe("Paris is in [MASK].")`, with the mask token of the model's tokenizer.

    A text gives its most probable words; a text with several masks a list of them for each mask, every one predicted
    while the others are still masked.
    """

    wants: ClassVar[str] = N_("a text with a mask")
    settings_class: ClassVar[type[Settings]] = FillMaskSettings
    other_names: ClassVar[Mapping[str, Other]] = OF_MASKS

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Predict the masked words of one text, or of each of many.

        Args:
            inputs: a text with at least one mask token, or a list, dataset or generator of such texts.
            top_k: how many words, the most probable first.
            targets: a word or a list of words: only these are compared. In a vocabulary whose words have a space in
                front that need not be written; a word of several tokens is replaced by the first, and one line says so.
            truncation: True cuts a text that is too long for the model instead of raising an error.
            max_length: a text is cut at so many tokens, special ones counted; None for what the model takes.
            tokenizer_kwargs: more options for the tokenizer, which count before these two.
            batch_size: most texts per batch; None makes batches by length, which is nearly always faster.

        An option left out is the one with which the pipeline was made.
        """
        return super().__call__(inputs, **options)

    def check(self, settings: Any) -> None:
        check_field("top_k", settings.top_k, int, Range(1))
        check_field("max_length", settings.max_length, int | None, Range(1))
        targets, options = settings.targets, settings.tokenizer_kwargs
        words = [targets] if isinstance(targets, str) else targets
        if words is not None and (not isinstance(words, list | tuple) or not all(isinstance(w, str) for w in words)):
            raise spoken(TypeError, "targets is {targets!r}, expected a word or a list of words", targets=targets)
        if options is not None and not isinstance(options, Mapping):
            raise spoken(
                TypeError,
                "tokenizer_kwargs is {options!r}, expected a dict such as {{'truncation': True}}",
                options=options,
            )
        if self.tokenizer.mask_token_id is None:
            raise spoken(
                ValueError, "the tokenizer has no mask token, so its model was not trained to predict masked words"
            )

    def ready(self, settings: Any) -> _Ready:
        words = [settings.targets] if isinstance(settings.targets, str) else settings.targets
        return _Ready(**vars(settings), target_ids=None if words is None else self._target_ids(words))

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
        texts = [check_text(text, "fill-mask") for text in inputs]
        encoded = self.tokenizer(texts, **(self.cut(settings, settings.max_length) | (settings.tokenizer_kwargs or {})))
        pieces = [
            Piece({name: encoded[name][row] for name in self.tokenizer.model_input_names if name in encoded})
            for row in range(len(texts))
        ]
        for row, piece in enumerate(pieces):
            if self.tokenizer.mask_token_id not in piece.features["input_ids"]:
                which = which_text(row, len(texts))
                raise spoken(
                    ValueError,
                    "{which} has no mask ({mask}): {text!r}; write {mask} in the place of the masked word",
                    which=which,
                    mask=self.tokenizer.mask_token,
                    text=texts[row][:60],
                )
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        ids = piece.features["input_ids"]
        masks = [position for position, index in enumerate(ids) if index == self.tokenizer.mask_token_id]
        probabilities = numbers(softmax(unpadded(outputs["logits"], piece)[masks]))  # (masks, V)
        results = [
            WordScores([self._word(ids, mask, word, score, alone=len(masks) == 1) for word, score in best])
            for mask, best in zip(masks, self._top_k(probabilities, settings), strict=True)
        ]
        return results[0] if len(results) == 1 else Results(results)

    def many_results(self, results: list[Any], inputs: list[Any], settings: Any) -> Any:
        return results[0] if len(results) == 1 else Results(results)  # a list of one text is that text: as transformers

    def _top_k(self, probabilities: np.ndarray, settings: Any) -> list[list[tuple[int, float]]]:
        """Ids and probabilities of the most probable words for each mask."""
        targets = settings.target_ids
        ids = np.arange(probabilities.shape[-1]) if targets is None else np.array(targets)
        scores = probabilities[:, ids]
        order = np.argsort(-scores, axis=-1, kind="stable")[:, : settings.top_k]
        return [
            [(int(ids[index]), float(row[index])) for index in best] for row, best in zip(scores, order, strict=True)
        ]

    def _word(self, ids: list[int], mask: int, word: int, score: float, alone: bool) -> WordScore:
        """One word with its text; other masks stay readable."""
        pad = self.tokenizer.pad_token_id
        sequence = [index for index in [*ids[:mask], word, *ids[mask + 1 :]] if index != pad]
        return WordScore(
            score=score,
            token=word,
            token_str=self.tokenizer.decode([word]),
            sequence=self.tokenizer.decode(sequence, skip_special_tokens=alone),
            shown="" if alone else self._readable(sequence),
        )

    def _readable(self, ids: list[int]) -> str:
        """A text in which masks are left, without the marks at its ends."""
        mask, special = self.tokenizer.mask_token_id, set(self.tokenizer.all_special_ids)
        text = self.tokenizer.decode([index for index in ids if index == mask or index not in special]).strip()
        token = self.tokenizer.mask_token
        # RoBERTa's mask takes the space before it along; after an apostrophe there was none.
        return re.sub(rf"(?<=[\w.,;:!?>]){re.escape(token)}", f" {token}", text)

    def _target_ids(self, targets: Sequence[str]) -> list[int]:
        """Words -> their ids, each once; ValueError when none is left."""
        vocabulary, found = self.tokenizer.get_vocab(), []
        for word in targets:
            index = vocabulary.get(word)
            if index is None:
                # Many vocabularies have a word with the space in front: there " cat" is one token, and "cat" is two.
                ids, spaced = self.tokenizer([word, f" {word}"], add_special_tokens=False)["input_ids"]
                ids = spaced if len(spaced) == 1 else ids
                if not ids:
                    say(_("the target {word!r} has no tokens, it is left out").format(word=word))
                    continue
                index = ids[0]
                if len(ids) > 1 or index == self.tokenizer.unk_token_id:
                    token = self.tokenizer.convert_ids_to_tokens(index)
                    line = _("the target {word!r} is not in the vocabulary, its first token {token!r} is taken")
                    say(line.format(word=word, token=token))
            found.append(index)
        if not found:
            raise spoken(
                ValueError, "targets has no word that could be compared; give at least one, or leave targets out"
            )
        return sorted(set(found))
