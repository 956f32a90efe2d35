"""How the whole suite is run: in which order and on which of several processes, what is slow, and how long it took.

Under pytest-xdist (`-n auto`) a process takes one group after the other, the longest first, so that no core is left
with nothing to do at the end. A group is a file; a notebook, whose cells run in order in one kernel; one architecture
of a large table; or all that starts a crowd of processes, so that two of these never meet.
"""

import os
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent
SLOWEST = "build/slowest-tests.txt"
PER_PROCESS = 3e9  # bytes: both frameworks in the process of the tests, and in the kernel of a notebook

# They start JupyterLab and a browser, torchrun, runs that are killed, pip: one after the other, in one process.
CROWDS = (
    "tests/browser/",
    "tests/training/test_processes.py",
    "tests/training/test_killed_runs.py",
    "tests/commands/test_launch.py",
    "tests/commands/test_bundle_install.py",
    "tests/test_packaging.py",
)
MUTANTS = ("tests/parity/test_mutations.py", "tests/generation/test_mutations.py")
TABLES = ("tests/parity/", "tests/generation/test_mutations.py")  # too large for one group
QUICK = ("notebooks/en/lessons/fill_mask_",)  # the notebooks of `make check`
# Unit tests, but half of the time of all: they train, or build Keras models by the dozen.
LONG = (
    "tests/models/",
    "tests/core/test_resize.py",
    "tests/keras_training/",
    "tests/kinds/",
    "tests/parity/test_parity_tf.py",
    "tests/training/test_checkpoints.py",
    "tests/training/test_loop.py",
    "tests/training/test_losses.py",
    "tests/training/test_trainer.py",
)

# Seconds, roughly, of what takes longest: the order in which groups are handed out. SLOWEST says what it is today.
SECONDS = {
    "crowds": 200,
    "tests/models/test_encoder_decoders.py": 115,
    "tests/core/test_resize.py": 95,
    "notebooks/en/training": 80,
    "notebooks/fr/training": 80,
    "notebooks/en/quicktour": 75,
    "notebooks/fr/quicktour": 75,
    "tests/keras_training/test_fit.py": 55,
    "tests/training/test_checkpoints.py": 45,
    "tests/core/": 35,
    "tests/models/": 35,
    "tests/training/": 30,
    "tests/parity/test_parity_tf.py": 25,
    "tests/kinds/test_keras.py": 40,
    "tests/kinds/test_trainer.py": 40,
    "tests/keras_training/test_pictures.py": 35,
    "tests/keras_training/": 20,
    "tests/generation/": 18,
    "tests/pipelines/": 18,
    "tests/parity/test_mutations.py": 15,
    "notebooks/": 12,
    "tests/parity/": 10,
}


def group_of(nodeid: str) -> str:
    """The tests that one process runs in order: "tests/hub/test_client.py", "notebooks/en/quicktour.ipynb", ..."""
    file, _, name = nodeid.partition("::")
    if file.startswith(CROWDS):
        return "crowds"
    case = re.search(r"\[(\w+)[:-]", name) if file.startswith(TABLES) else None
    return f"{file} {case.group(1)}" if case else file


def seconds_of(group: str) -> float:
    return max((seconds for start, seconds in SECONDS.items() if group.startswith(start)), default=5)


def is_slow(nodeid: str) -> bool:
    """Crowds, planted mutations, all but two notebooks: more than unit tests. `make check` leaves out LONG ones too."""
    return nodeid.startswith((*CROWDS, *MUTANTS)) or (".ipynb" in nodeid and not nodeid.startswith(QUICK))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_slow(item.nodeid):
            item.add_marker(pytest.mark.slow)
        if item.nodeid.startswith(LONG):
            item.add_marker(pytest.mark.long)
    items.sort(
        key=lambda item: (-seconds_of(group_of(item.nodeid)), group_of(item.nodeid))
    )  # stable: cells stay in order


# ------------------------------------------------------------------------------------------------ several processes


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: a process for each core, as far as the memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:  # not Linux
        found = None
    return max(1, min(cores, int(int(found.group(1)) * 1024 / PER_PROCESS) if found else cores))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False  # in the order of the items, not those with most tests first
    return ByGroup(config, log)


# ------------------------------------------------------------------------------------------------------- what it took

seconds: dict[str, float] = defaultdict(float)  # by test, with its setup and teardown
mutants: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seconds[report.nodeid] += report.duration
    if report.when == "call":
        mutants.update(value for name, value in report.user_properties if name == "mutant")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Writes SLOWEST, and shows its first lines in CI; says how many mutants were planted."""
    if hasattr(config, "workerinput") or not seconds:
        return
    lines = slowest()
    file = ROOT / SLOWEST
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if mutants:
        terminalreporter.write_line(f"mutants: {mutants['planted']} planted, {mutants['kept']} known from earlier runs")
    for line in lines[:26] if os.environ.get("CI") else [f"slowest tests: {SLOWEST}"]:
        terminalreporter.write_line(line)


def slowest(count: int = 50) -> list[str]:
    """The slowest tests, then the sum for each group, in seconds."""
    groups: Counter[str] = Counter()
    for nodeid, duration in seconds.items():
        groups[group_of(nodeid)] += duration  # type: ignore[assignment]
    tests = sorted(seconds.items(), key=lambda row: -row[1])[:count]
    lines = [f"the slowest of {len(seconds)} tests, {sum(seconds.values()):.0f} seconds in all processes together"]
    lines += [f"{duration:8.1f}  {nodeid}" for nodeid, duration in tests]
    return [*lines, "", "sums", *(f"{duration:8.1f}  {group}" for group, duration in groups.most_common())]
