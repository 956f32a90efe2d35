"""The monitor of a run and its live chart, with a clock that stands still until a test moves it."""

import re
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("ipywidgets")

from hfquick.i18n import set_language
from hfquick.widgets import training as training_widgets
from hfquick.widgets.training import TrainingChart, TrainingMonitor, show_progress
from tests.helpers.widgets import open_widgets

# ipywidgets 7 opens its channels as ipykernel 6 and 7 ask it no longer to; 8 does not.
pytestmark = pytest.mark.filterwarnings("ignore:The .ipykernel.comm.Comm. class has been deprecated:DeprecationWarning")


@pytest.fixture
def french():
    set_language("fr")
    yield
    set_language(None)


# The monitor


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def monitor(clock):
    made = TrainingMonitor(clock=clock)
    made.begin(total_steps=100, samples_per_step=8)
    return made


def advance(monitor, steps, seconds):
    for _step in range(steps):
        monitor.clock.now += seconds
        monitor.advance(monitor.step + 1, (monitor.step + 1) / 50)


def test_what_is_traced_is_a_running_mean_with_the_values_behind_it(monitor):
    for step, loss in enumerate([1.0, 0.0] * 50, start=1):
        monitor.trace(step, {"loss": loss, "learning_rate": 1 / step})
    monitor.log(100, {"loss": 7.0, "learning_rate": 7.0, "eval_loss": 0.5})
    curves = monitor.curves
    assert curves.faint == {"loss": [(step, float(step % 2)) for step in range(1, 101)]}
    assert curves["loss"][0] == (1, 1.0)
    assert all(0.4 < value < 0.6 for step, value in curves["loss"] if step > 20)
    assert curves["learning_rate"] == [(step, 1 / step) for step in range(1, 101)]
    assert curves["eval_loss"] == [(100, 0.5)]
    monitor.begin(total_steps=10)
    monitor.log(1, {"loss": 7.0})
    assert (monitor.curves, monitor.curves.faint) == ({"loss": [(1, 7.0)]}, {})


def test_it_prepares_until_the_first_step_and_does_not_count_that_time(monitor):
    assert monitor.status == "preparing"
    advance(monitor, 1, seconds=17)
    assert (monitor.status, monitor.step, monitor.epoch) == ("running", 1, 0.02)
    assert monitor.samples_per_second is None
    assert monitor.seconds_left is None
    advance(monitor, 1, seconds=0.5)
    assert monitor.samples_per_second == pytest.approx(16)
    assert monitor.seconds_left == pytest.approx(49)


def test_speed_follows_the_last_seconds_and_time_left_the_whole_run(monitor):
    advance(monitor, 11, seconds=1)
    assert monitor.samples_per_second == pytest.approx(8)
    advance(monitor, 60, seconds=0.5)  # 30 s, three times the smoothing
    assert 15 < monitor.samples_per_second < 16
    assert monitor.seconds_left == pytest.approx(40 / 70 * 29)


def test_an_evaluation_does_not_slow_down_the_speed_of_training(monitor):
    advance(monitor, 11, seconds=1)
    monitor.evaluating(1, 4)
    assert (monitor.evaluated, monitor.evaluation_size) == (1, 4)
    monitor.clock.now += 60
    advance(monitor, 2, seconds=1)
    assert monitor.evaluated == 0
    assert monitor.samples_per_second == pytest.approx(8)
    assert monitor.seconds_left == pytest.approx(72 / 12 * 87)  # but it takes its time


def test_several_steps_at_once_and_a_clock_that_stands_still(monitor):
    monitor.advance(10)
    monitor.advance(20)  # no time has passed
    assert monitor.samples_per_second is None
    monitor.clock.now += 2
    monitor.advance(30)
    assert monitor.samples_per_second == pytest.approx(10 * 8 / 2)


def test_a_resumed_run_counts_from_where_it_goes_on(monitor):
    monitor.advance(90)
    monitor.clock.now += 4
    monitor.advance(92)
    assert monitor.seconds_left == pytest.approx(16)
    assert monitor.samples_per_second == pytest.approx(4)


def test_nothing_is_said_that_is_not_known(clock):
    monitor = TrainingMonitor(clock=clock)
    monitor.begin()
    advance(monitor, 3, seconds=1)
    assert monitor.seconds_left is None
    assert monitor.samples_per_second is None
    monitor.finish()
    assert monitor.status == "done"


def test_log_adds_to_the_curves_and_tells_observers(monitor):
    seen = []
    monitor.observe(lambda change: seen.append(dict(change["new"])), names="curves")
    monitor.log(10, {"loss": 0.5, "epoch": 1.0})
    assert monitor.curves == {"loss": [(10, 0.5)]}
    assert len(seen) == 1


def test_stop_is_asked_for_and_the_loop_ends(monitor):
    advance(monitor, 5, seconds=1)
    monitor.request_stop()
    assert (monitor.status, monitor.stop_requested) == ("stopping", True)
    advance(monitor, 1, seconds=1)
    assert monitor.status == "stopping"
    monitor.finish()
    assert monitor.status == "stopped"
    monitor.finish("interrupted")
    assert monitor.status == "stopped"


def test_stop_before_the_first_step(monitor):
    monitor.request_stop()
    advance(monitor, 1, seconds=1)
    assert monitor.status == "stopping"


def test_a_run_that_was_over_anyway_is_done(monitor):
    advance(monitor, 100, seconds=1)
    monitor.request_stop()
    monitor.finish()
    assert monitor.status == "done"


def test_stop_after_the_end_or_where_nobody_looks_is_ignored(monitor, clock):
    monitor.finish("failed")
    monitor.request_stop()
    assert (monitor.status, monitor.stop_requested) == ("failed", False)
    evaluation = TrainingMonitor(clock=clock)
    evaluation.only_evaluates = True
    evaluation.request_stop()
    assert not evaluation.stop_requested


def test_a_second_run_begins_afresh(monitor):
    advance(monitor, 5, seconds=1)
    monitor.log(5, {"loss": 1.0})
    old = monitor.curves
    monitor.request_stop()
    monitor.finish("interrupted", "Why.")
    assert monitor.message == "Why."
    monitor.begin(10, 4)
    assert (monitor.status, monitor.step, monitor.total_steps, monitor.epoch) == ("preparing", 0, 10, None)
    assert (monitor.stop_requested, monitor.curves, monitor.message) == (False, {}, "")
    assert old == {"loss": [(5, 1.0)]}  # whoever kept them
    monitor.request_stop()
    assert monitor.stop_requested


def test_an_unknown_status_is_refused(monitor):
    with pytest.raises(Exception, match="preparing"):
        monitor.finish("dead")


def test_poll_looks_twice_a_second(monitor):
    looked = []

    class Line:
        def poll(self):
            looked.append(monitor.clock())

    monitor.clicks = Line()
    for _step in range(100):
        monitor.clock.now += 0.02
        monitor.poll()
    assert len(looked) == 4


# The chart


@pytest.fixture
def view(monitor):
    return TrainingChart(monitor)


def test_it_shows_where_the_run_stands(view, monitor):
    assert "Preparing; the first step takes longest." in view.status.value
    assert "<progress aria-label" in view.progress.value
    assert " value=" not in view.progress.value  # to and fro
    advance(monitor, 26, seconds=0.5)
    monitor.clock.now += 1
    monitor.log(26, {"loss": 0.5})
    assert 'role="status">Training.</div>' in view.status.value
    assert 'value="26" max="100"' in view.progress.value
    assert "step 26 of 100 · epoch 0.52 · 16 samples per second · 0:37 left" in view.progress.value
    assert "loss <b>0.5</b>" in view.chart.value
    monitor.log(27, {"loss": 0.4})
    monitor.clock.now += 60
    monitor.log(28, {"loss": 0.3})
    assert 'aria-label="loss from 0.5 to 0.3 (steps 26 to 28)"' in view.chart.value
    monitor.clock.now += 1
    monitor.evaluating(3, 40)
    assert "evaluation: batch 3 of 40" in view.progress.value
    assert "left" not in view.progress.value
    assert "Evaluating." in view.status.value


def test_drawing_is_rare_and_the_end_is_always_drawn(view, monitor):
    drawn = []
    view.progress.observe(lambda change: drawn.append(monitor.clock()), names="value")
    for step in range(1, 1001):
        monitor.clock.now += 0.01
        monitor.log(step, {"loss": 1 / step})
        monitor.advance(step)
    assert 15 <= len(drawn) <= 22  # ten seconds
    monitor.log(1000, {"eval_loss": 0.125})
    monitor.finish()
    assert "eval_loss 0.125" in view.chart.value
    assert "Done, 1000 steps." in view.status.value


def test_a_chart_that_takes_long_is_drawn_less_often(view, monitor, monkeypatch):
    drawn = []

    def slow(curves, inline):
        drawn.append(monitor.clock())
        monitor.clock.now += 0.05
        return ""

    monkeypatch.setattr(training_widgets, "draw", slow)
    advance(monitor, 1, seconds=1)
    start = monitor.clock.now
    advance(monitor, 5000, seconds=0.01)
    spent = 0.05 * len(drawn)
    assert spent <= 0.0051 * (monitor.clock.now - start) + 0.05
    assert len(drawn) >= 5


def test_a_step_costs_next_to_nothing(clock):
    """What `log`, `advance` and `poll` take, with a chart that is due twice a second of a run of 10 ms steps."""
    monitor = TrainingMonitor()  # the real clock
    TrainingChart(monitor)
    monitor.begin(3000, 8)
    start = time.perf_counter()
    for step in range(1, 3001):
        monitor.log(step, {"loss": 1 / step, "learning_rate": 1e-5})
        monitor.advance(step, step / 100)
        monitor.poll()
    each = (time.perf_counter() - start) / 3000
    assert each < 0.0005  # measured: 0.00003


def test_the_button_stops_the_run_and_goes_away(view, monitor):
    advance(monitor, 3, seconds=1)
    assert not view.stop.disabled
    assert view.stop.layout.display is None
    view.stop.click()
    assert monitor.stop_requested
    assert view.stop.disabled
    assert "Stopping after this step ..." in view.status.value
    monitor.finish()
    assert view.stop.layout.display == "none"
    assert "Stopped after step 3; the model keeps the weights learnt so far." in view.status.value
    monitor.begin(10)
    assert view.stop.layout.display is None
    assert not view.stop.disabled


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("done", "Done, 2 steps."),
        ("failed", "Failed after step 2. Because &lt;b&gt;."),
        ("interrupted", "Interrupted after step 2; the model keeps the weights learnt so far."),
    ],
)
def test_how_it_ended(view, monitor, status, said):
    advance(monitor, 2, seconds=1)
    monitor.finish(status, "Because <b>." if status == "failed" else "")
    assert said in view.status.value
    assert view.stop.layout.display == "none"
    assert "left" not in view.progress.value


def test_an_evaluation_by_itself_has_no_button(clock):
    monitor = TrainingMonitor(clock=clock)
    monitor.only_evaluates = True
    view = TrainingChart(monitor)
    assert view.stop.layout.display == "none"
    monitor.evaluating(1, 2)
    assert "Evaluating." in view.status.value
    assert 'value="1" max="2"' in view.progress.value
    monitor.evaluating(2, 2)
    monitor.finish()
    assert "Done." in view.status.value
    assert 'value="2" max="2"' in view.progress.value
    assert "<div>evaluation: batch 2 of 2</div>" in view.progress.value


def test_without_a_total_there_is_no_share_to_show(clock):
    monitor = TrainingMonitor(clock=clock)
    view = TrainingChart(monitor)
    monitor.begin()
    advance(monitor, 3, seconds=1)
    assert "step 3" in view.progress.value
    assert "max=" not in view.progress.value
    monitor.finish()
    assert "<progress" not in view.progress.value


def test_what_goes_wrong_while_drawing_is_shown_and_the_run_goes_on(view, monitor, monkeypatch):
    monkeypatch.setattr(training_widgets, "draw", lambda *args, **options: 1 / 0)
    advance(monitor, 3, seconds=1)
    assert monitor.step == 3
    assert 'role="alert">Error: division by zero</div>' in view.status.value


def test_a_click_from_another_thread_while_steps_are_drawn(view, monitor):
    threads = [threading.Thread(target=monitor.request_stop) for _ in range(8)]
    for thread in threads:
        thread.start()
        advance(monitor, 20, seconds=1)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    monitor.finish()
    assert monitor.status == "done" or monitor.status == "stopped"
    assert view.stop.layout.display == "none"


def test_its_repr_never_changes(view, monitor):
    before = repr(view)
    monitor.finish()
    assert before == repr(view) == "TrainingChart()"


def test_controls_say_what_they_do_in_the_readers_language(french, clock):
    monitor = TrainingMonitor(clock=clock)
    view = TrainingChart(monitor)
    monitor.begin(10, 2)
    advance(monitor, 2, seconds=1)
    assert view.stop.description == "Arrêter"
    assert view.stop.tooltip == "Finir après ce pas, garder les poids"
    monitor.clock.now += 1
    monitor.log(1, {})
    assert "pas 2 sur 10 · époque 0.04 · 2 exemples par seconde · encore 0:08" in view.progress.value
    monitor.finish()
    assert "Terminé, 2 pas." in view.status.value


def test_only_what_ipywidgets_7_has_too():
    source = Path(training_widgets.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"\bwidgets\.(\w+)", source)) <= {"VBox", "HBox", "HTML", "Button", "Layout"}


class Output:
    """One output of a cell: what was displayed in it, and each update."""

    def __init__(self, monkeypatch):
        self.seen = []
        monkeypatch.setattr("IPython.display.display", self.display)

    def display(self, data, raw, display_id):
        assert raw
        assert display_id is True
        self.update(data, raw)
        return self

    def update(self, data, raw):
        assert raw
        self.seen.append(data)


def test_a_chart_is_shown_until_the_run_ends_and_then_a_picture(monitor, monkeypatch):
    output = Output(monkeypatch)
    view = show_progress(monitor)
    assert view.monitor is monitor
    view_type = "application/vnd.jupyter.widget-view+json"
    (live,) = output.seen
    assert live.keys() == {"text/plain", view_type}
    assert live[view_type] == {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
    advance(monitor, 3, seconds=1)
    monitor.log(1, {"loss": 0.75})
    monitor.log(2, {"loss": 0.5})
    monitor.finish()
    _live, kept = output.seen
    assert kept.keys() == {"text/plain", "text/html"}  # a widget beside it would be looked for, in vain
    html = kept["text/html"]
    assert "Done, 3 steps." in html
    assert "step 3 of 100 · epoch 0.06" in html
    assert 'alt="loss from 0.75 to 0.5 (steps 1 to 2)"' in html
    assert 'src="data:image/svg+xml;base64,' in html
    assert "second" not in html  # of speed or time: another run shows the same
    monitor.finish("failed")
    assert len(output.seen) == 2
    monitor.begin(10)
    assert output.seen[2] == live


def test_a_picture_that_fails_does_not_end_the_run(monitor, monkeypatch):
    output = Output(monkeypatch)
    view = show_progress(monitor)
    monkeypatch.setattr(output, "update", lambda *args, **options: 1 / 0)
    advance(monitor, 3, seconds=1)
    monitor.finish()
    assert monitor.status == "done"
    assert "Error: division by zero" in view.status.value


def test_closing_it_closes_all_that_it_is_made_of_and_the_run_goes_on(monitor):
    instances = open_widgets()
    before = set(instances)
    chart = TrainingChart(monitor)
    assert len(set(instances) - before) > 10
    chart.close()
    assert set(instances) <= before
    monitor.begin(total_steps=3)
    advance(monitor, 3, 1.0)
    monitor.finish()
    assert monitor.status == "done"
    chart.close()
