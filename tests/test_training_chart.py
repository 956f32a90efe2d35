"""Curves as pictures, the monitor of a run, its chart, and clicks while a kernel is busy.

Everything but the kernel is tested with a clock that stands still until a test moves it.
"""

import base64
import math
import os
import pickle
import random
import re
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

widgets = pytest.importorskip("ipywidgets")
jupyter_client = pytest.importorskip("jupyter_client")

from hfquick.display import chart, kernel  # noqa: E402
from hfquick.display.chart import Curves, describe, draw, panels, thin, ticks  # noqa: E402
from hfquick.i18n import set_language  # noqa: E402
from hfquick.widgets import training as training_widgets  # noqa: E402
from hfquick.widgets.training import TrainingChart, TrainingMonitor, in_notebook, show_progress  # noqa: E402

ROOT = Path(__file__).parents[1]
LOGS = [
    {"loss": 0.69, "grad_norm": 4.2, "learning_rate": 5e-5, "epoch": 0.5, "step": 10},
    {"loss": 0.5, "grad_norm": 2.0, "learning_rate": 2.5e-5, "epoch": 1.0, "step": 20},
    {"eval_loss": 0.55, "eval_accuracy": 0.75, "eval_runtime": 1.5, "eval_samples_per_second": 90.0, "step": 20},
    {"train_runtime": 30.0, "train_loss": 0.59, "total_flos": 1e12, "step": 20},
]


@pytest.fixture
def french():
    set_language("fr")
    yield
    set_language(None)


def shapes(picture):
    """SVG -> its elements by name, without the namespace; fails if it is not well-formed."""
    found = {}
    for element in ElementTree.fromstring(picture).iter():
        found.setdefault(element.tag.rpartition("}")[2], []).append(element)
    return found


def picture_of(curves):
    """The SVG of curves that share one panel."""
    [panel] = re.findall(r"<svg.*?</svg>", draw(curves, inline=True))
    return panel


def lines(picture):
    """The paths of the curves."""
    return [path.get("d") for path in shapes(picture).get("path", []) if path.get("stroke")]


# Curves


def test_a_trainers_logs_become_curves_without_times_and_totals():
    curves = Curves.from_logs(LOGS)
    assert curves == {
        "loss": [(10, 0.69), (20, 0.5)],
        "learning_rate": [(10, 5e-5), (20, 2.5e-5)],
        "eval_loss": [(20, 0.55)],
        "eval_accuracy": [(20, 0.75)],
    }


def test_keras_history_becomes_curves_over_epochs():
    values = {"loss": [0.7, 0.5], "val_loss": [0.6, 0.55]}
    for history in (SimpleNamespace(history=values), values):
        curves = Curves.from_history(history)
        assert curves == {"loss": [(1, 0.7), (2, 0.5)], "val_loss": [(1, 0.6), (2, 0.55)]}
        assert repr(curves) == "loss from 0.7 to 0.5 (epochs 1 to 2); val_loss from 0.6 to 0.55 (epochs 1 to 2)"
        assert ">epoch</text>" in base64.b64decode(re.search(r"base64,([^\"]+)", curves._repr_html_())[1]).decode()


def test_numbers_of_any_kind_are_values_and_nothing_else_is():
    numpy = pytest.importorskip("numpy")
    curves = Curves()
    row = {"a": numpy.float32(0.5), "b": numpy.array(2), "c": 3, "d": "0.5", "e": None, "f": True, "g": [1.0]}
    curves.add(1, {**row, "h": numpy.array([1.0, 2.0])})
    assert curves == {"a": [(1, 0.5)], "b": [(1, 2.0)], "c": [(1, 3.0)]}
    assert all(type(points[0][1]) is float for points in curves.values())


def test_curves_travel_in_a_pickle():
    curves = Curves.from_history({"loss": [1.0]})
    again = pickle.loads(pickle.dumps(curves))
    assert (again, again.x) == (curves, "epoch")


# In words


def test_facts_in_words():
    curves = Curves.from_logs(LOGS)
    assert repr(curves) == (
        "loss from 0.69 to 0.5 (steps 10 to 20); learning_rate from 5e-05 to 2.5e-05 (steps 10 to 20); "
        "eval_loss 0.55; eval_accuracy 0.75"
    )
    assert repr(Curves()) == repr(Curves({"loss": []})) == "no curves yet"


def test_words_name_what_is_not_a_number():
    assert describe({"loss": [(1, 0.5), (2, math.nan), (3, 0.4), (4, math.inf)]}) == (
        "loss from 0.5 to 0.4 (steps 1 to 3), 2 of 4 values are not finite numbers, the first at 2"
    )
    assert describe({"loss": [(7, math.nan)]}) == "loss, 1 of 1 values are not finite numbers, the first at 7"


def test_the_picture_is_described_in_the_readers_language_and_the_repr_is_not(french):
    curves = Curves.from_logs(LOGS)
    assert 'alt="loss de 0.69 à 0.5 (étapes 10 à 20); eval_loss 0.55"' in curves._repr_html_()
    assert repr(curves).startswith("loss from 0.69 to 0.5 (steps")


# Pictures


def test_the_same_curves_give_the_same_picture():
    assert Curves.from_logs(LOGS)._repr_html_() == Curves.from_logs(LOGS)._repr_html_()


def test_losses_and_shares_are_drawn_together_the_rest_apart():
    point = [(1, 0.5)]
    curves = {"learning_rate": [(1, 5e-5)], "eval_f1": point, "loss": point, "eval_perplexity": [(1, 12.0)]}
    curves |= {"eval_loss": [(1, 3.0)], "empty": [], "eval_accuracy": [(1, 1.0), (2, 0.0)]}
    assert [list(panel) for panel in panels(curves)] == [
        ["loss", "eval_loss"],
        ["eval_f1", "eval_accuracy"],
        ["eval_perplexity"],
        ["learning_rate"],
    ]


def test_values_stand_where_the_axes_say():
    picture = picture_of({"loss": [(0, 0.0), (40, 0.4), (100, 1.0)]})
    texts = {text.text: text for text in shapes(picture)["text"]}
    assert "step" in texts
    path = re.findall(r"[ML]([\d.]+),([\d.]+)", lines(picture)[0])
    left, middle, right = [(float(x), float(y)) for x, y in path]
    assert left == (chart.LEFT, chart.HEIGHT - chart.BOTTOM)
    assert right == (chart.WIDTH - chart.RIGHT, chart.TOP)
    assert middle[0] == pytest.approx(0.6 * left[0] + 0.4 * right[0], abs=0.06)
    assert middle[1] == pytest.approx(0.6 * left[1] + 0.4 * right[1], abs=0.06)
    for value, (_, y) in {"0.4": middle, "1.0": right}.items():
        assert float(texts[value].get("y")) - 4 == pytest.approx(y, abs=0.11)
    for step, (x, _) in {"40": middle, "100": right}.items():
        assert float(texts[step].get("x")) == x


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.41, 0.69, ["0.4", "0.5", "0.6", "0.7"]),
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-3, 2, ["-3", "-2", "-1", "0", "1", "2"]),
        (0, 5e-5, ["0", "1e-05", "2e-05", "3e-05", "4e-05", "5e-05"]),
        (0.0003, 0.0012, ["0.0002", "0.0004", "0.0006", "0.0008", "0.0010", "0.0012"]),
        (1234558, 1234567, ["1234558", "1234560", "1234562", "1234564", "1234566", "1234568"]),
        (0, 9e30, ["0", "2e+30", "4e+30", "6e+30", "8e+30", "1e+31"]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(low, high, labels):
    made = ticks(low, high, most=5)
    assert [label for _, label in made] == labels
    assert [float(label) for label in labels] == pytest.approx([value for value, _ in made])


def test_ticks_of_steps_are_whole_and_inside():
    assert [label for _, label in ticks(10, 250, most=6, whole=True)] == ["50", "100", "150", "200", "250"]
    assert [label for _, label in ticks(1, 3, most=6, whole=True)] == ["1", "2", "3"]


@pytest.mark.parametrize("seed", range(20))
def test_ticks_of_any_range(seed):
    numbers = random.Random(seed)
    low = numbers.uniform(-1, 1) * 10 ** numbers.randint(-30, 30)
    high = low + abs(low) * 10 ** numbers.uniform(-5, 5)
    made = ticks(low, high, most=5)
    values = [value for value, _ in made]
    slack = (values[1] - values[0]) * 1e-6
    assert 2 <= len(made) <= 8
    assert values[0] <= low + slack
    assert values[-1] >= high - slack
    assert len({label for _, label in made}) == len(made)


CASES = {
    "one point": {"loss": [(10, 0.69)]},
    "constant": {"loss": [(10, 0.69), (20, 0.69)]},
    "constant zero": {"learning_rate": [(10, 0.0), (20, 0.0)]},
    "nearly constant": {"loss": [(10, 1.0), (20, 1.0 + 1e-15)]},
    "smallest numbers": {"loss": [(1, 0.0), (2, 5e-324)]},
    "huge": {"loss": [(1, 1e-300), (2, 1.7e299), (3, -1.7e299)]},
    "beyond": {"loss": [(1, 1.7e308), (2, -1.7e308)]},
    "one step twice": {"loss": [(5, 1.0), (5, 2.0)]},
    "nothing finite": {"loss": [(1, math.nan), (2, math.inf)]},
    "backwards": {"loss": [(20, 1.0), (10, 2.0)]},
}


@pytest.mark.parametrize("name", CASES)
def test_strange_curves_give_a_whole_picture(name):
    picture = picture_of(CASES[name])
    assert len(shapes(picture)["text"]) >= 4
    for number in re.findall(r'(?:[ML ,]|x="|y=")(-?[a-z\d.]+)', " ".join(lines(picture))):
        assert -1 <= float(number) <= chart.WIDTH + 1  # inside, and not "nan"


def test_no_curves_no_picture():
    assert draw({}) == draw({"loss": []}) == ""


def test_a_value_that_is_missing_is_a_gap_and_one_alone_is_a_dot():
    points = [(1, 1.0), (2, 0.9), (3, math.nan), (4, 0.7), (5, math.inf), (6, 0.6), (7, 0.5)]
    picture = picture_of({"loss": points})
    assert re.sub(r"[\d.,]", "", lines(picture)[0]) == "MLMML"
    assert len(shapes(picture)["circle"]) == 1


def test_evaluations_can_be_told_apart_without_colours():
    picture = picture_of({"loss": [(1, 1.0), (2, 2.0)], "eval_loss": [(1, 1.5), (2, 2.5)]})
    dashes = [path.get("stroke-dasharray") for path in shapes(picture)["path"] if path.get("stroke")]
    assert dashes[0] is None
    assert dashes[1]
    assert len(shapes(picture)["circle"]) == 2


def test_a_long_run_is_thinned_and_keeps_its_ends_and_its_peaks():
    points = [(step, math.sin(step / 1000)) for step in range(100_000)]
    points[54_321] = (54_321, 99.0)
    points[12_345] = (12_345, math.nan)
    kept = thin(points)
    assert len(kept) <= 1.1 * chart.MOST_POINTS
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert (54_321, 99.0) in kept
    assert any(math.isnan(value) for _, value in kept)
    assert [step for step, _ in kept] == sorted(step for step, _ in kept)
    assert len(draw({"loss": points})) < 15_000
    assert thin(points[:300]) == points[:300]


def test_names_are_data():
    name = "<script>\"a\" & 'b' $1 and $2"
    for inline in (False, True):
        html = draw({name: [(1, 2.0), (2, 3.0)]}, inline=inline)
        assert "<script>" not in html
        label = re.search(r'(?:alt|aria-label)="([^"]*)"', html)[1]
        assert label.startswith("&lt;script&gt;&quot;a&quot; &amp; &#x27;b&#x27; $1 and $2 from 2 to 3")
    ElementTree.fromstring(html)  # also with such a name
    assert len(draw({"x" * 10_000: [(1, 2.0)]})) < 5_000


def test_colours_follow_the_theme_where_there_is_one():
    inline = draw({"loss": [(1, 1.0)]}, inline=True)
    assert "fill:var(--jp-ui-font-color1," in inline
    assert inline.count('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="loss 1"') == 1
    assert len(re.findall(r'<svg [^>]*style="', inline)) == 1  # a second one would be ignored


def contrast(colour, other):
    """WCAG 2: 1 (the same) to 21 (black on white)."""

    def luminance(code):
        parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(colour), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_colours_are_seen_on_both_themes(page):
    assert min(contrast(colour, page) for colour in chart.COLOURS) >= 3  # WCAG: graphics
    assert contrast(chart.GREY, page) >= 4


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
    evaluation.can_stop = False
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


def seen(view):
    return " ".join([view.status.value, view.progress.value, view.chart.value])


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
    assert 'aria-label="loss 0.5"' in view.chart.value
    monitor.clock.now += 1
    monitor.evaluating(3, 40)
    assert "evaluating: batch 3 of 40" in view.progress.value
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
    assert spent <= 0.011 * (monitor.clock.now - start) + 0.05
    assert len(drawn) >= 8


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
    assert "Stopped after step 3; the model keeps what it has learnt." in view.status.value
    monitor.begin(10)
    assert view.stop.layout.display is None
    assert not view.stop.disabled


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("done", "Done, 2 steps."),
        ("failed", "Failed after step 2. Because &lt;b&gt;."),
        ("interrupted", "Interrupted after step 2; the model keeps what it has learnt."),
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
    monitor.can_stop = False
    view = TrainingChart(monitor)
    assert view.stop.layout.display == "none"


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
    assert view.stop.tooltip == "Finir après cette étape, garder les poids"
    monitor.clock.now += 1
    monitor.log(1, {})
    assert "étape 2 sur 10 · époque 0.04 · 2 exemples par seconde · encore 0:08" in view.progress.value
    monitor.finish()
    assert "Terminé, 2 étapes." in view.status.value


def test_only_what_ipywidgets_7_has_too():
    source = Path(training_widgets.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"\bwidgets\.(\w+)", source)) <= {"VBox", "HBox", "HTML", "Button", "Layout"}


# The kernel


def test_without_a_kernel_there_is_no_notebook_and_clicks_need_nothing(monitor):
    assert not in_notebook()
    line = kernel.Clicks("model", monitor.request_stop)
    line.listen()
    line.poll()
    line.leave()
    assert kernel._pressed == {}


@pytest.fixture(scope="module")
def running():
    """A real kernel, with a monitor and its chart in it."""
    manager, client = jupyter_client.manager.start_new_kernel(
        startup_timeout=90, cwd=str(ROOT), env={**os.environ, "HFQUICK_LANG": "en"}
    )
    try:
        kernel = Kernel(manager, client)
        kernel.run(SETUP)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


SETUP = """
import os, time
from hfquick.display import kernel
from hfquick.widgets.training import TrainingMonitor, in_notebook, show_progress
from ipywidgets import Button

monitor, order = TrainingMonitor(), []
chart = show_progress(monitor)
other = Button()
other.on_click(lambda button: order.append("the other button"))
"""
LOOP = """
order.append("loop")
monitor.begin(200, 8)
try:
    for step in range(1, 201):
        time.sleep(0.05)
        monitor.advance(step)
        monitor.poll()
        if monitor.stop_requested:
            break
    monitor.finish()
finally:
    monitor.finish("interrupted")
    order.append("end of loop")
"""


class Kernel:
    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def start(self, code):
        return self.client.execute(code)

    def wait(self, *requests, seconds=60):
        """Until these are answered -> their statuses."""
        found = {}
        while set(requests) - set(found):
            reply = self.client.get_shell_msg(timeout=seconds)
            found[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
        return [found[request] for request in requests]

    def run(self, code):
        """Run it -> what it prints."""
        request, printed = self.client.execute(code), ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                printed += message["content"]["text"]
            elif message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
            elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        aborted = self.wait(request) == ["aborted"]  # after an error, a kernel drops what waits
        return self.run(code) if aborted else printed.strip()

    def look(self, code):
        """The value of an expression, in Python's own words."""
        return self.run(f"print(repr({code}))")

    def click(self, model_id, session=None):
        content = {"comm_id": model_id, "data": {"method": "custom", "content": {"event": "click"}}}
        session = session or self.client.session
        session.send(self.client.shell_channel.socket, session.msg("comm_msg", content))


def test_a_click_ends_a_running_cell_and_cells_keep_their_order(running):
    running.run("order.clear()")
    stop, other = running.run("print(chart.stop.model_id, other.model_id)").split()
    requests = [running.start(code) for code in (LOOP, "order.append('two')", "order.append('three')")]
    time.sleep(1)
    running.click(other)  # this one waits for its turn, behind the cells
    running.click(stop)
    requests.append(running.start("order.append('four')"))
    assert running.wait(*requests) == ["ok"] * 4
    assert running.look("order") == repr(["loop", "end of loop", "two", "three", "the other button", "four"])
    assert running.look("(monitor.status, 10 < monitor.step < 100)") == "('stopped', True)"
    assert running.look("(chart.stop.layout.display, kernel._pressed)") == "('none', {})"


def test_after_a_run_the_button_is_a_button_as_any_other(running):
    stop, other = running.run(
        "order.clear(); monitor.begin(); monitor.finish('stopped'); print(chart.stop.model_id, other.model_id)"
    ).split()
    running.click(stop)
    running.click(other)
    assert running.look("order") == "['the other button']"
    assert running.look("monitor.status") == "'stopped'"


def test_a_message_that_is_not_signed_is_not_obeyed(running):
    stop = running.run("order.clear(); print(chart.stop.model_id)")
    loop = running.start(LOOP.replace("200", "30").replace("201", "31"))
    time.sleep(0.7)
    running.click(stop, jupyter_client.session.Session(key=b"of somebody else"))
    running.wait(loop)
    assert running.look("(monitor.status, monitor.step)") == "('done', 30)"


def test_interrupting_the_kernel_is_said(running):
    running.run("order.clear()")
    loop = running.start(LOOP)
    time.sleep(1)
    running.manager.interrupt_kernel()
    assert running.wait(loop) == ["error"]
    assert running.look("(monitor.status, kernel._pressed)") == "('interrupted', {})"
    assert "Interrupted after step" in running.look("chart.status.value")


def test_a_kernel_is_a_notebook_and_a_process_forked_from_it_is_none(running):
    running.run("import warnings; warnings.simplefilter('ignore')")  # fork and threads
    running.run("child = os.fork()\nif not child: os._exit(in_notebook() + 40)")
    assert running.look("(in_notebook(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))") == "(True, 40)"


def test_what_a_cell_shows_never_changes(running):
    request = running.client.execute("show_progress(TrainingMonitor()); None")
    while True:
        message = running.client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "display_data" and message["parent_header"]["msg_id"] == request:
            break
    assert message["content"]["data"]["text/plain"] == "TrainingChart()"
    assert set(message["content"]["data"]) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert "display_id" not in message["content"].get("transient", {})


def test_show_progress_displays_the_chart_and_returns_it(monitor, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    view = show_progress(monitor)
    assert shown == [view]
    assert view.monitor is monitor
