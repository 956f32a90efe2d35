"""Results as tables of plain text: aligned whatever the letters, and without what a terminal would obey."""

import pytest
from PIL import Image

from hfquick import i18n
from hfquick.commands.tables import MOST, lines_of, printable, wide


@pytest.fixture(autouse=True)
def english():
    i18n.set_language("en")
    yield
    i18n.set_language(None)


def test_labels_of_one_text():
    result = [{"label": "POSITIVE", "score": 0.987654}, {"label": "NEG", "score": 0.5}]
    assert list(lines_of([result], ["So good."])) == ["label     score", "POSITIVE  0.9877", "NEG       0.5000"]


def test_several_texts_stand_beside_their_results_once():
    results = [[{"label": "A", "score": 1.0}, {"label": "B", "score": 0.0}], {"label": "A", "score": 0.5}]
    assert list(lines_of(results, ["one", "x" * 99])) == [
        f"{'text':{MOST}}  label  score",
        f"{'one':{MOST}}  A      1.0000",
        f"{'':{MOST}}  B      0.0000",
        f"{'x' * (MOST - 1)}…  A      0.5000",
    ]


def test_words_behind_masks_and_answers():
    masks = [[{"score": 0.5, "token": 3, "token_str": "pas", "sequence": "Il ne vient pas."}]]
    assert list(lines_of([masks], ["Il ne vient <mask>."])) == ["word  score   text", "pas   0.5000  Il ne vient pas."]
    answer = {"score": 0.25, "start": 0, "end": 4, "answer": "Ada"}
    assert list(lines_of([answer], ["Who?"])) == ["answer  score", "Ada     0.2500"]


def test_generated_texts_are_lines_alone():
    assert list(lines_of([[{"generated_text": "La reine"}], [{"generated_text": "Le roi"}]], ["La", "Le"])) == [
        "La reine",
        "Le roi",
    ]


def test_nothing_found_is_nothing_said():
    assert list(lines_of([[]], ["Anna"])) == []


def test_things_in_pictures():
    mask = Image.new("L", (4, 2))
    mask.putpixel((0, 0), 255)
    box = {"score": 0.5, "label": "cat", "box": {"xmin": 1, "ymin": 2, "xmax": 30, "ymax": 40}}
    assert list(lines_of([[box], []], ["a.png", "b.png"], "image")) == [
        "input  label                              score   xmin, ymin, xmax, ymax",
        "a.png  cat                                0.5000  1, 2, 30, 40",
        "b.png  nothing found above the threshold",
    ]
    segments = [{"score": None, "label": "sky", "mask": mask}]
    assert list(lines_of([segments], ["a.png"], "image")) == ["label  area", "sky    12.5%"]
    assert list(lines_of([[], []], ["a.png", "b.png"], "image")) == ["nothing found above the threshold"]
    i18n.set_language("fr")
    assert list(lines_of([[box]], ["a.png"], "image"))[1].startswith("cat (chat)  0.5000")
    assert list(lines_of([{"label": "cat", "score": 1.0}], ["a cat"]))[1].startswith("cat ")  # a label of a text


def test_french_heads():
    i18n.set_language("fr")
    assert next(iter(lines_of([{"label": "A", "score": 1.0}], ["x"]))) == "étiquette  score"


@pytest.mark.parametrize(("text", "columns"), [("né", 2), ("ne\u0301", 2), ("猫", 2), ("🐈", 2), ("", 0)])
def test_columns_of_a_terminal(text, columns):
    assert wide(text) == columns


def test_what_a_terminal_would_obey_is_left_out():
    assert printable("a\x07\x1b[31mb\x00\nc\u202ed") == "a[31mb cd"
