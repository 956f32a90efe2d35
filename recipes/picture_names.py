"""The names of the classes of pictures in another language, from emojibase: hfquick/locale/classes/<language>.po.

    python -m recipes.picture_names fr

An emoji's name says more than a class does ("arbre à feuilles caduques", where any tree is meant): those are corrected
here by hand, language by language, and so are the kinds of background, which are no emoji.
"""

import json
import sys
from pathlib import Path

from . import pictures, sources
from .common import HERE
from .scenes import STUFF

FOLDER = HERE.parent / "hfquick" / "locale" / "classes"
BY_HAND = {
    "fr": {
        "person": "personne",
        "truck": "camion",
        "boat": "bateau",
        "traffic light": "feu de circulation",
        "tree": "arbre",
        "flower": "fleur",
        "umbrella": "parapluie",
        "apple": "pomme",
        "orange": "orange",
        "cake": "gâteau",
        "donut": "beignet",
        "cup": "tasse",
        "wine glass": "verre à vin",
        "bottle": "bouteille",
        "penguin": "manchot",
        "television": "télévision",
        "cell phone": "téléphone portable",
        "book": "livre",
        "clock": "horloge",
        "shoe": "chaussure",
        "hat": "chapeau",
        "bag": "sac",
        "ball": "balle",
        "sky": "ciel",
        "grass": "herbe",
        "sand": "sable",
        "snow": "neige",
        "water": "eau",
        "road": "route",
        "floor": "sol",
        "wall": "mur",
    }
}


def names(language: str) -> dict[str, str]:
    """English label -> its name, in the order of the labels; ValueError for a kind of background that has none."""
    package = sources.npm_package("emojibase-data", "17.0.0")
    rows = json.loads((package / language / "data.json").read_text(encoding="utf-8"))
    known = {row["hexcode"]: row["label"] for row in rows}
    found = {label: known[row.point[0]] for label, row in pictures.classes().items()}
    found = {**found, **BY_HAND.get(language, {})}
    missing = [kind for kind in STUFF if kind not in found]
    if missing:
        raise ValueError(f"BY_HAND has no names in {language!r} for {missing}")
    return found


def write(language: str) -> Path:
    lines = ["#", 'msgid ""', 'msgstr ""', '"Project-Id-Version: hfquick\\n"', f'"Language: {language}\\n"']
    lines += ['"MIME-Version: 1.0\\n"', '"Content-Type: text/plain; charset=UTF-8\\n"']
    lines += ['"Content-Transfer-Encoding: 8bit\\n"', ""]
    for label, name in names(language).items():
        lines += [f'msgid "{label}"', f'msgstr "{name}"', ""]
    path = FOLDER / f"{language}.po"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    print(write(sys.argv[1]))
