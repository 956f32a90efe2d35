"""Whatever is a picture becomes an RGB picture, upright; whatever is none becomes a sentence."""

import base64
import io
import pathlib
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from hfquick import i18n
from hfquick.image_processing import pictures
from hfquick.image_processing.pictures import open_picture, open_pictures
from hfquick.utils import notices

from .scenes import PICTURES, noise, picture

COLOURS = noise(12, 17, 3)
RGB = Image.fromarray(COLOURS)


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


PNG = encoded(RGB)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "cat.png").write_bytes(PNG)
    return tmp_path / "cat.png"


def same(given, expected=COLOURS, **options):
    found = open_picture(given, **options)
    assert type(found) is Image.Image
    assert found.mode == "RGB"
    assert np.array_equal(np.asarray(found), expected)


def sentence(given, kind=ValueError, **options):
    with pytest.raises(kind) as caught:
        open_picture(given, **options)
    assert caught.value.english
    return str(caught.value)


# Where pictures come from.


def test_paths(path, monkeypatch):
    same(path)
    same(str(path))
    monkeypatch.chdir(path.parent)
    same("cat.png")
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.setenv("USERPROFILE", str(path.parent))
    same("~/cat.png")


def test_bytes_and_files(path):
    same(PNG)
    same(bytearray(PNG))
    same(memoryview(PNG))
    with path.open("rb") as file:
        same(file)
    same(io.BytesIO(PNG))


def test_base64():
    text = base64.b64encode(PNG).decode()
    same(text)
    same("\n".join(text[i : i + 76] for i in range(0, len(text), 76)))
    same(text.rstrip("="))
    same(base64.urlsafe_b64encode(PNG).decode())
    same("data:image/png;base64," + text)
    tiny = encoded(Image.fromarray(COLOURS[:1, :1]))
    same(base64.b64encode(tiny).decode(), COLOURS[:1, :1])


def test_cells_of_datasets(path):
    same({"bytes": PNG, "path": None})
    same({"bytes": None, "path": str(path)})
    same({"bytes": PNG, "path": "elsewhere.png"})


def test_a_column_of_datasets(path):
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"image": [str(path)]})
    same(rows.cast_column("image", datasets.Image())[0]["image"])
    same(rows.cast_column("image", datasets.Image(decode=False))[0]["image"])


def test_an_rgb_picture_is_handed_on_as_it_is():
    assert open_picture(RGB) is RGB


@pytest.mark.parametrize("name", PICTURES)
def test_modes_are_converted_as_pillow_does(name):
    given = picture(name)
    wanted = (given.convert("RGBA") if given.mode == "P" else given).convert("RGB")
    same(given, np.asarray(wanted))
    if given.mode != "CMYK":
        same(encoded(given), np.asarray(Image.open(io.BytesIO(encoded(given))).convert("RGBA").convert("RGB")))


def test_cmyk_of_a_file():
    content = encoded(picture("print"), "JPEG", quality=95)
    same(content, np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_sixteen_bits_give_their_upper_eight(mode):
    deep = COLOURS[..., 0].astype(np.uint16) * 257
    given = Image.frombytes(mode, (17, 12), deep.astype(mode.replace("I;16B", ">u2").replace("I;16", "<u2")).tobytes())
    grey = np.repeat(COLOURS[..., :1], 3, -1)
    same(given, grey)
    same(encoded(given, "TIFF"), grey)
    same(Image.fromarray(deep.astype(np.int32)), grey)  # "I", as older versions of Pillow open such a PNG
    same(Image.fromarray(COLOURS[..., 0].astype(np.int32)), grey)


def test_floats_of_a_tiff():
    grey = np.repeat(COLOURS[..., :1], 3, -1)
    same(encoded(Image.fromarray(COLOURS[..., 0] / np.float32(255)), "TIFF"), grey)
    assert "from -3 to 1" in sentence(encoded(Image.fromarray(np.float32([[-3, 1]])), "TIFF"))


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_turned_as_the_camera_was_held(turn, kind):
    exif = Image.Exif()
    exif[0x0112] = turn
    content = encoded(RGB, kind, exif=exif.tobytes())
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))  # as transformers' load_image does
    same(content, np.asarray(wanted))
    loaded = Image.open(io.BytesIO(content))
    loaded.load()
    same(loaded, np.asarray(wanted))
    assert open_picture(open_picture(content)).size == wanted.size, "and turned once"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_a_damaged_orientation_does_not_count():
    content = encoded(RGB, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09garbage")
    assert open_picture(content).size == RGB.size


def test_of_an_animation_the_first_frame_is_used_and_said_once(capsys):
    notices.forget()
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "green", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    same(content, np.asarray(frames[0]))
    same(content, np.asarray(frames[0]))
    assert capsys.readouterr().out == "the picture has several frames or pages: the first is used\n"
    moved = Image.open(io.BytesIO(content))
    same(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True), np.asarray(frames[0]))
    assert open_picture(moved).size == (9, 7)


def test_small_and_long_pictures():
    same(encoded(Image.fromarray(COLOURS[:1, :1])), COLOURS[:1, :1])
    assert open_picture(encoded(Image.new("RGB", (10_000, 2)))).size == (10_000, 2)


# Arrays.


@pytest.mark.parametrize(
    "array",
    [
        COLOURS,
        COLOURS.astype(np.int64),
        COLOURS / 255,
        (COLOURS / 255).astype(np.float16),
        np.moveaxis(COLOURS, -1, 0),
        np.moveaxis(COLOURS / np.float32(255), -1, 0),
        np.dstack([COLOURS, COLOURS[..., :1]]),
        COLOURS[::-1][::-1],
    ],
)
def test_arrays(array):
    same(array)


def test_grey_arrays():
    grey = COLOURS[..., 0]
    for array in (grey, grey[..., None], grey[None], grey / 255):
        same(array, np.repeat(grey[..., None], 3, -1))
    same(grey > 100, np.repeat((grey > 100)[..., None] * np.uint8(255), 3, -1))


def test_floats_are_rounded():
    same(np.float32([[0.5, 0.498, 1.0005, -0.0005]]), np.repeat(np.uint8([[[128], [127], [255], [0]]]), 3, -1))


def test_floats_up_to_255_are_said(capsys):
    notices.forget()
    same(COLOURS.astype(np.float32))
    same(COLOURS.astype(np.float64))
    assert capsys.readouterr().out == "floats above 1 are taken for pixel values from 0 to 255\n"


def test_which_axis_has_the_channels():
    same(noise(3, 5, 3), noise(3, 5, 3))
    same(noise(3, 5, 3), np.moveaxis(noise(3, 5, 3), 0, -1), channels_first=True)
    same(noise(3, 1, 1), np.moveaxis(noise(3, 1, 1), 0, -1))
    same(noise(1, 1, 3), noise(1, 1, 3))
    assert "(5, 4, 2)" in sentence(noise(5, 4, 2))
    assert "(3, 5, 7)" in sentence(noise(3, 5, 7), channels_first=False)


@pytest.mark.torch
def test_tensors_of_torch():
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(COLOURS / np.float32(255)).permute(2, 0, 1)
    same(tensor)
    same(tensor.clone().requires_grad_())
    same(torch.from_numpy(noise(3, 5, 3)), np.moveaxis(noise(3, 5, 3), 0, -1))
    assert open_picture(tensor.to(torch.bfloat16)).size == RGB.size


@pytest.mark.tf
def test_tensors_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    same(tf.constant(COLOURS))


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((0, 4, 3)), "has no pixels: its size is (0, 4, 3)"),
        (np.zeros((6, 4, 5)), "the shape (6, 4, 5)"),
        (np.zeros((2, 4, 4, 3)), "the shape (2, 4, 4, 3)"),
        (np.zeros(7), "the shape (7,)"),
        (np.array(7), "the shape ()"),
        (np.full((4, 4), 300), "from 300 to 300, expected 0 to 255"),
        (np.linspace(-2, 2, 16).reshape(4, 4), "was it normalised already?"),
        (np.full((4, 4), np.nan), "from nan to nan"),
        (np.full((4, 4), 1j), "of the kind complex128, expected numbers"),
        (np.full((4, 4), "a"), "of the kind <U1, expected numbers"),
    ],
)
def test_arrays_that_are_no_pictures(array, words):
    assert words in sentence(array)


# What is no picture.


def huge(width, height):
    """A PNG of a few bytes that says it is that large."""

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * 100)) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize("edge", [9_440, 12_000, 20_000, 65_000])  # for Pillow: nothing, a warning, errors
def test_a_decompression_bomb(edge):
    assert "more than 89,000,000 pixels" in sentence(huge(edge, edge))
    text = base64.b64encode(huge(edge, edge)).decode()
    assert "more than 89,000,000 pixels" in sentence(text + "=" * (-len(text) % 4))


@pytest.mark.filterwarnings("default")
def test_a_decompression_bomb_where_warnings_are_no_errors():
    with pytest.warns(Image.DecompressionBombWarning):
        assert "more than 89,000,000 pixels" in sentence(huge(12_000, 12_000))


def test_the_limit_is_that_of_a_picture_of_pillow_too(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    assert "more than 100 pixels" in sentence(RGB)
    assert pictures.MOST_PIXELS < Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty: it has 0 bytes"),
        (b"Hello, this is no picture", "is no picture, or of a format that is not read: what came begins with b'Hello"),
        (b'<?xml version="1.0"?>\n<svg xmlns="...">', "is an SVG: a drawing made of lines"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no picture"),  # Pillow would start Ghostscript
        (PNG[:60], "is cut off or damaged"),
        (PNG[:20], "is "),
        (encoded(RGB, "JPEG")[:-40], "is cut off or damaged"),
        (encoded(RGB, "GIF")[:-30], "is cut off or damaged"),
        (encoded(RGB, "TIFF")[:-60], "is"),
        (encoded(RGB.convert("LAB"), "TIFF"), "has Lab colours"),
    ],
)
def test_bytes_that_are_no_picture(content, words, tmp_path):
    assert words in sentence(content)
    (tmp_path / "it.png").write_bytes(content)
    assert f"the picture '{tmp_path / 'it.png'}'" in sentence(tmp_path / "it.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
def test_a_picture_that_is_cut_anywhere_is_a_sentence_or_a_picture(kind):
    content = encoded(RGB, kind)
    for length in range(1, len(content), 7):
        try:
            open_picture(content[:length])
        except ValueError as error:
            assert error.english  # noqa: PT017


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "ICO", "PPM", "TGA"])
def test_a_picture_with_wrong_bytes_is_a_sentence_or_a_picture(kind):
    content = encoded(RGB, kind)
    for place in range(0, min(len(content), 400), 3):
        try:
            open_picture(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        except ValueError as error:
            assert error.english  # noqa: PT017


def test_a_path_that_does_not_exist(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    words = sentence("cta.png", FileNotFoundError)
    assert "there is no picture 'cta.png'" in words
    assert "did you mean 'cat.png'?" in words
    assert "did you mean" not in sentence("x." * 5_000, FileNotFoundError)
    assert "a" * 40 in sentence("a" * 44, FileNotFoundError), "which could be base64, but is of no picture"
    assert "is a folder" in sentence(path.parent, IsADirectoryError)


def test_base64_of_something_else():
    assert "the picture in base64 is no picture" in sentence(base64.b64encode(b"nothing " * 200).decode())
    assert "holds no picture" in sentence("data:image/png;base64,?!")
    assert "is an SVG" in sentence("data:image/svg+xml,%3Csvg%20xmlns=%22a%22/%3E")
    assert "is empty" in sentence("data:image/png;base64,")


def test_a_path_that_may_not_be_read(path, monkeypatch):
    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "cat.png' cannot be opened (Permission denied)" in sentence(path, PermissionError)


@pytest.mark.parametrize("given", [None, 7, ["cat.png"], object()])
def test_other_things(given):
    assert f"got {type(given).__name__};" in sentence(given, TypeError)


def test_other_tables_and_files(path):
    assert "a table with 'image', 'text' is no picture" in sentence({"image": 1, "text": 2}, TypeError)
    with path.open(encoding="latin-1") as file:
        assert "open it with open(path, 'rb')" in sentence(file, TypeError)
    used = io.BytesIO(PNG)
    used.read()
    assert "is empty" in sentence(used)
    closed = Image.open(io.BytesIO(PNG))
    closed.close()
    assert "is cut off or damaged" in sentence(closed)


def test_a_picture_without_pixels():
    assert "has no pixels: its size is (0, 5)" in sentence(Image.new("RGB", (0, 5)))


# Many.


def test_many_come_in_order():
    content = [encoded(Image.new("RGB", (number + 1, 2))) for number in range(30)]
    assert [one.width for one in open_pictures(content)] == list(range(1, 31))
    assert list(open_pictures([])) == []


def test_no_more_than_a_few_are_decoded_ahead():
    asked = []

    def rows():
        for number in range(100):
            asked.append(number)
            yield PNG

    given = open_pictures(rows())
    next(given)
    assert len(asked) <= pictures.AHEAD + 1
    given.close()


def test_an_error_names_the_place_of_a_picture():
    given = open_pictures([PNG, PNG, b"nothing", PNG])
    assert [next(given).size, next(given).size] == [RGB.size] * 2
    with pytest.raises(ValueError) as caught:
        next(given)
    assert str(caught.value).startswith("picture 2: the picture is no picture")
    with pytest.raises(FileNotFoundError, match="picture 0: there is no picture"):
        next(open_pictures(["nowhere.png"]))


def test_sentences_are_french_too():
    i18n.set_language("fr")
    try:
        with pytest.raises(ValueError) as caught:
            next(open_pictures([b""]))
        assert caught.value.local == "image 0\xa0: l’image est vide\xa0: 0 octet"
        assert caught.value.english == "picture 0: the picture is empty: it has 0 bytes"
    finally:
        i18n.set_language(None)


def test_a_path_object_is_no_base64(tmp_path):
    (tmp_path / ("a" * 48)).write_bytes(PNG)
    same(pathlib.Path(tmp_path / ("a" * 48)))
    same(str(tmp_path / ("a" * 48)))


def test_embedded_pictures_have_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_picture("hfquick/pictures/street.png").size == (400, 300)
    with pytest.raises(ValueError, match=r"'hfquick/pictures/stret.png' is not an embedded picture; did you mean"):
        open_picture("hfquick/pictures/stret.png")
    own = tmp_path / "hfquick" / "pictures"
    own.mkdir(parents=True)
    Image.new("RGB", (3, 5)).save(own / "street.png")
    assert open_picture("hfquick/pictures/street.png").size == (3, 5)  # a file of the user's own comes first
