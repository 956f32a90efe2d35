"""The embedded models: one table, and the folder of each. They need no network and nothing but this package.

Every folder has the Hub's own layout (config.json, tokenizer.json, model.safetensors, ...), so the same loader opens
it, and a card (README.md) that says how the model was made. How: the scripts in `recipes/`.
"""

import re
from pathlib import Path
from typing import NamedTuple

from ..errors import did_you_mean

PREFIX = "hfquick/"
HERE = Path(__file__).parent


class ZooModel(NamedTuple):
    """What the pickers, the command line and the loader know about an embedded model without opening it."""

    task: str
    languages: tuple[str, ...]
    stands_in_for: tuple[str, ...]  # famous ids it replaces while there is no network, always with one printed line
    architecture: str
    title: str  # one line for people who choose
    sample_inputs: tuple[str, ...] = ()


MODELS: dict[str, ZooModel] = {
    "hfquick/distilbert-tiny-sentiment-en": ZooModel(
        task="text-classification",
        languages=("en",),
        stands_in_for=(
            "distilbert-base-uncased-finetuned-sst-2-english",
            "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        ),
        architecture="distilbert",
        title="English: is a text positive or negative?",
        sample_inputs=("What a lovely afternoon in the garden.", "The soup was cold and the waiter rude."),
    ),
    "hfquick/bert-tiny-multilingual-stars": ZooModel(
        task="text-classification",
        languages=("en", "fr"),
        stands_in_for=("nlptown/bert-base-multilingual-uncased-sentiment",),
        architecture="bert",
        title="French and English: from 1 to 5 stars",
        sample_inputs=("Un hôtel calme et un accueil chaleureux.", "The battery died after two days."),
    ),
    "hfquick/distilbert-tiny-en": ZooModel(
        task="fill-mask",
        languages=("en",),
        stands_in_for=("distilbert-base-uncased", "distilbert/distilbert-base-uncased"),
        architecture="distilbert",
        title="English: guess a hidden word; a start for models of your own",
        sample_inputs=("The children went to [MASK] after lunch.",),
    ),
    "hfquick/sample-tf-save": ZooModel(
        task="text-classification",
        languages=("en", "fr"),
        stands_in_for=(),
        architecture="bert",
        title="The stars model as TensorFlow saved it (tf_model.h5): a sample for from_tf=True",
    ),
}

STAND_INS: dict[str, str] = {famous: name for name, model in MODELS.items() for famous in model.stands_in_for}


def models(task: str | None = None) -> list[str]:
    """All embedded models, or those of one task -> their ids, such as 'hfquick/distilbert-tiny-en'."""
    return [name for name, model in MODELS.items() if task is None or model.task == task]


def find(name: str) -> ZooModel:
    """'hfquick/<name>' or '<name>' -> its row of the table, or a ValueError that names the nearest ones."""
    full = full_name(name)
    if full not in MODELS:
        hint = did_you_mean(full, MODELS) or f"; embedded models: {', '.join(MODELS)}"
        raise ValueError(f"{full!r} is not an embedded model{hint}")
    return MODELS[full]


def folder(name: str) -> Path:
    """'hfquick/<name>' or '<name>' -> the folder with its files."""
    find(name)
    return HERE / name.removeprefix(PREFIX)


def full_name(name: str) -> str:
    return PREFIX + name.removeprefix(PREFIX)


def same_model(famous: str) -> tuple[str, ...]:
    """The ids under which the Hub knows one and the same model: with and without its organisation, this one first."""
    rows = [model.stands_in_for for model in MODELS.values() if famous in model.stands_in_for]
    return famous, *(name for row in rows for name in row if name != famous and _last(name) == _last(famous))


def similar(repo_id: str, n: int = 3) -> list[str]:
    """Some id -> the embedded models whose description shares most words with it, best first; all if none does."""
    wanted = _words(repo_id)
    shared = {name: len(wanted & _described(name)) for name in MODELS if MODELS[name].stands_in_for}
    best = sorted((name for name in shared if shared[name]), key=lambda name: -shared[name])
    return best[:n] or models()


def _last(repo_id: str) -> str:
    return repo_id.rpartition("/")[2]


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", text.lower()) if len(word) > 2}


def _described(name: str) -> set[str]:
    model = MODELS[name]
    return _words(" ".join((name, model.task, model.architecture, model.title, *model.stands_in_for)))
