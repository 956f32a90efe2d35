"""The launcher behind `make` and `hfquick tour`: makes .venv from pinned packages, copies the tour, opens JupyterLab.

Only the standard library is used here: in a fresh clone nothing else is installed yet. Both ways in share this file:

    make tour                 ->  python3 -m hfquick.commands.launch pytorch  (makes .venv, installs)
                                  .venv/bin/python -m hfquick tour   (opens the tour)
    python -m hfquick tour    ->  the same two steps, for systems without make
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
import webbrowser
from pathlib import Path

from ..i18n import gettext as _
from ..i18n import language, said, spoken

PACKAGE = Path(__file__).resolve().parents[1]
CLONE = PACKAGE.parent if (PACKAGE.parent / "requirements" / "tour.txt").is_file() else None
TOURS = CLONE / "notebooks" if CLONE else PACKAGE / "tours"  # the wheel carries a copy of notebooks/
TESTED = ((3, 10), (3, 13))  # the first and the last version of Python that hfquick is tested with
WORKING = "hfquick-working"  # a file in .venv while it is not whole
VARIANTS = {"pytorch": "quicktour_pytorch", "tensorflow": "quicktour_tensorflow", "both": "quicktour"}
PARTS = {"pytorch": "pytorch", "tensorflow": "tensorflow", "both": "tour"}  # framework -> requirements file
# What a Python without a clone needs for the tour: the packages of the extras in pyproject.toml.
NOTEBOOKS = "jupyterlab ipykernel ipywidgets anywidget datasets"
NEEDED = {"pytorch": "torch accelerate", "tensorflow": "tensorflow keras", "both": "torch accelerate tensorflow keras"}
# One thread for each learner. Small models are not faster with more, and where several programs share the cores,
# threads that wait for each other take several times as long. Whoever sets these variables is obeyed.
THREADS = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
# Kernels of notebooks that are still open somewhere keep their memory until they have been idle for three hours.
STOPPING = 10.0  # seconds JupyterLab has to end its kernels when it is told to stop
CULLING = {"cull_idle_timeout": 3 * 3600, "cull_interval": 300, "cull_connected": True}


class LaunchError(Exception):
    """Something the reader can mend: its text is the sentence to show."""


# ---------------------------------------------------------------- the environment


def environment_python(folder: Path) -> Path:
    """The Python inside a virtual environment, on this system."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def read_requirements(name: str, root: Path) -> str:
    """A requirements file with the files it names by `-r` in the place of those lines."""
    lines = []
    for line in (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        included = line.partition("-r ")[2].strip().removesuffix(".txt") if line.startswith("-r ") else ""
        lines.append(read_requirements(included, root) if included else line.strip())
    return "\n".join(lines)


def fingerprint(part: str, root: Path) -> str:
    """What an installed environment was made from: packages, hfquick's own metadata, the Python."""
    made_from = [read_requirements(part, root), (root / "pyproject.toml").read_text(encoding="utf-8"), sys.version]
    return hashlib.sha256("\n".join(made_from).encode()).hexdigest()


def make_environment(part: str, root: Path, folder: Path) -> Path:
    """Make or complete .venv from requirements/<part>.txt and give its Python; nothing to do when it is up to date.

    The list of what is installed is written last, and a note stands in the folder while pip works: an installation
    that was cut is seen by the next run, which starts afresh (pip's cache makes that quick). A .venv of your own is
    used as it is.
    """
    python, done, working = environment_python(folder), folder / "hfquick-done.json", folder / WORKING
    wanted = fingerprint(part, root)
    made = json.loads(done.read_text(encoding="utf-8")) if done.is_file() else {}
    if made.get(part) == wanted and not working.exists() and python.exists():
        return python
    if working.exists() or not python.exists():
        if note := newer_python():
            say(note)
        say(_("making the virtual environment {folder}", folder=str(folder)))
        make_venv(folder)
        made = {}
    say(_("installing the packages of requirements/{part}.txt (some minutes, once)", part=part))
    signal.signal(signal.SIGTERM, lambda *ignored: sys.exit(143))  # an exception: `subprocess.run` then ends pip too
    working.touch()
    done.unlink(missing_ok=True)
    run_pip(python, "install", "-r", str(root / "requirements" / f"{part}.txt"))
    run_pip(python, "install", "--no-deps", "--no-build-isolation", "--editable", str(root))
    kept = {name: mark for name, mark in made.items() if mark == fingerprint(name, root)}
    partial = done.with_suffix(".new")
    partial.write_text(json.dumps({**kept, part: wanted}), encoding="utf-8")
    partial.replace(done)
    working.unlink()
    return python


def newer_python() -> str:
    """A sentence where this Python is newer than the tested ones, else "": pip would only say that it finds nothing."""
    if sys.version_info[:2] <= TESTED[1]:
        return ""
    first, last, this = (".".join(map(str, version)) for version in (*TESTED, sys.version_info[:2]))
    return said(
        "Python {this} is newer than those hfquick is tested with ({first} to {last}): PyTorch and TensorFlow may have "
        "no builds for it yet. If pip finds none, choose another: {command}",
        this=this,
        first=first,
        last=last,
        command="make PYTHON=python3.12 tour (python3.12 -m hfquick tour)",
    )


def make_venv(folder: Path) -> None:
    """An empty virtual environment in the place of one that is not whole; anything else is left alone."""
    known = [folder / "pyvenv.cfg", folder / WORKING]
    if folder.is_dir() and any(folder.iterdir()) and not any(path.is_file() for path in known):
        raise spoken(
            LaunchError,
            "{folder} exists and is not a virtual environment; move it away, or remove it, and try again",
            folder=folder,
        )
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / WORKING).touch()
        venv.create(folder, with_pip=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise spoken(
            LaunchError,
            "{executable} cannot make a virtual environment ({error}); on Debian and Ubuntu: apt install "
            "python3-venv; or choose another Python: make PYTHON=python3.12 ...",
            executable=sys.executable,
            error=error,
        ) from None


def run_pip(python: Path, *arguments: str) -> None:
    """pip in that environment: with its progress bars in a terminal, only its errors elsewhere."""
    quiet = [] if sys.stdout.isatty() else ["-qq"]
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", *quiet, *arguments]
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
        note = newer_python()
        raise spoken(
            LaunchError,
            "pip could not install the packages (its reasons are above); check the network and the package index "
            "(pip config list), then give the same command again: what was downloaded is kept{note}",
            note=". " + note if note else "",
        )


# ---------------------------------------------------------------- the tour


def copy_tours(target: Path, tours: Path = TOURS) -> list[Path]:
    """Copy tours and lessons (of all languages: they link to each other) and give the files kept because they changed.

    A file the learner changed is never touched. One they did not is brought up to date: the record beside the copies
    remembers what was put there.
    """
    try:
        return _copy_tours(target, tours)
    except OSError as error:
        raise spoken(
            LaunchError,
            "the tour cannot be copied into {folder} ({error}); move away what is there, or try in another folder",
            folder=str(target),
            error=error,
        ) from None


def _copy_tours(target: Path, tours: Path) -> list[Path]:
    target.mkdir(parents=True, exist_ok=True)
    record_file = target / ".hfquick-copies.json"
    record, kept = read_record(record_file), []
    for code in tour_languages(tours):
        for original in sorted([*(tours / code).glob("*.ipynb"), *(tours / code).glob("lessons/*.ipynb")]):
            name = original.relative_to(tours).as_posix()
            copy, new = target / name, digest_of(original)
            if copy.exists() and digest_of(copy) not in (record.get(name), new):
                if record.get(name) != new:  # there is a newer one
                    kept.append(copy)
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists() or digest_of(copy) != new:
                put(copy, original.read_bytes())
            record[name] = new
    put(record_file, json.dumps(record, indent=1).encode())
    return kept


def read_record(path: Path) -> dict[str, str]:
    """File -> digest of what was copied there; an empty one where the record is damaged: all changes are then kept."""
    try:
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in the place of a link too: what that points to stays as it is."""
    partial = path.with_name(f".{path.name}.new")
    partial.unlink(missing_ok=True)
    partial.write_bytes(content)
    partial.replace(path)


def digest_of(path: Path) -> str:
    """SHA-256 of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tour_languages(tours: Path = TOURS) -> list[str]:
    """The languages that have a tour."""
    return sorted(path.parent.name for path in tours.glob("*/quicktour.ipynb"))


def missing_packages(framework: str) -> list[str]:
    """What this Python lacks to open the tour with that framework."""
    frameworks = {"both": ["torch", "tensorflow"]}.get(framework, [{"pytorch": "torch"}.get(framework, framework)])
    modules = ["jupyterlab", "ipywidgets", "tokenizers", "safetensors", "huggingface_hub", "polib"]
    return [name for name in modules + frameworks if importlib.util.find_spec(name) is None]


def default_framework() -> str:
    """One framework is enough for the tour, and half to install: PyTorch, but TensorFlow where that alone is there."""
    return "tensorflow" if missing_packages("pytorch") and not missing_packages("tensorflow") else "pytorch"


def open_tour(
    code: str | None = None, framework: str | None = None, port: int | None = None, browser: bool | None = None
) -> int:
    """Open JupyterLab on a copy of the tour and stay until it ends. First makes .venv where a clone needs it."""
    framework = framework or default_framework()
    code = code or (language() if language() in tour_languages() else "en")
    if code not in tour_languages():
        raise spoken(
            LaunchError,
            "there is no tour in language {code!r}; there are: {known}",
            code=code,
            known=", ".join(tour_languages()),
        )
    if CLONE and missing_packages(framework):
        python = make_environment(PARTS[framework], CLONE, CLONE / ".venv")
        if Path(sys.prefix).resolve() != python.parent.parent.resolve():
            options = ["--tour", code, "--framework", framework, *(["--port", str(port)] if port else [])]
            options += {None: [], True: ["--browser"], False: ["--no-browser"]}[browser]
            tour = subprocess.Popen([str(python), "-m", "hfquick", "tour", *options], cwd=CLONE)
            return wait_for(tour, 2 * STOPPING)  # it waits itself
        importlib.invalidate_caches()  # they were installed into the Python that runs this
    if missing := missing_packages(framework):
        other = "" if framework != "both" else said("; one framework is enough for --framework pytorch or tensorflow")
        note = newer_python()
        raise spoken(
            LaunchError,
            "the tour needs {missing}, not installed here; try: {command}{other}{note}",
            missing=", ".join(missing),
            command=f"pip install {NEEDED[framework]} {NOTEBOOKS}",
            other=other,
            note=". " + note if note else "",
        )
    folder = (CLONE or Path.cwd()) / "hfquick-tour"
    for path in copy_tours(folder):
        say(_("your changed copy is kept: {path} (remove it to take the new version)", path=str(path)))
    return serve(folder, folder / code / f"{VARIANTS[framework]}.ipynb", port, browser)


def serve(folder: Path, notebook: Path, port: int | None, browser: bool | None) -> int:
    """Start JupyterLab, print the address once it answers, open a browser where there is one."""
    token = secrets.token_hex(24)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.answer_yes=True"]
    command += [f"--ServerApp.root_dir={folder}", "--ServerApp.port_retries=0"]
    command += ["--log-level=ERROR"]  # its own lines would bury the address
    command += ["--KernelManager.transport_encryption=auto"]  # newer ones; older ones take no notice of it
    command += [f"--MappingKernelManager.{name}={value}" for name, value in CULLING.items()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # containers and class servers often have no other user
    # The kernel inherits these: labels of widgets in the language of the tour, and threads.
    environment = {"HFQUICK_LANG": notebook.parent.name, **THREADS, **os.environ, "JUPYTER_TOKEN": token}
    environment.setdefault("JUPYTERLAB_WORKSPACES_DIR", str(wide_notebook(folder / ".jupyter" / "workspaces")))
    # Python and JupyterLab run what they find in their own folder: a learner's random.py, somebody's
    # jupyter_server_config.py. So that is a new and private one, which also holds the settings.
    with tempfile.TemporaryDirectory(prefix="hfquick-tour-") as private:
        paths = [str(quiet_settings(Path(private))), os.environ.get("JUPYTER_CONFIG_PATH")]
        environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
        for wish in [port] if port else [None] * 5:
            port = free_port(wish)
            server = subprocess.Popen([*command, f"--ServerApp.port={port}"], env=environment, cwd=private)
            deadline = time.monotonic() + 120
            while server.poll() is None and time.monotonic() < deadline and not answers(port, token):
                time.sleep(0.2)
            if server.poll() is None or not in_use(port):  # else another learner's took the port in that moment
                break
        if server.poll() is None:
            address = f"http://localhost:{port}/lab/tree/{notebook.relative_to(folder).as_posix()}?token={token}"
            say(_("the tour is at {address}", address=address))
            if has_notebook_7():
                say(_("on a narrow screen: {address}", address=address.replace("/lab/tree/", "/notebooks/")))
            say(_("to stop: Ctrl-C here"))
            if browser if browser is not None else has_display():
                webbrowser.open(address)
        return wait_for(server)


def quiet_settings(settings: Path) -> Path:
    """Settings for this one JupyterLab, in which it asks no question about news and looks for no update."""
    (settings / "labconfig").mkdir(parents=True, exist_ok=True)
    disabled = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "labconfig" / "page_config.json").write_text(json.dumps(disabled), encoding="utf-8")
    return settings


def wide_notebook(workspaces: Path) -> Path:
    """A folder in which JupyterLab keeps its layout, at first without the file browser: on a phone it takes all room.

    Where the learner opens it, it stays open.
    """
    layout = workspaces / "default-37a8.jupyterlab-workspace"  # JupyterLab's name for it
    if not layout.exists():
        closed = {side: {"collapsed": True, "visible": True} for side in ("left", "right")}
        data = {"layout-restorer:data": {**closed, "relativeSizes": [0, 1, 0]}}
        layout.parent.mkdir(parents=True, exist_ok=True)
        layout.write_text(json.dumps({"data": data, "metadata": {"id": "default"}}), encoding="utf-8")
    return workspaces


def has_notebook_7() -> bool:
    """Is there Notebook 7, which shows a notebook and nothing beside it?"""
    try:
        return int(importlib.metadata.version("notebook").partition(".")[0]) >= 7
    except importlib.metadata.PackageNotFoundError:
        return False


def wait_for(process: "subprocess.Popen[bytes]", seconds: float = STOPPING) -> int:
    """Wait for a child, and take it along when this process is told to stop; then it has so many seconds.

    JupyterLab may end all but a thread of its own, which waits for ever (seen with jupyter_server 2.21 and anyio).
    """

    def stop(*ignored: object) -> None:
        process.terminate()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "SIGHUP"):  # the terminal was closed
        signal.signal(signal.SIGHUP, stop)
    left: float | None = None
    while True:
        try:
            return process.wait(left)
        except KeyboardInterrupt:  # Ctrl-C reached the child as well: let it end by itself
            left = seconds
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return 0


def free_port(wish: int | None) -> int:
    """The port asked for, or a free one from 8888 on; a port that is taken is an error only when it was asked for."""
    for port in [wish] if wish else range(8888, 8988):
        with socket.socket() as trial:
            if os.name != "nt":  # there this option would allow a port that is in use
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise spoken(LaunchError, "port {port} is in use; choose another: make tour PORT=9999", port=wish or "8888-8987")


def in_use(port: int) -> bool:
    """Has another program this port?"""
    try:
        return free_port(port) != port
    except LaunchError:
        return True


def answers(port: int, token: str) -> bool:
    """Does the Jupyter server with this token answer there? Another learner's knows another one."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a school's proxy has no say on localhost
    try:
        with direct.open(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=2) as reply:
            return "started" in json.load(reply)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def has_display() -> bool:
    """Is there a screen to open a browser on?"""
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str]) -> int:
    """`python3 -m hfquick.commands.launch pytorch|tensorflow|both|dev`: make .venv complete for that."""
    parts = {**PARTS, "dev": "dev"}
    if len(arguments) != 1 or arguments[0] not in parts or CLONE is None:
        usage = f"python3 -m hfquick.commands.launch {'|'.join(parts)}"
        print(_("usage, in a clone of hfquick: {command}", command=usage), file=sys.stderr)
        return 2
    try:
        make_environment(parts[arguments[0]], CLONE, CLONE / ".venv")
    except LaunchError as error:
        print(said("error: {message}", message=error), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_("stopped; the next run starts the installation afresh"), file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
