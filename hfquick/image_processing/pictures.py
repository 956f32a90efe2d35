"""Anything that is a picture -> an RGB picture of Pillow, upright: the one place that reads pictures.

    open_picture("cat.png")                            # a path, an address, base64, bytes, an open file, an array, ...
    for picture in open_pictures(rows["image"]): ...   # the same for many, decoded ahead in threads

Pixels are those of transformers' load_image: the EXIF orientation is applied, then everything becomes RGB; transparency
is dropped, not laid on white; CMYK is converted without its colour profile. Pictures of 16 bits differ: there they turn
white, here their upper 8 bits are taken. Nothing but pixels is read: formats that are programs or drawings are refused.
"""

import base64
import binascii
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

import numpy as np
from PIL import Image, UnidentifiedImageError

from .. import zoo
from ..hub.downloads import download, is_url
from ..i18n import Said, plain, said, spoken
from ..i18n import gettext as _
from ..utils.arrays import to_numpy
from ..utils.errors import sentence
from ..utils.files import LONGEST_PATH, near_file
from ..utils.notices import say_once

MOST_PIXELS = 89_000_000  # of one picture, some 270 MB as RGB; just below where Pillow itself begins to warn
FORMATS = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    "BMP",
    "TIFF",
    "AVIF",
    "MPO",
    "JPEG2000",
    "PPM",
    "ICO",
    "DIB",
    "TGA",
    "QOI",
    "PCX",
)
WIDE = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")  # modes with more than 8 bits for a pixel
THREADS, AHEAD = 4, 8  # decoding at a time, and decoded pictures that may wait
ORIENTATION = 0x0112  # the EXIF tag: how the camera was held
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
NEARLY = 1e-3  # how far above 1 a pixel may be that some computation has made
BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]{40,}={0,2}\s*")  # a path mostly has a dot in it
FRAMES = "frames of a picture"  # what the notice about them is called in utils.notices


def open_picture(given: Any, *, typed: bool = True, channels_first: bool | None = None) -> Image.Image:
    """A picture of any kind -> the same as RGB, upright.

    Args:
        given: a path; an address (https://...); the name of an embedded picture ("hfquick/pictures/cat.png"); bytes, or
            a file opened with "rb"; base64, with or without "data:image/png;base64,"; a picture of Pillow; an array or
            a tensor (Y, X), (Y, X, C) or (C, Y, X) with 1, 3 or 4 channels, of 0 to 255 or of floats from 0 to 1; a
            cell of `datasets`, {"bytes": ..., "path": ...}.
        typed: whether the user of this kernel wrote it. An address in a row of a dataset was written by somebody else,
            and may not lead into the local network: give False, as is done for cells anyway.
        channels_first: whether an array is (C, Y, X); left out, its shape says so.

    Raises ValueError, TypeError or OSError with a sentence.
    """
    if isinstance(given, Image.Image):
        if _is_ready(given):
            return given  # nothing to do, not even a copy
        with _sentences(said("the picture")):
            return _checked(given, said("the picture"))
    if isinstance(given, str):
        return _from_text(given, typed)
    if isinstance(given, os.PathLike):
        return _from_file(os.fsdecode(given))
    if isinstance(given, bytes | bytearray | memoryview):
        return _decode(BytesIO(given), said("the picture"))
    if isinstance(given, Mapping):
        return _from_cell(given)
    if hasattr(given, "read"):
        return _from_open_file(given)
    if hasattr(given, "__array__"):
        return _from_array(given, channels_first)
    raise spoken(
        TypeError,
        "a picture was expected, got {kind}; give a path, an address (https://...), bytes, an open file, a picture of "
        "Pillow or an array of pixels",
        kind=type(given).__name__,
    )


def open_pictures(
    given: Iterable[Any], *, typed: bool = True, channels_first: bool | None = None
) -> Iterator[Image.Image]:
    """The same for many, in order; the next ones are decoded in threads while the caller works with one.

    An error names the picture by its place, counted from 0.
    """
    waiting: deque[Future[Image.Image]] = deque()
    pool = ThreadPoolExecutor(THREADS, "hfquick-picture")
    index = 0
    try:
        for one in given:
            waiting.append(pool.submit(open_picture, one, typed=typed, channels_first=channels_first))
            if len(waiting) > AHEAD:
                yield _result(waiting.popleft(), index)
                index += 1
        while waiting:
            yield _result(waiting.popleft(), index)
            index += 1
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _result(waiting: "Future[Image.Image]", index: int) -> Image.Image:
    try:
        return waiting.result()
    except (ValueError, TypeError, OSError) as error:
        raise of_batch(error, index) from error


def of_batch(error: Exception, index: int) -> Exception:
    """The error about one picture -> the same with its place in the batch."""
    return spoken(type(error), "picture {index}: {why}", index=index, why=error)


def is_unit_range(given: Any) -> bool:
    """Whether this is an array of floats from 0 to 1."""
    if isinstance(given, Image.Image) or not hasattr(given, "__array__"):
        return False
    array = to_numpy(given)
    return array.dtype.kind == "f" and float(array.max()) <= 1 + NEARLY


# Where a picture may come from.


def _from_text(text: str, typed: bool) -> Image.Image:
    if text[:5].lower() == "data:":
        return _from_data_url(text)
    if is_url(text):
        came = download(text, typed=typed)
        return _decode(BytesIO(came.content), said("the picture {name!r}", name=plain(text, 200)), came.kind)
    if text.startswith(zoo.PICTURES) and not os.path.exists(text):
        return _from_file(str(zoo.picture(text)))
    if BASE64.fullmatch(text) and not os.path.isfile(os.path.expanduser(text)):
        content = _from_base64(text)
        if content is not None and (len(text) > LONGEST_PATH or _is_picture(content)):  # else it is a path
            return _decode(BytesIO(content), said("the picture in base64"))
    return _from_file(os.path.expanduser(text))


def _from_data_url(text: str) -> Image.Image:
    head, comma, body = text.partition(",")
    content = _from_base64(unquote_to_bytes(body).decode("latin-1")) if "base64" in head else unquote_to_bytes(body)
    if not comma or content is None:
        raise spoken(
            ValueError,
            "the text that begins with {start!r} holds no picture; expected 'data:image/png;base64,' and base64 after",
            start=text[:40],
        )
    return _decode(BytesIO(content), said("the picture in base64"), head[5:].partition(";")[0])


def _from_base64(text: str) -> bytes | None:
    letters = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_picture(content: bytes) -> bool:
    try:
        with Image.open(BytesIO(content), formats=_formats()):
            return True
    except UnidentifiedImageError:
        return b"<svg" in content[:1024]
    except Exception:  # one that is damaged, or too large: `_decode` says so
        return True


def _from_file(path: str) -> Image.Image:
    if os.path.isdir(path):
        raise spoken(
            IsADirectoryError,
            "{path!r} is a folder; give its pictures: sorted(Path({path!r}).glob('*.jpg'))",
            path=path,
        )
    if not os.path.isfile(path):
        raise spoken(
            FileNotFoundError, "there is no picture {path!r} in the folder {here!r}{near}",
            path=plain(path, 200), here=os.getcwd(), near=near_file(path),
        )  # fmt: skip
    what = said("the picture {name!r}", name=plain(path, 200))
    try:
        file = open(path, "rb")  # noqa: SIM115  (an error of reading is another one)
    except OSError as error:
        raise spoken(type(error), "{what} cannot be opened ({why})", what=what, why=error.strerror) from None
    with file:
        return _decode(file, what)


def _from_open_file(file: Any) -> Image.Image:
    content = file.read()
    if not isinstance(content, bytes | bytearray):
        raise spoken(TypeError, "the file gives text, and a picture is bytes; open it with open(path, 'rb')")
    name = getattr(file, "name", None)
    what = said("the picture {name!r}", name=plain(name, 200)) if isinstance(name, str) else said("the picture")
    return _decode(BytesIO(content), what)


def _from_cell(cell: Mapping[str, Any]) -> Image.Image:
    """A row of an Image column that `datasets` has not decoded."""
    content, path = cell.get("bytes"), cell.get("path")
    what = said("the picture {name!r}", name=plain(path, 200)) if isinstance(path, str) else said("the picture")
    if isinstance(content, bytes | bytearray):
        return _decode(BytesIO(content), what)
    if isinstance(path, str) and content is None:
        return _from_text(path, typed=False)
    raise spoken(
        TypeError,
        "a table with {names} is no picture; expected {{'bytes': ..., 'path': ...}}, as an Image column of `datasets` "
        "has it",
        names=", ".join(map(repr, cell)) or said("nothing in it"),
    )


# Bytes and pictures of Pillow.


@cache
def _formats() -> list[str]:
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _decode(file: IO[bytes], what: Said, kind: str = "") -> Image.Image:
    """The bytes of a picture -> RGB. `kind` is the media type that a server gave them."""
    start = file.read(1024)
    if not start:
        raise spoken(ValueError, "{what} is empty: it has 0 bytes", what=what)
    file.seek(0)
    try:
        with _sentences(what), Image.open(file, formats=_formats()) as picture:
            return _checked(picture, what)
    except UnidentifiedImageError:
        raise _no_picture(what, start, kind) from None


@contextmanager
def _sentences(what: Said) -> Iterator[None]:
    """Whatever Pillow raises about a picture, of a dozen kinds, becomes a sentence."""
    try:
        yield
    except (MemoryError, UnidentifiedImageError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(what) from None
    except Exception as error:
        if hasattr(error, "english"):
            raise
        raise spoken(
            ValueError, "{what} is cut off or damaged ({why}); fetch or save it again", what=what, why=sentence(error)
        ) from error


def _no_picture(what: Said, start: bytes, kind: str) -> ValueError:
    if b"<svg" in start or kind == "image/svg+xml":
        return spoken(
            ValueError,
            "{what} is an SVG: a drawing made of lines. A picture made of pixels is expected: open it in a browser or "
            "an editor such as Inkscape, and export it as PNG",
            what=what,
        )
    came = said(" of the kind {kind!r}", kind=kind) if kind else ""
    return spoken(
        ValueError,
        "{what} is no picture, or of a format that is not read: what came{came} begins with {start!r}; expected JPEG, "
        "PNG, WebP, GIF, BMP or TIFF",
        what=what,
        came=came,
        start=start[:24],
    )


def _too_large(what: Said) -> ValueError:
    return spoken(
        ValueError, "{what} has more than {most:,} pixels, the most that is opened; make it smaller first",
        what=what, most=MOST_PIXELS,
    )  # fmt: skip


def _checked(picture: Image.Image, what: Said) -> Image.Image:
    """A picture of Pillow, loaded or not -> RGB, upright."""
    if not picture.width or not picture.height:
        raise spoken(ValueError, "{what} has no pixels: its size is {size}", what=what, size=picture.size)
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(what)
    if getattr(picture, "is_animated", False) and picture.format != "MPO":  # MPO: a photo and its previews
        say_once(_("{what} has several frames or pages: the first is used", what=what), about=FRAMES)
    picture.load()
    return _rgb(_upright(picture), what)


def _is_ready(picture: Image.Image) -> bool:
    """Whether it is RGB, loaded, and upright, as it has no metadata that could say otherwise."""
    plain_rgb = type(picture) is Image.Image and picture.mode == "RGB" and not picture.info
    return plain_rgb and 0 < picture.width * picture.height <= MOST_PIXELS


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as the camera was held."""
    try:
        turn = TURNED.get(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # what cameras write is often damaged; then the pixels count as they are
        return picture
    return picture if turn is None else picture.transpose(turn)


def _rgb(picture: Image.Image, what: Said) -> Image.Image:
    if picture.mode in WIDE:
        values: Any = np.asarray(picture)
        if values.dtype.kind in "iu" and (picture.mode != "I" or values.max() > 255) and values.max() <= 65_535:
            values = values >> 8
        return Image.fromarray(_bytes_of(values, what)).convert("RGB")
    if picture.mode == "LAB":
        raise spoken(ValueError, "{what} has Lab colours, which are not read; save it as RGB", what=what)
    if picture.mode == "P" and "transparency" in picture.info:
        picture = picture.convert("RGBA")  # the same colours, without Pillow's warning
    plainly = picture.convert("RGB")
    plainly.info = {}  # its orientation is spent, its transparency gone
    return plainly


# Arrays of pixels.


def _from_array(given: Any, channels_first: bool | None) -> Image.Image:
    array = to_numpy(given)
    what = said("the picture")
    if array.size == 0 and array.ndim:
        raise spoken(ValueError, "{what} has no pixels: its size is {size}", what=what, size=array.shape)
    if array.ndim == 3:
        first = _channels_first(array.shape, hasattr(given, "detach")) if channels_first is None else channels_first
        array = np.moveaxis(array, 0, -1) if first else array
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[-1] not in (1, 3, 4)):
        raise spoken(
            ValueError,
            "an array of the shape {shape} is no picture; expected (height, width), or with 1, 3 or 4 channels as the "
            "last axis, or the first",
            shape=tuple(given.shape),
        )
    pixels = _bytes_of(array, what)
    if pixels.ndim == 3:
        pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., :3]
    return Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB")


def _channels_first(shape: tuple[int, ...], is_torch: bool) -> bool:
    """Whether the first axis has the channels: the one with 3 or 4 does, failing that the one with 1."""
    for counts in ((3, 4), (1,)):
        first, last = shape[0] in counts, shape[-1] in counts
        if first != last:
            return first
        if first:
            return is_torch  # 3 pixels high and 3 channels: each library has its habit
    return False


def _bytes_of(array: np.ndarray, what: Said) -> np.ndarray:
    """Pixels of any dtype -> 0 to 255."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * 255
    if array.dtype.kind not in "iuf":
        raise spoken(
            ValueError, "{what} holds values of the kind {kind}, expected numbers", what=what, kind=array.dtype
        )
    least, most = float(array.min()), float(array.max())
    if array.dtype.kind == "f" and least >= -NEARLY and most <= 1 + NEARLY:
        return (np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8)
    if not 0 <= least <= most <= 255:
        raise spoken(
            ValueError,
            "{what} has values from {least:g} to {most:g}, expected 0 to 255, or floats from 0 to 1; was it normalised "
            "already?",
            what=what,
            least=least,
            most=most,
        )
    if array.dtype.kind == "f":
        say_once(_("floats above 1 are taken for pixel values from 0 to 255"), about="floats of a picture")
        return (array + 0.5).astype(np.uint8)
    return array.astype(np.uint8)
