"""How far a run is: a live chart in Jupyter, a bar in a terminal, a line per log where stderr is a file."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from tqdm import tqdm

from ..display.axes import number
from ..display.chart import Curves
from ..widgets.clicks import in_notebook
from .callbacks import TrainerCallback

MOST_POINTS = 200  # of a curve, in one run


class ProgressCallback(TrainerCallback):
    """Shows the run to the learner, and stops it when the button of the chart is pressed.

    What it shows is a TrainingMonitor with its chart, or a TerminalBar, which has the same methods.
    """

    def __init__(self) -> None:
        self.monitor: Any = None  # of the run, or of an evaluation by itself, that is going on
        self._losses: Any = 0.0  # sum of those that are not drawn yet, on the model's device
        self._undrawn = 0  # how many these are
        self._batches = 0  # of the evaluation that is going on
        self._old_error: BaseException | None = None  # that was being handled when the run began

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._finish("interrupted")  # an evaluation that broke off before its end
        self._old_error = sys.exc_info()[1]
        if is_shown(args, state):
            self.monitor = make_monitor()
            self.monitor.begin(state.max_steps, state.train_batch_size)
            self._losses, self._undrawn = 0.0, 0
            if state.global_step:  # resumed
                self.monitor.advance(state.global_step, state.epoch)

    def on_step_end(
        self, args: Any, state: Any, control: Any, loss: Any = None, lr_scheduler: Any = None, **kwargs: Any
    ) -> None:
        if self.monitor is not None:
            self.monitor.advance(state.global_step, state.epoch)
            if loss is not None:
                self._draw(state, loss, lr_scheduler)
            self._heed(control, args)

    def _draw(self, state: Any, loss: Any, lr_scheduler: Any) -> None:
        """A point of the curves: whatever `logging_steps` is, a run that is watched moves from its first seconds on."""
        self._losses, self._undrawn = self._losses + loss, self._undrawn + 1
        every = max(1, state.max_steps // MOST_POINTS)
        if state.global_step % every == 0 or state.global_step == state.max_steps:  # seldom: a GPU waits for this look
            rates = {} if lr_scheduler is None else {"learning_rate": lr_scheduler.get_last_lr()[0]}
            self.monitor.trace(state.global_step, {"loss": float(self._losses) / self._undrawn, **rates})
            self._losses, self._undrawn = 0.0, 0

    def on_substep_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._heed(control, args)

    def on_prediction_step(
        self, args: Any, state: Any, control: Any, eval_dataloader: Any = None, **kwargs: Any
    ) -> None:
        if not is_shown(args, state):
            return
        size = len(eval_dataloader) if hasattr(eval_dataloader, "__len__") else 0
        if self.monitor is None:  # an evaluation by itself, which nobody can stop
            self.monitor = make_monitor(only_evaluates=True)
        self._batches += 1
        self.monitor.evaluating(self._batches, size)
        self._heed(control, args)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        if self.monitor is not None:
            self.monitor.log(state.global_step, logs or {})

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._evaluated()

    def on_predict(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._evaluated()

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Also after an error, which is then still on its way: what it is says how the run ended."""
        error = sys.exc_info()[1]
        if error is self._old_error:
            self._finish("done")
        else:
            self._finish("interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
        self._old_error = None

    def _heed(self, control: Any, args: Any) -> None:
        """A run that is stopped by its button can be resumed from where it was stopped."""
        if self.monitor is not None:
            self.monitor.poll()
            if self.monitor.stop_requested:
                control.should_training_stop = True
                control.should_save = control.should_save or args.save_strategy != "no"

    def _evaluated(self) -> None:
        self._batches = 0
        if self.monitor is not None and self.monitor.only_evaluates:
            self._finish("done")

    def _finish(self, status: str) -> None:
        self._batches = 0
        if self.monitor is not None:
            self.monitor.finish(status)
            self.monitor = None


def is_shown(args: Any, state: Any) -> bool:
    """Only one process of a run speaks, and only if it may."""
    return state.is_world_process_zero and not args.disable_tqdm


def make_monitor(only_evaluates: bool = False) -> Any:
    """What fits the environment: the chart of a notebook, or a bar."""
    if in_notebook() and find_spec("ipywidgets"):
        from ..widgets.training import TrainingMonitor, show_progress

        monitor = TrainingMonitor()
        monitor.only_evaluates = only_evaluates
        show_progress(monitor)
        return monitor
    return TerminalBar(only_evaluates)


class TerminalBar:
    """A run in a terminal, on stderr, with the methods of TrainingMonitor. The button to stop is Ctrl-C.

    tqdm draws the bar, and nothing where stderr is a file; results of evaluations, and there all logs, are lines.
    """

    stop_requested = False

    def __init__(self, only_evaluates: bool = False) -> None:
        self.only_evaluates = only_evaluates
        self.total_steps = 0
        self.bar: Any = None
        self.evaluation: Any = None

    def begin(self, total_steps: int = 0, samples_per_step: int = 0) -> None:
        self.total_steps = total_steps
        self.bar = tqdm(total=total_steps or None, disable=None, dynamic_ncols=True, unit="step", file=sys.stderr)

    def advance(self, step: int, epoch: float | None = None) -> None:
        self._end_evaluation()
        self.bar.update(step - self.bar.n)

    def evaluating(self, done: int, size: int = 0) -> None:
        if self.evaluation is None:
            self.evaluation = tqdm(
                total=size or None, desc="evaluating", leave=False, disable=None, dynamic_ncols=True, file=sys.stderr
            )
        self.evaluation.update(done - self.evaluation.n)

    def log(self, step: int, values: Mapping[str, Any]) -> None:
        curves = Curves()
        curves.add(step, values)
        said = ", ".join(f"{name} {number(points[-1][1])}" for name, points in curves.items())
        if self.bar is None or not said:  # an evaluation by itself returns what it found
            return
        if self.bar.disable or any(name.startswith("eval_") for name in curves):
            self._end_evaluation()
            of = f" of {self.total_steps}" if self.total_steps else ""
            tqdm.write(f"step {step}{of}: {said}", file=sys.stderr)
        else:
            self.bar.set_postfix_str(said, refresh=False)

    def trace(self, step: int, values: Mapping[str, Any]) -> None:
        """The loss between two logs, which are what a bar shows."""

    def poll(self) -> None:
        """There is no button."""

    def finish(self, status: str = "done", message: str = "") -> None:
        self._end_evaluation()
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def _end_evaluation(self) -> None:
        if self.evaluation is not None:
            self.evaluation.close()
            self.evaluation = None
