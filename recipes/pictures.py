"""Pictures of 58 everyday things: emoji of seven families of designers, stamps of Tux Paint, photographs of GCompris.

    python -m recipes.pictures      # fetches and renders, two minutes; then every recipe reads the same arrays

A picture here is a cut-out, a square RGBA array whose alpha says what belongs to the thing. Which part it is in, train,
dev or test, is decided by its family before anything is composed: who designed one cat with whiskers like these
designed the dog beside it. Emoji of the families in test and dev are in no training picture of any model.
"""

import hashlib
import io
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from . import sources
from .common import HERE, SEED

SIZE = 128  # pixels of a cut-out's side
WORK = sources.WORK / "pictures"


class Set(NamedTuple):
    """A set of emoji: the package, its family of designers, its part, its licence and who asks to be named."""

    package: str
    version: str
    family: str
    part: str
    licence: str
    credit: str


SETS = {
    "noto": Set("@iconify-json/noto", "1.2.9", "noto", "train", "Apache-2.0", "Noto Emoji, Google Inc"),
    "noto-v1": Set("@iconify-json/noto-v1", "1.2.5", "noto", "train", "Apache-2.0", "Noto Emoji (v1), Google Inc"),
    "twemoji": Set("@iconify-json/twemoji", "1.2.5", "twemoji", "train", "CC-BY-4.0", "Twemoji, Twitter"),
    "fluent-flat": Set(
        "@iconify-json/fluent-emoji-flat", "1.2.6", "fluent", "train", "MIT", "Fluent Emoji Flat, Microsoft"
    ),
    "fluent": Set("@iconify-json/fluent-emoji", "1.2.7", "fluent", "train", "MIT", "Fluent Emoji, Microsoft"),
    "fluent-3d": Set("@lobehub/fluent-emoji-3d", "1.1.0", "fluent", "train", "MIT", "Fluent Emoji 3D, Microsoft"),
    "openmoji": Set("@iconify-json/openmoji", "1.2.29", "openmoji", "train", "CC-BY-SA-4.0", "OpenMoji"),
    "streamline": Set(
        "@iconify-json/streamline-emojis", "1.2.4", "streamline", "dev", "CC-BY-4.0", "Streamline Emojis, Streamline"
    ),
    "fxemoji": Set("@iconify-json/fxemoji", "1.2.2", "fxemoji", "test", "Apache-2.0", "Firefox OS Emoji, Mozilla"),
    "emojione": Set("@iconify-json/emojione", "1.2.3", "emojione", "test", "CC-BY-4.0", "EmojiOne, Emoji One"),
    "emojione-v1": Set(
        "@iconify-json/emojione-v1", "1.2.3", "emojione", "test", "CC-BY-SA-4.0", "EmojiOne (v1), Emoji One"
    ),
}
ICONS = {  # sets of icons of one colour: more designers' shapes, for training
    "mdi": Set("@iconify-json/mdi", "1.2.3", "mdi", "train", "Apache-2.0", "Material Design Icons, Pictogrammers"),
    "fa6": Set("@iconify-json/fa6-solid", "1.2.4", "fa6", "train", "CC-BY-4.0", "Font Awesome Solid, Dave Gandy"),
    "ph": Set("@iconify-json/ph", "1.2.2", "ph", "train", "MIT", "Phosphor, Phosphor Icons"),
    "game": Set("@iconify-json/game-icons", "1.2.4", "game", "train", "CC-BY-3.0", "Game Icons"),
    "mingcute": Set("@iconify-json/mingcute", "1.2.8", "mingcute", "train", "Apache-2.0", "MingCute, MingCute Design"),
    "park": Set("@iconify-json/icon-park-solid", "1.2.4", "park", "train", "Apache-2.0", "IconPark Solid, ByteDance"),
    "tabler": Set("@iconify-json/tabler", "1.2.41", "tabler", "train", "MIT", "Tabler Icons, Paweł Kuna"),
    "lucide": Set("@iconify-json/lucide", "1.2.137", "lucide", "train", "ISC", "Lucide, Lucide Contributors"),
    "huge": Set("@iconify-json/hugeicons", "1.2.35", "huge", "train", "MIT", "Huge Icons, Hugeicons"),
    "solar": Set("@iconify-json/solar", "1.2.13", "solar", "train", "CC-BY-4.0", "Solar, 480 Design"),
    "fluent-ui": Set(
        "@iconify-json/fluent", "1.2.60", "fluent-ui", "train", "MIT", "Fluent UI System Icons, Microsoft"
    ),
    "iconoir": Set("@iconify-json/iconoir", "1.2.11", "iconoir", "train", "MIT", "Iconoir, Luca Burgio"),
    "ion": Set("@iconify-json/ion", "1.2.7", "ion", "train", "MIT", "IonIcons, Ben Sperry"),
    "la": Set("@iconify-json/la", "1.2.1", "la", "train", "Apache-2.0", "Line Awesome, Icons8"),
    "whh": Set("@iconify-json/whh", "1.2.0", "whh", "train", "OFL-1.1", "WebHostingHub Glyphs, WebHostingHub"),
    "pinhead": Set(
        "@iconify-json/pinhead", "1.2.28", "pinhead", "train", "CC0-1.0", "Pinhead Map Icons, Quincy Morgan"
    ),
    "dinkie": Set("@iconify-json/dinkie-icons", "1.2.0", "dinkie", "train", "MIT", "Dinkie Icons, atelierAnchor"),
    "contrast": Set(
        "@iconify-json/fluent-emoji-high-contrast", "1.2.6", "fluent", "train", "MIT", "Fluent Emoji, Microsoft"
    ),
    "arctic": Set("@iconify-json/arcticons", "1.2.58", "arctic", "train", "CC-BY-SA-4.0", "Arcticons, Donnnno"),
    "bxs": Set("@iconify-json/bxs", "1.2.3", "bxs", "train", "MIT", "BoxIcons v2 Solid, Boxicons"),
    "carbon": Set("@iconify-json/carbon", "1.2.29", "carbon", "train", "Apache-2.0", "Carbon, IBM"),
    "ri": Set("@iconify-json/ri", "1.2.10", "ri", "train", "Apache-2.0", "Remix Icon, Remix Design"),
    "box": Set("@iconify-json/boxicons", "1.2.0", "box", "train", "MIT", "Boxicons, Boxicons"),
    "park-colour": Set("@iconify-json/icon-park", "1.2.4", "park", "train", "Apache-2.0", "IconPark, ByteDance"),
    "cil": Set("@iconify-json/cil", "1.2.3", "cil", "train", "CC-BY-4.0", "CoreUI Free, Łukasz Holeczek"),
    "griddy": Set("@iconify-json/griddy-icons", "1.2.0", "griddy", "train", "MIT", "Griddy Icons, Zuzana Benova"),
    "mynaui": Set("@iconify-json/mynaui", "1.2.19", "mynaui", "train", "MIT", "Myna UI Icons, Praveen Juge"),
    "si": Set("@iconify-json/si-glyph", "1.2.2", "si", "train", "CC-BY-SA-4.0", "SmartIcons Glyph, SmartIcons"),
    "f7": Set("@iconify-json/f7", "1.2.2", "f7", "train", "MIT", "Framework7 Icons, Vladimir Kharlampidi"),
}
COLOURS = 3  # in which an icon is painted, at random
FREE = ("Apache-2.0", "MIT", "CC-BY-4.0")  # of these, samples may be shipped
TONES = ("", "-medium", "-dark", "-medium-skin-tone", "-dark-skin-tone")  # of the skin, so that not all are yellow


class Cutout(NamedTuple):
    """What an array shows: the label of the thing, and where the picture comes from."""

    label: str
    source: str  # a name in SETS, "tuxpaint" or "gcompris"
    family: str
    name: str
    part: str
    licence: str


# The table of classes


class Names(NamedTuple):
    """Where the pictures of one class are, and the code point of its emoji, after which it is named elsewhere."""

    point: tuple[str, ...] = ()
    emoji: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    photographs: tuple[str, ...] = ()


@cache
def classes(file: str = "picture_classes.txt") -> dict[str, Names]:
    """English label -> the names of its pictures, in the order of the labels' numbers."""
    found: dict[str, Names] = {}
    for block in (HERE / file).read_text(encoding="utf-8").split("\n\n")[1:]:
        label, *lines = block.strip().splitlines()
        kinds = {kind: tuple(names.split()) for kind, _, names in (line.partition(" ") for line in lines)}
        found[label] = Names(**kinds)
    return found


def labels() -> list[str]:
    """The labels in the order of their numbers, `id2label` of the models."""
    return list(classes())


def wanted(label: str, name: str, names: tuple[str, ...]) -> bool:
    """Whether an icon of this name shows the class: "cat", "cat-1" as Streamline counts, a person with another skin."""
    bare = re.sub(r"-\d$", "", name)
    return bare in names or (label == "person" and any(bare == known + tone for known in names for tone in TONES))


# Emoji


def icons(source: str) -> dict[str, str]:
    """The icons of a set of Iconify: name -> an SVG file's text."""
    content = json.loads((folder(source) / "icons.json").read_text(encoding="utf-8"))
    found = {}
    for name, icon in content["icons"].items():
        box = [icon.get(side, content.get(side, default)) for side, default in ORIGIN.items()]
        view = " ".join(str(number) for number in box)
        found[name] = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">{icon["body"]}</svg>'
    return found


ORIGIN = {"left": 0, "top": 0, "width": 16, "height": 16}  # of a viewBox, in its order; Iconify leaves these out


def folder(source: str) -> Path:
    row = {**SETS, **ICONS}[source]
    return sources.npm_package(row.package, row.version)


def emoji(table: dict[str, Names]) -> Iterator[tuple[Cutout, Callable[[], Image.Image]]]:
    """All emoji of the classes, with what renders them."""
    for source, row in SETS.items():
        if source == "fluent-3d":  # rendered already, by code point; the flat set knows the names
            points = json.loads((folder("fluent-flat") / "chars.json").read_text(encoding="utf-8"))
            files = {name: folder(source) / "assets" / f"{point}.webp" for point, name in points.items()}
            known: dict[str, Callable[[], Image.Image]] = {
                name: lambda path=path: Image.open(path).convert("RGBA")
                for name, path in files.items()
                if path.exists()
            }
        else:
            known = {name: lambda text=text: rendered(text) for name, text in icons(source).items()}
        for label, names in table.items():
            for name, render in known.items():
                if wanted(label, name, names.emoji):
                    yield Cutout(label, source, row.family, name, row.part, row.licence), render


def rendered(svg: str, width: int = 2 * SIZE) -> Image.Image:
    """An SVG's text -> RGBA."""
    import resvg_py

    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width)))).convert("RGBA")


# Icons


@cache
def listed(file: str = "picture_icons.txt") -> dict[str, tuple[str, ...]]:
    """English label -> its icons, as "set:name", or its drawings, as "library/path"."""
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    rows = (line.partition(": ") for line in lines if ": " in line and not line.startswith("#"))
    return {label: tuple(names.split()) for label, _, names in rows}


def painted(table: dict[str, Names]) -> Iterator[tuple[Cutout, Callable[[], Image.Image]]]:
    """Icons of the classes, each in COLOURS colours; those of one colour are one source, whatever their sets."""
    known = {source: icons(source) for source in ICONS}
    for label in table:
        for name in listed().get(label, ()):
            source, _, icon = name.partition(":")
            row = ICONS[source]
            for number in range(COLOURS):
                rgb = hashlib.blake2b(f"{SEED}:{name}:{number}".encode(), digest_size=3).hexdigest()
                svg = known[source][icon].replace("currentColor", f"#{rgb}")
                cutout = Cutout(label, f"icons-{number}", row.family, name, row.part, row.licence)
                yield cutout, lambda svg=svg: rendered(svg)


# Stamps


def stamps(table: dict[str, Names]) -> Iterator[tuple[Cutout, Callable[[], Image.Image]]]:
    """The stamps of Tux Paint (GPL-2+): photographs cut out, and drawings. For training and for a test, not to ship."""
    root = sources.debian_package("tuxpaint-stamps-default") / "usr/share/tuxpaint/stamps"
    for label, names in table.items():
        for name in names.stamps:
            drawn, path = (root / f"{name}.svg"), (root / f"{name}.png")
            draws = drawn.exists() or "cartoon" in name or "seasonal" in name
            kind = "drawing" if draws else "photograph"
            render: Callable[[], Image.Image]
            if path.exists():  # of some drawings there are both, and not every SVG says its size
                render = lambda path=path: Image.open(path).convert("RGBA")  # noqa: E731
            else:
                render = lambda path=drawn: rendered(path.read_text(encoding="utf-8"))  # noqa: E731
            yield Cutout(label, "tuxpaint", f"tuxpaint-{kind}", name, stamp_part(name), "GPL-2.0-or-later"), render


def stamp_part(name: str) -> str:
    """Half of the stamps are for a test: a hash of the file's letters decides, so `rabbit` goes with `rabbit-2`."""
    letters = re.sub(r"[^a-z]", "", Path(name).name.lower())
    return "test" if hashlib.blake2b(f"{SEED}:{letters}".encode(), digest_size=1).digest()[0] < 128 else "train"


# Drawings


def drawings(table: dict[str, Names]) -> Iterator[tuple[Cutout, Callable[[], Image.Image]]]:
    """Drawings by many hands, for training; a third of a class's at a time are one source, as often met as a set."""
    roots = {
        "openclipart": ("openclipart-svg", "usr/share/openclipart/svg", "CC0-1.0"),
        "art4apps": ("pysiogame", "usr/share/games/pysiogame/res/images/art4apps", "CC-BY-3.0"),
    }
    for label in table:
        for number, name in enumerate(listed("picture_drawings.txt").get(label, ())):
            family, _, rest = name.partition("/")
            package, folder, licence = roots[family]
            path = sources.debian_package(package) / folder / rest
            yield Cutout(label, f"drawings-{number % 3}", family, rest, "train", licence), lambda path=path: drawn(path)


def drawn(path: Path) -> Image.Image:
    """A drawing's file -> RGBA. An old SVG that says its size in millimetres is given a viewBox in pixels instead."""
    if path.suffix != ".svg":
        return Image.open(path).convert("RGBA")
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        return rendered(text)
    except ValueError:
        head = re.search(r"<svg\b[^>]*>", text, re.DOTALL)
        assert head
        bare = re.sub(r"\s(width|height)\s*=\s*\"[^\"]*\"", "", head[0])
        if "viewBox" not in bare:
            width, height = (pixels(head[0], side) for side in ("width", "height"))
            bare = f'{bare[:-1]} viewBox="0 0 {width} {height}">'
        return rendered(text.replace(head[0], bare))


def pixels(head: str, side: str) -> int:
    """How long a side of an SVG is by its first tag, in pixels; a sheet of A4 if it does not say."""
    units = {"mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "pt": 96 / 72, "px": 1.0, "": 1.0}
    found = re.search(rf"\s{side}\s*=\s*\"([\d.]+)(mm|cm|in|pt|px|)\"", head)
    return round(float(found[1]) * units[found[2]]) if found else {"width": 744, "height": 1052}[side]


# Photographs with what is around the thing


def photographs(table: dict[str, Names]) -> Iterator[tuple[Cutout, Callable[[], Image.Image]]]:
    """Whole photographs and paintings of GCompris (GPL, Creative Commons): a test only; alpha is 255 everywhere."""
    for label, names in table.items():
        for name in names.photographs:
            activity, _, word = name.partition("/")
            data = next((data for path, data in gcompris(activity).items() if path.endswith(f"/{word}.webp")), None)
            if data is None:
                raise FileNotFoundError(f"GCompris has no picture {name}")
            cutout = Cutout(label, "gcompris", "gcompris", name, "test", "GPL-3.0-or-later AND CC-BY-SA")
            yield cutout, lambda data=data: Image.open(io.BytesIO(data)).convert("RGBA")


@cache
def gcompris(activity: str) -> dict[str, bytes]:
    """The files of one activity of GCompris, which are in a resource file of Qt: path -> bytes."""
    root = sources.debian_package("gcompris-qt-data") / "usr/share/gcompris-qt/rcc"
    return resources((root / f"{activity}.rcc").read_bytes())


def resources(data: bytes) -> dict[str, bytes]:
    """A Qt resource file (.rcc) -> its files. A header, a tree of fixed records, the files, and the names in UTF-16."""
    magic, version, tree, files, names = struct.unpack(">4s4i", data[:20])
    if magic != b"qres":
        raise ValueError("not a resource file of Qt")
    size, found = (22 if version >= 2 else 14), {}

    def walk(number: int, path: str) -> None:
        record = tree + number * size
        name, flags, first, second = struct.unpack(">IHII", data[record : record + 14])
        if number:
            letters = struct.unpack(">H", data[names + name : names + name + 2])[0]
            path += "/" + data[names + name + 6 : names + name + 6 + 2 * letters].decode("utf-16-be")
        if flags & 2:  # a folder: how many children, and where the first one is
            for child in range(second, second + first):
                walk(child, path)
        else:  # a file: country and language, then where its bytes are
            start = files + second
            length = struct.unpack(">I", data[start : start + 4])[0]
            content = data[start + 4 : start + 4 + length]
            found[path] = zlib.decompress(content[4:]) if flags & 1 else content

    walk(0, "")
    return found


# Arrays


def squared(image: Image.Image, size: int = SIZE) -> np.ndarray:
    """RGBA of any size -> (size, size, 4): cut to what can be seen, its longer side `size`, in the middle."""
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    image = image.crop(box)
    scale = size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    premultiplied = image.convert("RGBa").resize((width, height), Image.Resampling.LANCZOS)  # no dark seams
    square = Image.new("RGBA", (size, size))
    square.paste(premultiplied.convert("RGBA"), ((size - width) // 2, (size - height) // 2))
    return np.asarray(square)


def render(file: str = "picture_classes.txt", with_icons: bool = False) -> tuple[list[Cutout], np.ndarray]:
    """All cut-outs of a table and their arrays (N, SIZE, SIZE, 4), rendered once and kept in the work folder.

    Of its icons alone, if asked for.
    """
    table, name = classes(file), "icons" if with_icons else Path(file).stem
    known = (table, SETS, listed("picture_drawings.txt")) if not with_icons else (listed(), ICONS, COLOURS)
    digest = hashlib.blake2b(repr(known).encode(), digest_size=4).hexdigest()
    index, arrays = WORK / f"{name}-{digest}.json", WORK / f"{name}-{digest}.npy"
    if not index.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        kinds = (painted,) if with_icons else (emoji, stamps, drawings, photographs)
        found = [(cutout, squared(draw())) for kind in kinds for cutout, draw in kind(table)]
        np.save(arrays, np.stack([array for _, array in found]))
        index.write_text(json.dumps([cutout for cutout, _ in found], indent=0), encoding="utf-8")
    return [Cutout(*row) for row in json.loads(index.read_text(encoding="utf-8"))], np.load(arrays, mmap_mode="r")


class Cutouts:
    """The cut-outs of one part, to draw from: first a label, then a source, then one of its pictures.

    So a class with few designs is met as often as one with many, and a large set does not hide a small one.
    """

    def __init__(
        self, part: str, keep: Callable[[Cutout], bool] = lambda cutout: True, with_icons: bool = False
    ) -> None:
        rows, self.arrays = render()
        if with_icons:
            more, arrays = render(with_icons=True)
            rows, self.arrays = rows + more, np.concatenate([self.arrays, arrays])
        self.rows = rows
        self.numbers = [n for n, row in enumerate(rows) if row.part == part and row.source != "gcompris" and keep(row)]
        self.by: dict[str, dict[str, list[int]]] = {}
        for number in self.numbers:
            row = rows[number]
            self.by.setdefault(row.label, {}).setdefault(row.source, []).append(number)
        self.labels = [label for label in labels() if label in self.by]

    def draw(self, rng: np.random.Generator, label: str | None = None) -> tuple[str, np.ndarray]:
        """A label, or one sampled, and a cut-out of it: (label, (SIZE, SIZE, 4))."""
        number = self.number(rng, label)
        return self.rows[number].label, self.arrays[number]

    def number(self, rng: np.random.Generator, label: str | None = None) -> int:
        label = label or self.labels[rng.integers(len(self.labels))]
        kinds = list(self.by[label].values())
        kind = kinds[rng.integers(len(kinds))]
        return kind[rng.integers(len(kind))]


def main() -> None:
    rows, arrays = render()
    print(f"{len(rows)} cut-outs, {arrays.shape}")
    for label in labels():
        count = {
            part: sum(row.label == label and row.part == part for row in rows) for part in ("train", "dev", "test")
        }
        print(f"{label:15} {count}")


if __name__ == "__main__":
    main()
