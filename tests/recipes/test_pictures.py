"""The pictures that the embedded models are trained on: the table of classes, the parts, the arrays. No network."""

import io
import struct
import zlib

import numpy as np
import polib
import pytest
from PIL import Image, ImageDraw

from hfquick import i18n
from recipes import picture_names, pictures, scenes


def test_table_of_classes():
    table = pictures.classes()
    assert len(table) == 58
    assert pictures.labels()[:3] == ["person", "cat", "dog"]
    for label, names in table.items():
        assert label == label.lower().strip()
        assert names.emoji, label
        for kind in names:
            assert len(set(kind)) == len(kind), label


def test_no_picture_is_in_two_classes():
    for kind in pictures.Names._fields:
        names = [name for row in pictures.classes().values() for name in getattr(row, kind)]
        assert len(names) == len(set(names)), kind


def test_a_family_of_designers_is_in_one_part():
    parts = {}
    for row in pictures.SETS.values():
        parts.setdefault(row.family, set()).add(row.part)
    assert all(len(found) == 1 for found in parts.values()), parts
    assert {part for found in parts.values() for part in found} == {"train", "dev", "test"}


def test_stamps_that_are_nearly_the_same_are_in_one_part():
    for one, other in [("rabbit", "rabbit-2"), ("flower1", "flower10"), ("sedan_police", "Sedan_police")]:
        assert pictures.stamp_part(f"animals/{one}") == pictures.stamp_part(f"elsewhere/{other}")
    stamps = [name for row in pictures.classes().values() for name in row.stamps]
    assert 0.3 < np.mean([pictures.stamp_part(name) == "test" for name in stamps]) < 0.7


@pytest.mark.parametrize(
    ("label", "name", "found"),
    [
        ("cat", "cat", True),
        ("cat", "cat-2", True),
        ("cat", "cat-dark", False),
        ("cat", "hacker-cat", False),
        ("person", "woman-dark-skin-tone", True),
        ("person", "woman-medium", True),
        ("person", "woman-artist", False),
    ],
)
def test_names_of_icons(label, name, found):
    assert pictures.wanted(label, name, pictures.classes()[label].emoji) is found


def test_a_cutout_is_cut_to_its_alpha():
    image = Image.new("RGBA", (90, 60))
    ImageDraw.Draw(image).rectangle((10, 20, 49, 39), fill=(255, 0, 0, 255))  # 40 wide, 20 high
    array = pictures.squared(image, 40)
    assert array.shape == (40, 40, 4)
    rows, columns = np.nonzero(array[..., 3] > 127)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (10, 30, 0, 40)
    assert (array[10:30, :, :3] == (255, 0, 0)).all()


def test_a_resource_file_of_qt_is_read():
    contents = {"a.txt": (b"plain", 0), "b.txt": (b"\0\0\0\5" + zlib.compress(b"small"), 1)}
    files, names, records = b"", b"", [struct.pack(">IHIIq", 0, 2, len(contents), 1, 0)]
    for name, (data, flags) in contents.items():
        records.append(struct.pack(">IHIIq", len(names), flags, 0, len(files), 0))
        names += struct.pack(">HI", len(name), 0) + name.encode("utf-16-be")
        files += struct.pack(">I", len(data)) + data
    out = io.BytesIO()
    tree = b"".join(records)
    out.write(struct.pack(">4s4i", b"qres", 2, 20, 20 + len(tree), 20 + len(tree) + len(files)) + tree + files + names)
    assert pictures.resources(out.getvalue()) == {"/a.txt": b"plain", "/b.txt": b"small"}


def test_every_class_has_a_french_name():
    entries = polib.pofile(str(picture_names.FOLDER / "fr.po"))
    known = {entry.msgid: entry.msgstr for entry in entries}
    assert list(known) == [*pictures.labels(), *scenes.STUFF]
    assert all(known.values())
    assert len(set(known.values())) == len(known)


def test_classes_are_named_in_the_language_of_the_reader():
    try:
        i18n.set_language("fr")
        assert [i18n.class_name(label) for label in ("cat", "traffic light", "tabby, tabby cat")] == [
            "chat",
            "feu de circulation",
            "tabby, tabby cat",
        ]
        i18n.set_language("en")
        assert i18n.class_name("cat") == "cat"
    finally:
        i18n.set_language(None)
