"""What a live display needs of the Jupyter kernel it runs in: is there one, and clicks while a cell is running.

A click on a widget is a message on the kernel's shell channel, in one queue with the cells to run: a busy kernel does
not read it. (Subshells are meant to change that; JupyterLab 4.6 with ipykernel 7.2 or 7.4 still lets a click wait.)
`Clicks` stands at the entrance of that queue, takes out the clicks on one button, and passes everything else on
untouched and in order: no cell ever runs before its turn. It passes on to the receiver that ipykernel itself registers
there, `schedule_dispatch` in version 6 and `shell_channel_thread_main` in version 7; a kernel that has neither
(JupyterLite) keeps its own ways.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

LOOK_SECONDS = 0.3  # between two looks for a click


def in_notebook() -> bool:
    """Whether this code runs in a Jupyter kernel, so that widgets can be shown.

    A process forked from a kernel (`notebook_launcher`) is none: it must not speak on the kernel's connections.
    """
    return _kernel() is not None


class Clicks:
    """Clicks on one button of ipywidgets, heard while a cell is running: between `listen` and `leave`.

    With `repeats` they are heard only until another message waits for its turn: what is pressed after something was
    changed means what was changed, and waits behind it.
    """

    def __init__(self, model_id: str, pressed: Callable[[], None], repeats: bool = False) -> None:
        self.model_id, self.pressed, self.repeats = model_id, pressed, repeats

    def listen(self) -> None:
        kernel = _kernel()
        if kernel is None or not _is_known(kernel) or threading.current_thread() is not threading.main_thread():
            return  # a thread beside the cell leaves the kernel free to hear clicks by itself
        _heard[self.model_id] = self
        _receive_with(kernel, partial(_receive, kernel))

    def poll(self) -> None:
        """Look for a click now. Only ipykernel 6 needs it: version 7 listens in a thread of its own."""
        kernel = _kernel()
        if kernel is None or self.model_id not in _heard or _thread(kernel) is not None:
            return
        if threading.current_thread() is threading.main_thread():
            import zmq

            kernel.shell_stream.flush(zmq.POLLIN)

    def leave(self) -> None:
        if _heard.pop(self.model_id, None) and not _heard and (kernel := _kernel()) is not None:
            _behind.clear()
            _receive_with(kernel, partial(_pass_on, kernel))


@contextmanager
def heard(clicks: list[Clicks], obey: Callable[[], None]) -> Iterator[None]:
    """Within it these clicks are heard, also where nobody calls `poll`: then a timer does, where the system has one.

    `obey` is called after each look for clicks, when the message is read whole: it may raise.
    """
    for line in clicks:
        line.listen()
    kernel = _kernel()
    timed = (
        kernel is not None
        and _is_known(kernel)
        and _thread(kernel) is None
        and hasattr(signal, "setitimer")  # not on Windows
        and threading.current_thread() is threading.main_thread()
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0  # nobody else uses it
    )

    def look(*ignored: object) -> None:
        clicks[0].poll()
        obey()

    before: Any = signal.signal(signal.SIGALRM, look) if timed else None
    try:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)
        yield
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        for line in clicks:
            line.leave()


_heard: dict[str, Clicks] = {}  # id of a button's model -> its clicks
_behind: list[str] = []  # kinds of the messages that came in the meantime and wait for their turn


def _kernel() -> Any:
    """The kernel of this process, or None."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    session = getattr(kernel, "session", None)
    return kernel if getattr(session, "pid", os.getpid()) == os.getpid() else None


def _thread(kernel: Any) -> Any:
    """The thread in which ipykernel 7 reads the shell channel; None in version 6, which reads it between two cells."""
    return getattr(kernel, "shell_channel_thread", None)


def _is_known(kernel: Any) -> bool:
    receiver = "shell_channel_thread_main" if _thread(kernel) else "schedule_dispatch"
    return hasattr(kernel, receiver) and getattr(kernel, "shell_stream", None) is not None


def _receive_with(kernel: Any, receiver: Callable[[Any], Any]) -> None:
    """From now on every message on the shell channel goes to `receiver`."""
    change = partial(kernel.shell_stream.on_recv, receiver, copy=False)
    if thread := _thread(kernel):
        thread.io_loop.add_callback(change)
    else:
        change()


def _receive(kernel: Any, message: Any) -> Any:
    click = _read_click(kernel.session, message)
    return click.pressed() if click else _pass_on(kernel, message)


def _pass_on(kernel: Any, message: Any) -> Any:
    """What ipykernel does with a message of the shell channel; in version 7 an awaitable, which the stream awaits."""
    if _thread(kernel):
        return kernel.shell_channel_thread_main(message)
    return kernel.schedule_dispatch(kernel.dispatch_shell, message)


def _read_click(session: Any, message: Any) -> Clicks | None:
    """Whose click it is, when the message is a signed one on one of our buttons that is heard now, else None.

    It is looked at first and only then unpacked, because a session unpacks a signed message once and never again.
    """
    try:
        _, frames = session.feed_identities(message, copy=False)  # signature, header, parent, metadata, content
        kind = session.unpack(frames[1].bytes)["msg_type"]
        content = session.unpack(frames[4].bytes) if kind == "comm_msg" else {}
        click = _heard.get(content.get("comm_id", ""))
        if click is None or content["data"].get("method") != "custom" or (click.repeats and _behind):
            _behind.append(kind)
            return None
        session.deserialize(frames, copy=False)
    except Exception:
        return None  # not a message to be understood: ipykernel says why
    return click
