"""Image classification: the labels that fit a picture best."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import PictureScores, to_draw
from ..i18n import spoken
from .base import Piece, Settings
from .pictures import PicturePipeline
from .ranking import check_ranking, ranked


@dataclass(frozen=True, kw_only=True)
class ImageClassificationSettings(Settings):
    """The options of ImageClassificationPipeline."""

    top_k: int | None = 5
    function_to_apply: str | None = None


class ImageClassificationPipeline(PicturePipeline):
    """Gives a picture the labels that fit it best, and their scores: `pipe("cat.jpg")`."""

    settings_class: ClassVar[type[Settings]] = ImageClassificationSettings

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Classify one picture, or each of many.

        Args:
            inputs: a picture, or a list, dataset or generator of them. A picture is a path, an address, bytes, base64,
                an open file, a picture of Pillow, or an array of pixels.
            top_k: how many labels, best first; None gives all.
            function_to_apply: "softmax" (labels exclude each other), "sigmoid" (each for itself), "none" (the logits);
                None leaves it to the model's configuration.
            batch_size: most pictures per batch; None makes batches of pictures of one size.

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
                "the model gave scores of the shape {shape} for a picture, expected one for each label; is it a model "
                "for this task?",
                shape=logits.shape,
            )
        return ranked(logits, self.model.config, settings.function_to_apply)[: settings.top_k]

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        [result] = results
        return PictureScores(result, [to_draw(inputs.given, inputs.picture)])

    def many_results(self, results: list[Any], inputs: list[Any], settings: Any) -> Any:
        return PictureScores(results, inputs)
