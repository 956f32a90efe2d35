"""Sentences that no model may be trained on: of the notebooks, the tests, the first inputs, the task table, the zoo.

They are in `reserved_sentences.txt`. Run before training: python -m recipes.reserve. The list only grows, so a recipe
leaves out again what it left out.
`tests/recipes/test_recipes.py` uses the same collection against the hashes of what was really trained on.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import first_inputs, speech_texts
from .common import HERE, RESERVED, normalise
from .sources import sentences_of

ROOT = HERE.parent
LIST = HERE / "reserved_sentences.txt"

CODE = re.compile(r"[{}=<>\\_|\]\[]|\w\(|^\W*\.|[\w.]+/\w+/")  # literals that are not sentences


def prose(text: str) -> bool:
    """Looks like a sentence: mostly letters and spaces, no sign of code."""
    return not CODE.search(text) and sum(c.isalpha() or c == " " for c in text) > 0.8 * len(text)


def strings(path: Path) -> Iterator[str]:
    """Every text literal of a Python file, and the text of its comment lines (a notebook's prose)."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.encode("utf-8", "ignore").decode()  # tests feed halves of emoji, which no file can hold
    for line in re.findall(r"^# (?!%%)(.+)$", source, flags=re.M):
        yield re.sub(r"`[^`]*`|\[[^]]*\]\([^)]*\)", " ", line)


def split(texts: Iterable[str]) -> set[str]:
    """Texts and their sentences, in one line each."""
    return {" ".join(s.split()) for text in texts for s in (text, *sentences_of(text))}


def collect() -> list[str]:
    """All sentences of three words or more that learners and tests feed to a model."""
    from hfquick.tasks import TASKS
    from hfquick.zoo import MODELS

    texts = [*RESERVED, *(text for language in speech_texts.LETTERS for text in speech_texts.reserved(language))]
    for samples in (*(task.samples for task in TASKS.values()), *(model.sample_inputs for model in MODELS.values())):
        for sample in samples:
            texts += sample.values() if isinstance(sample, dict) else [sample]
    for path in sorted([*(ROOT / "notebooks" / "source").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]):
        texts += strings(path)
    found = {s for s in split(text for text in texts if len(text) < 2000) if prose(s)} | split(first_inputs.texts())
    return sorted(s for s in found if 3 <= len(normalise(s).split()) <= 60)


if __name__ == "__main__":
    known = LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []
    LIST.write_text("".join(f"{s}\n" for s in sorted({*known, *collect()})), encoding="utf-8")
    print(len(LIST.read_text(encoding="utf-8").splitlines()), "reserved sentences")
