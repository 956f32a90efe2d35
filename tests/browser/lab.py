"""A real JupyterLab on this machine, opened in a headless Chromium, as a learner sees it.

Acting is done as a person does it: menus, keys, clicks. Reading cells is done through the application object, because
JupyterLab takes cells out of the page when they are out of sight.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-tests"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that hears a beep twice a second
    "--use-fake-ui-for-media-stream",  # and a person who allows it
]
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CELLS = """() => jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => ({source: cell.model.sharedModel.source, count: cell.model.executionCount,
                   outputs: cell.model.outputs.toJSON()}))"""
READY = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'"


@contextmanager
def server(folder: Path, home: Path) -> Iterator[str]:
    """JupyterLab over `folder`, with settings of its own in `home` -> its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = home / "settings"
    write_setting(settings, "apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False})
    places = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}": str(home / place) for name, place in places.items()},
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "HF_HUB_OFFLINE": "1",
        "HFQUICK_LANG": "en",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--ServerApp.log_level=ERROR"]
    with open(home / "server.log", "wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{address}/api/status?token={TOKEN}", process, home / "server.log")
            yield address
        finally:
            process.terminate()  # it stops its kernels
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def write_setting(folder: Path, plugin: str, values: dict[str, Any]) -> None:
    path = folder / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def wait_for(address: str, process: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    stop = time.monotonic() + seconds
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < stop and process.poll() is None:
        try:
            with opener.open(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright, with a profile of its own."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


class Notebook:
    """One notebook open in JupyterLab."""

    def __init__(self, page: Any, address: str, name: str) -> None:
        self.page = page
        page.goto(f"{address}/lab/tree/{name}?reset&token={TOKEN}")  # no tabs of the test before
        page.wait_for_function(READY, timeout=60_000)
        self.uncovered()

    def run_all(self, seconds: float = 75) -> list[dict[str, Any]]:
        """Run > Run All Cells, as a person does, and wait until the last cell is done -> the code cells."""
        self.menu("Run", "Run All Cells")
        return self.wait(seconds)

    def menu(self, name: str, entry: str) -> None:
        """Choose an entry of a menu, as a person does."""
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menuitem", name=re.compile(f"^{entry}")).click()  # its keys may stand behind it

    def wait(self, seconds: float = 75) -> list[dict[str, Any]]:
        """Wait until the last cell is done, or one has failed -> the code cells."""
        done = "cells.every(cell => cell.count !== null)"
        stopped = "cells.some(cell => cell.outputs.some(output => output.output_type === 'error'))"
        wait = f"() => {{ const cells = ({CELLS})(); return ({done} || {stopped}) && {READY}; }}"
        self.page.wait_for_function(wait, timeout=seconds * 1000)
        return self.cells()

    def cells(self) -> list[dict[str, Any]]:
        return self.page.evaluate(CELLS)

    def show(self, text: str) -> None:
        """Scroll to the cell whose source holds this text."""
        self.page.evaluate(
            """text => { const book = jupyterapp.shell.currentWidget.content;
                         const at = book.widgets.findIndex(cell => cell.model.sharedModel.source.includes(text));
                         book.activeCellIndex = at; return book.scrollToItem(at, 'start'); }""",
            text,
        )

    def theme(self, name: str) -> None:
        self.page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
        light = "true" if "Light" in name else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        self.uncovered()

    def uncovered(self) -> None:
        """Wait until JupyterLab's moons are gone: they cover the page while it opens and while a theme changes.

        They fade for 0.2 s, then a timer takes them out of the page. A second theme within that time shows the same
        element again but leaves the timer running, and the later of the two timers raises a removeChild error (seen
        with JupyterLab 4.6, without any notebook). A person waits for them as well.
        """
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")


def press_until(page: Any, key: str, wanted: Any, most: int = 16) -> None:
    """Press a key until this element has the focus."""
    for _time in range(most):
        page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead there")
