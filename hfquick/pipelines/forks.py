"""TensorFlow does not survive a fork: its threads stay in the first process, and the copy waits for them for ever.

So a process that was forked after a Keras model was put in place says a sentence instead.
"""

import os

from ..i18n import spoken

_watching = _forked = False


def watch_forks() -> None:
    """From now on a fork of this process is remembered in the new one."""
    global _watching
    if not _watching and hasattr(os, "register_at_fork"):  # Windows starts every process anew
        os.register_at_fork(after_in_child=_remember)
        _watching = True


def _remember() -> None:
    global _forked
    _forked = True


def refuse_after_fork() -> None:
    """Raise RuntimeError in a forked process, where TensorFlow would never answer."""
    if _forked:
        raise spoken(
            RuntimeError,
            "this process was forked from one in which TensorFlow had begun to work, and in it TensorFlow never "
            "answers; start processes by the method 'spawn' of multiprocessing, and make the pipeline there",
        )
