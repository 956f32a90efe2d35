"""What one learner takes of a machine: seconds and memory of the tour (Run All), a lesson, training, and the server.

    python benchmarks/learner.py                     all of it, PyTorch only (needs nbclient: make env)
    python benchmarks/learner.py tour                the tour alone; also: lesson, training, server
    python benchmarks/learner.py tour --language fr

Each notebook runs cell by cell in a kernel of its own with one thread and without the Hub, as under `hfquick tour`.
Memory is read from /proc, so this needs Linux. "private" is what no other process shares (Private_Clean and
Private_Dirty of smaps_rollup): what one more learner costs. So that libraries count as shared, as they are in a class,
a second kernel with the same libraries is open meanwhile.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parent.parent
NOTEBOOKS = {
    "tour": ["quicktour_pytorch"],
    "lesson": ["lessons/fill_mask_pytorch", "lessons/translation_pytorch"],
    "training": ["training_pytorch"],
}
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HFQUICK_STAND_INS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
NEIGHBOUR = "import hfquick; hfquick.pipeline('sentiment-analysis', framework='pt')('The image is ready.')"
NEIGHBOUR += "; from hfquick import Trainer, load_dataset; import ipywidgets, datasets, accelerate"
SERVE = """
from pathlib import Path
from hfquick.commands import launch
launch.copy_tours(Path.cwd())
launch.serve(Path.cwd(), Path.cwd() / "en" / "quicktour_pytorch.ipynb", None, False)
"""
MB = 1e6


def memory(pid: int) -> dict[str, float]:
    """Resident, proportional and private bytes of a process."""
    found = {"resident": 0.0, "proportional": 0.0, "private": 0.0}
    names = {"Rss": "resident", "Pss": "proportional", "Private_Clean": "private", "Private_Dirty": "private"}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        if name in names:
            found[names[name]] += int(rest.split()[0]) * 1024
    return found


def peak_resident(pid: int) -> int:
    """The largest resident size a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


class Watch(threading.Thread):
    """Looks at the private memory of a process twice a second and keeps the largest."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.largest, self.over = pid, 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.5):
            try:
                self.largest = max(self.largest, memory(self.pid)["private"])
            except (OSError, IndexError):  # the process is gone
                return


@contextmanager
def kernel(notebook: Any, folder: str) -> Iterator[Any]:
    """A client whose kernel is running, and its process id as `client.pid`."""
    from nbclient import NotebookClient

    client = NotebookClient(notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": folder}})
    with client.setup_kernel():
        client.pid = client.km.provisioner.process.pid
        yield client


@contextmanager
def neighbour() -> Iterator[None]:
    """A second kernel with the same libraries, as another learner of the same installation has them."""
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NEIGHBOUR)])
    with tempfile.TemporaryDirectory() as folder, kernel(notebook, folder) as client:
        client.execute_cell(notebook.cells[0], 0)
        yield


def run(path: Path) -> None:
    """All cells of a notebook, one table row for each of its sections."""
    import nbformat

    notebook = nbformat.read(path, 4)
    print(f"\n{path.relative_to(TOP / 'notebooks')}")
    print(f"{'section':34} {'cells':>5} {'s':>7} {'resident':>9} {'prop.':>7} {'private':>8}  MB at its end")
    with tempfile.TemporaryDirectory() as folder, kernel(notebook, folder) as client:
        watch = Watch(client.pid)
        watch.start()
        started = time.perf_counter()
        section, cells, begun = "", 0, started

        def row() -> None:
            now = memory(client.pid)
            sizes = " ".join(f"{now[name] / MB:{width}.0f}" for name, width in zip(now, (9, 7, 8), strict=True))
            print(f"{section[:34]:34} {cells:5} {time.perf_counter() - begun:7.1f} {sizes}", flush=True)

        for index, cell in enumerate(notebook.cells):
            heading = [line[3:] for line in cell.source.splitlines() if line.startswith("## ")]
            if cell.cell_type == "markdown" and heading:
                if cells:
                    row()
                section, cells, begun = heading[0], 0, time.perf_counter()
            elif cell.cell_type == "code":
                client.execute_cell(cell, index)
                cells += 1
        if cells:
            row()
        seconds = time.perf_counter() - started
        watch.over.set()
        print(
            f"Run All: {seconds:.0f} s; peak resident {peak_resident(client.pid) / MB:.0f} MB, "
            f"peak private {watch.largest / MB:.0f} MB",
            flush=True,
        )


def family(pid: int) -> list[int]:
    """A process and those it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def server() -> None:
    """JupyterLab of two learners, each with the tour open: what one of them takes, with the process that started it."""
    import json
    import urllib.request

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        started = []
        try:
            for folder in (first, second):
                command = [sys.executable, "-c", SERVE]
                started.append(subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE))
                address = next(line for line in started[-1].stdout if "http://" in line).split()[-1]
                base, _, token = address.partition("?")
                for part in ("/lab/tree/", "/api/contents/"):
                    with urllib.request.urlopen(f"{base.replace('/lab/tree/', part)}?{token}") as reply:
                        content = reply.read()
                assert json.loads(content)["content"]["cells"]
            time.sleep(2)
            print("\nserver of one learner (JupyterLab and the process that started it), two at once")
            sums = [[memory(pid) for pid in family(process.pid)] for process in started]
            for name in ("resident", "proportional", "private"):
                print(f"{name:13} {statistics.mean(sum(one[name] for one in each) for each in sums) / MB:7.0f} MB")
        finally:
            for process in started:
                process.terminate()
                process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description="What one learner takes of a machine.")
    parser.add_argument("parts", nargs="*", choices=[*NOTEBOOKS, "server", []], help="default: all")
    parser.add_argument("--language", choices=["en", "fr"], default="en")
    options = parser.parse_args()
    os.environ.update({**ENVIRONMENT, "HFQUICK_LANG": options.language})
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(TOP), os.environ.get("PYTHONPATH")]))
    os.environ.pop("MPLBACKEND", None)
    parts = options.parts or [*NOTEBOOKS, "server"]
    print(f"{os.cpu_count()} cores, {os.environ['OMP_NUM_THREADS']} thread, load {os.getloadavg()[0]:.1f} at the start")
    if set(parts) & set(NOTEBOOKS):
        with neighbour():
            for part in parts:
                for name in NOTEBOOKS.get(part, []):
                    run(TOP / "notebooks" / options.language / f"{name}.ipynb")
    if "server" in parts:
        server()
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
