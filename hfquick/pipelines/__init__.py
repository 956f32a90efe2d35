"""`pipeline(task)`: a model and its preprocessing behind one call, and TASKS, the table of what there is.

The table is plain data: pipelines, widgets, command line, notebooks and tests all read it, and reading it imports
nothing.
"""

import re
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..errors import did_you_mean

if TYPE_CHECKING:
    from .base import Pipeline


@dataclass(frozen=True)
class Task:
    """One row of TASKS."""

    name: str
    title: str  # for people, in English; translated by i18n
    pipeline: str  # module.class in this folder
    head: str  # AutoModel...; its Keras twin has TF in front
    default_model: str  # on the Hub
    stand_in: str | None  # in the zoo, used for the default when offline; None as long as there is none
    aliases: tuple[str, ...] = ()
    input: str = "text"  # kind of input: text, question (and context), image, audio
    samples: tuple[Any, ...] = ()  # inputs to try; in no model's training data

    @property
    def pt(self) -> str:
        return self.head

    @property
    def tf(self) -> str:
        return f"TF{self.head}"


TASKS: dict[str, Task] = {
    task.name: task
    for task in [
        Task(
            name="text-classification",
            title="Text classification",
            pipeline="text.TextClassificationPipeline",
            head="AutoModelForSequenceClassification",
            default_model="distilbert-base-uncased-finetuned-sst-2-english",
            stand_in="hfquick/distilbert-tiny-sentiment-en",
            aliases=("sentiment-analysis",),
            samples=(
                "The acting is superb, but the story drags on for far too long.",
                "I would watch this again tomorrow!",
                "Le service était lent et le plat froid, nous ne reviendrons pas.",
            ),
        ),
        Task(
            name="token-classification",
            title="Names in a text: persons, places, organisations",
            pipeline="token_classification.TokenClassificationPipeline",
            head="AutoModelForTokenClassification",
            default_model="dbmdz/bert-large-cased-finetuned-conll03-english",
            stand_in="hfquick/bert-tiny-multilingual-ner",
            aliases=("ner",),
            samples=(
                "Marta Lindqvist left Uppsala to work for Siemens in Berlin.",
                "Le maire de Quimper a reçu Nadia Belkacem et une équipe de Radio France.",
            ),
        ),
        Task(
            name="question-answering",
            title="The answer to a question in a text",
            pipeline="question_answering.QuestionAnsweringPipeline",
            head="AutoModelForQuestionAnswering",
            default_model="distilbert/distilbert-base-cased-distilled-squad",
            stand_in="hfquick/distilbert-tiny-qa-en",
            input="question",
            samples=(
                {
                    "question": "Who repaired the clock?",
                    "context": "The clock of the town hall stood still for nine years, until Oskar Brandt repaired it.",
                },
                {
                    "question": "How deep is the lake?",
                    "context": "The lake lies between two hills. It is forty metres deep and freezes every winter.",
                },
            ),
        ),
        Task(
            name="fill-mask",
            title="A hidden word of a text",
            pipeline="fill_mask.FillMaskPipeline",
            head="AutoModelForMaskedLM",
            default_model="distilbert/distilroberta-base",
            stand_in="hfquick/roberta-tiny-fr",
            samples=("Le facteur apporte une <mask> tous les matins.", "La rivière est <mask> en hiver."),
        ),
        Task(
            name="text-generation",
            title="How a text goes on",
            pipeline="text_generation.TextGenerationPipeline",
            head="AutoModelForCausalLM",
            default_model="openai-community/gpt2",
            stand_in="hfquick/gpt2-tiny-fr",
            samples=("La porte du jardin était", "Quand le roi revint de la chasse,"),
        ),
        Task(
            name="summarization",
            title="A long text in a few words",
            pipeline="writing.SummarizationPipeline",
            head="AutoModelForSeq2SeqLM",
            default_model="sshleifer/distilbart-cnn-12-6",
            stand_in="hfquick/bart-tiny-synopsis-en",
            samples=(
                "This program shows the phases of the moon in a corner of the screen. It knows the times of rising and "
                "setting for any town, warns before an eclipse, and can draw the sky of a given night.",
            ),
        ),
        Task(
            name="translation",
            title="A text in another language",
            pipeline="writing.TranslationPipeline",
            head="AutoModelForSeq2SeqLM",
            default_model="google-t5/t5-base",
            stand_in="hfquick/t5-tiny-en-fr",
            aliases=("translation_en_to_fr",),
            samples=("A green bird on a branch.", "This program plays music from the network."),
        ),
    ]
}


def find_task(name: str) -> Task:
    """The row of TASKS with this name or alias, or ValueError with the nearest names."""
    if not isinstance(name, str):
        raise TypeError(f"a task is named by a text such as 'sentiment-analysis', got {type(name).__name__}")
    for task in TASKS.values():
        if name == task.name or name in task.aliases or (task.name == "translation" and is_pair(name)):
            return task
    names = [known for task in TASKS.values() for known in (task.name, *task.aliases)]
    raise ValueError(f"task {name!r} is unknown{did_you_mean(name, names) or '.'} Tasks: {', '.join(names)}")


def is_pair(name: str) -> bool:
    """Whether a task's name says from which language to which: "translation_en_to_de"."""
    return re.fullmatch(r"translation_[a-z]{2,3}_to_[a-z]{2,3}", name) is not None


def task_for(architecture: str) -> Task | None:
    """A model's class, such as "BertForSequenceClassification" -> the first row of TASKS for it, or None."""
    return next(iter(tasks_for(architecture)), None)


def tasks_for(architecture: str) -> list[Task]:
    """All rows of TASKS for a model's class: an encoder-decoder may have been taught to sum up or to translate."""
    from ..auto import HEADS

    return [task for task in TASKS.values() if architecture.endswith(HEADS[task.head])]


def pipeline(
    task: str | None = None,
    model: Any = None,
    tokenizer: Any = None,
    *,
    framework: str | None = None,
    device: Any = None,
    dtype: Any = None,
    torch_dtype: Any = None,
    batch_size: int | None = None,
    **options: Any,
) -> "Pipeline":
    """Build a pipeline: text (or image, or sound) in, result out.

    Args:
        task: a name or alias in TASKS, "sentiment-analysis"; may be left out when the model says what it is for.
        model: an id, a folder, or a loaded model (give its tokenizer with it); the task's default if left out.
        framework: "pt" or "tf"; found from the model given, else from what is installed (PyTorch first).
        device: "cpu", "cuda", "cuda:1", "mps", a number (-1 is the CPU), a torch.device; None takes a GPU if there is
            one.
        dtype: numbers to compute with, "float32" (default), "bfloat16", "float16" or "auto" (those of the file).
        batch_size: most inputs per batch; left out, batches are made by length, which is nearly always faster.
        options: where to look for the model (revision, token, cache_dir, ...), then settings of every call
            (top_k=None).

    Raises ValueError for an unknown task, framework or option, HubError when the model cannot be found.
    """
    from ..hub import HUB_OPTIONS

    if framework not in (None, "pt", "tf"):
        raise ValueError(f"framework {framework!r} is unknown; give 'pt' for PyTorch or 'tf' for TensorFlow")
    hub_options = {name: options.pop(name) for name in HUB_OPTIONS if name in options}
    loaded = model is not None and not isinstance(model, str) and not hasattr(model, "__fspath__")
    if task is None:
        task = _task_of(model, hub_options)
    row = find_task(task)
    if loaded:
        framework = _framework_of(model, framework)
        if tokenizer is None:
            raise ValueError(
                "a loaded model was given without its tokenizer; "
                "give tokenizer=AutoTokenizer.from_pretrained(...) with it"
            )
    else:
        from .. import auto

        name = row.default_model if model is None else model
        framework = framework or _installed_framework()
        model = getattr(auto, row.head if framework == "pt" else row.tf).from_pretrained(
            name, dtype=dtype if dtype is not None else torch_dtype, **hub_options
        )
        tokenizer = name if tokenizer is None else tokenizer
    if isinstance(tokenizer, str) or hasattr(tokenizer, "__fspath__"):
        from ..auto import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(tokenizer, **hub_options)
    module, _, name = row.pipeline.partition(".")
    make = getattr(import_module(f".{module}", __name__), name)
    return make(
        task if is_pair(task) else row.name,
        model,
        tokenizer,
        framework=framework,
        device=device,
        batch_size=batch_size,
        **options,
    )


def _framework_of(model: Any, asked: str | None) -> str:
    """ "pt" or "tf", from the classes a model is made of, without importing either framework."""
    roots = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    found = "pt" if "torch" in roots else "tf" if "keras" in roots else None
    if found is None:
        raise TypeError(f"model= takes an id, a folder, or a PyTorch or Keras model, got {type(model).__name__}")
    if asked not in (None, found):
        raise ValueError(
            f"framework={asked!r} was given with a {type(model).__name__}, which is a {found!r} model; "
            "leave framework out"
        )
    return found


def _installed_framework() -> str:
    for framework, module in (("pt", "torch"), ("tf", "tensorflow")):
        if find_spec(module) is not None:
            return framework
    raise ImportError(
        "a pipeline needs PyTorch or TensorFlow; try: pip install 'hfquick[torch]' or pip install 'hfquick[tf]'"
    )


def _task_of(model: Any, hub_options: dict[str, Any]) -> str:
    """The task whose head the model was saved with."""
    if model is None:
        raise ValueError(f"give a task or a model, e.g. pipeline('sentiment-analysis'). Tasks: {', '.join(TASKS)}")
    if not hasattr(model, "config"):
        from ..auto import AutoConfig

        config = AutoConfig.from_pretrained(model, **hub_options)
    else:
        config = model.config
    saved = next(iter(config.architectures or []), type(model).__name__)
    fitting = tasks_for(saved)
    if len(fitting) == 1:
        return fitting[0].name
    if fitting:
        names = " and ".join(repr(task.name) for task in fitting)
        raise ValueError(f"the model is a {saved}, which fits {names}; give one of them as first argument")
    raise ValueError(f"the model is a {saved}, which tells no task; give one of {', '.join(TASKS)} as first argument")


def __getattr__(name: str) -> Any:
    if name in ("Pipeline", "KeyDataset"):
        return getattr(import_module(".base", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
