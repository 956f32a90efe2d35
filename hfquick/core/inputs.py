"""Inputs of a call by hand, for both frameworks: what cannot be right is a sentence, told by kinds and shapes alone.

What is special about pictures is in pictures.py, about recordings in sounds.py.

Shapes: B texts or pictures, T tokens, D width of the model, N labels. A size that is not known yet, as Keras has them,
is None.
"""

from math import prod
from typing import Any, NamedTuple

from ..i18n import N_, Said, said, spoken
from ..utils.fields import KINDS
from .checks import wrong_mask
from .outputs import ModelOutput

LIBRARIES = {
    "tensorflow": N_("a TensorFlow tensor"),
    "numpy": N_("a NumPy array"),
    "torch": N_("a PyTorch tensor"),
    "PIL": N_("a picture of Pillow"),
}
Shape = tuple[int | None, ...]


class Framework(NamedTuple):
    """The words of a framework in these sentences."""

    kind: str  # the option return_tensors
    tensor: str  # what is expected
    make: str  # what makes a tensor
    whole: str  # what makes labels whole numbers
    channels_first: str  # what puts the channels of pictures in front


def wrong_kind(name: str, value: Any, text: str | None, words: Framework, ragged: bool = False) -> TypeError:
    """The error for an input that is no tensor; `text` is the first text in it, if there is one."""
    is_label, is_picture = name == "labels" or name.endswith("_positions"), name.startswith("pixel_")
    is_sound = name == "input_values"
    if text is not None and is_label:
        sentence = N_("labels hold the text {text!r}, a model takes numbers; try {make} of model.config.label2id[text]")
        return spoken(TypeError, sentence, text=text, make=words.make)
    if text is not None and is_picture:
        return spoken(
            TypeError,
            "{name} holds the text {text!r}, a model takes pixels; try model(**image_processor(pictures, "
            "return_tensors={kind!r}))",
            name=name,
            text=text,
            kind=words.kind,
        )
    if text is not None and is_sound:
        return spoken(
            TypeError,
            "{name} holds the text {text!r}, a model takes samples; try model(**feature_extractor(recordings, "
            "sampling_rate=..., return_tensors={kind!r}))",
            name=name,
            text=text,
            kind=words.kind,
        )
    if text is not None:
        return spoken(
            TypeError,
            "{name} holds the text {text!r}, a model takes token ids; try model(**tokenizer(texts, padding=True, "
            "return_tensors={kind!r}))",
            name=name,
            text=text,
            kind=words.kind,
        )
    if is_label and not ragged:
        advice = f"{name}={words.make}(...)"
    elif is_picture:
        advice = said("return_tensors={kind!r} in the image processor", kind=words.kind)
    elif is_sound:
        advice = said("return_tensors={kind!r} in the feature extractor", kind=words.kind)
    else:
        advice = said("return_tensors={kind!r} in the tokenizer", kind=words.kind)
    if ragged:
        advice = said("padding=True and {advice}", advice=advice)
    kind = said("{kind!r}", kind=type(value).__name__) if ragged else kind_of(value)
    sentence = N_("{name} is {kind}, expected {tensor}; try {advice}")
    return spoken(TypeError, sentence, name=name, kind=kind, tensor=said(words.tensor), advice=advice)


def kind_of(value: Any) -> Said:
    """What a value is, in words."""
    words = LIBRARIES.get(type(value).__module__.partition(".")[0]) or KINDS.get(type(value))
    return said(words) if words else said("{kind!r}", kind=type(value).__name__)


def shape_of(value: Any) -> Shape | None:
    """The shape of a tensor, None for a size that is not known yet; None where not even the rank is."""
    return None if getattr(value.shape, "rank", 0) is None else tuple(value.shape)


def fits(found: Shape | None, expected: Shape) -> bool:
    """Whether a shape may be the one expected, as far as both are known."""
    if found is None:
        return True
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(None in (one, other) or one == other for one, other in pairs)


def check_shapes(
    model: Any, given: dict[str, Any], words: Framework, problem: Any, pictures: Shape | None = None
) -> None:
    """Raise ValueError for tensors that do not belong together; `problem` tells what labels are for.

    `pictures` is the shape (B, Y, X) of those of a model that reads pictures, or (B, S) of recordings.
    """
    texts, decoded = (_texts(given, start, model.config, words) for start in ("", "decoder_"))
    if texts is not None and pictures is not None and not fits(texts[:1], pictures[:1]):
        raise spoken(
            ValueError,
            "{texts} texts and {pictures} pictures were given; a model reads them in pairs, so give each text its own",
            texts=texts[0],
            pictures=pictures[0],
        )
    encoded = given.get("encoder_outputs")
    has_cache = "past_key_values" in model.inputs_known()  # such a model compares the lengths itself
    if isinstance(encoded, ModelOutput | tuple | list) and len(encoded):
        length = (shape_of(encoded[0]) or (None, None))[1]
        _check_mask("attention_mask", given, (None, length))  # of one text for all beams, for instance
    elif texts is not None:
        _check_mask("attention_mask", given, (texts[0], None if has_cache else texts[1]))
        _check_mask("token_type_ids", given, texts)
        _check_labels(model, given, texts, decoded, words, problem)
    elif pictures is not None:
        _check_labels(model, given, pictures, decoded, words, problem)
    if decoded is not None:
        _check_mask("decoder_attention_mask", given, (decoded[0], None))


def _texts(given: dict[str, Any], start: str, config: Any, words: Framework) -> Shape | None:
    """The shape (B, T) of what an encoder or decoder reads; None where it is not given or not known."""
    ids, vectors = given.get(f"{start}input_ids"), given.get(f"{start}inputs_embeds")
    if ids is not None:
        shape = shape_of(ids)
        if not fits(shape, (None, None)):
            hint = said(
                "; one text is a batch, too: return_tensors={kind!r} in the tokenizer, or ids[None]", kind=words.kind
            )
            raise wrong_shape(f"{start}input_ids", ids, said("(texts, tokens)"), hint if fits(shape, (None,)) else "")
        if shape is not None and shape[1] == 0:
            raise spoken(ValueError, "{name} have no tokens, expected at least one", name=f"{start}input_ids")
        return shape
    shape = None if vectors is None else shape_of(vectors)
    if not fits(shape, (None, None, config.hidden_size)):
        raise wrong_shape(f"{start}inputs_embeds", vectors, said("(texts, tokens, {width})", width=config.hidden_size))
    return None if shape is None else shape[:2]


def _check_mask(name: str, given: dict[str, Any], wanted: Shape) -> None:
    """Raise ValueError unless there is a number for each token (B, T); one row may serve all, None is any number."""
    shape = None if given.get(name) is None else shape_of(given[name])
    rows, length = wanted
    if fits(shape, (rows, length)) or fits(shape, (1, length)):
        return
    if name == "attention_mask" and shape is not None and len(shape) == 2 and not fits(shape, (None, length)):
        raise wrong_mask(shape[1], length)
    expected = said("({rows}, {length}), one number for each token", rows=rows or "B", length=length or "T")
    raise wrong_shape(name, given[name], expected)


def _check_labels(
    model: Any, given: dict[str, Any], inputs: Shape, decoded: Shape | None, words: Framework, problem: Any
) -> None:
    """Raise ValueError for labels that are not one for each text (or picture), or for each token."""
    labels, count = given.get("labels"), inputs[0]
    for name in ("start_positions", "end_positions"):
        place = given.get(name)
        if place is not None and not _holds(shape_of(place), count):
            raise wrong_shape(name, place, said("({count},), one position for each text", count=count))
    if labels is None or model.label_kind in ("", "objects"):  # the loss looks at a list of objects itself
        return
    if model.label_kind == "class":
        check_class_labels(labels, count, model.config, words, problem(model.config, labels))
        return
    if model.label_kind == "scores":
        if not fits(shape_of(labels), (count, model.config.num_labels)) or "float" not in str(labels.dtype):
            raise _wrong_scores(labels, count, model.config.num_labels, words)
        return
    if model.label_kind == "characters":
        if not fits(shape_of(labels), (count, None)):
            raise wrong_shape(
                "labels",
                labels,
                said("({rows}, L), the token ids of each recording's transcription", rows=count or "B"),
            )
        return
    expected = inputs
    if vars(model.config).get("is_encoder_decoder"):  # of the decoder, which may be given them alone
        expected = (count, None) if decoded is None else (count, decoded[1])
    if not fits(shape_of(labels), expected):
        rows, length = expected
        raise wrong_shape(
            "labels", labels, said("({rows}, {length}), one label for each token", rows=rows, length=length or "T")
        )


def _wrong_scores(labels: Any, count: int | None, size: int, words: Framework) -> ValueError:
    """The error for labels that are not a score from 0 to 1 for each answer."""
    hint = ""
    if "float" not in str(labels.dtype) and _holds(shape_of(labels), count):
        one_hot = {"pt": f"torch.nn.functional.one_hot(labels, {size}).float()", "tf": f"tf.one_hot(labels, {size})"}
        hint = said("; where one answer is right try {code}", code=one_hot[words.kind])
    return spoken(
        ValueError,
        "labels are {dtype} numbers of the shape {shape}, expected floating-point ones of the shape {expected}: how "
        "right each answer is, from 0 to 1{hint}",
        dtype=getattr(labels.dtype, "name", labels.dtype),
        shape=shape_of(labels),
        expected=(count, size),
        hint=hint,
    )


def _holds(shape: Shape | None, count: int | None) -> bool:
    """Whether a tensor may have that many numbers, as far as its shape is known."""
    sizes = [size for size in shape or () if size is not None]
    if shape is None or count is None or len(sizes) < len(shape):
        return fits(shape, (count,)) or fits(shape, (count, 1))
    return prod(sizes) == count


def check_class_labels(labels: Any, count: int | None, config: Any, words: Framework, problem: str) -> None:
    """The same for labels of whole inputs: one each, or with several labels (or numbers to predict) a row of N."""
    shape, size, each = shape_of(labels), config.num_labels, said(config.INPUT)  # "text" or "picture"
    if problem == "single_label_classification":
        if _holds(shape, count):
            return
        hint = ""
        if fits(shape, (count, size)):
            hint = said(
                "; for several labels per {each} try model.config.problem_type = 'multi_label_classification'",
                each=each,
            )
        expected = said("({count},), one label for each {each}", count=count, each=each)
        raise wrong_shape("labels", labels, expected, hint)
    if fits(shape, (count, size)) or (problem == "regression" and _holds(shape, count and count * size)):
        return
    hint = ""
    if config.problem_type is None and _holds(shape, count):  # it was told by the kind of their numbers
        hint = said(
            "; with one label per {each} these are whole numbers: try {whole}, or "
            "dataset.cast_column('label', datasets.Value('int64'))",
            each=each,
            whole=words.whole,
        )
    dtype = getattr(labels.dtype, "name", labels.dtype)
    rows = said(
        "({count}, {size}), a row of {dtype} numbers for each {each}", count=count, size=size, dtype=dtype, each=each
    )
    raise wrong_shape("labels", labels, rows, hint)


def wrong_shape(name: str, tensor: Any, expected: str, hint: str = "") -> ValueError:
    """The error for a tensor of another shape than the expected one."""
    sentence = N_("the shape of {name} is {shape}, expected {expected}{hint}")
    return spoken(ValueError, sentence, name=name, shape=shape_of(tensor), expected=expected, hint=hint)
