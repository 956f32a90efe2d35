"""The embedded models and datasets: two tables, and the folder of each. They need no network, only this package.

Every folder has the Hub's own layout (config.json, tokenizer.json, model.safetensors, ...; Parquet files for rows), so
the same loader opens it, and a card (README.md) that says how it was made. How: the scripts in `recipes/`.
"""

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from ..i18n import said, spoken
from ..utils.errors import did_you_mean

PREFIX = "hfquick/"
PICTURES = "hfquick/pictures/"  # pictures to try are addressed like files, and found without a network
SOUNDS = "hfquick/sounds/"  # the same for sounds
HERE = Path(__file__).parent


class ZooModel(NamedTuple):
    """What the pickers, the command line and the loader know about an embedded model without opening it."""

    task: str
    languages: tuple[str, ...]  # of its texts, or of its labels
    stands_in_for: tuple[str, ...]  # famous ids it replaces while there is no network, always with one printed line
    architecture: str
    title: str  # one line for people who choose
    sample_inputs: tuple[Any, ...] = ()  # as its task takes them: texts, pictures, or questions with either
    more_tasks: tuple[str, ...] = ()  # that the same file serves

    @property
    def tasks(self) -> tuple[str, ...]:
        return self.task, *self.more_tasks


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
        sample_inputs=("Un hôtel magnifique et un accueil chaleureux.", "The battery died after two days."),
    ),
    "hfquick/distilbert-tiny-en": ZooModel(
        task="fill-mask",
        languages=("en",),
        stands_in_for=("distilbert-base-uncased", "distilbert/distilbert-base-uncased"),
        architecture="distilbert",
        title="English: predicts a masked word; a start for models of your own",
        sample_inputs=("The children went to [MASK] after lunch.",),
    ),
    "hfquick/roberta-tiny-en": ZooModel(
        task="fill-mask",
        languages=("en",),
        stands_in_for=("distilroberta-base", "distilbert/distilroberta-base"),
        architecture="roberta",
        title="English: predicts a masked word, capital or not",
        sample_inputs=("The tired children went to <mask> at eight.",),
    ),
    "hfquick/roberta-tiny-fr": ZooModel(
        task="fill-mask",
        languages=("fr",),
        stands_in_for=("camembert-base", "almanach/camembert-base"),
        architecture="roberta",
        title="French: predicts a masked word",
        sample_inputs=(
            "Le chat dort sur la <mask>.",
            "Le boulanger vend du <mask> frais.",
            "Mon oncle lit le <mask> après le dîner.",
        ),
    ),
    "hfquick/gpt2-tiny-en": ZooModel(
        task="text-generation",
        languages=("en",),
        stands_in_for=("gpt2", "openai-community/gpt2"),
        architecture="gpt2",
        title="English: continues a sentence, in simple words",
        sample_inputs=("The young baker opened the window and",),
    ),
    "hfquick/gpt2-tiny-fr": ZooModel(
        task="text-generation",
        languages=("fr",),
        stands_in_for=(),
        architecture="gpt2",
        title="French: continues a sentence, in the words of old literature",
        sample_inputs=(
            "La reine ouvrit la lettre et",
            "La porte du jardin était",
            "Quand le roi revint de la chasse,",
        ),
    ),
    "hfquick/bert-tiny-multilingual-ner": ZooModel(
        task="token-classification",
        languages=("en", "fr"),
        stands_in_for=("dbmdz/bert-large-cased-finetuned-conll03-english",),
        architecture="bert",
        title="French and English: names of people, places and organisations",
        sample_inputs=(
            "Ingrid Solberg met the mayor of Lisbon at Nokia.",
            "Amadou Keita travaille chez Renault à Dakar.",
        ),
    ),
    "hfquick/distilbert-tiny-qa-en": ZooModel(
        task="question-answering",
        languages=("en",),
        stands_in_for=("distilbert-base-cased-distilled-squad", "distilbert/distilbert-base-cased-distilled-squad"),
        architecture="distilbert",
        title="English: finds the answer to a question in a text",
        sample_inputs=(
            {
                "question": "Where did Clara find the key?",
                "context": "Clara found the key in the garden. Her brother had lost it in April.",
            },
        ),
    ),
    "hfquick/bart-tiny-synopsis-en": ZooModel(
        task="summarization",
        languages=("en",),
        stands_in_for=(
            "sshleifer/distilbart-cnn-12-6",
            "facebook/bart-large-cnn",
            "facebook/bart-base",
            "facebook/bart-large",
        ),
        architecture="bart",
        title="English: one line for a short everyday text or the description of a program",
        sample_inputs=(
            "A program to sort photographs. It reads the date of each picture from the camera, puts pictures of one "
            "day into one folder, and shows them on the whole screen.",
        ),
    ),
    "hfquick/t5-tiny-en-fr": ZooModel(
        task="translation",
        languages=("en", "fr"),
        stands_in_for=("t5-base", "google-t5/t5-base", "t5-small", "google-t5/t5-small"),
        architecture="t5",
        title="English to French: short everyday sentences, and those about programs",
        sample_inputs=("A yellow cat under a tree.", "This package contains the pictures."),
    ),
    "hfquick/vit-tiny-pictures": ZooModel(
        task="image-classification",
        languages=("en",),
        stands_in_for=("google/vit-base-patch16-224",),
        architecture="vit",
        title="Pictures: which of 58 everyday things?",
        sample_inputs=("hfquick/pictures/cat.png", "hfquick/pictures/strawberry.png"),
    ),
    "hfquick/detr-tiny-scenes": ZooModel(
        task="object-detection",
        languages=("en",),
        stands_in_for=("facebook/detr-resnet-50", "facebook/detr-resnet-50-panoptic"),
        architecture="detr",
        title="Pictures: 30 kinds of things, with boxes and masks, and 8 kinds of background",
        sample_inputs=("hfquick/pictures/street.png", "hfquick/pictures/table.png"),
        more_tasks=("image-segmentation",),
    ),
    "hfquick/vilt-tiny-vqa": ZooModel(
        task="visual-question-answering",
        languages=("en", "fr"),
        stands_in_for=("dandelin/vilt-b32-finetuned-vqa",),
        architecture="vilt",
        title="English and French: a word in answer to a question about a simple picture",
        sample_inputs=(
            {"image": "hfquick/pictures/playground.png", "question": "Is there a tree?"},
            {"image": "hfquick/pictures/shelf.png", "question": "What is to the right of the book?"},
            {"image": "hfquick/pictures/lake.png", "question": "Y a-t-il un poisson ?"},
        ),
    ),
    "hfquick/wav2vec2-tiny-en": ZooModel(
        task="automatic-speech-recognition",
        languages=("en",),
        stands_in_for=("facebook/wav2vec2-base-960h",),
        architecture="wav2vec2",
        title="English: what is said in a recording",
        sample_inputs=("hfquick/sounds/travel-en.ogg", "hfquick/sounds/account-en.ogg"),
    ),
    "hfquick/wav2vec2-tiny-fr": ZooModel(
        task="automatic-speech-recognition",
        languages=("fr",),
        stands_in_for=(),
        architecture="wav2vec2",
        title="French: what is said in a recording",
        sample_inputs=("hfquick/sounds/vacances-fr.ogg", "hfquick/sounds/compte-fr.ogg"),
    ),
    "hfquick/wav2vec2-tiny-drums": ZooModel(
        task="audio-classification",
        languages=("en",),
        stands_in_for=("superb/wav2vec2-base-superb-ks",),
        architecture="wav2vec2",
        title="Sounds: which of five kinds of drum was hit?",
        sample_inputs=("hfquick/sounds/kick.ogg", "hfquick/sounds/hi-hat.ogg"),
    ),
    "hfquick/sample-tf-save": ZooModel(
        task="text-classification",
        languages=("en", "fr"),
        stands_in_for=(),
        architecture="bert",
        title="The stars model as TensorFlow saved it (tf_model.h5): a sample for from_tf=True",
    ),
}


class ZooDataset(NamedTuple):
    """The same about an embedded dataset."""

    task: str
    languages: tuple[str, ...]
    stands_in_for: tuple[str, ...]
    title: str

    @property
    def tasks(self) -> tuple[str, ...]:
        return (self.task,)


DATASETS: dict[str, ZooDataset] = {
    "hfquick/reviews-tiny-en": ZooDataset(
        task="text-classification",
        languages=("en",),
        stands_in_for=("rotten_tomatoes", "cornell-movie-review-data/rotten_tomatoes"),
        title="English: sentences of film reviews, negative or positive",
    ),
    "hfquick/pictures-tiny": ZooDataset(
        task="image-classification",
        languages=(),
        stands_in_for=(),
        title="Pictures of five musical instruments, by several designers",
    ),
    "hfquick/minds14-tiny": ZooDataset(
        task="automatic-speech-recognition",
        languages=("en", "fr"),
        stands_in_for=("PolyAI/minds14",),
        title="English and French: spoken requests to a bank, with their words and intents",
    ),
}

STAND_INS: dict[str, str] = {famous: name for name, model in MODELS.items() for famous in model.stands_in_for}
DATASET_STAND_INS: dict[str, str] = {famous: name for name, row in DATASETS.items() for famous in row.stands_in_for}


def table(kind: str) -> dict[str, Any]:
    """The table of a kind of repository, "model" or "dataset"."""
    return DATASETS if kind == "dataset" else MODELS


def stand_ins(kind: str) -> dict[str, str]:
    """Famous id -> the embedded one that replaces it while there is no network."""
    return DATASET_STAND_INS if kind == "dataset" else STAND_INS


def stand_ins_allowed() -> bool:
    """Whether a stand-in may replace a famous id; HFQUICK_STAND_INS=0 (or false, no, off) forbids it."""
    return os.environ.get("HFQUICK_STAND_INS", "").lower() not in ("0", "false", "no", "off")


def known(kind: str) -> list[str]:
    """Every id of a kind that means something without a network."""
    return [*stand_ins(kind), *table(kind)]


def models(task: str | None = None) -> list[str]:
    """All embedded models, or those of one task -> their ids, such as 'hfquick/distilbert-tiny-en'."""
    return [name for name, model in MODELS.items() if task is None or task in model.tasks]


def find(name: str, kind: str = "model") -> Any:
    """'hfquick/<name>' or '<name>' -> its row of the table, or a ValueError that names the nearest ones."""
    full, rows = full_name(name), table(kind)
    if full not in rows:
        is_other = full in table("model" if kind == "dataset" else "dataset")
        names = ", ".join(rows)
        if kind == "dataset":
            is_not = said("is an embedded model, not a dataset") if is_other else said("is not an embedded dataset")
            others = said("; embedded datasets: {names}", names=names)
        else:
            is_not = said("is an embedded dataset, not a model") if is_other else said("is not an embedded model")
            others = said("; embedded models: {names}", names=names)
        raise spoken(
            ValueError, "{name!r} {is_not}{hint}", name=full, is_not=is_not, hint=did_you_mean(full, rows) or others
        )
    return rows[full]


def folder(name: str, kind: str = "model") -> Path:
    """'hfquick/<name>' or '<name>' -> the folder with its files."""
    find(name, kind)
    return HERE / name.removeprefix(PREFIX)


def picture(name: str) -> Path:
    """'hfquick/pictures/cat.png' -> the file of an embedded picture to try, or a ValueError that names the nearest."""
    files = {f"{PICTURES}{path.name}": path for path in sorted((HERE / "pictures").glob("*.png"))}
    if name not in files:
        near = did_you_mean(name, files) or said("; embedded pictures: {names}", names=", ".join(files))
        raise spoken(ValueError, "{name!r} is not an embedded picture{near}", name=name, near=near)
    return files[name]


def sound(name: str) -> Path:
    """'hfquick/sounds/name.ogg' -> the file of an embedded sound to try, or a ValueError that names the nearest."""
    files = {f"{SOUNDS}{path.name}": path for path in sorted((HERE / "sounds").glob("*.*")) if path.suffix != ".md"}
    if name not in files:
        near = did_you_mean(name, files) or said("; embedded sounds: {names}", names=", ".join(files))
        raise spoken(ValueError, "{name!r} is not an embedded sound{near}", name=name, near=near)
    return files[name]


def full_name(name: str) -> str:
    return PREFIX + name.removeprefix(PREFIX)


def same_repo(famous: str, kind: str = "model") -> tuple[str, ...]:
    """The ids under which the Hub knows one and the same thing: with and without its organisation, this one first."""
    rows = [row.stands_in_for for row in table(kind).values() if famous in row.stands_in_for]
    return famous, *(name for row in rows for name in row if name != famous and _last(name) == _last(famous))


def similar(repo_id: str, n: int = 3, kind: str = "model", task: str | None = None) -> list[str]:
    """Some id -> the embedded ones whose description shares most words with it, best first; all if none does.

    Where a task is given, of its models only, as long as there is one.
    """
    wanted, rows = _words(repo_id), table(kind)
    rows = {name: row for name, row in rows.items() if task in row.tasks} or rows
    shared = {name: len(wanted & _described(name, row)) for name, row in rows.items() if row.stands_in_for}
    best = sorted((name for name in shared if shared[name]), key=lambda name: -shared[name])
    return best[:n] or list(rows)


def _last(repo_id: str) -> str:
    return repo_id.rpartition("/")[2]


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", text.lower()) if len(word) > 2}


def _described(name: str, row: Any) -> set[str]:
    return _words(" ".join((name, *row.tasks, getattr(row, "architecture", ""), row.title, *row.stands_in_for)))
