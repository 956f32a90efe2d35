"""Phrases that stood for a term of the field, and came back before, are refused: see "The words" in CONTRIBUTING.

The lists are short on purpose. They keep out what a reader could neither search for nor find in a paper.
"""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[1]

ENGLISH = {  # a pattern, with any white space for a space -> what we say
    # Files are written; people write; an alphabet, a language is written.
    r"\bthat writes?\b(?! (?:with|no|into|to)\b| (?:a |the |its )?(?:files?|folders?|cards?)\b)": "generates",
    r"\bslow road\b": "slow code path",
    r"\bfirst weights\b": "weight initialisation",
    r"\bhidden (?:sub)?words?\b": "masked word, masked token",
    r"\bhidden (?:pieces?|places?)\b": "masked token, masked position",
    r"\bchance\b": "random number generator, sampling",
    r"\bgoes? on with\b": "continues, resumes, generates",
    r"\bnumbers (?:that )?(?:the|a) model (?:has learnt|learns)\b": "parameters",
    r"\bnumbers inside\b": "parameters",
    r"\b(?:numbers|weights|values) (?:are|were|was|is) drawn\b": "randomly initialised",
    r"\bdrawn at random\b": "randomly initialised, sampled",
    r"\bruns of (?:three|two) (?:pieces|tokens)\b": "trigrams, n-grams",
    r"\bperplexity of a (?:piece|token)\b": "per-token perplexity",
    r"\bbits for a letter\b": "bits per character",
    r"\bshows? (?:their|its|the) attention where to look\b": "guided alignment, supervised attention",
    r"\bguess(?:es)? (?:each|the) (?:next )?words? (?:behind|that)": "masked LM, causal LM",
    r"\bon the way back\b": "in the backward pass",
}
FRENCH = {
    r"\bjetons?\b": "token",
    r"\bmots? cachés?\b": "mot masqué",
    r"\b(?:nombres|poids|valeurs|paramètres)\b[^.;,]{0,60}\bau hasard\b": "initialisés aléatoirement",
    r"\btirée?s? au hasard\b": "initialisé aléatoirement, échantillonné",
    r"\bdit (?:un|le) (?:long )?texte\b": "traduit, résume un texte",
    r"\bécrire la suite\b": "génération de texte",
    r"\bmodèles? qui écri(?:t|vent)\b": "modèle génératif",
}

ROOMS = sorted(path.name for path in (ROOT / "hfquick").iterdir() if path.is_dir() and any(path.rglob("*.py")))
PLACES = {  # what is read together -> its files
    "README.md": ["README.md"],
    "CONTRIBUTING.md": ["CONTRIBUTING.md"],
    "docs": ["docs/*.md"],
    "notebooks/source": ["notebooks/source/*.py", "notebooks/source/lessons/*.py", "notebooks/README.md"],
    "recipes": ["recipes/*.py", "recipes/README.md", "recipes/cards/*.md"],
    "cards": ["hfquick/zoo/*/README.md"],
    "benchmarks": ["benchmarks/*.py", "benchmarks/README.md"],
    "hfquick": ["hfquick/*.py"],
    **{f"hfquick/{room}": [f"hfquick/{room}/**/*.py"] for room in ROOMS},
}
CATALOGUES = [
    "hfquick/locale/fr.po",
    "hfquick/locale/errors/fr.po",
    "notebooks/po/fr.po",
    "notebooks/po/fr/lessons/*.po",
]


def offences(text: str, words: dict[str, str], name: str) -> list[str]:
    """A sentence for each phrase that is refused, with its line; white space and the marks of comments may vary."""
    found = []
    for pattern, instead in words.items():
        spaced = pattern.replace(" ", r"[\s#>]+")
        for match in re.finditer(spaced, text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            phrase = " ".join(match[0].split())
            found.append(f"{name}:{line}: {phrase!r}; the field says: {instead}")
    return found


def read(path: Path) -> str:
    """The text of a file; of the glossary's rows, only what we say."""
    text = path.read_text(encoding="utf-8")
    if path.name == "CONTRIBUTING.md":
        before, rest = text.split("\n## The words\n", 1)
        glossary, after = rest.split("\n## ", 1)
        rows = ["|".join(row.split("|")[:3]) if row.startswith("|") else row for row in glossary.split("\n")]
        text = f"{before}\n## The words\n" + "\n".join(rows) + f"\n## {after}"
    return text


@pytest.mark.parametrize("place", PLACES)
def test_the_terms_of_the_field_are_used(place):
    paths = sorted({path for pattern in PLACES[place] for path in ROOT.glob(pattern)})
    assert paths
    found = [line for path in paths for line in offences(read(path), ENGLISH, path.relative_to(ROOT).as_posix())]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("pattern", CATALOGUES)
def test_french_has_the_terms_of_a_french_course(pattern):
    found = []
    for path in sorted(ROOT.glob(pattern)):
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                where = f"{path.relative_to(ROOT).as_posix()} ({entry.msgid[:40]!r})"
                found += offences(entry.msgstr, FRENCH, where)
    assert not found, "\n".join(found)


def test_the_glossary_has_a_row_for_each_term_and_french_beside_it():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    glossary = text.split("\n## The words\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in glossary.split("\n") if row[:2] == "| "]
    assert rows[0] == ["say", "en français", "not"]
    assert len(rows) > 40
    assert all(len(row) == 3 and row[0] for row in rows)
    terms = [term.strip() for row in rows[1:] for term in re.split(r"[,;]", row[0])]
    assert len(set(terms)) == len(terms), "a term stands in one row"


def test_the_lists_see_what_they_are_for():
    for wrong in (
        "a model that writes",
        "takes its slow road",
        "guess the hidden\n# word",
        "nothing is left to chance",
    ):
        assert offences(wrong, ENGLISH, "x"), wrong
    for wrong in ("le jeton suivant", "ses nombres ont été tirés au hasard", "dit un texte dans une autre langue"):
        assert offences(wrong, FRENCH, "x"), wrong
    assert not offences("autoregressive generation; a callback that writes files; hidden state", ENGLISH, "x")
    assert not offences("les tokens, les poids sont initialisés aléatoirement, au hasard près", FRENCH, "x")
