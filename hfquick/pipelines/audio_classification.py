"""Audio classification: the labels that fit a sound best."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import LabelScore, SoundScores
from ..i18n import spoken
from .base import Piece, Settings
from .ranking import check_ranking, ranked
from .sounds import Given, SoundPipeline


@dataclass(frozen=True, kw_only=True)
class AudioClassificationSettings(Settings):
    """The options of AudioClassificationPipeline."""

    top_k: int | None = None
    function_to_apply: str | None = None


class AudioClassificationPipeline(SoundPipeline):
    """Gives a sound the labels that fit it, and their scores: `pipe("drum.wav")`."""

    settings_class: ClassVar[type[Settings]] = AudioClassificationSettings

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Classify one sound, or each of many.

        Args:
            inputs: a sound, or a list, dataset or generator of them. A sound is a path, an address, bytes, an open
                file, samples at the model's rate (an array (S,), or with channels), a dict {"array": ...,
                "sampling_rate": ...}, which is resampled, or a cell of `datasets`.
            top_k: how many labels, best first; None gives all.
            function_to_apply: "softmax" (labels exclude each other), "sigmoid" (each for itself), "none" (the logits);
                None leaves it to the model's configuration, where transformers takes softmax for any.
            batch_size: most sounds per batch; None makes batches of sounds of nearly one length.

        An option left out is the one with which the pipeline was made.
        """
        return super().__call__(inputs, **options)

    def check(self, settings: Any) -> None:
        check_ranking(settings.top_k, settings.function_to_apply)

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        logits = np.atleast_1d(outputs["logits"])  # (N,); of a single label it may be a number alone
        if logits.ndim > 1:
            raise spoken(
                ValueError,
                "the model gave scores of the shape {shape} for a sound, expected one for each label; is it a model "
                "for this task?",
                shape=logits.shape,
            )
        best = ranked(logits, self.model.config, settings.function_to_apply)[: settings.top_k]
        return [LabelScore(score=one["score"], label=one["label"]) for one in best]

    def join(self, results: list[Any], inputs: Given, settings: Any) -> Any:
        [result] = results
        return SoundScores(result, [inputs.to_hear()])

    def many_results(self, results: list[Any], inputs: list[Any], settings: Any) -> Any:
        return SoundScores(results, inputs)
