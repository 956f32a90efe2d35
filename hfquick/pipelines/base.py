"""What all pipelines share: one input or many, in batches, results in order and as they come.

A task's own pipeline has short methods: `preprocess` (inputs -> pieces), `forward` (pieces -> arrays; here, because
only it knows the framework), `postprocess` (arrays -> result of a piece), `join` (results of an input's pieces -> its
result). The options of its calls are the fields of its `Settings`. texts.py, pictures.py and sounds.py say which pieces
make a batch.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from itertools import islice
from typing import Any, ClassVar

import numpy as np

from ..core.memory import is_out_of_memory
from ..display import Results
from ..i18n import N_, said, spoken
from ..tasks import find_task
from ..utils.elsewhere import Other, only_known
from ..utils.errors import did_you_mean, need
from ..utils.fields import Range, check_field
from .forks import refuse_after_fork, watch_forks
from .names import EVERY_TASK


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of a call and their defaults. Each task's pipeline adds its own."""

    batch_size: int | None = None

    @classmethod
    def options(cls) -> list[str]:
        """The names of the options, those of the task first."""
        names = [field.name for field in fields(cls) if field.default is not MISSING]
        return sorted(names, key=lambda name: name in Settings.__dataclass_fields__)


@dataclass
class Piece:
    """What the model takes at once: a whole input, or one window of an input that is too long for it."""

    features: dict[
        str, Any
    ]  # what the model is called with, a row of each: `input_ids`, `pixel_values`, ..., and masks
    facts: Any = None  # what postprocess has to know of it: where its tokens stand in the text, the size of a picture


class KeyDataset:
    """One column of a dataset, as inputs for a pipeline: `pipe(KeyDataset(dataset, "text"))`."""

    def __init__(self, dataset: Any, key: str) -> None:
        columns = getattr(dataset, "column_names", None)
        if columns is not None and key not in columns:
            raise spoken(
                KeyError,
                "the dataset has no column {key!r}{near}; it has {columns}",
                key=key,
                near=did_you_mean(key, columns),
                columns=", ".join(columns),
            )
        self.dataset, self.key = dataset, key

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[index][self.key]

    def __iter__(self) -> Iterator[Any]:
        return (row[self.key] for row in self.dataset)


class Pipeline:
    """A model with its preprocessing and its way to show results.

    Calling it with one input gives one result, with a list a list of results, with a dataset or generator an iterator
    that yields results in order as they come, in constant memory. However many inputs come, those of nearly one size
    are batched, so that little is padded.

    Any option of a call may be given when the pipeline is made; it then holds for every call that does not give it.
    """

    settings_class: ClassVar[type[Settings]] = Settings
    outputs: ClassVar[tuple[str, ...]] = ("logits",)  # of the model that postprocess reads; a model may give more
    other_names: ClassVar[Mapping[str, Other]] = EVERY_TASK  # that its options have elsewhere
    parts: ClassVar[tuple[str, ...]] = (
        "tokenizer",
    )  # what prepares its inputs: also image_processor, feature_extractor

    def __init_subclass__(cls) -> None:
        """Let `inspect.signature`, and with it Shift-Tab in Jupyter, show the options of a call and their defaults."""
        super().__init_subclass__()
        if call := vars(cls).get("__call__"):
            call.__signature__ = with_options(inspect.signature(call), cls.settings_class)

    def __init__(
        self,
        task: str,
        model: Any,
        tokenizer: Any = None,
        image_processor: Any = None,
        feature_extractor: Any = None,
        *,
        framework: str = "pt",
        device: Any = None,
        batch_size: int | None = None,
        **options: Any,
    ) -> None:
        self.task, self.tokenizer = task, tokenizer
        self.image_processor, self.feature_extractor = image_processor, feature_extractor
        self.framework = framework
        self.model, self.device = self._place(model, device)
        self.check_parts()
        self.settings = self.settings_class()
        self.settings = self._settings({"batch_size": batch_size, **options})
        self._compiled: Any = None

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Run the pipeline.

        Args:
            inputs: one input, or a list, dataset or generator of them.
            options: those of the task; left out, those with which the pipeline was made.

        Returns the result of one input, a list of results for a list or an array, an iterator over results for a
        dataset or a generator.
        """
        settings = self._settings(options)
        if self.is_one(inputs):
            [result] = self._stream([inputs], settings)
            return self.one_result(result, inputs, settings)
        if not isinstance(inputs, Iterable) or isinstance(inputs, str | bytes):
            raise spoken(
                TypeError,
                "{task} takes {wants}, or a list, dataset or generator of them; got {inputs_kind}",
                task=self.task,
                wants=said(self.wants),
                inputs_kind=type(inputs).__name__,
            )
        if isinstance(inputs, Sequence) or hasattr(inputs, "__array__"):  # a list, a column of a dataset, an array
            if self.opens_files and not isinstance(inputs, list | tuple):  # what a dataset names nobody typed here, and
                return self.many_results(
                    list(self._stream(iter(inputs), settings)), [], settings
                )  # decoded it is large
            inputs = list(inputs)
            return self.many_results(list(self._stream(inputs, settings)), inputs, settings)
        return self._stream(inputs, settings)

    # What a task's pipeline says of itself

    wants: ClassVar[str] = N_("an input")  # in words, for error sentences
    opens_files: ClassVar[bool] = False  # whether an input may be the name of a file, or an address
    smaller: ClassVar[str] = N_("a shorter text, or a smaller model")  # where the memory is too small for one input

    def is_one(self, inputs: Any) -> bool:
        """Whether `inputs` is a single input."""
        raise spoken(TypeError, "{name} does not say what one input is", name=type(self).__name__)

    def check_parts(self) -> None:
        """Raise an error for a model, or what prepares its inputs, that does not belong to the task."""

    def check(self, settings: Any) -> None:
        """Raise an error for settings that the task does not allow."""

    def ready(self, settings: Any) -> Any:
        """Settings with what is the same for all inputs of a call, and so worked out once."""
        return settings

    def windows(self, inputs: Iterable[Any]) -> Iterator[list[Any]]:
        """Inputs -> lists of those that are held, and sorted, together."""
        raise spoken(TypeError, "{name} has no windows", name=type(self).__name__)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
        """Inputs -> the pieces of each, one or more."""
        raise spoken(TypeError, "{name} has no preprocess", name=type(self).__name__)

    def batches(self, pieces: list[Piece], settings: Any) -> Iterator[list[int]]:
        """Pieces of a window -> indices of those that are of nearly one size, for a batch each."""
        raise spoken(TypeError, "{name} has no batches", name=type(self).__name__)

    def collate(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """The features of such pieces -> a batch of tensors."""
        raise spoken(TypeError, "{name} has no collate", name=type(self).__name__)

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        """The arrays of one piece -> its result, which should be small: it is kept until its input is done."""
        raise spoken(TypeError, "{name} has no postprocess", name=type(self).__name__)

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        """The results of all pieces of one input -> the result of that input."""
        [result] = results
        return result

    def one_result(self, result: Any, inputs: Any, settings: Any) -> Any:
        """What a call with one input gives; the same, except where transformers gives something else."""
        return result

    def many_results(self, results: list[Any], inputs: list[Any], settings: Any) -> Any:
        """What a call with a list of inputs gives."""
        return Results(results)

    # The way of a stream of inputs

    def _stream(self, inputs: Iterable[Any], settings: Any) -> Iterator[Any]:
        settings = self.ready(settings)
        for window in self.windows(inputs):
            pieces = self.preprocess(window, settings)
            results = iter(self._results([piece for parts in pieces for piece in parts], settings))
            for one, parts in zip(window, pieces, strict=True):
                yield self.join(list(islice(results, len(parts))), one, settings)

    def _results(self, pieces: list[Piece], settings: Any) -> list[Any]:
        """The result of each piece; those of nearly one size have gone through the model together."""
        results: list[Any] = [None] * len(pieces)
        for batch in self.batches(pieces, settings):
            try:
                outputs = self.forward([pieces[index].features for index in batch], settings)
            except Exception as error:
                if is_out_of_memory(error):
                    raise self._too_large(len(batch)) from error
                raise
            for row, index in enumerate(batch):
                arrays = {name: array[row] for name, array in outputs.items()}
                results[index] = self.postprocess(arrays, pieces[index], settings)
        return results

    def _too_large(self, rows: int) -> MemoryError:
        """The error for a batch of so many rows for which the device has no memory."""
        half = said("batch_size={half}", half=rows // 2)
        return spoken(
            MemoryError,
            "no memory is left on {device} for a batch of {rows}; try {advice}",
            device=str(self.device),
            rows=rows,
            advice=half if rows > 1 else said(self.smaller),
        )

    def forward(self, features: list[dict[str, Any]], settings: Any) -> dict[str, np.ndarray]:
        """Inference on one batch: the features of its pieces -> the model's `outputs` as arrays, one row per piece."""
        batch = self.collate(features)
        if self.framework == "tf":
            arrays = {name: value.numpy() for name, value in self._run_tf(batch).items()}
        else:
            torch = need("torch", said("this pipeline"), "torch")
            with torch.inference_mode():
                for mask in ("attention_mask", "pixel_mask"):
                    if mask in batch and batch[mask].all():  # nothing is padded: attention without a mask is faster
                        batch.pop(mask)
                found = self._read(self.model(**{name: value.to(self.device) for name, value in batch.items()}))
                arrays = {name: value.float().cpu().numpy() for name, value in found.items()}
        return {name: one_row_each(name, array, len(features)) for name, array in arrays.items()}

    def _run_tf(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The Keras model, compiled once for every batch size, length, height and width."""
        tf = need("tensorflow", said("this pipeline"), "tf")
        refuse_after_fork()
        if self._compiled is None:
            signature = {name: tf.TensorSpec(any_size(name, value.shape), value.dtype) for name, value in batch.items()}
            run = lambda inputs: self._read(self.model(inputs, training=False))  # noqa: E731
            self._compiled = tf.function(run, input_signature=[signature])
        with tf.device(self.device):
            return self._compiled(batch)

    def _read(self, outputs: Any) -> dict[str, Any]:
        """Those of the model's outputs that this task reads: it may have been asked for hidden states as well."""
        for name in self.outputs:
            if name not in outputs:
                raise spoken(
                    ValueError,
                    "{task} reads {name}, and the {model} gives {others}; load it with {head}",
                    task=self.task,
                    name=name,
                    model=type(self.model).__name__,
                    others=", ".join(outputs),
                    head=f"{'TF' if self.framework == 'tf' else ''}{find_task(self.task).head}.from_pretrained(...)",
                )
        return {name: outputs[name] for name in self.outputs}

    def _place(self, model: Any, device: Any) -> tuple[Any, Any]:
        """The model on its device; None takes a GPU if there is one."""
        if self.framework == "tf":
            tf = need("tensorflow", said("this pipeline"), "tf")
            watch_forks()
            gpu = tf.config.list_physical_devices("GPU")
            if device is None:
                return model, "/GPU:0" if gpu else "/CPU:0"
            return model, "/CPU:0" if device in (-1, "cpu") else f"/GPU:{device}" if isinstance(device, int) else device
        torch = need("torch", said("this pipeline"), "torch")
        if device is None:
            device = "cuda" if torch.cuda.is_available() else model.device
        elif isinstance(device, int):
            device = f"cuda:{device}" if device >= 0 else "cpu"
        try:
            device = torch.device(device)
            return model.to(device).eval(), device
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise spoken(
                ValueError,
                "device {device!r} cannot be used here ({reason}); try device='cpu', or leave it out",
                device=str(device),
                reason=reason,
            ) from None

    def _settings(self, options: Mapping[str, Any]) -> Any:
        """The settings of a call: those of the pipeline, with the options of the call in their place."""
        known = self.settings.options()
        settings = replace(self.settings, **only_known(options, known, self.other_names, self.task))
        if settings.batch_size is not None:
            check_field("batch_size", settings.batch_size, int, Range(1), said(", or None to batch by length"))
        self.check(settings)
        return settings

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_compiled": None}  # a compiled function cannot be sent to another process

    def __repr__(self) -> str:
        name = self.model.config.name_or_path or type(self.model).__name__
        return f"{type(self).__name__}(task={self.task!r}, model={name!r}, framework={self.framework!r})"


def with_options(signature: inspect.Signature, settings: type[Settings]) -> inspect.Signature:
    """The signature of a call, with the options of its settings in the place of **options.

    A field without a plain default holds further options, such as those of `generate`, and is shown as **its_name.
    """
    kept = [value for value in signature.parameters.values() if value.kind is not value.VAR_KEYWORD]
    known = {field.name: field for field in fields(settings)}
    options = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=known[name].default, annotation=known[name].type
        )
        for name in settings.options()
    ]
    further = [
        inspect.Parameter(name, inspect.Parameter.VAR_KEYWORD) for name in known if name not in settings.options()
    ]
    return signature.replace(parameters=[*kept, *options, *further])


def any_size(name: str, shape: Any) -> list[int | None]:
    """The shape of an input with its sizes left open; pictures have as many channels as the model was made for."""
    return [size if name == "pixel_values" and axis == 1 else None for axis, size in enumerate(shape)]


def one_row_each(name: str, array: np.ndarray, count: int) -> np.ndarray:
    """An output of the model, which has a row for each of `count` pieces; that of one alone may have been squeezed."""
    if count == 1 and (array.ndim == 0 or len(array) != 1):
        return array[None]
    if array.ndim == 0 or len(array) != count:
        raise spoken(
            ValueError,
            "the model's {name} have the shape {shape}, expected one row for each of {count} texts",
            name=name,
            shape=array.shape,
            count=count,
        )
    return array
