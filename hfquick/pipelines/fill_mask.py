"""Fill-mask: the words that fit best where a text hides one."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..display import Results, WordScore, WordScores
from ..i18n import gettext as _
from ..utils.arrays import softmax
from ..utils.notices import say
from .base import Piece, Pipeline, check_text, check_whole


class FillMaskPipeline(Pipeline):
    """Guesses the hidden word of a text: `pipe("Paris is in [MASK].")`, with the mask token of the model's tokenizer.

    A text gives its best words; a text with several masks a list of them for each mask, every one guessed with the
    others still hidden.

    Options of a call:
        top_k: how many words, best first.
        targets: only these words are compared; one that is not in the vocabulary is replaced by its first token, and
            one line says so.
        tokenizer_kwargs: options for the tokenizer; {"truncation": True} cuts a text that is too long for the model.
        batch_size: most texts per batch; left out, batches are made by length.
    """

    wants: ClassVar[str] = "a text with a mask"
    defaults: ClassVar[dict[str, Any]] = {"top_k": 5, "targets": None, "tokenizer_kwargs": None}

    def check(self, settings: dict[str, Any]) -> None:
        check_whole("top_k", settings["top_k"], 1)
        targets, options = settings["targets"], settings["tokenizer_kwargs"]
        words = [targets] if isinstance(targets, str) else targets
        if words is not None and (not isinstance(words, list | tuple) or not all(isinstance(w, str) for w in words)):
            raise TypeError(f"targets is {targets!r}, expected a word or a list of words")
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"tokenizer_kwargs is {options!r}, expected a dict such as {{'truncation': True}}")
        if self.tokenizer.mask_token_id is None:
            raise ValueError("the tokenizer has no mask token, so its model was not trained to guess hidden words")

    def ready(self, settings: dict[str, Any]) -> dict[str, Any]:
        targets = settings["targets"]
        if targets is None:
            return {**settings, "target_ids": None}
        return {**settings, "target_ids": self._target_ids([targets] if isinstance(targets, str) else targets)}

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str)

    def preprocess(self, inputs: list[Any], settings: dict[str, Any]) -> list[list[Piece]]:
        texts = [check_text(text, "fill-mask") for text in inputs]
        encoded = self.tokenizer(texts, **(settings["tokenizer_kwargs"] or {}))
        pieces = [
            Piece({name: encoded[name][row] for name in self.tokenizer.model_input_names if name in encoded})
            for row in range(len(texts))
        ]
        for row, piece in enumerate(pieces):
            if self.tokenizer.mask_token_id not in piece.features["input_ids"]:
                which = f"text {row + 1} of {len(texts)}" if len(texts) > 1 else "the text"
                raise ValueError(
                    f"{which} has no mask ({self.tokenizer.mask_token}): {texts[row][:60]!r}; "
                    f"write {self.tokenizer.mask_token} in the place of the hidden word"
                )
        self.check_lengths(pieces, "tokenizer_kwargs={'truncation': True}")
        return [[piece] for piece in pieces]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: dict[str, Any]) -> Any:
        ids = piece.features["input_ids"]
        masks = [place for place, index in enumerate(ids) if index == self.tokenizer.mask_token_id]
        probabilities = softmax(piece.unpadded(outputs["logits"])[masks])  # (masks, V)
        results = [
            WordScores([self._filled(ids, mask, word, score, alone=len(masks) == 1) for word, score in best])
            for mask, best in zip(masks, self._best(probabilities, settings), strict=True)
        ]
        return results[0] if len(results) == 1 else Results(results)

    def many_results(self, results: list[Any], inputs: list[Any], settings: dict[str, Any]) -> Any:
        return results[0] if len(results) == 1 else Results(results)  # a list of one text is that text: as transformers

    def _best(self, probabilities: np.ndarray, settings: dict[str, Any]) -> list[list[tuple[int, float]]]:
        """Ids and scores of the best words for each mask."""
        targets = settings["target_ids"]
        ids = np.arange(probabilities.shape[-1]) if targets is None else np.array(targets)
        scores = probabilities[:, ids]
        order = np.argsort(-scores, axis=-1, kind="stable")[:, : settings["top_k"]]
        return [
            [(int(ids[place]), float(row[place])) for place in best] for row, best in zip(scores, order, strict=True)
        ]

    def _filled(self, ids: list[int], mask: int, word: int, score: float, alone: bool) -> WordScore:
        """One word in its place; other masks stay readable."""
        pad = self.tokenizer.pad_token_id
        sequence = [index for index in [*ids[:mask], word, *ids[mask + 1 :]] if index != pad]
        return WordScore(
            score=score,
            token=word,
            token_str=self.tokenizer.decode([word]),
            sequence=self.tokenizer.decode(sequence, skip_special_tokens=alone),
        )

    def _target_ids(self, targets: list[str]) -> list[int]:
        """Words -> their ids, each once; ValueError when none is left."""
        vocabulary, found = self.tokenizer.get_vocab(), []
        for word in targets:
            index = vocabulary.get(word)
            if index is None:
                ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
                if not ids:
                    say(_("the target {word!r} has no tokens, it is left out").format(word=word))
                    continue
                index = ids[0]
                token = self.tokenizer.convert_ids_to_tokens(index)
                line = _("the target {word!r} is not in the vocabulary, its first token {token!r} is taken")
                say(line.format(word=word, token=token))
            found.append(index)
        if not found:
            raise ValueError("targets has no word that could be compared; give at least one, or leave targets out")
        return sorted(set(found))
