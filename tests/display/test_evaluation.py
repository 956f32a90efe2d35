"""Confusion matrix and largest losses: the numbers, the drawing, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from hfquick.display import ConfusionMatrix, LargestLosses
from hfquick.display.evaluation import shortened
from hfquick.i18n import set_language

REFERENCES, PREDICTIONS = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 2]
LABELS = ["bad", "<b>good</b>", "none"]


def test_counts_have_a_row_for_each_label_and_a_column_for_each_prediction():
    matrix = ConfusionMatrix(REFERENCES, PREDICTIONS, LABELS)
    assert matrix.counts.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert ConfusionMatrix(REFERENCES, np.eye(3)[PREDICTIONS]).counts.tolist() == matrix.counts.tolist()  # logits
    assert str(ConfusionMatrix([0, 1], [1, 1], ["no", "yes"])).splitlines() == [
        "     no yes",
        " no   0   1",
        "yes   0   1",
    ]


def test_the_repr_is_the_same_on_every_machine():
    assert repr(ConfusionMatrix([0, 1], [1, 1])) == repr(ConfusionMatrix([0, 1], [0, 1]))
    assert repr(ConfusionMatrix([0, 1], [1, 1])) == "ConfusionMatrix(labels=['0', '1'], examples=2)"


def test_the_matrix_is_drawn_with_a_stronger_colour_for_more():
    html = ConfusionMatrix([0] * 4 + [1], [0] * 4 + [0], ["bad", "<b>"])._repr_html_()
    assert html.startswith('<div class="hfquick-measured">')
    assert "rows: labels; columns: predictions" in html
    assert "&lt;b&gt;" in html
    assert '0.550);">4</td>' in html
    assert '0.138);">1</td>' in html
    assert '0.000);">0</td>' in html


def test_the_largest_losses_come_first():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    found = LargestLosses(["a", "b", "c"], [1, 1, 0], probabilities, ["bad", "good"], count=2)
    assert [row["text"] for row in found.rows] == ["a", "c"]
    assert found.rows[0] == {
        "text": "a",
        "index": 0,
        "label": "good",
        "prediction": "bad",
        "probability": 0.9,
        "loss": pytest.approx(-np.log(0.1)),
    }
    assert str(found).splitlines()[0] == "good -> bad 0.90, loss 2.30: a"
    assert repr(found) == "LargestLosses(examples=2)"
    html = found._repr_html_()
    assert html.startswith('<div class="hfquick-measured">')
    assert ">2.30</td>" in html


def test_pictures_are_drawn_and_named_by_their_number():
    pictures = [Image.new("RGB", (80, 60), colour) for colour in ("red", "lime")]
    found = LargestLosses(pictures, [0, 0], np.array([[0.9, 0.1], [0.3, 0.7]]), ["cat", "dog"])
    assert str(found).splitlines()[0] == "cat -> dog 0.70, loss 1.20: picture 1"
    assert found.rows[0]["text"] is pictures[1]
    html = found._repr_html_()
    assert html.count("<img ") == 2
    assert html.index('alt="picture 1"') < html.index('alt="picture 0"')
    assert ">picture</th>" in html


def test_heads_are_in_the_readers_language():
    set_language("fr")
    try:
        html = LargestLosses(["a"], [0], np.array([[0.4, 0.6]]))._repr_html_()
        assert "lignes : étiquettes" in ConfusionMatrix([0], [0])._repr_html_()
    finally:
        set_language(None)
    assert all(f">{word}</th>" in html for word in ("texte", "étiquette", "prédiction", "probabilité", "perte"))


def test_a_long_text_ends_where_a_word_does():
    text = "the film is " + "wonderful " * 20
    assert shortened(text, 30) == "the film is wonderful…"
    assert len(shortened("x" * 300)) == 100


def test_a_probability_of_nothing_has_a_finite_loss():
    assert np.isfinite(LargestLosses(["a"], [0], np.array([[0.0, 1.0]])).rows[0]["loss"])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ConfusionMatrix([0, 1], [0]), "2 labels were given for 1 examples"),
        (lambda: ConfusionMatrix([], []), "there are no examples"),
        (lambda: ConfusionMatrix([0, 2], [0, 1], ["a", "b"]), "the label 2 is out of range: there are 2"),
        (lambda: ConfusionMatrix([0, -1], [0, 1]), "the label -1 is out of range"),
        (lambda: ConfusionMatrix([0.0], [0]), "labels are whole numbers"),
        (lambda: LargestLosses(["a"], [0, 1], np.eye(2)), "2 labels were given for 1 examples"),
    ],
)
def test_what_cannot_be_counted_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
