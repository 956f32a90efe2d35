"""pictures-tiny, the labelled set of pictures: what is in its files, and that nothing of a test is in the training."""

import io

import pytest
from PIL import Image

from hfquick.zoo import folder
from recipes import common, picture_sample, pictures

pq = pytest.importorskip("pyarrow.parquet")
HERE = folder("pictures-tiny", "dataset")


def split(name):
    return pq.read_table(HERE / "data" / f"{name}-00000-of-00001.parquet").to_pylist()


@pytest.mark.parametrize("name", picture_sample.SPLITS)
def test_pictures_and_labels(name):
    rows = split(name)
    counts = [sum(row["label"] == number for row in rows) for number in range(5)]
    assert len(set(counts)) == 1
    assert sum(counts) == len(rows) >= 50
    for row in rows:
        image = Image.open(io.BytesIO(row["image"]["bytes"]))
        assert (image.size, image.mode, image.format) == ((picture_sample.SIDE,) * 2, "RGB", "PNG")


def test_no_picture_is_there_twice():
    known = [row["image"]["bytes"] for name in picture_sample.SPLITS for row in split(name)]
    assert len(set(known)) == len(known)


def test_classes_are_none_of_the_models():
    names = set(pictures.classes(picture_sample.FILE))
    assert len(names) == 5
    assert not names & set(pictures.labels())
    emoji = {name for row in pictures.classes().values() for name in row.emoji}
    assert not emoji & {name for row in pictures.classes(picture_sample.FILE).values() for name in row.emoji}


def test_the_card_names_every_designer_and_fits_its_template():
    card = (HERE / "README.md").read_text(encoding="utf-8")
    for row in pictures.SETS.values():
        used = row.part in {part for part, _ in picture_sample.SPLITS.values()} and row.licence in pictures.FREE
        assert (f"{row.credit} ({row.licence})" in card) == used
    assert "| train | 150 | 30 |" in card
    template = (common.HERE / "cards" / "pictures-tiny.md").read_text(encoding="utf-8")
    assert template.partition("## Limits")[2] == card.partition("## Limits")[2]


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) < 1_000_000


@pytest.mark.parametrize("name", picture_sample.SAMPLES)
def test_pictures_to_try_are_small_and_of_free_designs_that_nobody_was_trained_on(name):
    path = common.ZOO / "pictures" / f"{name}.png"
    with Image.open(path) as image:
        assert image.size == (picture_sample.WIDTH, picture_sample.HEIGHT)
    assert path.stat().st_size < 60_000
    line = next(
        line
        for line in (path.parent / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"- `{name}.png`")
    )
    for thing in picture_sample.SAMPLES[name][2]:
        row = pictures.SETS[thing.source]
        assert row.part == "test"
        assert row.licence in pictures.FREE
        assert f"{row.credit} ({row.licence})" in line
