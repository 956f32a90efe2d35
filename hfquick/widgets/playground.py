"""The Playground: choose task, model and framework, type a text; see what comes out, and the code that does the same.

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
from .page import marks
from .report import about, report, task_label, told
from .state import PlaygroundState, installed_frameworks, tasks

TEXT_HEIGHT, LINE_HEIGHT = 112, 32  # pixels of the text, and of a control with its margin
OTHER = ""  # in the lists: a model that is not in it, a text of one's own
STYLE = """<style>
.hfquick-code textarea {font-family: monospace}
.hfquick-playground :focus-visible {outline: 3px solid var(--jp-brand-color1, #1a73e8) !important; outline-offset: 1px}
.hfquick-playground select {
  background-image: linear-gradient(45deg, transparent 50%, var(--jp-ui-font-color1, #616161) 50%),
    linear-gradient(135deg, var(--jp-ui-font-color1, #616161) 50%, transparent 50%) !important;
  background-position: right 11px center, right 6px center; background-size: 5px 5px; background-repeat: no-repeat;
  padding-right: 22px}
.hfquick-told {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
</style>"""


class Playground(widgets.VBox):
    """A pipeline with buttons: `hfquick.Playground()`. What it knows and does is in `state`."""

    def __init__(self, task: str | None = None) -> None:
        self.state = PlaygroundState(task)
        self._drawing = False
        self._make_controls()
        choices = _row(self.task, self.model, self.other, self.framework)
        inputs = _row(self.sample, self.all_labels, self.truncation, self.button, self.stop)
        same = _("The same in Python")
        title = widgets.HTML(f"{STYLE}<b>{markup.escape(same)}</b>")
        parts = [choices, self.about, self.question, self.text, inputs, self.output, self.told, title, self.code]
        super().__init__([*parts, *marks("hfquick-playground", code_label=same)])
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
            close_inside(self)
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The widget, and a line for those who open the saved notebook; ipywidgets 7 never asks for it."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        if "google.colab" in sys.modules:  # which of the two it would show was never seen
            return bundle
        said = _("The Playground was here. Run this cell to choose a task, type a text and see what a model answers.")
        return {**bundle, "text/html": markup.paragraph(markup.escape(said))}

    def _make_controls(self) -> None:
        self.task = _control(widgets.Dropdown, _("Task"), _("What the model is to do"), width=300)
        self.task.options = [(task_label(row), row.name) for row in tasks()]
        embedded = _("Embedded models (hfquick/...) need no network")
        self.model = _control(widgets.Dropdown, _("Model"), embedded, width=240)
        self.other = _control(widgets.Text, _("Its name"), _("An id of the Hugging Face Hub, or a folder"), width=270)
        self.other.continuous_update = False
        self.framework = _control(widgets.Dropdown, _("Framework"), _("What is installed here"), width=190)
        found = [(name, key) for key, name in installed_frameworks().items()]
        self.framework.options = found or [(_("none is installed"), "")]
        self.question = _control(widgets.Text, _("Question"), _("The question about the text"))
        self.text = _control(widgets.Textarea, _("Text"), _("What the model is given"))
        self.sample = _control(widgets.Dropdown, _("Sample"), _("A text to begin with"), width=220)
        self.all_labels = _control(widgets.Checkbox, _("All labels"), _("Every label, not only the best: top_k=None"))
        self.all_labels.indent = False
        self.truncation = _control(
            widgets.Checkbox, _("Truncate"), _("Cut a text that is too long for the model: truncation=True")
        )
        self.truncation.indent = False
        self.button = widgets.Button(button_style="primary", icon="play", tooltip=_("Give the text to the model"))
        # Neither button is ever disabled or hidden: whoever uses the keyboard would lose their place in the page.
        self.stop = widgets.Button(icon="stop", description=_("Stop"), tooltip=_("End the run that is going on"))
        self.code = _control(widgets.Textarea, "", _("Copy these lines into a cell"))
        self.code.rows = 5
        self.code.add_class("hfquick-code")
        self.about, self.output, self.told = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.told.add_class("hfquick-told")

        for trait in ("task", "model", "framework", "question", "text", "all_labels", "truncation"):
            self._connect(getattr(self, trait), partial(self.state.set_trait, trait))
        self._connect(self.other, partial(self.state.set_trait, "model"))
        self._connect(self.sample, self.state.take)
        self.button.on_click(lambda button: self._run())
        # While a model works, clicks are heard all the same: one ends the run, the other has been obeyed already, as
        # long as nothing else was chosen in between.
        self._clicks = [
            Clicks(self.stop.model_id, self._stop_pressed),
            Clicks(self.button.model_id, lambda: None, repeats=True),
        ]

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

    def _connect(self, control: Any, write: Callable[[Any], None]) -> None:
        """A control's new value -> the state. Jupyter swallows errors of such calls, so they are shown."""

        def changed(change: Any) -> None:
            own_text = control is self.sample and change["new"] == OTHER
            if self._drawing or own_text:  # a change that comes from the state; a choice that says nothing yet
                return
            try:
                write(change["new"])
            except Exception as error:
                self.state.error = f"{type(error).__name__}: {error}"

        control.observe(changed, names="value")

    def _draw(self, change: Any = None) -> None:
        """State -> what is seen."""
        state, self._drawing = self.state, True
        try:
            known, sample = state.model in state.models, state.input in state.samples
            self.task.value = state.task
            _fill(self.model, state.models, _("another model ..."), state.model if known else OTHER)
            _fill(self.sample, state.samples, _("my own text"), state.input if sample else OTHER)
            self.other.layout.display = "none" if known else None  # a line more, as long as it is asked for
            self.other.value = "" if known else state.model
            self.framework.value, self.text.value, self.code.value = state.framework, state.text, state.code
            self.question.value, self.question.layout.display = state.question, None if state.asks else "none"
            self.text.description = _("Context") if state.asks else _("Text")
            # What stands below keeps its place with every task.
            self.text.layout.height = f"{TEXT_HEIGHT - LINE_HEIGHT * state.asks}px"
            self.all_labels.layout.visibility = None if state.can_show_all else "hidden"
            self.all_labels.value = state.all_labels
            self.truncation.layout.visibility = None if state.can_truncate else "hidden"
            self.truncation.value = state.truncation
            self.button.description = _("Running ...") if state.busy else _("Run")
            self.about.value, self.output.value = about(state.row, state.model), report(state)
            self.told.value = told(state)
        finally:
            self._drawing = False


def _row(*controls: Any) -> widgets.HBox:
    """Controls side by side, or below each other where the page is narrow."""
    return widgets.HBox(controls, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))


def _control(kind: type, label: str, tip: str, width: int = 0) -> Any:
    """A control with its label in front and an explanation on hovering.

    Beside others it takes at least `width` pixels and its share of what is left, whatever is written in it.
    """
    layout = widgets.Layout(width="auto", max_width="100%", margin="2px 12px 2px 0")
    if width:
        layout.width, layout.min_width, layout.flex = "0", "0", f"1 1 {width}px"
    made = kind(description=label, style={"description_width": "initial"}, layout=layout)
    made.set_trait("tooltip" if made.has_trait("tooltip") else "description_tooltip", tip)  # ipywidgets 8, 7
    return made


def _fill(control: Any, listed: Iterable[Any], other: str, value: Any) -> None:
    """What a list offers, its last line for something else, and what is chosen; a dict is shown by its question."""
    named = ((item["question"] if isinstance(item, dict) else item, item) for item in listed)
    options = (*((markup.shorten(name, 60), item) for name, item in named), (other, OTHER))
    if control.options != options:
        control.options = options
    control.value = value
