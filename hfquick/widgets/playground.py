"""The Playground: choose task, model and framework, a text, a picture or a sound; see the result, and its code.

Only a view: every control writes into PlaygroundState, and what is shown follows from it. It uses what ipywidgets 7.7
(Colab) and 8 share.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import ipywidgets as widgets

from ..display import markup
from ..i18n import gettext as _
from .clicks import Clicks, heard
from .closing import close_inside
from .controls import control, row, show
from .page import marks
from .picture_controls import PictureControls
from .report import about, drawing, report, task_label, told
from .sound_controls import SoundControls
from .state import SUBTASKS, TIMES, PlaygroundState, installed_frameworks, tasks
from .uploads import MOST_BYTES

INPUT_HEIGHT, LINE_HEIGHT = 176, 32  # pixels of what the model is given, and of a control with its margin
CHUNKS = (10, 30)  # seconds to choose from
FEW = (1, 3, 5, 10)  # labels or answers to choose from, before all of them
OTHER = ""  # in the lists: a model that is not in it, a text of one's own
STYLE = """<style>
.hfquick-code textarea {font-family: monospace}
.hfquick-playground :focus-visible {outline: 3px solid var(--jp-brand-color1, #1a73e8) !important; outline-offset: 1px}
.hfquick-playground select {
  background-image: linear-gradient(45deg, transparent 50%, var(--jp-ui-font-color1, #616161) 50%),
    linear-gradient(135deg, var(--jp-ui-font-color1, #616161) 50%, transparent 50%) !important;
  background-position: right 11px center, right 6px center; background-size: 5px 5px; background-repeat: no-repeat;
  padding-right: 22px}
.hfquick-now {background-color: rgba(66, 133, 244, .3); outline: 2px solid currentColor; border-radius: 3px}
.hfquick-told {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
</style>"""


class Playground(widgets.VBox):
    """A pipeline with buttons: `hfquick.Playground()`. What it knows and does is in `state`."""

    def __init__(self, task: str | None = None) -> None:
        self.state = PlaygroundState(task)
        self._drawing = False
        self._drawn: tuple[Any, str] = (None, "")  # the last result, and its drawing
        self._make_controls()
        choices = row(self.task, self.model, self.other, self.framework)
        options = [self.sample, self.subtask, self.threshold, self.top_k, self.all_labels, self.truncation]
        options += [self.times, self.chunks]
        same = _("The same in Python")
        title = widgets.HTML(f"{STYLE}<b>{markup.escape(same)}</b>")
        given = self._input_area()
        parts = [choices, self.about, given, row(*options, self.button, self.stop), self.output, self.told, title]
        page = marks("hfquick-playground", same, received=self.pictures.receive, most_bytes=MOST_BYTES)
        super().__init__([*parts, self.code, *page])
        self.add_class("hfquick-playground")
        self.layout.width, self.layout.min_width = "0", "100%"  # never wider than the page, whatever is in a list
        self._draw()
        self.state.observe(self._draw, names=self.state.trait_names())

    def __repr__(self) -> str:
        # The same in every run: nbval compares it. A saved notebook holds no widget, and shows this instead.
        return f"Playground(task={self.state.task!r}): run this cell to use it"

    def close(self) -> None:
        """Take the Playground away, with all of its controls and the models that it keeps."""
        if self.comm is not None:  # it is called again when the object goes
            self.state.unobserve_all()
            self.state.forget_models()
            self.state.forget_picture()
            self.state.forget_sound()
            self.state.result, self._drawn, self.output.value = None, (None, ""), ""
            close_inside(self)
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The widget, and a line for those who open the saved notebook; ipywidgets 7 never asks for it."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        if "google.colab" in sys.modules:  # which of the two it would show was never seen
            return bundle
        said = _(
            "The Playground was here. Run this cell to choose a task, give a text, a picture or a sound, and see what "
            "a model answers."
        )
        return {**bundle, "text/html": markup.paragraph(markup.escape(said))}

    def _make_controls(self) -> None:
        self.task = control(widgets.Dropdown, _("Task"), _("What the model is to do"), width=300)
        self.task.options = [(task_label(task), task.name) for task in tasks()]
        embedded = _("Embedded models (hfquick/...) need no network")
        self.model = control(widgets.Dropdown, _("Model"), embedded, width=240)
        self.other = control(widgets.Text, _("Its name"), _("An id of the Hugging Face Hub, or a folder"), width=270)
        self.other.continuous_update = False
        self.framework = control(widgets.Dropdown, _("Framework"), _("What is installed here"), width=190)
        found = [(name, key) for key, name in installed_frameworks().items()]
        self.framework.options = found or [(_("none is installed"), "")]
        self.question = control(widgets.Text, _("Question"), _("What is asked about the text, or the picture"))
        self.text = control(widgets.Textarea, _("Text"), _("What the model is given"))
        self.pictures = PictureControls(self.state, self._attempt)
        self.sounds = SoundControls(self.state, self._attempt)
        self._make_options_of_pictures()
        self._make_options_of_sounds()
        self.sample = control(widgets.Dropdown, _("Sample"), _("A text or a question to begin with"), width=220)
        self.all_labels = control(widgets.Checkbox, _("All labels"), _("Every label, not only the best: top_k=None"))
        self.all_labels.indent = False
        self.truncation = control(
            widgets.Checkbox, _("Truncate"), _("Cut a text that is too long for the model: truncation=True")
        )
        self.truncation.indent = False
        self.button = widgets.Button(
            button_style="primary", icon="play", tooltip=_("Give the text, the picture or the sound to the model")
        )
        # Neither button is ever disabled or hidden: whoever uses the keyboard would lose their place in the page.
        self.stop = widgets.Button(icon="stop", description=_("Stop"), tooltip=_("End the run that is going on"))
        self.code = control(widgets.Textarea, "", _("Copy these lines into a cell"))
        self.code.rows = 5
        self.code.add_class("hfquick-code")
        self.about, self.output, self.told = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.told.add_class("hfquick-told")

        traits = ("task", "model", "framework", "question", "text", "all_labels", "truncation", "subtask", "threshold")
        for trait in traits:
            self._connect(getattr(self, trait), partial(self.state.set_trait, trait))
        self._connect(self.top_k, lambda count: self.state.set_trait("top_k", count or None))
        self._connect(self.other, partial(self.state.set_trait, "model"))
        self._connect(self.sample, self.state.take)
        self._connect(self.pictures.name, partial(self.state.set_trait, "picture"))
        self._connect(self.sounds.name, partial(self.state.set_trait, "sound"))
        self._connect(self.times, partial(self.state.set_trait, "return_timestamps"))
        self._connect(self.chunks, partial(self.state.set_trait, "chunk_length_s"))
        self.button.on_click(lambda button: self._run())
        # While a model works, clicks are heard all the same: one ends the run, the other has been obeyed already, as
        # long as nothing else was chosen in between.
        self._clicks = [
            Clicks(self.stop.model_id, self._stop_pressed),
            Clicks(self.button.model_id, lambda: None, repeats=True),
        ]

    def _make_options_of_pictures(self) -> None:
        self.subtask = control(widgets.Dropdown, _("Segments"), _("subtask: which kind is found"), width=300)
        kinds = [_("objects and background"), _("objects"), _("kinds")]
        self.subtask.options = [
            (_("{label}: {value}", label=name, value=kind), name) for name, kind in zip(SUBTASKS, kinds, strict=True)
        ]
        self.threshold = control(
            widgets.FloatSlider, _("Threshold"), _("threshold: what has a lower score is left out"), width=200
        )
        self.threshold.min, self.threshold.max, self.threshold.step = 0.0, 1.0, 0.05
        self.threshold.continuous_update = False
        self.top_k = control(
            widgets.Dropdown, _("How many"), _("top_k: so many labels or answers, the best first"), width=120
        )

    def _make_options_of_sounds(self) -> None:
        tip = _("return_timestamps: gives the seconds in which each word, or character, was spoken")
        self.times = control(widgets.Dropdown, _("Times"), tip, width=200)
        kinds = [_("of each word"), _("of each character")]
        self.times.options = [*zip(kinds, TIMES, strict=True), (_("none"), "")]
        tip = _("chunk_length_s: a long recording is read in parts of so many seconds")
        self.chunks = control(widgets.Dropdown, _("Chunks"), tip, width=160)
        self.chunks.options = [(_("none"), 0), *((_("{count} s", count=count), count) for count in CHUNKS)]

    def _input_area(self) -> Any:
        """What the model is given: the chosen picture, if any, beside all controls of the input."""
        column = widgets.VBox([self.question, self.text, *self.pictures.controls, *self.sounds.controls])
        column.layout.flex, column.layout.width, column.layout.min_width = "1 1 300px", "0", "0"
        area = row(self.pictures.preview, column)
        area.layout.align_items, area.layout.min_height = "flex-start", f"{INPUT_HEIGHT}px"
        self.pictures.preview.layout.flex, self.pictures.preview.layout.max_width = f"0 1 {INPUT_HEIGHT}px", "100%"
        return area

    def _run(self) -> None:
        self._stop_wanted = False
        with heard(self._clicks, self._obey):
            self.state.run()

    def _stop_pressed(self) -> None:
        """A click on the second button: from the thread of ipykernel 7 at once, else when its message is read whole."""
        if threading.current_thread() is threading.main_thread():
            self._stop_wanted = True
        else:
            self.state.stop()

    def _obey(self) -> None:
        if self._stop_wanted:
            self._stop_wanted = False
            self.state.stop()

    def _connect(self, made: Any, write: Callable[[Any], None]) -> None:
        """A control's new value -> the state. Jupyter swallows errors of such calls, so they are shown."""

        def changed(change: Any) -> None:
            own_text = made is self.sample and change["new"] == OTHER
            if not self._drawing and not own_text:  # no change that comes from the state; a choice that says something
                self._attempt(write, change["new"])

        made.observe(changed, names="value")

    def _attempt(self, write: Callable[..., None], *values: Any) -> None:
        try:
            write(*values)
        except Exception as error:
            self.state.error = f"{type(error).__name__}: {error}"

    def _draw(self, change: Any = None) -> None:
        """State -> what is seen."""
        state, self._drawing = self.state, True
        try:
            known, asks = state.model in state.models, state.row.asks
            pictured = state.row.reads_picture
            samples = state.questions if pictured else [] if state.row.reads_sound else state.samples
            own = _("my own question") if pictured else _("my own text")
            self.task.value = state.task
            _fill(self.model, state.models, _("another model ..."), state.model if known else OTHER)
            _fill(self.sample, samples, own, state.input if state.input in samples else OTHER)
            self.other.layout.display = "none" if known else None  # a line more, as long as it is asked for
            self.other.value = "" if known else state.model
            self.framework.value, self.text.value, self.code.value = state.framework, state.text, state.code
            self.question.value = state.question
            show(self.question, asks)
            self.text.description = _("Context") if asks else _("Text")
            # What stands below keeps its place with every task.
            self.text.layout.height = f"{INPUT_HEIGHT - 8 - LINE_HEIGHT * asks}px"
            self.all_labels.value, self.truncation.value = state.all_labels, state.truncation
            self._draw_others()
            self.button.description = _("Running ...") if state.busy else _("Run")
            if state.result is not self._drawn[0]:  # a picture, once for each result
                drawn = "" if state.result is None else self.sounds.unsaved(drawing(state.result))
                self._drawn = (state.result, drawn)
            self.about.value, self.output.value = about(state.row, state.model), report(state, self._drawn[1])
            self.told.value = told(state)
        finally:
            self._drawing = False

    def _draw_others(self) -> None:
        """What is seen of pictures and sounds, and of the options of their tasks."""
        state, texts = self.state, not (self.state.row.reads_picture or self.state.row.reads_sound)
        self.pictures.draw()
        self.sounds.draw()
        show(self.text, texts)
        show(self.all_labels, texts)
        self.all_labels.layout.visibility = None if state.can_show_all else "hidden"
        self.truncation.layout.visibility = None if state.can_truncate else "hidden"
        show(self.truncation, texts or state.can_truncate)
        show(self.sample, texts or state.row.asks)
        show(self.times, state.can_time)
        show(self.chunks, state.can_chunk)
        self.times.value, self.chunks.value = state.return_timestamps, state.chunk_length_s
        show(self.subtask, state.can_segment)
        show(self.threshold, state.can_leave_out)
        show(self.top_k, state.can_rank)
        counts = [*FEW, *[state.top_k] * (state.top_k not in (*FEW, 0, None))]
        self.top_k.options = [*((str(count), count) for count in counts), (_("all"), 0)]
        self.top_k.value, self.threshold.value = state.top_k or 0, state.threshold
        self.subtask.value = state.subtask or SUBTASKS[0]


def _fill(control: Any, listed: Iterable[Any], other: str, value: Any) -> None:
    """What a list offers, its last line for something else, and what is chosen; a dict is shown by its question."""
    named = ((item["question"] if isinstance(item, dict) else item, item) for item in listed)
    options = (*((markup.shorten(name, 60), item) for name, item in named), (other, OTHER))
    if control.options != options:
        control.options = options
    control.value = value
