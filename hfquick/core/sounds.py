"""What models that read sound share: the check of input_values in a call, and of the labels of CTC.

As in inputs.py only kinds and shapes are looked at, so it costs a few microseconds for each call.

Shapes: B recordings, S samples, L characters.
"""

from itertools import pairwise
from typing import Any

from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.notices import say_once
from .inputs import Framework, Shape, fits, shape_of, wrong_shape


def check_waveforms(model: Any, given: dict[str, Any], words: Framework) -> Shape | None:
    """Raise ValueError for input_values or a mask of wrong shapes; the shape (B, S), None for a model of other things.

    Too few samples for one frame are an error, too.
    """
    if "input_values" not in model.inputs_known():
        return None
    waveforms, config = given.get("input_values"), model.config
    if waveforms is None:
        raise spoken(
            ValueError,
            "{model} reads recordings, and got none; try model(**feature_extractor(recordings, sampling_rate=..., "
            "return_tensors={kind!r}))",
            model=type(model).__name__,
            kind=words.kind,
        )
    shape = shape_of(waveforms)
    if not fits(shape, (None, None)):
        hint = said(
            "; one recording is a batch, too: return_tensors={kind!r} in the feature extractor, or input_values[None]",
            kind=words.kind,
        )
        raise wrong_shape(
            "input_values", waveforms, said("(recordings, samples)"), hint if fits(shape, (None,)) else ""
        )
    if "float" not in str(waveforms.dtype):
        raise spoken(
            ValueError,
            "input_values are {dtype} numbers, expected floating-point ones; try "
            "feature_extractor(recordings, sampling_rate=..., return_tensors={kind!r})",
            dtype=getattr(waveforms.dtype, "name", waveforms.dtype),
            kind=words.kind,
        )
    if shape is None:
        return None
    B, S = shape
    if S is not None and config.receptive_field > S:
        raise spoken(
            ValueError,
            "these recordings have {samples} samples, one frame of this model is computed from {field}; pad them to "
            "that length, or give longer ones",
            samples=S,
            field=config.receptive_field,
        )
    mask = given.get("attention_mask")
    if mask is not None and not fits(shape_of(mask), (B, S)):
        sizes = {"rows": B or "B", "samples": S or "S"}
        raise wrong_shape("attention_mask", mask, said("({rows}, {samples}), one number for each sample", **sizes))
    return B, S


def blank_of(config: Any) -> int:
    """The token that stands for no character in CTC, config.pad_token_id; ValueError for a model that has none."""
    if config.pad_token_id is None:
        raise spoken(
            ValueError,
            "this model has no padding token, which is the blank of CTC; try model.config.pad_token_id = "
            "tokenizer.pad_token_id",
        )
    return config.pad_token_id


def check_characters(labels: list[list[int]], frames: list[int], config: Any) -> None:
    """Raise ValueError for transcriptions that hold the blank; say in one line if one is too long for its recording.

    labels (B, L), negative ones left out, and how many frames each recording has.
    """
    for index, (row, count) in enumerate(zip(labels, frames, strict=True)):
        characters = [label for label in row if label >= 0]
        if config.pad_token_id in characters:
            raise spoken(
                ValueError,
                "the labels of recording {index} hold {blank}, which is the blank of CTC and the padding of the "
                "tokenizer, and no character; label padding -100: labels[labels == {blank}] = -100",
                index=index,
                blank=config.pad_token_id,
            )
        # Between two equal characters there must be a blank.
        least = len(characters) + sum(one == other for one, other in pairwise(characters))
        if least > count and not config.ctc_zero_infinity:
            say_once(
                _(
                    "a recording of {frames} frames is too short for its {count} characters, so the loss is infinite; "
                    "leave such rows out, or set model.config.ctc_zero_infinity = True",
                    frames=count,
                    count=len(characters),
                ),
                about="a transcription too long for its recording",
            )
