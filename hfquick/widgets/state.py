"""What the Playground knows and does, without a picture of it: traits that a view (or a test) sets and watches.

state = PlaygroundState()
state.text = "We are very happy."
state.run()
state.result, state.seconds, state.code
"""

import _thread
import json
import signal
import threading
from collections import OrderedDict
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Float, Int, List, Unicode, observe, validate

from .. import zoo
from ..hub.repository import stand_in_notice
from ..i18n import gettext as _
from ..i18n import language, spoken
from ..pipelines import pipeline
from ..pipelines.image_segmentation import SUBTASKS
from ..tasks import TASKS, Task, find_task
from .chosen_picture import ChosenPicture
from .chosen_sound import ChosenSound
from .sounds import CHUNK, LONG, RECORDING

FRAMEWORKS = {"pt": ("PyTorch", "torch"), "tf": ("TensorFlow", "tensorflow")}  # short name -> name, module
INPUTS = ("text", "question", "image", "image and question", "audio")  # kinds of input there is a control for
MOST_LOADED = 3  # models kept in memory, those used last
MOST_CHARACTERS = 20_000  # of an input: some pages; more would take minutes, and a learner has pasted the wrong thing
# Names for entities as they are written, one row for each; code that is copied from here says so.
SAMPLES = "hfquick/sample-"  # of file formats: they show nothing that another model in the list does not
ENTITIES = {"aggregation_strategy": "first"}
TIMES = ("word", "char")  # what a recognised text is divided into, each with its times


class PlaygroundState(ChosenPicture, ChosenSound):
    """The choices, the last result, and the code that gives the same."""

    task = Unicode(help="a name in TASKS")
    model = Unicode(help="an id or a folder")
    models = List(Unicode(), help="what may be chosen for this task without typing")
    framework = Unicode(help="'pt' or 'tf'; empty when neither is installed")
    text = Unicode(help="the input; where a question is asked, its context")
    question = Unicode(help="what is asked, where the task answers questions")
    samples = List(AnyTrait(), help="inputs to try with this model: as `take` takes them")
    all_labels = Bool(False, help="every label with its score, not only the best")
    truncation = Bool(False, help="cut a text that is too long for the model, instead of saying so")
    top_k = Int(0, allow_none=True, help="how many labels of a picture or a sound, or answers; None is all")
    threshold = Float(0.0, help="what is found in a picture with a lower score is left out")
    subtask = Unicode(help="which kind of segments are found")
    return_timestamps = Unicode(help="'word' or 'char': what has its times in a recognised text; empty for nothing")
    chunk_length_s = Int(0, help="seconds of the chunks in which a long recording is read; 0 reads it at once")

    code = Unicode(help="the lines of Python that give the same")
    busy = Bool(False)
    ran = Unicode(help="the code that gave this result")
    loading = Float(0.0, help="seconds to load the model; 0 when it was loaded before")
    seconds = Float(0.0, help="seconds for the call itself")

    def __init__(self, task: str | None = None) -> None:
        super().__init__()
        self._loaded: OrderedDict[tuple[str, str, str], Any] = OrderedDict()
        self._input_kind = ""  # of the last task
        self._sampled = ""  # the task whose samples there are
        self._taken: Any = None  # the last sample, as question, text, picture and sound
        self.task = task or tasks()[0].name
        self.framework = next(iter(installed_frameworks()), "")

    # Choices that follow from other choices

    @property
    def row(self) -> Task:
        return find_task(self.task)

    @validate("task")
    def _known_task(self, proposal: Any) -> str:
        return find_task(proposal["value"]).name  # aliases are fine; anything unknown raises a sentence

    @observe("task")
    def _task_changed(self, change: Any) -> None:
        row = self.row
        listed = [
            row.stand_in,
            *(name for name in zoo.models(row.name) if not name.startswith(SAMPLES)),
            row.default_model,
        ]
        models = list(dict.fromkeys(filter(None, listed)))
        if row.reads_sound:  # a learner speaks their own language
            models.sort(key=_is_foreign)
        self.models = models
        self.model = self.models[0]
        self.all_labels = self.truncation = False
        self.top_k, self.threshold = self._setting("top_k") if self.can_rank else 0, self._setting("threshold") or 0.0
        self.subtask = SUBTASKS[0] if self.can_segment else ""
        self.return_timestamps = TIMES[0] if self.can_time else ""
        own = "" if self._is_sample() else self.picture
        if self._input_kind != row.input or self._is_sample():  # a text is no question; a sample is of its task
            self._input_kind = row.input
            if row.reads_picture and own:  # as good for another task
                self.question = (self._questions() or [""])[0] if row.asks else ""
            else:
                self.take(self.samples[0] if self.samples else "")

    @observe("task", "model")
    def _model_changed(self, change: Any) -> None:
        entry = _entry(self.model)
        if entry and self.row.name not in entry.tasks:  # the model of the task before
            entry = None
        own = entry.sample_inputs if entry else ()
        more = self.row.samples  # in English
        if entry and "en" not in entry.languages and self.row.input != "image":  # a text, a question, or speech
            more = ()
        if own and not any("<mask>" in sample for sample in own):  # its vocabulary spells the mask otherwise
            more = tuple(sample for sample in more if "<mask>" not in sample)
        self._sampled = self.row.name
        self.samples = [*own, *(sample for sample in more if sample not in own)]
        if change["name"] == "model" and self._is_sample() and self.samples and self.input not in self.samples:
            self.take(self.samples[0])  # what a learner has written stays

    @observe(
        "task", "model", "framework", "text", "question", "picture", "uploads", "sound", "sounds_sent",
        "all_labels", "truncation", "top_k", "threshold", "subtask", "return_timestamps", "chunk_length_s",
    )  # fmt: skip
    def _choice_changed(self, change: Any) -> None:
        self.code = self._code()

    def _code(self) -> str:
        row = self.row
        made = [quote((*row.aliases, row.name)[0]), f"model={quote(self.model)}"]
        made += [f"framework={quote(self.framework)}"] * bool(self.framework)
        given = self.input
        called = [f"{name}={quote(text)}" for name, text in given.items()] if row.asks else [quote(given)]
        called += [f"{name}={literal(value)}" for name, value in self.options.items()]
        first = "from hfquick import pipeline\n\n"
        if row.reads_sound and self.is_recorded:  # which is in no file
            first += f"# {_('save your recording from the player as {name}, beside this notebook', name=RECORDING)}\n"
        elif (row.reads_picture and self.is_uploaded) or (row.reads_sound and self.is_sent):  # whose bytes are gone
            first += f"# {_('put {name} into the folder of this notebook', name=quote(self.picture or self.sound))}\n"
        return f"{first}pipeline({', '.join(made)})({', '.join(called)})"

    @property
    def input(self) -> Any:
        """What the pipeline is given: a text, a picture, a sound, or a dict of a question and what it is about."""
        if self.row.reads_sound:
            return self.sound
        if self.row.reads_picture:
            return {"image": self.picture, "question": self.question} if self.row.asks else self.picture
        return {"question": self.question, "context": self.text} if self.row.asks else self.text

    def take(self, given: Any) -> None:
        """An input, such as a sample, becomes the one that is run."""
        with self.hold_trait_notifications():  # they change as one
            kind = "image" if self.row.reads_picture else "audio" if self.row.reads_sound else "context"
            named = given if isinstance(given, dict) else {kind: given}
            self.question = named.get("question", "") if self.row.asks else ""
            self.text, self.picture, self.sound = (named.get(name, "") for name in ("context", "image", "audio"))
        self._taken = self.question, self.text, self.picture, self.sound

    def _is_sample(self) -> bool:
        """Whether nobody has changed a letter of the sample that was taken."""
        return self._taken == (self.question, self.text, self.picture, self.sound)

    def _setting(self, name: str) -> Any:
        """The default of an option of the task's pipeline, None where it has no such option."""
        return getattr(self._settings(), name, None)

    def _settings(self) -> Any:
        module, _dot, kind = self.row.pipeline.partition(".")
        return getattr(import_module(f"..pipelines.{module}", __package__), kind).settings_class

    @property
    def can_show_all(self) -> bool:
        """Whether the task gives labels, the best one unless all are asked for."""
        return self._setting("top_k") == "best"

    @property
    def can_truncate(self) -> bool:
        """Whether the task can cut a text that is too long."""
        return self._setting("truncation") is not None

    @property
    def can_rank(self) -> bool:
        """Whether the task gives several labels of a picture or a sound, or answers about it, best first."""
        reads = self.row.reads_picture or self.row.reads_sound
        return reads and "top_k" in self._settings().options()

    @property
    def can_segment(self) -> bool:
        """Whether the task finds segments, of one kind or another."""
        return "subtask" in self._settings().options()

    @property
    def can_leave_out(self) -> bool:
        """Whether the task leaves out what has a low score; a semantic segment has none."""
        return self._setting("threshold") is not None and self.subtask != "semantic"

    @property
    def can_time(self) -> bool:
        """Whether the task can say when each word was spoken."""
        return "return_timestamps" in self._settings().options()

    @property
    def can_chunk(self) -> bool:
        """Whether the task can read a long recording in chunks."""
        return "chunk_length_s" in self._settings().options()

    @property
    def options(self) -> dict[str, Any]:
        """Keywords of the call."""
        chosen: dict[str, Any] = {}
        if self.can_time and self.return_timestamps:
            chosen["return_timestamps"] = self.return_timestamps
        if self.can_chunk and self.chunk_length_s:
            chosen["chunk_length_s"] = self.chunk_length_s
        if self.can_segment and self.subtask != SUBTASKS[0]:
            chosen["subtask"] = self.subtask
        if self.can_leave_out and self.threshold != self._setting("threshold"):
            chosen["threshold"] = self.threshold
        if self.can_rank and self.top_k != self._setting("top_k"):
            chosen["top_k"] = self.top_k
        if self.all_labels and self.can_show_all:
            chosen["top_k"] = None
        if self.truncation and self.can_truncate:
            chosen["truncation"] = True
        if self._setting("aggregation_strategy") is not None:
            chosen |= ENTITIES
        return chosen

    @validate("threshold")
    def _rounded(self, proposal: Any) -> float:
        return round(proposal["value"], 2)  # a slider has 0.30000000000000004

    # Pictures

    @observe("uploads")
    def _upload_came(self, change: Any) -> None:
        self.ran = ""  # the last result was another picture's, though it may have had the same name

    @property
    def pictures(self) -> list[str]:
        """The pictures of the samples, each once."""
        if not (self.row.reads_picture and self._sampled and TASKS[self._sampled].reads_picture):  # not yet
            return []
        samples: list[Any] = self.samples
        return list(dict.fromkeys(one["image"] if isinstance(one, dict) else one for one in samples))

    @property
    def is_sample_picture(self) -> bool:
        return self.picture in self.pictures and not self.is_uploaded

    @property
    def questions(self) -> list[dict[str, str]]:
        """Samples of questions about the chosen picture: its own, or all of them where it is no sample."""
        return [{"image": self.picture, "question": question} for question in self._questions()]

    def _questions(self) -> list[str]:
        samples: list[Any] = self.samples
        asked = [one for one in samples if isinstance(one, dict) and "image" in one]
        own = [one["question"] for one in asked if one["image"] == self.picture]
        return list(dict.fromkeys(own or [one["question"] for one in asked]))

    def choose(self, picture: str) -> None:
        """A sample's picture becomes the one that is run, with a question about it unless one was written."""
        asked = [one for one in self.samples if isinstance(one, dict)]
        written = self.question not in ["", *(one["question"] for one in asked)]
        first = {"image": picture, "question": self.question}
        self.take(first if written else next((one for one in asked if one["image"] == picture), first))

    # Sounds

    @observe("clip")
    def _clip_came(self, change: Any) -> None:
        """What is long is read in chunks, unless somebody chooses otherwise afterwards."""
        self.chunk_length_s = CHUNK if self.clip is not None and self.clip.seconds > LONG and self.can_chunk else 0

    @observe("sounds_sent")
    def _sound_came(self, change: Any) -> None:
        self.ran = ""  # the last result was another sound's, though it may have had the same name

    @property
    def sounds(self) -> list[str]:
        """The sounds of the samples."""
        if not (self.row.reads_sound and self._sampled and TASKS[self._sampled].reads_sound):  # not yet
            return []
        samples: list[Any] = self.samples
        return list(samples)

    @property
    def is_sample_sound(self) -> bool:
        return self.sound in self.sounds and not self.is_sent

    # Running

    def run(self) -> None:
        """Load the model if it is new and run it: result and times, or one sentence about what went wrong."""
        if self.busy:
            return
        self.result, self.ran, self.notice, self.error, self.loading, self.seconds = None, "", "", "", 0.0, 0.0
        self.busy = True
        try:
            self._attempt(self._run)
        finally:
            self.busy = False

    def stop(self) -> None:
        """End the run that is going on, from whichever thread hears the wish."""
        if not self.busy:
            return
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        main = threading.main_thread().ident
        if main and hasattr(signal, "pthread_kill"):  # a true signal also ends waiting, for a network or a disk
            signal.pthread_kill(main, signal.SIGINT)
        else:  # Windows
            _thread.interrupt_main()

    def _run(self) -> None:
        pictured, sounds = self.row.reads_picture, self.row.reads_sound
        if sounds and not self.sound:
            raise spoken(
                ValueError, "There is no sound yet: record one, choose one, upload one, or write its path or address."
            )
        if pictured and not self.picture:
            raise spoken(ValueError, "There is no picture yet: choose one, upload one, or write its path or address.")
        if self.row.asks and not self.question.strip():
            raise spoken(ValueError, "There is no question yet: write one, or choose a sample.")
        if not (pictured or sounds) and not self.text.strip():
            raise spoken(ValueError, "There is no text yet: write one, or choose a sample.")
        if not self.model.strip():
            raise spoken(ValueError, "There is no model yet: choose one, or write an id of the Hugging Face Hub.")
        if (length := len(self.text) + len(self.question)) > MOST_CHARACTERS:
            sizes = {"length": length, "most": MOST_CHARACTERS}
            raise spoken(
                ValueError, "This text has {length} characters, the Playground takes {most}: shorten it.", **sizes
            )
        given = self.input
        if pictured:
            image = self._open()
            given = {**given, "image": image} if self.row.asks else image
        if sounds:
            given = self._open_sound()
        start = perf_counter()
        pipe, new = self._pipeline()
        self.loading = perf_counter() - start if new else 0.0
        start = perf_counter()
        result = pipe(given, **self.options)
        self.seconds = perf_counter() - start
        famous = getattr(pipe.model.config, "stand_in_for", None)
        if famous and stand_in_notice(famous) not in self.notice:  # hub says it once per process, the widget every time
            self.notice = "\n".join(filter(None, [stand_in_notice(famous), self.notice]))
        self.ran, self.result = self.code, result

    def _pipeline(self) -> tuple[Any, bool]:
        """The pipeline of these choices, and whether it had to be loaded."""
        key = (self.task, self.model.strip(), self.framework)
        new = key not in self._loaded
        if new:
            while len(self._loaded) >= MOST_LOADED:  # before loading, so that memory never holds one more
                self._loaded.popitem(last=False)
            self._loaded[key] = pipeline(key[0], model=key[1], framework=key[2] or None)
        self._loaded.move_to_end(key)
        return self._loaded[key], new

    def forget_models(self) -> None:
        """Let go of the models in memory; the next run loads anew."""
        self._loaded.clear()


def tasks() -> list[Task]:
    """The rows of TASKS whose kind of input the Playground has a control for."""
    return [row for row in TASKS.values() if row.input in INPUTS]


def installed_frameworks() -> dict[str, str]:
    """Short name -> name of the frameworks that can be imported, without importing them."""
    return {key: name for key, (name, module) in FRAMEWORKS.items() if find_spec(module) is not None}


def _entry(model: str) -> zoo.ZooModel | None:
    """The embedded model of this name, or that stands in for it."""
    return zoo.MODELS.get(zoo.STAND_INS.get(model, model))


def _is_foreign(model: str) -> bool:
    """Whether nothing says that a model is of the reader's language."""
    entry = _entry(model)
    return entry is None or language() not in entry.languages


def literal(value: Any) -> str:
    return quote(value) if isinstance(value, str) else repr(value)


def quote(text: str) -> str:
    """A text as a Python literal in double quotes, on one line."""
    return json.dumps(text, ensure_ascii=False)
