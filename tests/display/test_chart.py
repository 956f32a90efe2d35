"""Curves of a training run: what they hold, say in words, and look like."""

import base64
import math
import pickle
import random
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from hfquick.display import chart
from hfquick.display.axes import ticks
from hfquick.display.chart import Curves, describe, draw, panels, thin
from hfquick.i18n import set_language

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
    assert 'alt="loss de 0.69 à 0.5 (pas 10 à 20)\u202f; eval_loss 0.55"' in curves._repr_html_()
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
    "one point beside others": {"loss": [(10, 0.69), (20, 0.6)], "eval_loss": [(20, 0.7)]},
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


def test_a_single_point_is_a_number_and_no_picture():
    html = draw({"loss": [(500, 0.6543)]}, inline=True)
    assert "<svg" not in html
    assert "loss <b>0.654</b>" in html


def test_the_values_behind_a_running_mean_are_a_thin_line_behind_its_curve():
    curves = Curves({"loss": [(1, 1.0), (2, 0.9)], "eval_loss": [(2, 1.0)]})
    plain = shapes(picture_of(curves))["path"]
    curves.faint["loss"] = [(1, 1.5), (2, 0.2)]
    both = shapes(picture_of(curves))["path"]
    widths = [path.get("stroke-width") for path in both if path.get("stroke")]
    assert widths == ["1", "2", "2"]
    assert [path.get("d") for path in both if path.get("stroke")][1:] != [path.get("d") for path in plain][-2:]
    assert draw(curves) != draw(Curves(curves))
    assert pickle.loads(pickle.dumps(curves)).faint == curves.faint


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
    assert len(draw({"x" * 10_000: [(1, 2.0), (2, 2.0)]})) < 5_000


def test_colours_follow_the_theme_where_there_is_one():
    inline = draw({"loss": [(1, 1.0), (2, 1.0)]}, inline=True)
    assert "fill:var(--jp-ui-font-color1," in inline
    assert (
        inline.count('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="loss from 1 to 1 (steps 1 to 2)"')
        == 1
    )
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
