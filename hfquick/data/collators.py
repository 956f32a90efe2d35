"""Rows of a dataset -> one batch of tensors, padded to the length of its longest row. Rows with pictures: pictures.py.

    collate = DataCollatorWithPadding(tokenizer)            # or return_tensors="tf", or "np"
    batch = collate([dataset[0], dataset[1]])               # or collate(dataset[:2])

Each column becomes one NumPy array, and that becomes a tensor without being copied again: a batch costs far less than
the step that is made with it. Python's whole numbers become int64, others float32, in all three kinds. A column `label`
or `label_ids` is called `labels` in the batch, as models expect; a column that holds None everywhere is left out.

Batches for language models, with masked tokens: masking.py.

Shapes: B rows, T tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import Any

import numpy as np

from ..i18n import said, spoken
from ..tokenization import BatchEncoding
from ..tokenization.options import check_count, full_length, padding_strategy
from ..tokenization.padding import columns_of, pad, padding_values, round_up, row_lengths
from ..utils.batches import check_tensor_kind
from ..utils.elsewhere import knows_its_names
from ..utils.errors import need, texts_for_numbers

LABELS = ("labels", "label", "label_ids")
IGNORED = -100  # a label that no loss counts


def default_data_collator(features: Any, return_tensors: str = "pt") -> dict[str, Any]:
    """Rows that have one length already -> a batch; nothing is padded."""
    columns = read_columns(features)
    return to_tensors({name: stack(name, values) for name, values in columns.items()}, return_tensors)


@knows_its_names
@dataclass(eq=False)
class DefaultDataCollator:
    """The same as an object, which remembers the kind of tensors."""

    return_tensors: str = "pt"  # "pt" PyTorch, "tf" TensorFlow, "np" NumPy

    def __post_init__(self) -> None:
        check_tensor_kind(self.return_tensors)

    def __call__(self, features: Any, return_tensors: str | None = None) -> dict[str, Any]:
        return default_data_collator(features, return_tensors or self.return_tensors)


@knows_its_names
@dataclass(eq=False)
class DataCollatorWithPadding:
    """Tokenized rows of different lengths -> a batch, padded; what a classifier is trained on."""

    tokenizer: Any = None
    _: KW_ONLY
    padding: bool | str = True  # True or "longest", "max_length", False or "do_not_pad"
    max_length: int | None = None  # for padding="max_length"
    pad_to_multiple_of: int | None = None  # 8 suits the tensor cores of a GPU
    return_tensors: str = "pt"  # "pt" PyTorch, "tf" TensorFlow, "np" NumPy
    processing_class: InitVar[Any] = None  # another name for the tokenizer

    # mypy forgets an InitVar when it looks at a class twice, which depends on the order of all classes.
    def __post_init__(self, processing_class: Any) -> None:  # type: ignore[override, unused-ignore]
        """Check what was given at once, not at the first batch."""
        if self.tokenizer is None:
            self.tokenizer = processing_class
        if not hasattr(self.tokenizer, "pad_token_id"):
            raise spoken(
                TypeError,
                "{name} needs the tokenizer that made the token ids, got {tokenizer!r}; try "
                "tokenizer=AutoTokenizer.from_pretrained(...)",
                name=type(self).__name__,
                tokenizer=self.tokenizer,
            )
        padding_strategy(self.padding)
        check_count("max_length", self.max_length, 1)
        check_count("pad_to_multiple_of", self.pad_to_multiple_of, 1)
        check_tensor_kind(self.return_tensors)

    def __call__(self, features: Any, return_tensors: str | None = None) -> BatchEncoding:
        """Rows (a list of dicts) or columns (a dict of lists) -> a batch."""
        return self._tensors(self._pad(read_columns(features)), return_tensors)

    def _tensors(self, batch: dict[str, Any], kind: str | None) -> BatchEncoding:
        return BatchEncoding(to_tensors(batch, kind or self.return_tensors))

    def _pad(self, columns: dict[str, Any], more: dict[str, int] | None = None) -> dict[str, Any]:
        """Columns -> arrays: ids and masks padded to one length (B, T), others stacked.

        `more` are further columns that are padded, and the number for each.
        """
        main = self.tokenizer.model_input_names[0]
        if main not in columns:
            raise spoken(
                ValueError,
                "a batch needs the column {main!r}, the rows have {columns}; tokenize the texts first",
                main=main,
                columns=", ".join(map(repr, columns)),
            )
        lengths = row_lengths(main, columns[main])
        length = self._length(lengths)
        values = padding_values(self.tokenizer, needed=min(lengths) < length) | (more or {})
        with_mask = "attention_mask" in self.tokenizer.model_input_names
        batch = pad(columns, values, length, self.tokenizer.padding_side, with_mask)
        return {name: rows if name in values else stack(name, rows) for name, rows in batch.items()}

    def _length(self, lengths: list[int]) -> int:
        """The length of all rows after padding, or ValueError when that cannot be."""
        strategy, longest = padding_strategy(self.padding), max(lengths)
        if strategy == "do_not_pad":
            if min(lengths) < longest:
                raise spoken(
                    ValueError,
                    "rows have {shortest} to {longest} tokens, and padding={padding!r} pads none; try padding=True",
                    shortest=min(lengths),
                    longest=longest,
                    padding=self.padding,
                )
            return longest
        length = longest if strategy == "longest" else full_length(self.tokenizer, self.max_length)
        if length < longest:
            raise spoken(
                ValueError,
                "a row has {longest} tokens, more than max_length={length}; tokenize with truncation=True, "
                "max_length={length}",
                longest=longest,
                length=length,
            )
        return round_up(length, self.pad_to_multiple_of)


@knows_its_names
@dataclass(eq=False)
class DataCollatorForTokenClassification(DataCollatorWithPadding):
    """The same for rows with a label for each token, as in named entity recognition: the labels are padded too."""

    _: KW_ONLY
    label_pad_token_id: int = IGNORED

    def __call__(self, features: Any, return_tensors: str | None = None) -> BatchEncoding:
        batch = self._pad(read_columns(features), {"labels": self.label_pad_token_id})
        return self._tensors(batch, return_tensors)


@knows_its_names
@dataclass(eq=False)
class DataCollatorForSeq2Seq(DataCollatorWithPadding):
    """The same for translation and summarization: the labels are sequences with lengths of their own.

    A model that has `prepare_decoder_input_ids_from_labels` also gives the `decoder_input_ids`.
    """

    model: Any = field(default=None, repr=False)
    _: KW_ONLY
    label_pad_token_id: int = IGNORED

    def __call__(self, features: Any, return_tensors: str | None = None) -> BatchEncoding:
        columns = read_columns(features)
        labels = columns.pop("labels", None)
        batch = self._pad(columns)
        if labels is not None:
            length = self._length(row_lengths("labels", labels))
            values = {"labels": self.label_pad_token_id}
            batch |= pad({"labels": labels}, values, length, self.tokenizer.padding_side)
        tensors = self._tensors(batch, return_tensors)
        if labels is not None and hasattr(self.model, "prepare_decoder_input_ids_from_labels"):
            tensors["decoder_input_ids"] = self.model.prepare_decoder_input_ids_from_labels(labels=tensors["labels"])
        return tensors


# The steps that all of them take


def read_columns(features: Any) -> dict[str, Any]:
    """Rows (a list of dicts) or columns (a dict of lists) -> columns, the labels under the name that models expect."""
    columns = {
        name: values for name, values in columns_of(features, said("a collator")).items() if not _all_none(values)
    }
    counts = {name: len(values) for name, values in columns.items()}
    if not any(counts.values()):
        raise spoken(ValueError, "the batch is empty; a collator needs at least one row with at least one column")
    if len(set(counts.values())) > 1:
        raise spoken(
            ValueError, "columns have different numbers of rows ({counts}); expected as many in each", counts=counts
        )
    found = [name for name in LABELS if name in columns]
    if len(found) > 1:
        raise spoken(
            ValueError,
            "rows have {one!r} and {other!r}, and labels come from one column; remove the other",
            one=found[0],
            other=found[1],
        )
    for name in found:
        columns["labels"] = columns.pop(name)
    return columns


def stack(name: str, values: Any) -> Any:
    """The values of one column, all of one shape -> an array; PyTorch's tensors become one tensor."""
    first = values[0]
    if name == "labels" and isinstance(first, Mapping):  # of a detector: what is in each picture
        return [objects_in(row) for row in values]
    if hasattr(first, "getpixel"):
        raise _is_picture(name)
    if type(first).__module__.partition(".")[0] == "torch":
        import torch

        if len({value.shape for value in values}) == 1:
            tensor = torch.stack(list(values))
            return tensor.long() if name == "labels" and not tensor.is_floating_point() else tensor
    try:
        array = np.array([value.numpy() for value in values] if hasattr(first, "numpy") else values)
    except ValueError:  # rows of different lengths
        array = np.array(None)
    kind = array.dtype.kind
    if kind not in "iufb":
        raise _why_no_array(name, values)
    if array.dtype == np.float64 or (kind == "f" and name == "labels"):
        return array.astype(np.float32)
    if kind != "f" and (name == "labels" or (kind == "i" and not hasattr(first, "dtype"))):
        return array.astype(np.int64, copy=False)  # Python's numbers, which older NumPys make int32 on Windows
    return array


def objects_in(row: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The labels of one picture -> arrays: class_labels (N,), boxes (N, 4), masks (N, Y, X) of its N objects, and more.

    Of a picture without objects they are empty, and a list of nothing does not tell its shape.
    """
    arrays = {name: np.asarray(value) for name, value in row.items() if value is not None}
    arrays = {name: array for name, array in arrays.items() if array.dtype.kind in "iufb"}
    for name, empty in {"class_labels": (0,), "boxes": (0, 4), "masks": (0, 1, 1)}.items():
        if name in arrays and not arrays[name].size:
            arrays[name] = np.zeros(empty, np.int64 if name == "class_labels" else np.float32)
        elif name in arrays and name != "masks":
            arrays[name] = arrays[name].astype(np.int64 if name == "class_labels" else np.float32, copy=False)
    return arrays


def to_tensors(batch: dict[str, Any], kind: str) -> dict[str, Any]:
    """Arrays -> tensors of a framework; the arrays' memory is used, not copied, where the framework can."""
    check_tensor_kind(kind)
    return {name: _to_tensor(value, kind) for name, value in batch.items()}


def _to_tensor(value: Any, kind: str) -> Any:
    if isinstance(value, list):  # the labels of a detector
        return [to_tensors(each, kind) for each in value]
    if kind == "pt":
        torch = need("torch", "return_tensors='pt'", "torch")
        return torch.from_numpy(value) if isinstance(value, np.ndarray) else value
    if kind == "np":
        return np.asarray(value)
    return need("tensorflow", "return_tensors='tf'", "tf").constant(np.asarray(value))


def _all_none(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(value is None for value in values)


def _is_picture(name: str) -> ValueError:
    """The error for a column that holds pictures of Pillow."""
    return spoken(
        ValueError,
        "column {name!r} holds pictures, and a model takes pixel values; give the image processor to Trainer "
        "(processing_class=) or to prepare_tf_dataset, or call it in dataset.with_transform(...)",
        name=name,
    )


def _why_no_array(name: str, values: Sequence[Any]) -> ValueError:
    """What is wrong with a column that cannot become numbers."""
    leaf = values[0]
    while isinstance(leaf, list | tuple) and leaf:
        leaf = leaf[0]
    if isinstance(leaf, str | bytes):
        return texts_for_numbers(name, leaf)
    empty = [index for index, value in enumerate(values) if value is None]
    if empty:
        what = (
            said("the label of row {row}", row=empty[0])
            if name == "labels"
            else said("column {name!r} of row {row}", name=name, row=empty[0])
        )
        return spoken(ValueError, "{what} is None; give a value, or remove the row", what=what)
    if name == "pixel_values":
        sizes = sorted({np.shape(value)[-2:] for value in values})
        raise spoken(
            ValueError,
            "pictures of one batch have several sizes ({one} and {other}, height x width); resize them all to one, or "
            "give Trainer (processing_class=) or prepare_tf_dataset an image processor that pads",
            one="x".join(map(str, sizes[0])),
            other="x".join(map(str, sizes[-1])),
        )
    lengths = sorted({len(value) for value in values if hasattr(value, "__len__")})
    if len(lengths) > 1:
        return spoken(
            ValueError,
            "column {name!r} has rows of {shortest} to {longest} values, and nothing pads it; remove the column, "
            "or make all rows alike",
            name=name,
            shortest=lengths[0],
            longest=lengths[-1],
        )
    return spoken(
        ValueError,
        "column {name!r} holds {leaf!r} ({leaf_kind}), expected numbers; remove the column",
        name=name,
        leaf=leaf,
        leaf_kind=type(leaf).__name__,
    )
