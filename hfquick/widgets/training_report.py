"""What the chart of a training run says in words: its status, how far it is, how fast, how long yet."""

from typing import TYPE_CHECKING

from ..display import markup
from ..display.axes import number
from ..display.chart import draw
from ..i18n import gettext as _
from .report import BLOCK, ERROR, PAGE, block

if TYPE_CHECKING:
    from .training import TrainingMonitor

ACTIVE = ("preparing", "running", "stopping")
ENDS = ("stopped", "done", "failed", "interrupted")


def said_of(monitor: "TrainingMonitor") -> str:
    """The status as a sentence."""
    if monitor.status == "stopping":
        return _("Stopping after this step ...")
    if monitor.status in ACTIVE:
        if monitor.evaluated:
            return _("Evaluating.")
        return _("Training.") if monitor.status == "running" else _("Preparing; the first step takes longest.")
    if monitor.only_evaluates:
        return _("Done.") if monitor.status == "done" else _("Evaluation ended early.")
    sentences = {
        "done": _("Done, {step} steps.", step=monitor.step),
        "stopped": _("Stopped after step {step}; the model keeps the weights learnt so far.", step=monitor.step),
        "interrupted": _(
            "Interrupted after step {step}; the model keeps the weights learnt so far.", step=monitor.step
        ),
        "failed": _("Failed after step {step}.", step=monitor.step),
    }
    return sentences[monitor.status]


def status_block(monitor: "TrainingMonitor") -> str:
    """The status as HTML, with the sentence beside it."""
    said = " ".join(filter(None, [said_of(monitor), monitor.message]))
    return block(said, ERROR if monitor.status == "failed" else BLOCK, role="status")


def picture(monitor: "TrainingMonitor") -> str:
    """What a notebook keeps of a run that has ended: status, steps and curves. No speed: two runs give the same."""
    facts = markup.escape(" · ".join(facts_of(monitor, with_times=False)))
    parts = f"{status_block(monitor)}<div>{facts}</div>{draw(monitor.curves)}"
    return f'<div class="hfquick-training" style="{PAGE}">{parts}</div>'


def progress_bar(monitor: "TrainingMonitor") -> str:
    """How far, how fast, how long yet: a bar and the same in words."""
    done, total = monitor.step, monitor.total_steps
    if monitor.only_evaluates:
        done, total = monitor.evaluated, monitor.evaluation_size
    known = f' value="{min(done, total)}" max="{total}"' if total and monitor.status != "preparing" else ""
    bar = ""
    if known or monitor.status in ACTIVE:  # without a value it moves to and fro
        colour = f"accent-color:{markup.BAR};accent-color:var(--jp-brand-color1,{markup.BAR})"
        bar = f'<progress aria-label="{markup.attribute(_("Progress"))}"{known} style="width:100%;{colour}"></progress>'
    return f'<div style="{PAGE}">{bar}<div>{markup.escape(" · ".join(facts_of(monitor)))}</div></div>'


def facts_of(monitor: "TrainingMonitor", with_times: bool = True) -> list[str]:
    """Where the run stands, as far as it is known."""
    facts = []
    if not monitor.only_evaluates:
        step, total = monitor.step, monitor.total_steps
        facts.append(_("step {step} of {total}", step=step, total=total) if total else _("step {step}", step=step))
    if monitor.epoch is not None:
        facts.append(_("epoch {epoch}", epoch=f"{monitor.epoch:.2f}"))
    if with_times and monitor.samples_per_second is not None:
        facts.append(_("{speed} samples per second", speed=number(monitor.samples_per_second)))
    if monitor.evaluated:
        done, size = monitor.evaluated, monitor.evaluation_size
        if size:
            facts.append(_("evaluation: batch {done} of {size}", done=done, size=size))
        else:
            facts.append(_("evaluation: batch {done}", done=done))
    elif monitor.seconds_left is not None:
        facts.append(_("{time} left", time=clock_time(monitor.seconds_left)))
    return facts


def clock_time(seconds: float) -> str:
    """Seconds -> "0:09", "12:34" or "1:02:03".

    >>> [clock_time(seconds) for seconds in (8.6, 754, 3723)]
    ['0:09', '12:34', '1:02:03']
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
