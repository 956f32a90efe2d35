"""What can go wrong in training with Keras, as sentences: what was given, what was expected, what to try."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.checks import too_long
from ..i18n import said, spoken
from ..training import sentences
from ..training.arrays import IGNORED
from ..training.labels import label_kind_of
from ..utils.errors import all_of, either, label_out_of_range, texts_for_numbers
from ..utils.fields import Range, check_field
from ..utils.notices import short_list

SLICE = 10_000  # rows that are looked through at a time


def check_compiled(model: Any, what: str) -> None:
    if not model.compiled or (what == "fit" and model.optimizer is None):
        raise spoken(
            ValueError,
            "{what} needs an optimizer and does not know one yet; call "
            "model.compile(optimizer=keras.optimizers.Adam(3e-5)) first",
            what=what,
        )


def check_rows(dataset: Any, batch_size: Any) -> None:
    """Raise for what has no rows that can be counted, and for a batch size that is none."""
    if not hasattr(dataset, "select_columns") or not hasattr(dataset, "__len__"):
        kind = type(dataset).__name__
        hint = ""
        if "Iter" in kind:
            hint = said("; take a part of the stream: Dataset.from_list(list(stream.take(1000)))")
        raise spoken(TypeError, "a Dataset of the library datasets is expected, got {kind}{hint}", kind=kind, hint=hint)
    check_field("batch_size", batch_size, int, Range(1))
    if not len(dataset):
        raise sentences.no_rows(said("the dataset"))


def too_few_rows(dataset: Any, batch_size: int) -> ValueError:
    return spoken(
        ValueError,
        "the dataset has {count} rows, fewer than one batch of {batch_size}, and drop_remainder=True drops what "
        "is no whole batch; try a smaller batch_size",
        count=len(dataset),
        batch_size=batch_size,
    )


def no_split(data: Mapping[str, Any], wanted: tuple[str, ...], what: str) -> ValueError:
    there = list(map(str, data))
    hint = said("; give one of them, such as dataset[{name!r}]", name=there[0]) if there else ""
    return spoken(
        ValueError,
        "{what} looks for the split {wanted}, and the DatasetDict has {names}{hint}",
        what=what,
        wanted=either(wanted),
        names=", ".join(map(repr, there)) or said("none"),
        hint=hint,
    )


def unprepared(column: str, model: Any) -> ValueError:
    """Pictures or sounds, and nothing that makes inputs of them."""
    if model.main_input_name == "input_values":
        return spoken(
            ValueError,
            "the dataset has sounds in the column {column!r}, and a model reads input values; give prepare_tf_dataset "
            "what prepares each batch: model.prepare_tf_dataset(dataset, processing_class="
            "AutoProcessor.from_pretrained(...))",
            column=column,
        )
    return spoken(
        ValueError,
        "the dataset has pictures in the column {column!r}, and a model reads pixel values; give prepare_tf_dataset "
        "the image processor, which prepares each batch: model.prepare_tf_dataset(dataset, "
        "processing_class=AutoImageProcessor.from_pretrained(...))",
        column=column,
    )


def check_pad_token(model: Any) -> None:
    if getattr(model.config, "pad_token_id", None) is None:
        raise spoken(
            ValueError,
            "texts of one batch are padded to one length, and the configuration has no pad_token_id to pad with; "
            "prepare the dataset yourself: model.prepare_tf_dataset(dataset, tokenizer=tokenizer)",
        )


def check_has_labels(model: Any, dataset: Any, label_names: Mapping[str, str], what: str) -> None:
    """Raise ValueError where there is nothing to train on."""
    names = ("start_positions", "end_positions", "labels")
    expected = [name for name in names if name in model.inputs_known()] or ["labels"]
    there = {label_names.get(name, name) for name in dataset.column_names}
    missing = [name for name in expected if name not in there]
    if not missing:
        return
    if labels_are_texts(model):
        hint = said("add a column 'labels' with the token ids of the texts to write: tokenizer(texts)['input_ids']")
    elif of_vocabulary(model) and not is_language_model(model):
        hint = said("add a column 'labels' with the token ids of the transcriptions: tokenizer(texts)['input_ids']")
    elif is_language_model(model):
        hint = said(
            "prepare_tf_dataset with collate_fn=DataCollatorForLanguageModeling(tokenizer) makes them of the texts"
        )
    elif missing == ["labels"]:
        numbers = [name for name in dataset.column_names if _is_number(dataset.features[name])]
        found = numbers[0] if numbers else "sentiment"
        hint = said("if a column holds them, name it so: dataset.rename_column({name!r}, 'labels')", name=found)
    else:
        hint = said("they are indices of tokens, which the tokenizer's offsets give")
    raise spoken(
        ValueError,
        "{what} needs {missing}, the dataset has the columns {columns}; {hint}",
        what=what,
        missing=all_of(missing),
        columns=short_list(dataset.column_names, 6),
        hint=hint,
    )


def _is_number(feature: Any) -> bool:
    kind = str(getattr(feature, "dtype", ""))
    return kind.startswith(("int", "uint", "float"))


def labels_each_token(model: Any) -> bool:
    """Whether a label belongs to a token, not to a whole text."""
    return label_kind_of(model) == "token" or is_language_model(model)


def is_language_model(model: Any) -> bool:
    """Whether labels are tokens of the vocabulary."""
    return label_kind_of(model) == "words" or labels_are_texts(model)


def of_vocabulary(model: Any) -> bool:
    """The same, or the characters that a recording holds."""
    return is_language_model(model) or label_kind_of(model) == "characters"


def labels_are_texts(model: Any) -> bool:
    """Whether a row's labels are a text of their own, longer or shorter than the input; a DETR decodes no text."""
    return bool(getattr(model.config, "is_encoder_decoder", False)) and label_kind_of(model) != "objects"


def check_columns(model: Any, dataset: Any, measured: bool) -> np.ndarray | None:
    """Look through labels and lengths as Arrow keeps them, a million rows in a moment; give the lengths of the inputs.

    `measured` says that texts come to the model as long as they are, so none may be longer than it reads.
    """
    labels = next((name for name in ("labels", "label", "label_ids") if name in dataset.column_names), None)
    texts = next((name for name in ("input_ids", "input_values") if name in dataset.column_names), None)
    looked_at = [name for name in (labels, texts) if name is not None]
    if not looked_at:
        return None
    dataset = dataset.select_columns(looked_at).with_format("arrow")
    longest = measured and model.config.longest_text
    lengths = []
    for start in range(0, len(dataset), SLICE):
        part = dataset[start : start + SLICE]
        if labels:
            _check_labels(part.column(labels), model, labels, start)
        if texts and _is_list(part.column(texts).type):  # else the collator says what is wrong
            lengths.append(_lengths(part.column(texts)))
            _check_longest(int(lengths[-1].max()), texts == "input_ids" and longest)
    return np.concatenate(lengths) if lengths else None


def _lengths(column: Any) -> np.ndarray:
    import pyarrow.compute as pc

    return pc.fill_null(pc.list_value_length(column), 0).to_numpy()


def _check_longest(found: int, longest: int | bool | None) -> None:
    if longest and found > longest:
        raise too_long(found, longest)


def _check_labels(column: Any, model: Any, name: str, start: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count:
        row = start + pc.index(column.is_null(), True).as_py()
        raise spoken(
            ValueError, "row {row} has no label: {name!r} is None there; filter such rows out", row=row, name=name
        )
    is_nested = _is_list(column.type)
    while _is_list(column.type):
        column = pc.list_flatten(column)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        raise texts_for_numbers("labels", column[0].as_py())
    count = class_count(model)
    if count is None:
        return
    if is_nested and not labels_each_token(model) and not of_vocabulary(model):
        if pa.types.is_floating(column.type):
            return  # zeros and ones, one for each label: the loss takes them so
        raise spoken(
            ValueError,
            "{name!r} holds a list of whole numbers for each {each}, this model gives one label to each; for "
            "several labels try from_pretrained(..., problem_type='multi_label_classification')",
            name=name,
            each=said(model.config.INPUT),  # "text" or "picture"
        )
    if not pa.types.is_integer(column.type):
        raise spoken(
            ValueError,
            "the labels are {dtype} numbers, expected whole numbers from 0 to {last}; a regression has num_labels=1",
            dtype=column.type,
            last=count - 1,
        )
    low, high = pc.min_max(column.filter(pc.not_equal(column, IGNORED))).as_py().values()
    if low is not None and (low < 0 or high >= count):
        kind = "words" if of_vocabulary(model) else None
        raise label_out_of_range(low if low < 0 else high, count, kind)


def class_count(model: Any) -> int | None:
    """How many labels there are to choose from; None where labels are no choice of one."""
    config = model.config
    if of_vocabulary(model):
        return config.vocab_size
    one_of_many = config.num_labels > 1 and config.problem_type in (None, "single_label_classification")
    return config.num_labels if label_kind_of(model) in ("class", "token") and one_of_many else None


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def not_finite(loss: float, epoch: int, step: int, rate: float, kept: str) -> FloatingPointError:
    """The loss is not a number any more: where, and what to do. Epochs and steps count from 1."""
    last = said("no folder was saved before")
    if kept:
        last = said("the last folder that was saved before, {folder!r}, is good", folder=kept)
    return sentences.loss_not_finite(
        loss,
        said(
            "in epoch {epoch}, step {step}; the model is of no use any more, and training stopped",
            epoch=epoch,
            step=step,
        ),
        last,
        said("a smaller learning rate (it was {rate:g}), or clipnorm=1.0 in the optimizer", rate=rate),
    )
