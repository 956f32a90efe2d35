"""Clicks on the stop button in a real kernel that is busy, and what of it a notebook keeps."""

import os
import time
from pathlib import Path

import pytest

jupyter_client = pytest.importorskip("jupyter_client")
pytest.importorskip("ipykernel")
pytest.importorskip("ipywidgets")

from hfquick.widgets import clicks as kernel  # noqa: E402

ROOT = Path(__file__).parents[2]


def test_without_a_kernel_there_is_no_notebook_and_clicks_need_nothing():
    assert not kernel.in_notebook()
    line = kernel.Clicks("model", lambda: None)
    line.listen()
    line.poll()
    line.leave()
    assert kernel._heard == {}


@pytest.fixture(scope="module")
def running():
    """A real kernel, with a monitor and its chart in it."""
    manager, client = jupyter_client.manager.start_new_kernel(
        startup_timeout=90, cwd=str(ROOT), env={**os.environ, "HFQUICK_LANG": "en"}
    )
    try:
        kernel = Kernel(manager, client)
        kernel.run(SETUP)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


SETUP = """
import os, time
from hfquick.widgets import clicks as kernel
from hfquick.widgets.training import TrainingMonitor, in_notebook, show_progress
from ipywidgets import Button

monitor, order = TrainingMonitor(), []
chart = show_progress(monitor)
other = Button()
other.on_click(lambda button: order.append("the other button"))
"""
LOOP = """
order.append("loop")
monitor.begin(200, 8)
try:
    for step in range(1, 201):
        time.sleep(0.05)
        monitor.advance(step)
        monitor.poll()
        if monitor.stop_requested:
            break
    monitor.finish()
finally:
    monitor.finish("interrupted")
    order.append("end of loop")
"""


class Kernel:
    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def start(self, code):
        return self.client.execute(code)

    def wait(self, *requests, seconds=60):
        """Until these are answered -> their statuses."""
        found = {}
        while set(requests) - set(found):
            reply = self.client.get_shell_msg(timeout=seconds)
            found[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
        return [found[request] for request in requests]

    def run(self, code):
        """Run it -> what it prints."""
        request, printed = self.client.execute(code), ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                printed += message["content"]["text"]
            elif message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
            elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        aborted = self.wait(request) == ["aborted"]  # after an error, a kernel drops what waits
        return self.run(code) if aborted else printed.strip()

    def look(self, code):
        """The value of an expression, in Python's own words."""
        return self.run(f"print(repr({code}))")

    def click(self, model_id, session=None):
        self.send({"comm_id": model_id, "data": {"method": "custom", "content": {"event": "click"}}}, session)

    def change(self, model_id, name, value):
        """What a page sends when somebody changes the value of a control."""
        self.send({"comm_id": model_id, "data": {"method": "update", "state": {name: value}, "buffer_paths": []}})

    def send(self, content, session=None):
        session = session or self.client.session
        session.send(self.client.shell_channel.socket, session.msg("comm_msg", content))


def test_a_click_ends_a_running_cell_and_cells_keep_their_order(running):
    running.run("order.clear()")
    stop, other = running.run("print(chart.stop.model_id, other.model_id)").split()
    requests = [running.start(code) for code in (LOOP, "order.append('two')", "order.append('three')")]
    time.sleep(1)
    running.click(other)  # this one waits for its turn, behind the cells
    running.click(stop)
    requests.append(running.start("order.append('four')"))
    assert running.wait(*requests) == ["ok"] * 4
    assert running.look("order") == repr(["loop", "end of loop", "two", "three", "the other button", "four"])
    assert running.look("(monitor.status, 10 < monitor.step < 100)") == "('stopped', True)"
    assert running.look("(chart.stop.layout.display, kernel._heard)") == "('none', {})"
    receiver = running.look("kernel._kernel().shell_stream._recv_callback")
    assert "_pass_on" in receiver  # as before the run: nothing is looked at any more


def test_after_a_run_the_button_is_a_button_as_any_other(running):
    stop, other = running.run(
        "order.clear(); monitor.begin(); monitor.finish('stopped'); print(chart.stop.model_id, other.model_id)"
    ).split()
    running.click(stop)
    running.click(other)
    assert running.look("order") == "['the other button']"
    assert running.look("monitor.status") == "'stopped'"


def test_a_button_that_repeats_is_obeyed_again_after_something_was_changed(running):
    running.run("order.clear(); again = kernel.Clicks(other.model_id, lambda: order.append('heard'), repeats=True)")
    other, loop = running.look("other.model_id").strip("'"), "with kernel.heard([again], list):\n    time.sleep(2)"
    request = running.start(loop)
    time.sleep(0.7)
    running.click(other)
    running.change(other, "tooltip", "another model")
    running.click(other)
    running.click(other)
    running.wait(request)
    assert (
        running.look("(other.tooltip, order)") == "('another model', ['heard', 'the other button', 'the other button'])"
    )
    assert running.look("(kernel._heard, kernel._behind)") == "({}, [])"


PLAYGROUND = """
from hfquick.widgets import Playground, state

state.pipeline = lambda *args, **options: time.sleep(60)
playground = Playground()
print(playground.button.model_id, playground.stop.model_id)
"""


def test_the_playground_stops_while_it_runs(running):
    run, stop = running.run(PLAYGROUND).split()
    before = time.monotonic()
    running.click(run)
    time.sleep(1)
    running.click(stop)
    assert running.look("(playground.state.error, playground.state.busy)") == "('Stopped.', False)"
    assert time.monotonic() - before < 60  # what was stopped would have slept on


def test_a_message_that_is_not_signed_is_not_obeyed(running):
    stop = running.run("order.clear(); print(chart.stop.model_id)")
    loop = running.start(LOOP.replace("200", "30").replace("201", "31"))
    time.sleep(0.7)
    running.click(stop, jupyter_client.session.Session(key=b"of somebody else"))
    running.wait(loop)
    assert running.look("(monitor.status, monitor.step)") == "('done', 30)"


def test_interrupting_the_kernel_is_said(running):
    running.run("order.clear()")
    loop = running.start(LOOP)
    time.sleep(1)
    running.manager.interrupt_kernel()
    assert running.wait(loop) == ["error"]
    assert running.look("(monitor.status, kernel._heard)") == "('interrupted', {})"
    assert "Interrupted after step" in running.look("chart.status.value")


def test_a_kernel_is_a_notebook_and_a_process_forked_from_it_is_none(running):
    running.run("import warnings; warnings.simplefilter('ignore')")  # fork and threads
    running.run("child = os.fork()\nif not child: os._exit(in_notebook() + 40)")
    assert running.look("(in_notebook(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))") == "(True, 40)"


def test_what_a_cell_shows_never_changes(running):
    request = running.client.execute("show_progress(TrainingMonitor()); None")
    while True:
        message = running.client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "display_data" and message["parent_header"]["msg_id"] == request:
            break
    assert message["content"]["data"]["text/plain"] == "TrainingChart()"
    assert set(message["content"]["data"]) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
