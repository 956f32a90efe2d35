"""French texts for the two models that are trained on French literature, split by author.

Citations of the 17th to 19th century from Littré's dictionary, each with its author. All citations of an author are on
one side, so that no model is tested on a book of its training data. The masked language model is trained on Debian's
French descriptions and the captions of Tux Paint's stamps as well, for today's words.
"""

from functools import cache

from . import sources
from .common import free, part

PARTS = ("train", "dev", "test")


@cache
def citations() -> dict[str, list[str]]:
    """Part -> citations. 3 % of the authors are kept for the test, 2 % for dev."""
    found: dict[str, list[str]] = {name: [] for name in PARTS}
    for author, text in sources.littre_citations():
        if free(text):
            found[part(author, 0.03, 0.02)].append(tidy(text))
    return found


def tidy(text: str) -> str:
    """A citation as a sentence: it begins with a capital letter and ends with a mark."""
    text = text.strip().rstrip(",;: ")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…", "»")) else f"{text}."


@cache
def today() -> dict[str, list[str]]:
    """Part -> French of today: Debian's descriptions, split by package, and captions of stamps, for training only."""
    found: dict[str, list[str]] = {name: [] for name in PARTS}
    packages: dict[str, list[str]] = {}
    for package, _, french in sources.debian_descriptions():
        if free(french):
            packages.setdefault(package, []).append(french)
    for package, sentences in packages.items():
        found[part(package.split("-")[0], 0.03, 0.02)].append(" ".join(sentences))
    found["train"] += [french for _, french in sources.stamp_sentences() if free(french)]
    return found
