"""Visual question answering: the answers of a model to a question about a picture."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import PictureAnswer, PictureAnswers, to_draw
from ..i18n import N_, said, spoken
from ..utils.elsewhere import Other
from .base import Piece, Settings
from .names import OF_PICTURE_QUESTIONS
from .pictures import Opened, PicturePipeline, is_picture, size_of
from .ranking import check_ranking, ranked
from .texts import TextPipeline, check_text


@dataclass(frozen=True, kw_only=True)
class VisualQuestionAnsweringSettings(Settings):
    """The options of VisualQuestionAnsweringPipeline."""

    top_k: int | None = 5
    truncation: bool = False


class VisualQuestionAnsweringPipeline(PicturePipeline, TextPipeline):
    """Answers a question about a picture: `pipe("street.jpg", "How many cars are there?")`.

    The answers are the labels of the model; it never writes a new one.
    """

    parts: ClassVar[tuple[str, ...]] = ("tokenizer", "image_processor")
    wants: ClassVar[str] = N_("image= and question=, or a dict of both")
    settings_class: ClassVar[type[Settings]] = VisualQuestionAnsweringSettings
    other_names: ClassVar[Mapping[str, Other]] = OF_PICTURE_QUESTIONS

    def __call__(  # type: ignore[override]  # its first argument has the name that it has elsewhere
        self, image: Any = None, question: Any = None, **options: Any
    ) -> Any:
        """Answer one question about a picture, or many.

        Args:
            image: a picture (a path, an address, bytes, base64, an open file, a picture of Pillow, an array of
                pixels), or a list of them; without `question` a dict {"image": ..., "question": ...}, or a list,
                dataset or generator of such dicts.
            question: a question, or a list of them. Each is asked of each picture: all pictures for the first
                question, then for the second one.
            top_k: how many answers, best first; None gives all.
            truncation: True cuts a question that is too long for the model instead of raising an error.
            batch_size: most questions per batch; None makes batches of pictures, and questions, of one size.

        An option left out is the one with which the pipeline was made. Scores are from 0 to 1, each for itself: a
        question may have several right answers.
        """
        if question is not None:
            image = _asked(image, question)
        elif is_picture(image) and not isinstance(image, Mapping):
            _check_pair(image)
        return super().__call__(image, **options)

    def check(self, settings: Any) -> None:
        check_ranking(settings.top_k, None)

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, Mapping)

    def picture_of(self, given: Any) -> Any:
        _check_pair(given)
        return given["image"]

    def preprocess(self, inputs: list[Opened], settings: Any) -> list[list[Piece]]:
        tokens = self.tokenizer([one.given["question"] for one in inputs], **self.cut(settings))
        pieces, seen, features = [], None, {}
        for row, one in enumerate(inputs):
            if seen is None or one.given["image"] is not seen:  # of many questions about one picture
                seen, features = one.given["image"], self.features_of(one)
            ids = {name: np.array(values[row]) for name, values in tokens.items()}
            pieces.append(Piece({**ids, **features}, size_of(one.picture)))
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        best = ranked(np.atleast_1d(outputs["logits"]), self.model.config, "sigmoid")[: settings.top_k]
        return [PictureAnswer(score=one["score"], answer=one["label"]) for one in best]

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        [result] = results
        source = to_draw(inputs.given["image"], inputs.picture)
        return PictureAnswers(result, source, inputs.given["question"])


def _asked(image: Any, question: Any) -> Any:
    """Pictures and questions, each one or many -> a dict for each pair, or one alone."""
    if isinstance(question, str) and is_picture(image):
        return {"image": image, "question": question}
    questions = [question] if isinstance(question, str) or not isinstance(question, Iterable) else question
    pictures = [image] if is_picture(image) or not isinstance(image, Iterable) else list(image)
    return [{"image": picture, "question": one} for one in questions for picture in pictures]


def _check_pair(given: Any) -> None:
    """Raise an error for an input that lacks its picture or its question."""
    if not isinstance(given, Mapping):
        raise spoken(
            TypeError,
            "visual question answering reads a picture and a question about it, got {got}; try "
            "pipe('street.jpg', question='How many cars are there?')",
            got=type(given).__name__,
        )
    for name in ("image", "question"):
        if name not in given:
            keys = ", ".join(map(repr, given)) or said("none")
            raise spoken(ValueError, "an input has the keys 'image' and 'question', got {keys}", keys=keys)
    if not check_text(given["question"], said("visual question answering")).strip():
        raise spoken(ValueError, "the question is empty; give a question")
