"""Callbacks for Keras's fit: saved folders, the live chart of a notebook, a stop where the loss is no number.

    model.fit(data, callbacks=[SavePretrainedCallback("reviews", save_total_limit=2, tokenizer=tokenizer)])

The last two come with every fit.
"""

import math
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras

from ..i18n import N_, spoken
from ..i18n import gettext as _
from ..training import checkpoints
from ..utils.errors import unknown
from ..utils.fields import Range, check_field
from ..utils.notices import say
from ..widgets.clicks import in_notebook
from .checks import not_finite
from .compiled import check_keras

MOST_POINTS = 200  # of a curve, in one run
STRATEGIES = ("epoch", "steps")


class SavePretrainedCallback(keras.callbacks.Callback):
    """Writes `checkpoint-<step>` folders that from_pretrained loads, each whole or not at all.

    Args:
        output_dir: where the folders go.
        save_strategy: "epoch" after each epoch, "steps" every `save_steps` batches and when training ends.
        save_total_limit: keep so many of them, the oldest are deleted.
        tokenizer: saved into the same folders; an image processor or a processor as well.

    Raises CheckpointError when a folder cannot be written. The optimizer is not in them: model.save keeps that.
    """

    def __init__(
        self,
        output_dir: str | os.PathLike,
        save_strategy: str = "epoch",
        save_steps: int | None = None,
        save_total_limit: int | None = None,
        tokenizer: Any = None,
    ) -> None:
        super().__init__()
        if save_strategy not in STRATEGIES:
            raise unknown(N_("save_strategy={name!r} is unknown{near}; known: {known}"), save_strategy, STRATEGIES)
        if (save_strategy == "steps") != (save_steps is not None):
            raise spoken(ValueError, "save_strategy='steps' and save_steps=100 (a number of batches) go together")
        for name, value in {"save_steps": save_steps, "save_total_limit": save_total_limit}.items():
            check_field(name, value, int | None, Range(1))
        self.output_dir, self.tokenizer = Path(output_dir), tokenizer
        self.save_strategy, self.save_steps, self.save_total_limit = save_strategy, save_steps, save_total_limit
        self.last_saved: Path | None = None
        self._step = self._epoch_start = 0  # of all runs of this optimizer
        self._saved_step: int | None = None  # in this run

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Find out now, not after an epoch, that a folder cannot be written."""
        try:
            self.output_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise checkpoints.cannot_write(str(self.output_dir), error) from None
        checkpoints.clean(self.output_dir)
        self._step = int(self.model.optimizer.iterations.numpy())
        self._saved_step = None  # the same number in another run means other weights

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch_start = self._step

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        before, self._step = self._step, self._epoch_start + batch + 1
        if self.save_steps and self._step // self.save_steps > before // self.save_steps:
            self.save()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self.save_strategy == "epoch":
            self.save()

    def on_train_end(self, logs: dict | None = None) -> None:
        self.save()

    def save(self) -> None:
        """Write a folder for the weights as they are now, unless there is one."""
        if self._step == self._saved_step:
            return
        folder = checkpoints.folder_of(self.output_dir, self._step)
        checkpoints.write(folder, self._write_files)
        checkpoints.prune(folder, self.save_total_limit, None)
        self.last_saved, self._saved_step = folder, self._step

    def _write_files(self, folder: Path) -> None:
        self.model.save_pretrained(folder)
        if self.tokenizer is not None:
            self.tokenizer.save_pretrained(folder)


class StopWhereNotFinite(keras.callbacks.Callback):
    """Ends training with a FloatingPointError when the loss is no number any more; nothing is saved after that."""

    async_safe = True  # Keras may look at a step while the next one is being computed

    def __init__(self, savers: list[SavePretrainedCallback]) -> None:
        super().__init__()
        self.savers = savers
        self.epoch = 0
        self.is_empty = False  # no label of this epoch counted

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        loss = float((logs or {}).get("loss", 0.0))  # the mean of the epoch so far, which a NaN never leaves
        self.is_empty = loss == 0 and not self.model.loss_so_far()[1]
        if not math.isfinite(loss):
            kept = next((str(saver.last_saved) for saver in self.savers if saver.last_saved), "")
            rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            raise not_finite(loss, self.epoch + 1, batch + 1, rate, kept)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self.is_empty and logs is not None:
            say(_("no label counts, all are -100: there is nothing to learn in epoch {epoch}", epoch=epoch + 1))
            logs.update({name: math.nan for name in logs if not name.startswith("val_")})


class ChartCallback(keras.callbacks.Callback):
    """The live chart of a notebook, with a button that ends training after the step that is running."""

    def __init__(self, batch_size: int = 0) -> None:
        super().__init__()
        self.batch_size = batch_size  # 0 when it is not known
        self.monitor: Any = None
        self._step = self._epoch_start = 0
        self._drawn = (0, 0.0, 0.0)  # batches whose loss was drawn, the sum of it, and of how many labels

    def on_train_begin(self, logs: dict | None = None) -> None:
        from ..widgets.training import TrainingMonitor, show_progress

        self.monitor = TrainingMonitor()
        show_progress(self.monitor)
        steps = (self.params.get("steps") or 0) * self.params.get("epochs", 1)
        self._every = max(1, steps // MOST_POINTS) if steps else 10
        self._step = 0
        self.monitor.begin(steps, self.batch_size)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch_start, self._drawn = self._step, (0, 0.0, 0.0)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._step = self._epoch_start + batch + 1
        steps = self.params.get("steps")
        self.monitor.advance(self._step, self._step / steps if steps else None)
        if batch + 1 - self._drawn[0] >= self._every:
            self._draw_loss(batch + 1)
        if self._is_stopped():
            self.model.stop_training = True

    def _draw_loss(self, done: int) -> None:
        """Keras gives the mean of the epoch so far; what moves a curve is the mean since its last point."""
        total, count = self.model.loss_so_far()
        __, total_before, count_before = self._drawn
        if count > count_before:
            rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            mean = (total - total_before) / (count - count_before)
            self.monitor.trace(self._step, {"loss": mean, "learning_rate": rate})
        self._drawn = (done, total, count)

    def on_test_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.monitor is None:  # an evaluation by itself
            return
        self.monitor.evaluating(batch + 1)
        if self._is_stopped():
            self.model.stop_evaluating = self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.monitor.log(self._step, {name: value for name, value in (logs or {}).items() if name != "loss"})

    def on_train_end(self, logs: dict | None = None) -> None:
        self.end()

    def _is_stopped(self) -> bool:
        self.monitor.poll()
        return self.monitor.stop_requested

    def end(self, error: BaseException | None = None) -> None:
        """Training is over; after an error Keras does not say so, and fit does."""
        if self.monitor is not None:
            status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed" if error else "done"
            self.monitor.finish(status)
            self.monitor = None


class History(keras.callbacks.History):
    """What fit returns: `history.history` has one value of each measure for every epoch."""

    def __repr__(self) -> str:
        epochs = max(map(len, self.history.values()), default=0)
        return f"History(epochs={epochs}, measured={list(self.history)})"  # no values: nbval compares it


def with_defaults(given: Any, verbose: Any, batch_size: int) -> tuple[Any, Any]:
    """What fit was given as callbacks and verbose -> the same, with what comes with every run."""
    if isinstance(given, keras.callbacks.CallbackList):  # somebody's own loop, complete
        return given, verbose
    chosen = [] if given is None else list(given) if isinstance(given, list | tuple) else [given]
    for callback in chosen:
        check_keras("callback", callback)

    def has(kind: type) -> bool:
        return any(isinstance(callback, kind) for callback in chosen)

    callbacks = [StopWhereNotFinite([callback for callback in chosen if isinstance(callback, SavePretrainedCallback)])]
    if verbose == "auto" and in_notebook() and find_spec("ipywidgets"):
        verbose = 0
        callbacks += [] if has(ChartCallback) else [ChartCallback(batch_size)]
    callbacks += chosen
    callbacks += [] if has(keras.callbacks.History) else [History()]
    return callbacks, verbose


def end_charts(callbacks: Any, error: BaseException) -> None:
    """Let the charts of a run say that it ended with an error."""
    for callback in callbacks if isinstance(callbacks, list) else ():
        if isinstance(callback, ChartCallback):
            callback.end(error)
