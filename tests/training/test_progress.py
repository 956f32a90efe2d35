"""How a run shows itself: which events move the chart or the bar, and what a terminal and a file get to see."""

import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("ipywidgets")

from hfquick.display.chart import Curves
from hfquick.training import progress
from hfquick.training.arguments import TrainingArguments
from hfquick.training.callbacks import CallbackHandler, TrainerCallback
from hfquick.training.progress import ProgressCallback, TerminalBar
from hfquick.training.state import TrainerControl, TrainerState
from hfquick.widgets import training as training_widgets
from hfquick.widgets.training import TrainingMonitor


class Run:
    """The events of a run in the order in which a Trainer calls them."""

    def __init__(self, tmp_path, **settings):
        self.callback = ProgressCallback()
        self.handler = CallbackHandler([self.callback])
        self.args = TrainingArguments(str(tmp_path), **settings)
        self.state = TrainerState(max_steps=6, train_batch_size=8, num_train_epochs=2)
        self.control = TrainerControl()

    def call(self, event, **extra):
        self.handler.call(event, self.args, self.state, self.control, **extra)

    def step(self):
        self.state.global_step += 1
        self.state.epoch = self.state.global_step / 3
        self.call("on_step_end")

    def evaluate(self, batches=2):
        for _batch in range(batches):
            self.call("on_prediction_step", eval_dataloader=[None] * batches)
        self.call("on_log", logs={"eval_loss": 0.5, "eval_accuracy": 0.75, "eval_runtime": 1.5})
        self.call("on_evaluate", metrics={})

    def train(self):
        self.call("on_train_begin")
        while self.state.global_step < self.state.max_steps and not self.control.should_training_stop:
            self.step()
            self.call("on_log", logs={"loss": 1 / self.state.global_step, "learning_rate": 5e-5})
            if self.state.global_step % 3 == 0:
                self.evaluate()
        self.call("on_log", logs={"train_runtime": 2.0, "train_loss": 0.4})
        self.call("on_train_end")


# In a notebook


@pytest.fixture
def monitors(monkeypatch):
    """A notebook; the monitors that were shown in it."""
    shown = []
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr(training_widgets, "show_progress", shown.append)
    return shown


def test_a_notebook_gets_the_chart(tmp_path, monitors, capsys):
    run = Run(tmp_path)
    run.train()
    [monitor] = monitors
    assert isinstance(monitor, TrainingMonitor)
    assert (monitor.status, monitor.step, monitor.total_steps, monitor.epoch) == ("done", 6, 6, 2.0)
    assert monitor.curves == {
        "loss": [(step, 1 / step) for step in range(1, 7)],
        "learning_rate": [(step, 5e-5) for step in range(1, 7)],
        "eval_loss": [(3, 0.5), (6, 0.5)],
        "eval_accuracy": [(3, 0.75), (6, 0.75)],
    }
    assert capsys.readouterr() == ("", "")
    assert run.callback.monitor is None


def test_speed_counts_the_rows_of_an_update(tmp_path, monitors):
    run = Run(tmp_path)
    run.call("on_train_begin")
    [monitor] = monitors
    monitor.clock = iter(range(100)).__next__  # a second later at every look
    run.step()
    run.step()
    now = monitor._last[0]
    before = monitor._start[0]
    assert monitor.samples_per_second == pytest.approx(8 / (now - before))


@pytest.mark.parametrize("event", ["step", "substep", "evaluation"])
def test_the_button_stops_the_run(tmp_path, monitors, event):
    run = Run(tmp_path)
    run.call("on_train_begin")
    run.step()
    assert not run.control.should_training_stop
    monitors[0].request_stop()
    if event == "step":
        run.step()
    elif event == "substep":
        run.call("on_substep_end")
    else:
        run.call("on_prediction_step", eval_dataloader=[None])
    assert run.control.should_training_stop
    run.call("on_train_end")
    assert monitors[0].status == "stopped"


def test_every_step_lets_clicks_through(tmp_path, monitors):
    run = Run(tmp_path)
    run.call("on_train_begin")
    polls = []
    monitors[0].clicks = SimpleNamespace(poll=lambda: polls.append(run.state.global_step), leave=lambda: None)
    monitors[0].clock = iter(range(100)).__next__
    run.step()
    run.step()
    run.call("on_prediction_step")
    run.call("on_train_end")
    assert polls == [1, 2, 2]


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), "interrupted"), (ValueError("no"), "failed"), (MemoryError(), "failed")]
)
def test_how_a_run_broke_off(tmp_path, monitors, error, status):
    run = Run(tmp_path)

    def train():
        try:
            run.call("on_train_begin")
            run.step()
            raise error
        finally:
            run.call("on_train_end")

    with pytest.raises(type(error)):
        train()
    assert monitors[0].status == status


def test_a_run_inside_the_handling_of_an_error_is_not_failed(tmp_path, monitors):
    run = Run(tmp_path)
    try:
        raise ValueError("the model was not found: train one")
    except ValueError:
        run.train()
    assert monitors[0].status == "done"


def test_a_resumed_run_starts_where_it_goes_on(tmp_path, monitors):
    run = Run(tmp_path)
    run.state.global_step, run.state.epoch = 4, 4 / 3
    run.call("on_train_begin")
    assert (monitors[0].step, monitors[0].status) == (4, "running")


def test_evaluations_are_shown_while_they_run(tmp_path, monitors):
    run = Run(tmp_path)
    run.call("on_train_begin")
    run.step()
    run.call("on_prediction_step", eval_dataloader=[1, 2, 3])
    run.call("on_prediction_step", eval_dataloader=[1, 2, 3])
    assert (monitors[0].evaluated, monitors[0].evaluation_size) == (2, 3)
    run.call("on_evaluate", metrics={})
    run.call("on_prediction_step", eval_dataloader=iter([]))  # the next one; nobody knows how long
    assert (monitors[0].evaluated, monitors[0].evaluation_size) == (1, 0)


@pytest.mark.parametrize("end", ["on_evaluate", "on_predict"])
def test_an_evaluation_by_itself(tmp_path, monitors, end):
    run = Run(tmp_path)
    for _time in range(2):
        run.call("on_prediction_step", eval_dataloader=[1, 2])
        run.call("on_prediction_step", eval_dataloader=[1, 2])
        run.call(end, metrics={})
    assert [(each.only_evaluates, each.status, each.evaluated) for each in monitors] == [(True, "done", 2)] * 2


def test_training_after_an_evaluation_that_broke_off(tmp_path, monitors):
    run = Run(tmp_path)
    run.call("on_prediction_step", eval_dataloader=[1, 2])
    run.train()
    assert [(each.only_evaluates, each.status) for each in monitors] == [(True, "interrupted"), (False, "done")]


@pytest.mark.parametrize("how", ["disabled", "another process"])
def test_nothing_is_shown(tmp_path, monitors, capsys, monkeypatch, how):
    run = Run(tmp_path, disable_tqdm=how == "disabled")
    run.state.is_world_process_zero = how == "disabled"
    run.train()
    monkeypatch.setattr(progress, "in_notebook", lambda: False)
    run.evaluate()
    assert monitors == []
    assert capsys.readouterr() == ("", "")


def test_a_notebook_without_ipywidgets_gets_lines(tmp_path, monkeypatch, monitors):
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    assert isinstance(progress.make_monitor(), TerminalBar)


# In a terminal, and in a file


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_file_gets_a_line_for_every_log(tmp_path, capsys):
    Run(tmp_path).train()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "step 1 of 6: loss 1, learning_rate 5e-05",
        "step 2 of 6: loss 0.5, learning_rate 5e-05",
        "step 3 of 6: loss 0.333, learning_rate 5e-05",
        "step 3 of 6: eval_loss 0.5, eval_accuracy 0.75",
        "step 4 of 6: loss 0.25, learning_rate 5e-05",
        "step 5 of 6: loss 0.2, learning_rate 5e-05",
        "step 6 of 6: loss 0.167, learning_rate 5e-05",
        "step 6 of 6: eval_loss 0.5, eval_accuracy 0.75",
    ]


def test_a_terminal_gets_a_bar_and_a_line_for_every_evaluation(tmp_path, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    Run(tmp_path).train()
    shown = re.split(r"[\r\n]+", terminal.getvalue().replace("\x1b[A", ""))
    assert [line for line in shown if line.startswith("step")] == [
        "step 3 of 6: eval_loss 0.5, eval_accuracy 0.75",
        "step 6 of 6: eval_loss 0.5, eval_accuracy 0.75",
    ]
    assert any(line.startswith("evaluating: ") for line in shown)
    last = [line for line in shown if "/6 [" in line][-1]
    assert re.match(r"100%\|.*\| 6/6 \[.*step/s, loss 0\.167, learning_rate 5e-05\]", last)


def test_a_terminal_shows_an_evaluation_by_itself_and_takes_it_away(tmp_path, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    Run(tmp_path).evaluate()
    assert "evaluating: " in terminal.getvalue()
    assert terminal.getvalue().rstrip("\r").endswith(" ")  # the line was wiped


def test_a_bar_that_nobody_begins_or_finishes_twice():
    bar = TerminalBar()
    bar.finish("failed")
    bar.begin(2, 8)
    bar.advance(1)
    bar.finish("interrupted")
    bar.finish()
    assert bar.bar is None


def test_a_run_of_unknown_length(capsys):
    bar = TerminalBar()
    bar.begin()
    bar.log(5, {"loss": 0.5})
    bar.finish()
    assert capsys.readouterr().err == "step 5: loss 0.5\n"


# With the Trainer itself


@pytest.fixture
def trainer(tmp_path):
    import torch
    from torch import nn

    from hfquick.training.trainer import Trainer

    class Line(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def forward(self, x, labels):
            logits = self.layer(x)
            return nn.functional.cross_entropy(logits, labels), logits

    torch.manual_seed(0)
    rows = [{"x": torch.randn(4).tolist(), "labels": number % 2} for number in range(24)]
    settings = {"num_train_epochs": 2, "per_device_train_batch_size": 4, "logging_steps": 2, "eval_strategy": "epoch"}
    args = TrainingArguments(str(tmp_path / "out"), save_strategy="no", use_cpu=True, **settings)
    return Trainer(Line(), args, train_dataset=rows, eval_dataset=rows[:8])


@pytest.mark.torch
def test_a_real_run_moves_the_chart(trainer, monitors, capsys):
    trainer.train()
    [monitor] = monitors
    assert (monitor.status, monitor.step, monitor.total_steps, monitor.epoch) == ("done", 12, 12, 2.0)
    assert {name: [step for step, _ in points] for name, points in monitor.curves.items()} == {
        "loss": list(range(1, 13)),
        "learning_rate": list(range(1, 13)),
        "eval_loss": [6, 12],
    }
    logged, seen = Curves.from_logs(trainer.state.log_history), [value for _, value in monitor.curves.faint["loss"]]
    assert logged["loss"] == [(step, pytest.approx(sum(seen[step - 2 : step]) / 2)) for step in range(2, 13, 2)]
    assert logged["eval_loss"] == monitor.curves["eval_loss"]
    assert trainer.evaluate()["eval_loss"] == monitor.curves["eval_loss"][-1][1]
    assert [(each.only_evaluates, each.status) for each in monitors] == [(False, "done"), (True, "done")]
    assert capsys.readouterr().err == ""


@pytest.mark.torch
def test_a_run_that_never_logs_is_drawn_all_the_same(trainer, monitors, monkeypatch):
    monkeypatch.setattr(progress, "MOST_POINTS", 4)
    trainer.args.logging_steps = 500
    trainer.train()
    curves = monitors[0].curves
    assert [step for step, _ in curves["loss"]] == [step for step, _ in curves.faint["loss"]] == [3, 6, 9, 12]
    assert curves["learning_rate"][-1] == (12, 0.0)
    assert "loss" not in Curves.from_logs(trainer.state.log_history)


@pytest.mark.torch
def test_the_button_ends_a_real_run_which_keeps_what_it_learnt(trainer, monitors):
    class Press(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            if state.global_step == 4:
                monitors[0].request_stop()

    before = trainer.model.layer.weight.clone()
    trainer.add_callback(Press)
    assert trainer.train().global_step == 5
    assert (monitors[0].status, monitors[0].step) == ("stopped", 5)
    assert (trainer.model.layer.weight != before).any()
    assert not list(Path(trainer.args.output_dir).glob("checkpoint-*"))  # save_strategy="no"
    trainer.args.save_strategy = "epoch"
    monitors.clear()
    trainer.train()
    assert [path.name for path in Path(trainer.args.output_dir).glob("checkpoint-*")] == ["checkpoint-5"]


@pytest.mark.torch
def test_the_button_pressed_while_a_real_run_evaluates(trainer, monitors):
    """The evaluation is read to its end, so that its figures are whole; then the run stops."""
    trainer.args.eval_steps, trainer.args.eval_strategy = 2, "steps"
    trainer.args.per_device_eval_batch_size = 4

    class Press(TrainerCallback):
        def on_prediction_step(self, args, state, control, **kwargs):
            monitors[0].request_stop()

    trainer.add_callback(Press())
    trainer.train()
    assert trainer.state.global_step == 2
    assert [entry["step"] for entry in trainer.state.log_history if "eval_loss" in entry] == [2]
    assert monitors[0].status == "stopped"


@pytest.mark.torch
def test_interrupting_a_real_run(trainer, monitors):
    class Interrupt(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step == 3:
                raise KeyboardInterrupt

    trainer.add_callback(Interrupt)
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert (monitors[0].status, monitors[0].step) == ("interrupted", 3)
