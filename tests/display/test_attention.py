"""Heat maps of attention: where they lie on the picture, what they say in words, and that lighter means more."""

import copy
import pickle

import numpy as np
import pytest
from PIL import Image

from hfquick.display import AttentionMap, AttentionMaps
from hfquick.display.attention import heat_colours
from hfquick.i18n import set_language

from .test_pictures import CAT, PHOTO, image, images, near, photo, read, texts

WEIGHTS = np.array([[0.02, 0.1, 0.02], [0.02, 0.5, 0.04]])
ONE = AttentionMap(WEIGHTS, PHOTO, layer=3, heads=4)
FOUND = AttentionMap(WEIGHTS, PHOTO, layer=0, heads=4, head=2, found=CAT)
ROLLOUT = AttentionMap(WEIGHTS, PHOTO, layer=None, heads=4)


def test_facts_in_words():
    facts = "most on row 1, column 1 of 2 x 3, 50.0%; half of it on 1 of 6"
    assert repr(ONE) == f"[CLS], layer 3, mean of 4 heads: {facts}"
    assert repr(FOUND) == f"the query that found cat 1.00, layer 0, head 2: {facts}"
    assert repr(ROLLOUT) == f"[CLS], attention rollout: {facts}"
    assert repr(AttentionMaps([ONE, FOUND])) == f"{ONE!r}\n{FOUND!r}"
    assert repr(AttentionMaps([])) == "nothing found above the threshold"


@pytest.mark.parametrize(
    ("weights", "half"), [([[0.25] * 4], 2), ([[1, 0, 0]], 1), ([[0.4, 0.3, 0.3]], 2), (np.full((14, 14), 1 / 999), 98)]
)
def test_half_of_the_attention(weights, half):
    assert AttentionMap(weights, layer=0, heads=1).half() == half


def test_facts_beside_the_picture():
    reader = read(ONE)
    assert reader.cells[:3] == [["row", "column", "attention"], ["1", "1", "50.0%"], ["0", "1", "10.0%"]]
    assert len(reader.cells) == 6
    assert reader.text.startswith(repr(ONE))
    assert "70.0% of the attention is on the picture" in reader.text
    assert image(ONE).alt == f"attention over a picture. {ONE!r}"
    assert texts(image(ONE).svg) == ["50.0%"]
    assert texts(image(FOUND).svg) == ["50.0%", "cat 1.00"]


def test_the_words_are_in_the_readers_language_and_the_repr_is_not():
    try:
        set_language("fr")
        assert image(FOUND).alt.startswith(
            "attention sur une image. la requête qui a trouvé cat 1.00, couche 0, tête 2"
        )
        assert texts(image(FOUND).svg) == ["50.0%", "cat 1.00"]
        assert repr(FOUND).startswith("the query that found cat")
    finally:
        set_language(None)


def test_more_attention_is_lighter_with_and_without_colours():
    colours = heat_colours(np.linspace(0, 1, 101))
    for light in (colours.mean(-1), colours @ (0.2126, 0.7152, 0.0722)):
        assert (np.diff(light) > 0).all()


def test_the_heat_lies_on_its_place():
    black = np.zeros((200, 300, 3), np.uint8)
    pixels = np.asarray(image(AttentionMap(WEIGHTS, black, layer=0, heads=1)).pixels.convert("L")).astype(int)
    places = pixels.reshape(2, 100, 3, 100).mean((1, 3))
    assert (places.argsort(None)[-2:] == [1, 4]).all()  # of row 0, column 1, and of row 1, column 1
    assert places[1, 1] > 100 > places[0, 1] > places[0, 0]
    assert pixels[110:190, 110:190].std() < 3  # places have edges: the model knows no finer ones


def test_the_picture_is_seen_through_the_map():
    even = AttentionMap(np.full((2, 2), 0.25), photo(), layer=0, heads=1)
    grey = np.asarray(photo().convert("L")).astype(float)[..., None].repeat(3, -1)
    expected = 0.45 * grey + 0.55 * np.array((252, 255, 164))
    assert near(image(even).pixels, Image.fromarray(expected.astype(np.uint8)))


@pytest.mark.parametrize(
    ("area", "seen"),
    [((0.25, 0, 0.75, 1), (slice(None), slice(100, 300))), ((0, 0, 2, 2), (slice(None), slice(None)))],
    ids=["cropped", "padded"],
)
def test_a_map_covers_the_part_that_the_model_was_given(area, seen):
    shown = AttentionMap([[1.0, 0.0], [0.0, 0.0]], np.zeros((200, 400, 3), np.uint8), layer=0, heads=1, area=area)
    bright = np.asarray(image(shown).pixels.convert("L")) > 60
    inside = np.zeros_like(bright)
    inside[seen] = True
    assert not bright[~inside].any()
    width = (area[2] - area[0]) * 400 / 2
    assert bright.sum() == pytest.approx(width * (area[3] - area[1]) * 200 / 2, rel=0.02)
    frame = next(
        one for one in image(shown).svg.iter() if one.get("stroke") == "#fff" and one.get("stroke-width") == "3"
    )
    assert float(frame.get("x")) == pytest.approx(max(1, area[0] * 400))
    assert float(frame.get("width")) == pytest.approx(width, abs=2.1)


def test_a_place_in_the_padding_is_framed_at_the_edge():
    shown = AttentionMap([[0.0, 1.0]], PHOTO, layer=0, heads=1, area=(0, 0, 2, 1))
    assert texts(image(shown).svg) == ["100.0%"]


def test_without_a_picture_the_facts_are_drawn_alone():
    gone = AttentionMap(WEIGHTS, "nowhere.png", layer=0, heads=1)
    assert images(gone) == []
    assert read(gone).cells == read(ONE).cells


def test_several_maps_are_drawn_one_below_the_other():
    maps = AttentionMaps([FOUND] * 15)
    assert len(images(maps)) == 12
    assert read(maps).text.endswith("… + 3")
    assert read(AttentionMaps([])).text == "nothing found above the threshold"


def test_maps_are_drawn_the_same_again():
    for made in (ONE, AttentionMaps([FOUND])):
        for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
            assert repr(again) == repr(made)
            assert again._repr_html_() == made._repr_html_()


def test_labels_are_data():
    evil = AttentionMap(WEIGHTS, PHOTO, layer=0, heads=1, found={**CAT, "label": "<script>alert(1)</script>"})
    assert "<script" not in evil._repr_html_()
    assert "<script>alert(1)</script>" in texts(image(evil).svg)[1]
