"""Rows of the library `datasets` -> batches for Keras: padded to their longest row, in a new order at every epoch.

    data = model.prepare_tf_dataset(dataset["train"], batch_size=16, processing_class=tokenizer)
    inputs, labels = next(iter(data))

With an image processor in the place of the tokenizer, pictures are prepared when their batch is due.

Shuffled rows come with rows of like length, or a third of all computing would be spent on padding. Rows are read when
their batch is due, so a dataset may be larger than memory. What is wrong with one is said before training begins:
checks.py.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import tensorflow as tf

from ..core.trainable_tf import LABELS
from ..data.batching import has_transform, length_grouped
from ..data.collators import (
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    DefaultDataCollator,
)
from ..data.pictures import MASK, PIXELS
from ..data.preparing import PREPARING, collator_of, columns_to_prepare, makes_labels, undecoded
from ..i18n import gettext as _
from ..i18n import said
from ..training.arrays import IGNORED, joined
from ..training.sentences import nothing_to_read
from ..utils.notices import say
from . import checks

SPLITS = {  # what a DatasetDict is given to -> the split that is taken, the first that is there
    "fit": ("train",),
    "prepare_tf_dataset": ("train",),
    "validation_data": ("validation", "test"),
    "evaluate": ("test", "validation"),
    "predict": ("test", "validation"),
}
OTHER_NAMES = {"label": "labels", "label_ids": "labels"}  # of columns
GROUPS = 8  # batches whose rows are sorted by length together: little padding is left, and a very random order
SETTINGS = ("training", "output_hidden_states", "output_attentions")  # of a call, never a column


def is_dataset(data: Any) -> bool:
    """Whether this is of the library `datasets`, which is not imported to answer."""
    library = sys.modules.get("datasets")
    names = ("Dataset", "DatasetDict", "IterableDataset", "IterableDatasetDict")
    return library is not None and isinstance(data, tuple(getattr(library, name) for name in names))


def prepare(
    model: Any,
    data: Any,
    purpose: str,
    batch_size: int = 8,
    shuffle: bool = False,
    processing_class: Any = None,
    collate_fn: Callable | None = None,
    collate_fn_args: Mapping[str, Any] | None = None,
    drop_remainder: bool | None = None,
    prefetch: bool = True,
) -> tf.data.Dataset:
    """A Dataset or DatasetDict -> a tf.data.Dataset of batches (inputs, labels), or of inputs where no labels are.

    `purpose` is a key of SPLITS; it says which split is taken, whether labels must be there, and what is printed.
    """
    dataset, split = one_split(data, purpose)
    checks.check_rows(dataset, batch_size)
    if collate_fn is None:
        collate: Callable = collator_for(model, processing_class)
    else:
        collate = partial(collate_fn, **collate_fn_args) if collate_fn_args else collate_fn
    lengths = None
    columns = list(dataset.column_names)
    if not has_transform(dataset):  # else columns do not tell what rows will have
        if purpose in ("fit", "validation_data", "evaluate") and not makes_labels(dataset, collate):
            checks.check_has_labels(model, dataset, OTHER_NAMES, purpose)
        columns = columns_read(model, dataset, purpose != "predict", collate, collate_fn is None)
        dataset = dataset.select_columns(columns).with_format(None)
        dataset = undecoded(dataset, collate) if isinstance(collate, PREPARING) else dataset
        lengths = checks.check_columns(model, dataset, measured=collate_fn is None)
    known = {*inputs_of(model), *LABELS}
    seed = np.random.randint(2**31)  # of the generator that keras.utils.set_random_seed sets
    batches = Batches(dataset, collate, known, batch_size, shuffle, bool(drop_remainder), seed, lengths)
    if not len(batches):
        raise checks.too_few_rows(dataset, batch_size)
    signature = signature_of(batches.first())
    made = tf.data.Dataset.from_generator(batches, output_signature=signature)
    made = made.apply(tf.data.experimental.assert_cardinality(len(batches)))
    if prefetch:
        made = made.prefetch(tf.data.AUTOTUNE)
    made.rows_of_a_batch = batch_size  # the live chart counts samples with it
    values = {"what": purpose, "rows": len(dataset), "size": batch_size, "columns": ", ".join(columns)}
    if split:
        say(_("{what} takes the split {split!r}: {rows} rows in batches of {size}, {columns}", split=split, **values))
    elif purpose != "prepare_tf_dataset":
        say(_("{what} takes {rows} rows in batches of {size}, {columns}", **values))
    return made


def one_split(data: Any, purpose: str) -> tuple[Any, str]:
    """A DatasetDict -> the split for this purpose and its name; a Dataset as it is, without a name."""
    if not isinstance(data, Mapping):
        return data, ""
    name = next((name for name in SPLITS[purpose] if name in data), None)
    if name is None:
        raise checks.no_split(data, SPLITS[purpose], purpose)
    return data[name], name


def columns_read(model: Any, dataset: Any, labels: bool, collate: Callable, is_ours: bool) -> list[str]:
    """The columns that the model reads, and those of which its inputs are made; all of them where there is none and the
    user's function is to make them."""
    known = inputs_of(model)
    inputs = [name for name in dataset.column_names if name in known]
    found = [name for name in dataset.column_names if labels and OTHER_NAMES.get(name, name) in LABELS]
    made_of = columns_to_prepare(dataset, collate, known, inputs)
    if made_of and is_ours and not isinstance(collate, PREPARING):
        raise checks.unprepared(made_of[0], model)
    if inputs or made_of:
        return inputs + made_of + found
    if is_ours:
        raise nothing_to_read(said("the dataset"), dataset, known, model)
    return dataset.column_names


def inputs_of(model: Any) -> list[str]:
    return [name for name in model.inputs_known() if name not in (*SETTINGS, *LABELS)]


def collator_for(model: Any, tokenizer: Any) -> Callable:
    """The collator for a model, of its tokenizer or image processor; without, the configuration says how to pad."""
    preparing = collator_of(tokenizer, "np")
    if preparing is not None:
        return preparing
    if model.main_input_name != "input_ids":
        return DefaultDataCollator(return_tensors="np")
    if tokenizer is None:
        checks.check_pad_token(model)
        tokenizer = SimpleNamespace(
            model_input_names=["input_ids", "attention_mask"],
            pad_token_id=model.config.pad_token_id,
            pad_token_type_id=0,
            padding_side="right",
        )
    if checks.labels_are_texts(model):
        return DataCollatorForSeq2Seq(tokenizer, return_tensors="np")
    kind = DataCollatorForTokenClassification if checks.labels_each_token(model) else DataCollatorWithPadding
    return kind(tokenizer, return_tensors="np")


def signature_of(batch: Any) -> Any:
    """What fits all batches when one is known, so that TensorFlow traces a step once, and not for every length."""
    if isinstance(batch, tuple):
        return tuple(map(signature_of, batch))
    if not isinstance(batch, Mapping):
        return any_length(batch)
    sizes_differ = MASK in batch or "class_labels" in batch
    return {name: any_size(name, array) if sizes_differ else any_length(array) for name, array in batch.items()}


def any_size(name: str, array: np.ndarray) -> tf.TensorSpec:
    """Of pictures that are padded, and of what is in them: only channels stay, and the four numbers of a box."""
    stays = {PIXELS: 1, "boxes": 2}.get(name)
    return tf.TensorSpec([size if axis == stays else None for axis, size in enumerate(array.shape)], array.dtype)


def any_length(array: np.ndarray) -> tf.TensorSpec:
    """Rows and lengths of texts or sounds differ, sizes of pictures that are not padded do not."""
    shape = [None] * array.ndim if array.ndim < 3 else [None, *array.shape[1:]]
    if array.ndim == 3:
        shape[1] = None
    return tf.TensorSpec(shape, array.dtype)


@dataclass
class Batches:
    """Batches of a dataset, made one after the other; every call is an epoch with an order of its own."""

    dataset: Any
    collate: Callable[[list[dict]], Mapping[str, Any]]
    known: set[str]  # the rest of what `collate` gives is dropped
    size: int
    shuffle: bool
    drop_remainder: bool
    seed: int
    lengths: np.ndarray | None = None  # of the texts
    epoch: int = 0

    def __len__(self) -> int:
        count = len(self.dataset)
        return count // self.size if self.drop_remainder else -(-count // self.size)

    def __call__(self) -> Iterator[Any]:
        rows = self.order() if self.shuffle else np.arange(len(self.dataset))
        for index in range(len(self)):
            yield self.batch(rows[index * self.size : (index + 1) * self.size])

    def order(self) -> np.ndarray:
        """The rows of the next epoch: shuffled, sorted by length within each group of batches, these shuffled again."""
        rng = np.random.default_rng((self.seed, self.epoch))
        self.epoch += 1
        rows = rng.permutation(len(self.dataset))
        if self.lengths is None:
            return rows
        rows = length_grouped(rows, self.lengths, self.size * GROUPS)
        whole = len(rows) // self.size * self.size  # a last, smaller batch stays the last
        batches = rng.permutation(rows[:whole].reshape(-1, self.size))
        return np.concatenate([batches.ravel(), rows[whole:]])

    def first(self) -> Any:
        """A batch to see what batches look like."""
        return self.batch(np.arange(min(self.size, len(self.dataset))))

    def batch(self, rows: np.ndarray) -> Any:
        columns = self.dataset[rows]
        examples = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        values = {OTHER_NAMES.get(name, name): as_arrays(value) for name, value in self.collate(examples).items()}
        inputs = {name: value for name, value in values.items() if name in self.known and name not in LABELS}
        labels = {name: values[name] for name in LABELS if name in values}
        if not labels:
            return inputs
        return inputs, labels["labels"] if list(labels) == ["labels"] else labels


def as_arrays(value: Any) -> Any:
    """A tensor -> an array; a list of what is in each picture -> a table of arrays."""
    is_list = isinstance(value, list | tuple) and value and isinstance(value[0], Mapping)
    return table_of(value) if is_list else as_array(value)


def table_of(pictures: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """What is in each picture -> one table, (B, N, ...) for the most objects: Keras feeds tensors. What is no object
    has the class -100."""
    names = [name for name in ("class_labels", "boxes", "masks") if name in pictures[0]]
    return {
        name: joined([as_array(each[name])[None] for each in pictures], IGNORED if name == "class_labels" else 0)
        for name in names
    }


def as_array(value: Any) -> np.ndarray:
    """A tensor of any framework -> an array of NumPy."""
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)
