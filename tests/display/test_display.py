"""Results stay plain data; what is drawn of them is safe, the same every time, and can be read without colours."""

import copy
import json
import pickle
import re
from html.parser import HTMLParser

import pytest

from hfquick.display import LabelScore, Scores, markup
from hfquick.i18n import set_language

GOOD, BAD = LabelScore(label="POSITIVE", score=0.99981234), LabelScore(label="NEGATIVE", score=0.00018766)
ONE = Scores([GOOD], ["We are very happy."])
ALL = Scores([GOOD, BAD], ["We are very happy."])
MANY = Scores([GOOD, BAD], ["We are very happy.", "We are not."])
MANY_ALL = Scores(
    [Scores([GOOD, BAD], ["We are very happy."]), Scores([BAD, GOOD], ["No."])], ["We are very happy.", "No."]
)


class Reader(HTMLParser):
    """A table as rows of (tag, text, attributes), its visible text, and a check that every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows, self.tags, self.open, self.text = [], [], [], ""
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append([tag, "", dict(attrs)])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1][1] += data

    @property
    def cells(self) -> list[list[str]]:
        return [[text for _, text, _ in row] for row in self.rows]


def read(result) -> Reader:
    return Reader(result._repr_html_())


def test_repr_has_four_digits_and_the_data_all():
    assert repr(ONE) == "[{'label': 'POSITIVE', 'score': 0.9998}]"
    assert repr(GOOD) == "{'label': 'POSITIVE', 'score': 0.9998}"
    assert repr(MANY_ALL).startswith("[[{'label': 'POSITIVE', 'score': 0.9998}, {'label'")
    assert ONE[0]["score"] == 0.99981234


@pytest.mark.parametrize("result", [GOOD, ONE, ALL, MANY, MANY_ALL], ids=["dict", "one", "all", "many", "many-all"])
def test_results_are_plain_data(result):
    plain = json.loads(json.dumps(result))
    assert plain == result
    assert result == plain
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert again == result
        assert type(again) is type(result)
        assert again._repr_html_() == result._repr_html_()


def test_one_text_and_its_label():
    assert read(ONE).cells == [["text", "label", "score"], ["We are very happy.", "POSITIVE", "0.9998", ""]]


def test_one_text_with_all_labels_shows_the_text_once():
    table = read(ALL)
    assert table.cells[1:] == [["We are very happy.", "POSITIVE", "0.9998", ""], ["NEGATIVE", "0.0002", ""]]
    assert table.rows[1][0][2]["rowspan"] == "2"


def test_a_row_for_every_text():
    assert read(MANY).cells[1:] == [
        ["We are very happy.", "POSITIVE", "0.9998", ""],
        ["We are not.", "NEGATIVE", "0.0002", ""],
    ]
    assert [row[0] for row in read(MANY_ALL).cells[1:]] == ["We are very happy.", "NEGATIVE", "No.", "POSITIVE"]


def test_a_list_of_one_text_with_all_labels():
    assert read(Scores([Scores([GOOD, BAD], ["Yes."])], ["Yes."])).cells[1:] == [
        ["Yes.", "POSITIVE", "0.9998", ""],
        ["NEGATIVE", "0.0002", ""],
    ]


def test_without_texts_the_labels_are_enough():
    assert read(GOOD).cells == [["label", "score"], ["POSITIVE", "0.9998", ""]]
    changed = Scores(MANY, MANY.inputs)
    del changed[0]
    changed += [BAD, BAD]  # no longer as many as texts
    assert read(changed).cells[0] == ["label", "score"]


def test_pairs_are_two_lines():
    for pair in ({"text": "A cat.", "text_pair": "An animal."}, ("A cat.", "An animal.")):
        assert read(Scores([GOOD], [pair])).cells[1][0] == "A cat.\nAn animal."
    assert read(Scores([GOOD], [{"text": "A cat."}])).cells[1][0] == "A cat."


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "&lt;b&gt;", "</td>"]
)
def test_texts_and_labels_are_data(value):
    table = read(Scores([LabelScore(label=value, score=0.5)], [value]))
    assert table.cells[1][:2] == [value, value]
    assert {tag for tag, _ in table.tags} == {"table", "thead", "tbody", "tr", "th", "td", "div"}
    assert not [name for _, attributes in table.tags for name in attributes if name.startswith("on")]


def test_characters_that_are_not_text_are_shown_not_obeyed():
    assert read(Scores([GOOD], ["a\x00b\x07\x1b[31m\x7f\x9b"])).cells[1][0] == "a␀b␇␛[31m␡\ufffd"
    assert read(Scores([GOOD], ["half \ud83d"])).cells[1][0] == "half ?"  # would not fit into a notebook file
    assert read(Scores([GOOD], ["two\nlines\tand a tab"])).cells[1][0] == "two\nlines\tand a tab"


def test_text_in_the_other_direction_stays_in_its_cell():
    assert read(Scores([GOOD], ["\u202eevil"])).rows[1][0][2]["dir"] == "auto"


def test_prices_are_no_formulas():
    html = Scores([GOOD], [r"from $5 to $10, \(x\)"])._repr_html_()
    assert re.findall(r"[^>]\$|[^>]\\", html) == []  # MathJax looks for pairs within one piece of text
    assert Reader(html).cells[1][0] == r"from $5 to $10, \(x\)"


def test_long_texts_and_long_lists_are_cut_in_the_drawing_only():
    table = read(Scores([GOOD], ["x" * 9000]))
    assert table.cells[1][0] == "x" * (markup.MOST_CHARACTERS - 1) + "…"
    many = Scores([GOOD] * 1234, [str(number) for number in range(1234)])
    cells = read(many).cells
    assert len(cells) == 52
    assert cells[-1] == ["… + 1184"]
    assert len(many) == 1234


def test_bars_show_shares_and_no_other_numbers():
    assert re.findall(r"width:([\d.]+)%", ALL._repr_html_()) == ["100.0", "0.0"]
    logits = Scores([LabelScore(label="A", score=3.2), LabelScore(label="B", score=-1.0)], ["?"])
    assert "background" not in logits._repr_html_()
    assert read(logits).cells == [["text", "label", "score"], ["?", "A", "3.2000"], ["B", "-1.0000"]]
    assert read(LabelScore(label="A", score=float("nan"))).cells[1] == ["A", "nan"]


def test_headers_belong_to_their_cells_and_bars_are_not_read_aloud():
    table = read(MANY_ALL)
    assert [attributes["scope"] for _, _, attributes in table.rows[0]] == ["col", "col", "colgroup"]
    assert table.rows[1][0][0] == "th"
    assert table.rows[1][0][2]["scope"] == "row"
    assert sum(attributes.get("aria-hidden") == "true" for _, attributes in table.tags) == 4


def test_nothing_comes_from_elsewhere_and_no_text_has_a_fixed_colour():
    html = MANY_ALL._repr_html_()
    assert not re.search(r"https?:|url\(|src=|<style|<script|class=", html)
    assert not re.search(r"(?<![-\w])color:", html)
    assert "var(--jp-brand-color1,#" in html


def test_the_head_is_in_the_readers_language_and_the_data_are_not():
    english = Reader(MANY_ALL._repr_html_()).rows
    try:
        set_language("fr")
        french = Reader(MANY_ALL._repr_html_()).rows
    finally:
        set_language(None)
    assert [text for _, text, _ in english[0]] == ["text", "label", "score"]
    assert [text for _, text, _ in french[0]] == ["texte", "étiquette", "score"]
    assert french[1:] == english[1:]


@pytest.mark.parametrize("values", [[], ["text"], [{"label": "A"}], [{"label": "A", "score": "high"}], [[1, 2]], [[]]])
def test_a_list_that_holds_something_else_is_left_to_its_repr(values):
    assert Scores(values, ["a text"])._repr_html_() is None
