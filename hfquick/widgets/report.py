"""What the Playground says about a model before a run, and about a run, as HTML."""

from typing import TYPE_CHECKING, Any

from ..display import markup
from ..i18n import class_name
from ..i18n import gettext as _
from ..tasks import Task
from ..zoo import MODELS, STAND_INS

if TYPE_CHECKING:
    from .state import PlaygroundState

BLOCK = "margin:6px 0;white-space:pre-wrap;overflow-wrap:anywhere;"
ERROR = BLOCK + "border-left:4px solid #d93025;padding-left:8px;"
ENGLISH = BLOCK + "font-size:85%;opacity:.8;padding-left:12px;"
NOTICE = BLOCK + "border-left:4px solid #f9ab00;padding-left:8px;"
DATA = BLOCK + "max-height:16em;overflow:auto;background:none;font-family:monospace;"
PAGE = "color:var(--jp-ui-font-color1,inherit);line-height:1.4;"
MOST_TOLD = 300  # characters that are read aloud
FITTING = "width:0;min-width:100%;"  # as wide as the page, however wide the table in it would like to be


def task_label(row: Task) -> str:
    """A task as it is chosen: its usual name, and the name that `pipeline` knows where that is another word."""
    title, name = _(row.title), (*row.aliases, row.name)[0].partition("_")[0]
    return title if title.lower().replace(" ", "-") == name else f"{title} ({name})"


def about(task: Task, model: str) -> str:
    """What a task does in plain words, and what is known of a model before it is loaded."""
    if model in MODELS:
        known = _(MODELS[model].title)
    elif model in STAND_INS:
        known = _("On the Hugging Face Hub; offline, its tiny stand-in {name} answers.", name=STAND_INS[model])
    else:
        known = _("On the Hugging Face Hub, or in a folder of this machine.")
    rows = [(task_label(task), _(task.hint) + "."), (_("Model"), known)]
    lines = (
        f"<div><b>{markup.escape(_('{label}: {value}', label=name, value=''))}</b>{markup.escape(value)}</div>"
        for name, value in rows
    )
    return f'<div style="{PAGE}overflow-wrap:anywhere;">{"".join(lines)}</div>'


def report(state: "PlaygroundState", drawn: str = "") -> str:
    """What is known of the last run: what went wrong, or the result (drawn already, maybe), its time and its data."""
    parts = []
    if state.busy:
        parts.append(block(_("Running ... The first time, framework and model are loaded."), BLOCK, role="status"))
    if state.error:
        parts.append(block(_("Error:") + " " + state.error, ERROR, role="alert"))
        english = getattr(state.error, "english", state.error)
        if english != state.error:
            parts.append(block(_("In English: {sentence}", sentence=english), ENGLISH))
    if state.notice:
        parts.append(block(state.notice.strip(), NOTICE, role="status"))
    if state.result is not None:
        if state.ran != state.code:
            parts.append(block(_("Something was changed since this result; press Run again."), NOTICE, role="status"))
        took = _("{seconds} s for the answer", seconds=f"{state.seconds:.3f}")
        if state.loading:
            took += ", " + _("{seconds} s to load the model", seconds=f"{state.loading:.2f}")
        title = f"<b>{markup.escape(_('The data'))}</b>"
        scrolling = f'<div style="overflow-x:auto">{drawn or drawing(state.result)}</div>'
        parts += [scrolling, block(took, BLOCK), title, block(repr(state.result), DATA, tag="pre")]
    return f'<div style="{PAGE}{FITTING}">{"".join(parts)}</div>'


def told(state: "PlaygroundState") -> str:
    """What a reader aloud says of a run: that it began, what went wrong, or the result in one line."""
    if state.busy:
        return markup.escape(_("Running ..."))
    said = state.error and _("Error:") + " " + state.error
    if not said and state.result is not None:
        nothing = _("nothing was recognised") if state.row.reads_sound else _("nothing found above the threshold")
        said = said_of_result(state.result).strip() or nothing
    return markup.escape(markup.shorten(said, MOST_TOLD))


def said_of_result(result: Any) -> str:
    """Texts and numbers of a result in their order, the best of several first: POSITIVE 0.92."""
    if isinstance(result, dict):
        named = {"label", "word", "answer", "entity", "entity_group", "sequence", "token_str", "score", "text"}
        kept = ((name, value) for name, value in result.items() if name in named or name.endswith("_text"))
        words = (
            f"{value:.2f}" if isinstance(value, float) else class_name(value) if name == "label" else str(value)
            for name, value in kept
            if value is not None  # the score of a semantic segment
        )
        return " ".join(words)
    if isinstance(result, list | tuple):
        return ", ".join(said_of_result(item) for item in result)
    return str(result)


def drawing(result: Any) -> str:
    """A result -> the picture that a notebook shows of it, or its `repr`."""
    draw = getattr(result, "_repr_html_", None)
    return (draw() if draw else None) or block(repr(result), DATA, tag="pre")


def block(text: str, style: str, role: str = "", tag: str = "div") -> str:
    """Any text -> a paragraph; its role lets readers aloud speak it when it comes."""
    said = f' role="{role}"' if role else ""
    return f'<{tag} style="{style}"{said}>{markup.escape(text)}</{tag}>'
