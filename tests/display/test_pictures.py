"""Pictures of what is found in pictures: safe, the same every time, and readable without colours."""

import base64
import copy
import io
import json
import pickle
import re
from types import SimpleNamespace
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import polib
import pytest
from PIL import Image

from hfquick import i18n
from hfquick.display import Box, Boxes, LabelScore, PictureAnswers, PictureScores, Results, Segment, Segments, to_draw
from hfquick.display.palette import COLOURS, DASHES, colour, dash
from hfquick.display.picture import (
    MOST_PICTURES,
    PLATE,
    Small,
    covered,
    in_svg,
    labels,
    named,
    small,
    width_of,
)

from .test_display import Reader

SVG = "{http://www.w3.org/2000/svg}"


def photo(width=64, height=48, seed=0):
    """A picture of many colours, so that it is kept as a JPEG."""
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)


def box(label, score, *corners):
    return Box(score=score, label=label, box=dict(zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)))


def segment(label, score, mask):
    return Segment(score=score, label=label, mask=Image.fromarray(np.array(mask, np.uint8) * 255))


def half(width=64, height=48, left=True):
    mask = np.zeros((height, width), bool)
    mask[:, : width // 2] = True
    return mask if left else ~mask


PHOTO = photo(1024, 768)
CAT, REMOTE = box("cat", 0.99812345, 100, 200, 500, 700), box("remote", 0.75, 900, 10, 1000, 60)
BOXES = Boxes([CAT, REMOTE], PHOTO)
SEGMENTS = Segments([segment("cat", 0.9, half()), segment("wall", 0.8, half(left=False))], photo())
SCORES = [LabelScore(label="cat", score=0.75), LabelScore(label="dog", score=0.25)]
OTHERS = [LabelScore(label="dog", score=0.5), LabelScore(label="cat", score=0.25)]
ONE = PictureScores(SCORES, [PHOTO])
MANY = PictureScores([PictureScores(SCORES, [PHOTO]), PictureScores(OTHERS, [photo()])], [PHOTO, photo()])
ANSWERS = PictureAnswers([{"score": 0.9, "answer": "two"}, {"score": 0.1, "answer": "one"}], PHOTO, "How many cats?")
ALL = [BOXES, SEGMENTS, ONE, MANY, ANSWERS, Boxes([], PHOTO), Results([BOXES, Boxes([CAT], photo())])]


def images(result):
    """The images of a drawing -> their alternative text, SVG and pixels."""
    found = []
    for alt, source in re.findall(r'<img alt="([^"]*)" style="[^"]*" src="([^"]*)">', result._repr_html_()):
        kind, _, data = source.partition(",")
        assert kind == "data:image/svg+xml"
        svg = ElementTree.fromstring(unquote(data))
        [embedded] = svg.findall(f"{SVG}image")
        kind, _, data = embedded.get("href").partition(",")
        assert kind in ("data:image/jpeg;base64", "data:image/png;base64")
        found.append(SimpleNamespace(alt=alt, svg=svg, pixels=Image.open(io.BytesIO(base64.b64decode(data)))))
    assert len(found) == result._repr_html_().count("<img")
    return found


def image(result):
    [found] = images(result)
    return found


def texts(svg):
    return [element.text for element in svg.findall(f"{SVG}text")]


def read(result):
    """What stands beside the images."""
    return Reader(re.sub(r"<img[^>]*>", "", result._repr_html_()))


def near(one, other, most=12.0):
    """Whether two pictures are the same but for what JPEG does to them."""
    pixels = [np.asarray(picture.convert("RGB")).astype(float) for picture in (one, other)]
    return np.abs(pixels[0] - pixels[1]).mean() < most


# Data.


@pytest.mark.parametrize("result", ALL, ids=lambda result: type(result).__name__)
def test_results_are_plain_data_and_drawn_the_same_again(result):
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert type(again) is type(result)
        assert again == result
        assert repr(again) == repr(result)
        assert again._repr_html_() == result._repr_html_()
    if result is not SEGMENTS:  # masks are no JSON
        assert json.loads(json.dumps(result)) == result


def test_repr_has_four_digits_and_the_data_all():
    assert repr(CAT) == "{'score': 0.9981, 'label': 'cat', 'box': {'xmin': 100, 'ymin': 200, 'xmax': 500, 'ymax': 700}}"
    assert BOXES[0]["score"] == 0.99812345
    assert repr(Boxes([], PHOTO)) == "[]"
    assert repr(ANSWERS) == "[{'score': 0.9, 'answer': 'two'}, {'score': 0.1, 'answer': 'one'}]"


def test_repr_of_a_mask_has_no_address_in_memory():
    mask = "<PIL.Image.Image mode=L size=64x48>"
    assert repr(SEGMENTS[0]) == f"{{'score': 0.9, 'label': 'cat', 'mask': {mask}}}"
    assert repr(Segments([segment("sky", None, half())])) == f"[{{'score': None, 'label': 'sky', 'mask': {mask}}}]"


# Pictures.


def test_a_picture_is_reduced_and_keeps_its_shape():
    kept = small(PHOTO)
    assert (kept.image.size, kept.size, kept.shown, kept.scale) == ((512, 384), (1024, 768), (512, 384), (0.5, 0.5))
    assert small(photo(28, 28)).shown == (224, 224)  # enlarged to be seen
    assert small(np.zeros((1, 9000, 3), np.uint8)).image.size == (512, 1)
    assert len(BOXES._repr_html_()) < 100_000
    assert near(image(BOXES).pixels, PHOTO.resize((512, 384)))


@pytest.mark.parametrize("source", [None, "nowhere.png", b"no picture", 3, "http://127.0.0.1:9/cat.png"])
def test_without_its_picture_the_facts_are_drawn_alone(source):
    for result in (
        Boxes([CAT], source), Segments(SEGMENTS[:1], source), PictureScores(SCORES, [source]),
        PictureAnswers(ANSWERS, source, "?"), Boxes([], source),
    ):  # fmt: skip
        assert images(result) == []
        assert read(result).text


def test_what_a_result_keeps_of_its_picture(tmp_path):
    for source in ("cat.png", tmp_path / "cat.png", PHOTO, b"bytes", np.zeros((4, 4)), {"bytes": b"bytes"}):
        assert to_draw(source, PHOTO) is source
    for source in ("https://example.com/cat.png", io.BytesIO(), {"bytes": None, "path": "https://example.com/cat.png"}):
        kept = to_draw(source, PHOTO)
        assert isinstance(kept, Small)
        assert kept.image.size == (512, 384)
        assert Boxes([CAT], kept)._repr_html_() == Boxes([CAT], PHOTO)._repr_html_()
        assert image(PictureScores(SCORES, [kept])).pixels.size == (256, 192)


def test_drawing_asks_no_server(monkeypatch):
    from hfquick.image_processing import pictures

    monkeypatch.setattr(pictures, "download", lambda *given, **options: pytest.fail("it asked"))
    assert images(Boxes([CAT], "https://example.com/cat.png")) == []


def test_a_drawing_of_few_colours_is_kept_exactly():
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[10:20] = 255, 0, 0
    kept = image(Boxes([], Image.fromarray(pixels))).pixels
    assert kept.format == "PNG"
    np.testing.assert_array_equal(np.asarray(kept.convert("RGB")), pixels)
    assert image(BOXES).pixels.format == "JPEG"


def test_pictures_are_as_wide_as_their_place_and_the_facts_are_below_on_a_narrow_page():
    html = BOXES._repr_html_()
    assert "flex-wrap:wrap" in html
    assert 'style="width:100%;max-width:512px;height:auto;margin:0"' in html


def test_nothing_comes_from_elsewhere_and_no_text_has_a_fixed_colour():
    for result in ALL:
        html = re.sub(r'src="data:[^"]*"', "", result._repr_html_())
        assert not re.search(r"https?:|url\(|src=|<style|<script|class=", html)
        assert not re.search(r"(?<![-\w])color:", html)


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "\"'><image href=x onerror=alert(1)>", "</text></svg>"])
def test_labels_and_answers_are_data(value):
    results = (
        Boxes([box(value, 0.5, 1, 1, 30, 30)], PHOTO), Segments([segment(value, 0.5, half())], PHOTO),
        PictureScores([LabelScore(label=value, score=0.5)], [PHOTO]),
        PictureAnswers([{"score": 0.5, "answer": value}], PHOTO, value),
    )  # fmt: skip
    for result in results:
        reader = read(result)
        assert value in reader.text
        assert {tag for tag, _ in reader.tags} <= {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "strong"}
        shown = image(result)
        assert {element.tag for element in shown.svg.iter()} <= {
            f"{SVG}{name}" for name in ("svg", "image", "rect", "text")
        }
        assert "<" not in shown.alt


@pytest.mark.parametrize("label", ["\u202eevil", "a\x00b\x1b[31m", "half \ud83d", "\uffff\ufffe", "two\nlines", "]]>"])
def test_a_label_of_any_letters_is_an_svg_of_one_line(label):
    [text] = texts(image(Boxes([box(label, 0.5, 9, 9, 300, 300)], PHOTO)).svg)
    assert text.startswith("1 ")
    assert text.endswith(" 0.50")
    assert text.isprintable()
    assert in_svg("👩\u200d🚀") == "👩\u200d🚀"


# Boxes.


def test_boxes_are_over_the_picture_in_its_place():
    shown = image(BOXES)
    assert texts(shown.svg) == ["1 cat 1.00", "2 remote 0.75"]
    rectangles = [element for element in shown.svg.findall(f"{SVG}rect") if element.get("fill") == "none"]
    places = {tuple(float(element.get(name)) for name in ("x", "y", "width", "height")) for element in rectangles}
    assert places == {(50.0, 100.0, 200.0, 250.0), (450.0, 5.0, 50.0, 25.0)}
    assert shown.alt == "objects found: 1 cat 1.00, 2 remote 0.75"


def test_the_table_says_what_the_boxes_show():
    assert read(BOXES).cells == [
        ["", "label", "score", "xmin, ymin, xmax, ymax"],
        ["1", "cat", "0.9981", "100, 200, 500, 700"],
        ["2", "remote", "0.7500", "900, 10, 1000, 60"],
    ]
    many = read(Boxes([CAT] * 60, PHOTO)).cells
    assert (len(many), many[-1]) == (52, ["… + 10"])


def test_labels_have_colours_and_dashes_of_their_own():
    looks = [(colour(kind), dash(kind)) for kind in range(len(COLOURS) * len(DASHES))]
    assert len(set(looks)) == len(looks)
    lines = [
        element.get("stroke-dasharray") for element in image(Boxes([CAT, REMOTE, CAT], PHOTO)).svg.findall(f"{SVG}rect")
        if element.get("fill") == "none" and element.get("stroke") != "#000"
    ]  # fmt: skip
    assert lines == [None, "9 4", None]  # the same label, the same line


def test_nothing_found_is_said():
    nothing = Boxes([], PHOTO)
    assert read(nothing).text == "nothing found above the threshold" == image(nothing).alt
    assert texts(image(nothing).svg) == []
    assert read(Segments([], PHOTO)).text == "nothing found above the threshold"


@pytest.mark.parametrize(
    "corners", [(0, 0, 1024, 768), (1020, 760, 1024, 768), (0, 0, 3, 3), (-50, -9, 2000, 900), (512, 9, 512, 9)]
)
def test_labels_at_the_edges_and_of_tiny_boxes_are_within_the_picture(corners):
    for picture in (PHOTO, photo(20, 500), np.zeros((1, 900, 3), np.uint8)):
        svg = image(Boxes([box("a remote control", 0.5, *corners)], picture)).svg
        [text] = svg.findall(f"{SVG}text")
        left, below = float(text.get("x")), float(text.get("y"))
        assert left >= 0
        assert left + width_of(text.text) <= float(svg.get("width"))
        assert PLATE - 6 <= below <= float(svg.get("height"))


def test_labels_do_not_cover_each_other_while_there_is_room():
    kept = small(PHOTO)
    things = [((200.0, 200.0, 220.0, 220.0), f"{number} cat 0.90", str(number), "#000") for number in range(9)]
    svg = ElementTree.fromstring(f"<svg>{labels(kept, things)}</svg>")
    plates = []
    for plate in svg.findall("rect"):
        x, y, width, height = (float(plate.get(name)) for name in ("x", "y", "width", "height"))
        plates.append((x, y, x + width, y + height))
        assert len(plates) > 4 or not covered(plates[-1], plates[:-1])
    names = [text.text for text in svg.findall("text")]
    assert names[0] == "0 cat 0.90"
    assert any(len(name) == 1 for name in names)  # where a name would cover others, a number does with less


# Segments.


def test_segments_colour_the_picture_and_have_numbers():
    shown = image(SEGMENTS)
    assert texts(shown.svg) == ["1", "2"]
    places = [float(text.get("x")) for text in shown.svg.findall(f"{SVG}text")]
    assert places[0] < 192 < places[1]  # of 384
    expected = np.asarray(photo()).astype(float)
    expected[:, :32] = (expected[:, :32] + (0x56, 0xB4, 0xE9)) / 2
    expected[:, 32:] = (expected[:, 32:] + (0xE6, 0x9F, 0x00)) / 2
    assert near(shown.pixels, Image.fromarray(expected.astype(np.uint8)))
    assert not near(shown.pixels, photo())
    assert np.asarray(shown.pixels)[:, 31:33].mean() > 240  # the line between them
    assert shown.alt == "segments found: 1 cat 50.0%, 2 wall 50.0%"


def test_the_legend_says_what_the_segments_are():
    assert read(SEGMENTS).cells == [
        ["", "label", "score", "area"],
        ["1", "cat", "0.9000", "", "50.0%"],
        ["2", "wall", "0.8000", "", "50.0%"],
    ]
    semantic = Segments([segment("sky", None, half())], PHOTO)
    assert read(semantic).cells == [["", "label", "area"], ["1", "sky", "50.0%"]]


def test_the_number_of_a_ring_stands_on_the_ring():
    y, x = np.mgrid[:96, :96] - 48
    ring = (x**2 + y**2 < 40**2) & (x**2 + y**2 > 24**2)
    [text] = image(Segments([segment("ring", 1.0, ring)], photo(96, 96))).svg.findall(f"{SVG}text")
    left, below = float(text.get("x")) + 4, float(text.get("y")) - 5
    assert ring[round(below * 96 / 384), round(left * 96 / 384)]


def test_a_segment_of_one_pixel_is_not_lost_in_a_reduced_picture():
    mask = np.zeros((768, 1024), bool)
    mask[401, 301] = True
    assert texts(image(Segments([segment("dot", 1.0, mask)], PHOTO)).svg) == ["1"]
    empty = Segments([segment("nothing", 1.0, mask & False)], PHOTO)
    assert texts(image(empty).svg) == []
    assert read(empty).cells[1] == ["1", "nothing", "1.0000", "", "0.0%"]


# Labels and answers.


def test_a_picture_beside_its_labels():
    assert read(ONE).cells == [["label", "score"], ["cat", "0.7500", ""], ["dog", "0.2500", ""]]
    assert image(ONE).alt == "a picture, classified as cat"
    assert image(ONE).pixels.size == (256, 192)
    logits = PictureScores([LabelScore(label="cat", score=3.5)], [PHOTO])
    assert read(logits).cells == [["label", "score"], ["cat", "3.5000"]]


def test_each_of_several_pictures_beside_its_labels():
    assert [shown.alt[-3:] for shown in images(MANY)] == ["cat", "dog"]
    assert [shown.pixels.size for shown in images(MANY)] == [(256, 192), (64, 48)]
    many = PictureScores([SCORES] * 20, [photo()] * 20)
    assert len(images(many)) == MOST_PICTURES
    assert read(many).text.endswith("… + 8")


def test_an_answer_beside_picture_and_question():
    reader = read(ANSWERS)
    assert reader.text.startswith("How many cats?")
    assert reader.cells == [["answer", "score"], ["two", "0.9000", ""], ["one", "0.1000", ""]]
    assert image(ANSWERS).alt == "a picture; question: How many cats? answer: two"


def test_a_long_list_of_pictures_does_not_fill_a_notebook():
    html = Results([BOXES] * 40)._repr_html_()
    assert html.count("<img") == MOST_PICTURES
    assert html.endswith("… + 28</div>")
    assert len(html) < 1_500_000


@pytest.mark.parametrize(
    "result",
    [
        Boxes([3], PHOTO), Boxes([{**CAT, "box": [1, 2, 3, 4]}], PHOTO), Boxes([{**CAT, "score": "high"}], PHOTO),
        Boxes([box("cat", 0.5, 1, 2, 3, float("nan"))], PHOTO), Segments([{**SEGMENTS[0], "mask": 3}], PHOTO),
        Segments([{"label": "cat", "mask": SEGMENTS[0]["mask"]}], PHOTO), Segments([3]), PictureScores([3], [PHOTO]),
        PictureAnswers([], PHOTO, "?"), PictureAnswers([{"score": 1.0}], PHOTO, "?"),
    ],
)  # fmt: skip
def test_a_list_that_holds_something_else_is_left_to_its_repr(result):
    assert result._repr_html_() is None


# Names of classes in the reader's language.


@pytest.fixture
def french(tmp_path, monkeypatch):
    """French, with a catalogue of classes that has a cat."""
    (tmp_path / "classes").mkdir()
    for name, text, translated in (("fr", "label", "étiquette"), ("classes/fr", "cat", "chat")):
        catalogue = polib.POFile()
        catalogue.append(polib.POEntry(msgid=text, msgstr=translated))
        catalogue.append(polib.POEntry(msgid="radio", msgstr="radio"))
        catalogue.save(str(tmp_path / f"{name}.po"))
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    i18n._catalogue.cache_clear()
    i18n.set_language("fr")
    yield
    i18n.set_language(None)
    i18n._catalogue.cache_clear()


def test_labels_have_their_name_in_the_readers_language_beside_them(french):
    assert named("cat") == "cat (chat)"
    assert [named(name) for name in ("dog", "radio", "label")] == ["dog", "radio", "label"]
    assert read(BOXES).cells[1][:2] == ["1", "cat (chat)"]
    assert texts(image(BOXES).svg)[0] == "1 cat 1.00"  # short, as there is little room; the table beside it says both
    assert read(SEGMENTS).cells[1][1] == "cat (chat)"
    assert read(ONE).cells[:3:2] == [["étiquette", "score"], ["dog", "0.2500", ""]]
    assert read(ONE).cells[1][0] == "cat (chat)"
    assert BOXES[0]["label"] == ONE[0]["label"] == "cat"
    assert repr(BOXES).count("chat") == 0


def test_labels_of_texts_are_not_looked_up(french):
    from hfquick.display import Scores

    assert read(Scores(SCORES, ["a cat"])).cells[1] == ["a cat", "cat", "0.7500", ""]


def test_without_a_catalogue_labels_stay_as_they_are():
    assert named("cat") == "cat"
