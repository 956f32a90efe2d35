"""Text classification: the label that fits a text, or a pair of texts, best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import Scores
from ..i18n import N_, said, spoken
from ..utils.elsewhere import Other
from ..utils.fields import Range, check_field
from .base import Piece, Settings
from .names import OF_CLASSIFICATION
from .ranking import check_ranking, ranked
from .texts import TextPipeline, check_text, is_text_pair


@dataclass(frozen=True, kw_only=True)
class TextClassificationSettings(Settings):
    """The options of TextClassificationPipeline."""

    top_k: int | str | None = "best"
    function_to_apply: str | None = None
    truncation: bool = False
    max_length: int | None = None


class TextClassificationPipeline(TextPipeline):
    """Gives a text (or a pair of texts) the label that fits it best, and its score: `pipe("We are very happy.")`."""

    wants: ClassVar[str] = N_("a text, or a pair {'text': ..., 'text_pair': ...}")
    settings_class: ClassVar[type[Settings]] = TextClassificationSettings
    other_names: ClassVar[Mapping[str, Other]] = OF_CLASSIFICATION

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Classify one text, or each of many.

        Args:
            inputs: a text, a pair {"text": ..., "text_pair": ...}, or a list, dataset or generator of them.
            top_k: how many labels, best first; None gives all. "best" is the best one alone, without a list for each
                text.
            function_to_apply: "softmax" (labels exclude each other), "sigmoid" (each for itself), "none" (the logits);
                None leaves it to the model's configuration.
            truncation: True cuts a text that is too long for the model instead of raising an error.
            max_length: a text is cut at so many tokens, special ones counted; None for what the model takes.
            batch_size: most texts per batch; None makes batches by length, which is nearly always faster.

        An option left out is the one with which the pipeline was made.
        """
        return super().__call__(inputs, **options)

    def check(self, settings: Any) -> None:
        check_field("max_length", settings.max_length, int | None, Range(1))
        check_ranking(None if settings.top_k == "best" else settings.top_k, settings.function_to_apply)

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str) or is_text_pair(inputs)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
        texts, pairs = zip(*(_split(value) for value in inputs), strict=True)
        pieces = [Piece({}) for _ in inputs]
        for paired in (False, True):  # the tokenizer takes texts or pairs, a list may mix them
            rows = [row for row, pair in enumerate(pairs) if (pair is not None) == paired]
            if rows:
                second = [pairs[row] for row in rows] if paired else None
                encoded = self.tokenizer(
                    [texts[row] for row in rows], second, **self.cut(settings, settings.max_length)
                )
                for index, row in enumerate(rows):
                    pieces[row].features = {name: values[index] for name, values in encoded.items()}
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        logits = np.atleast_1d(outputs["logits"])  # (N,); of a single label it may be a number alone
        if logits.ndim > 1:
            raise spoken(
                ValueError,
                "the model gave scores of the shape {shape} for a text, expected one for each label; is it a model "
                "for this task?",
                shape=logits.shape,
            )
        found = ranked(logits, self.model.config, settings.function_to_apply)
        return found[0] if settings.top_k == "best" else found[: settings.top_k]

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        [result] = results
        return result if settings.top_k == "best" else Scores(result, [inputs])

    def one_result(self, result: Any, inputs: Any, settings: Any) -> Any:
        if settings.top_k == "best" and isinstance(inputs, str):  # a list of one, but a pair its label alone:
            return Scores([result], [inputs])  # so transformers has it
        return result

    def many_results(self, results: list[Any], inputs: list[Any], settings: Any) -> Any:
        return Scores(results, inputs)


def _split(value: Any) -> tuple[str, str | None]:
    """An input -> text and second text, or a sentence about what was given."""
    if isinstance(value, Mapping):
        extra = [key for key in value if key not in ("text", "text_pair")]
        if "text" not in value or extra:
            raise spoken(
                ValueError, "a pair has the keys 'text' and 'text_pair', got {keys}", keys=", ".join(map(repr, value))
            )
        text, pair = value["text"], value.get("text_pair")
    elif is_text_pair(value):
        text, pair = value
    else:
        text, pair = value, None
    for part in (text,) if pair is None else (text, pair):
        check_text(part, said("text classification"))
    return text, pair
