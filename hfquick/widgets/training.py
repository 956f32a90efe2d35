"""A training run, live: `TrainingMonitor` knows where it stands, `TrainingChart` shows it with a button to stop it.

monitor = TrainingMonitor()
show_progress(monitor)
monitor.begin(total_steps=len(batches), samples_per_step=8)
try:
    for step, batch in enumerate(batches, start=1):
        monitor.log(step, {"loss": train_on(batch)})
        monitor.advance(step)
        monitor.poll()
        if monitor.stop_requested:
            break
    monitor.finish()
finally:
    monitor.finish("interrupted")  # says nothing new where the run has ended already

The monitor belongs to any loop, of PyTorch, of Keras or of one's own. It uses what ipywidgets 7.7 (Colab) and 8 share.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from traitlets import Bool, Bunch, Enum, Float, HasTraits, Instance, Int, Unicode

from ..display.chart import Curves, draw
from ..i18n import gettext as _
from ..utils.errors import sentence
from .clicks import Clicks, in_notebook
from .closing import close_inside
from .page import marks
from .report import ERROR, PAGE, block
from .training_report import ACTIVE, ENDS, picture, progress_bar, status_block

__all__ = ["TrainingChart", "TrainingMonitor", "in_notebook", "show_progress"]

SMOOTHING = 10.0  # seconds: what is older hardly counts for the speed
POLL_SECONDS = 0.5
RECENT = 0.05  # of a run: what is older hardly counts for the loss that is drawn
WATCHED = ("status", "message", "total_steps", "step", "evaluated", "curves")  # each set when all beside it is
VIEW = "application/vnd.jupyter.widget-view+json"
DRAW_SECONDS = 0.5  # between two drawings, at least
DRAW_SHARE = 0.005  # of the time may go into drawing; a chart that takes long is drawn less often


class FadingMean:
    """A mean in which each value weighs less the longer it is past: `fading` is what is left of those before."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float, fading: float) -> float:
        """One value more -> the mean. The sum of all weights is less than 1 in the beginning, so it is divided by."""
        self._sum = fading * self._sum + (1 - fading) * value
        self._weight = fading * self._weight + (1 - fading)
        return self._sum / self._weight


class TrainingMonitor(HasTraits):
    """Where a run stands: set by the loop that trains, watched by whoever shows it."""

    status = Enum((*ACTIVE, *ENDS), "preparing")
    step = Int(0)
    total_steps = Int(0, help="0 when it is not known")
    epoch = Float(None, allow_none=True)
    stop_requested = Bool(False, help="somebody pressed the button: end after this step")
    only_evaluates = Bool(False, help="an evaluation by itself: batches instead of steps, and nothing to stop")
    samples_per_second = Float(None, allow_none=True, help="of the last seconds, evaluations apart")
    seconds_left = Float(None, allow_none=True)
    message = Unicode(help="a sentence beside the status")
    evaluated = Int(0, help="batches, while the model is evaluated")
    evaluation_size = Int(0, help="of how many; 0 when none is going on, or it is not known")
    curves = Instance(Curves, ())

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.clock = clock
        self.clicks: Clicks | None = None  # of the chart's button
        self._samples_per_step = 0
        self._start: tuple[float, int] | None = None  # time and step of the first call of `advance`
        self._last: tuple[float, int] | None = None  # of the last one, None after an evaluation
        self._rate, self._loss = FadingMean(), FadingMean()
        self._next_poll = 0.0
        self._traced: set[str] = set()  # curves that have points of their own, beside those of logs

    def begin(self, total_steps: int = 0, samples_per_step: int = 0) -> None:
        """A run begins: loading, compiling, all that comes before the first step is done."""
        self.total_steps, self._samples_per_step = total_steps, samples_per_step
        self._start = self._last = None
        self._rate, self._loss = FadingMean(), FadingMean()
        self.step, self.epoch, self.evaluated, self.evaluation_size, self.message = 0, None, 0, 0, ""
        self.samples_per_second = self.seconds_left = None
        self.stop_requested = False
        self.curves, self._traced = Curves(), set()
        self.status = "preparing"
        if self.clicks:
            self.clicks.listen()

    def advance(self, step: int, epoch: float | None = None) -> None:
        """So many steps are done. The time of the first one is not counted: much of it may be preparation."""
        now = self.clock()
        if self._start is None:
            self._start = (now, step)
        if self._last is not None and now > self._last[0]:
            self._measure(now - self._last[0], step - self._last[1])
        self._last = (now, step)
        start, first = self._start
        if self.total_steps and step > first:
            self.seconds_left = max(0.0, (now - start) / (step - first) * (self.total_steps - step))
        self.evaluated = self.evaluation_size = 0
        self.epoch, self.step = epoch, step
        if self.status == "preparing":
            self.status = "stopping" if self.stop_requested else "running"

    def _measure(self, seconds: float, steps: int) -> None:
        """The mean speed, in which every second weighs less the longer it is past."""
        rate = self._rate.add(steps / seconds, math.exp(-seconds / SMOOTHING))
        if self._samples_per_step:
            self.samples_per_second = rate * self._samples_per_step

    def evaluating(self, done: int, size: int = 0) -> None:
        """So many batches of an evaluation are done; `advance` ends it. Its time does not count for the speed."""
        self._last = None
        self.evaluation_size, self.evaluated = size, done
        if self.only_evaluates:
            self.status = "running"

    def log(self, step: int, values: Mapping[str, Any]) -> None:
        """Numbers that were measured at this step."""
        self._add(step, {name: value for name, value in values.items() if name not in self._traced})

    def trace(self, step: int, values: Mapping[str, Any]) -> None:
        """What is drawn as it goes, by the loss of a few batches; from then on logs do not draw these curves.

        One batch is easier than another: the line is a running mean, the losses themselves are a faint one behind it.
        """
        self._traced |= values.keys()
        if "loss" in values:
            self.curves.faint.setdefault("loss", []).append((step, values["loss"]))
            values = {**values, "loss": self._running_mean(step, values["loss"])}
        self._add(step, values)

    def _running_mean(self, step: int, loss: float) -> float:
        """The mean loss, in which each weighs less the more of the run has come after it."""
        points = self.curves.get("loss")
        steps = step - points[-1][0] if points else 1
        return self._loss.add(loss, math.exp(-steps / max(1.0, RECENT * self.total_steps)))

    def _add(self, step: int, values: Mapping[str, Any]) -> None:
        self.curves.add(step, values)
        self.notify_change(Bunch(name="curves", old=self.curves, new=self.curves, owner=self, type="change"))

    def finish(self, status: str = "done", message: str = "") -> None:
        """The run is over, "stopped" rather than "done" if somebody asked for it. A second call changes nothing."""
        if self.status in ENDS:
            return
        if self.clicks:
            self.clicks.leave()
        if not self.only_evaluates:
            self.evaluated = self.evaluation_size = 0
        self.seconds_left, self.message = None, message
        early = self.stop_requested and (not self.total_steps or self.step < self.total_steps)
        self.status = "stopped" if status == "done" and early else status

    def request_stop(self) -> None:
        """Ask the loop to end after this step. May be called from another thread."""
        if self.status in ACTIVE and not self.only_evaluates:
            self.stop_requested = True
            self.status = "stopping"

    def poll(self) -> None:
        """Let a click on the stop button through while a cell is running. It is cheap: call it after every step."""
        if self.clicks and (now := self.clock()) >= self._next_poll:
            self._next_poll = now + POLL_SECONDS
            self.clicks.poll()


class TrainingChart(widgets.VBox):
    """What a monitor knows, in a notebook: status, progress, curves, and a button to stop the run."""

    def __init__(self, monitor: TrainingMonitor) -> None:
        self.monitor = monitor
        self._lock = threading.RLock()  # a click may come from another thread than the steps
        self._next_drawing = -math.inf
        self.status, self.progress, self.chart = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.stop = widgets.Button(
            icon="stop", description=_("Stop"), tooltip=_("End after this step, keep the weights")
        )
        self.stop.on_click(lambda button: monitor.request_stop())
        top = widgets.HBox([self.stop, self.status], layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
        super().__init__([top, self.progress, self.chart, *marks("hfquick-training")])
        self.add_class("hfquick-training")
        self.layout.width, self.layout.min_width = "0", "100%"  # never wider than the page
        self._handle: Any = None  # of the output that shows the chart
        self._ended = False  # whether that output holds a picture by now
        monitor.clicks = Clicks(self.stop.model_id, monitor.request_stop)
        if monitor.status in ACTIVE:  # `begin` may have been called before there was a chart
            monitor.clicks.listen()
        self._draw()
        monitor.observe(self._changed, names=WATCHED)

    def __repr__(self) -> str:
        return "TrainingChart()"  # nbval compares it

    def close(self) -> None:
        """Take the chart away, with all that it is made of; the run goes on."""
        if self.comm is not None:  # it is called again when the object goes
            self.monitor.unobserve(self._changed, names=WATCHED)
            if self.monitor.clicks:
                self.monitor.clicks.leave()
            self._handle = None
            close_inside(self)
        super().close()

    def _changed(self, change: Any) -> None:
        """Draw at once what a person waits for, and the rest now and then."""
        if change["name"] in ("status", "message") or self.monitor.clock() >= self._next_drawing:
            self._draw()

    def _draw(self) -> None:
        """State -> what is seen. What goes wrong here is shown, and never ends a run."""
        with self._lock:
            start = self.monitor.clock()
            try:
                self._show()
                self._keep_picture()
            except Exception as error:
                self.status.value = block(_("Error:") + " " + sentence(error), ERROR, role="alert")
            now = self.monitor.clock()
            self._next_drawing = now + max(DRAW_SECONDS, (now - start) / DRAW_SHARE)

    def _show(self) -> None:
        monitor = self.monitor
        self.stop.disabled = monitor.stop_requested
        self.stop.layout.display = "none" if monitor.only_evaluates or monitor.status in ENDS else None
        self.status.value = f'<div style="{PAGE}">{status_block(monitor)}</div>'
        self.progress.value = progress_bar(monitor)
        self.chart.value = draw(monitor.curves, inline=True)

    def display(self) -> None:
        """Show the chart under the cell that is running, until the run ends; then a picture of it."""
        from IPython.display import display

        self._handle = display(self._bundle(), raw=True, display_id=True)

    def _keep_picture(self) -> None:
        """Put a picture in the place of a chart whose run has ended: a saved notebook holds no widgets."""
        ended = self.monitor.status in ENDS
        if self._handle is not None and ended != self._ended:
            self._ended = ended
            self._handle.update(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, Any]:
        """The output, by MIME type; never both, because a reopened notebook looks for the widget alone, in vain."""
        if self._ended:
            return {"text/plain": repr(self), "text/html": picture(self.monitor)}
        return {"text/plain": repr(self), VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}


def show_progress(monitor: TrainingMonitor) -> TrainingChart:
    """Show the live chart of a run under the cell that is running, and return it."""
    chart = TrainingChart(monitor)
    chart.display()
    return chart
