"""`hfquick tour` on a phone: the notebook has the room, not the file browser."""

import json
import os
import re
import subprocess
import sys

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")

from tests.browser.lab import KERNEL, ROOT  # noqa: E402

pytestmark = pytest.mark.browser
SERVE = """
import sys
from pathlib import Path
from hfquick.commands.launch import serve

serve(Path(sys.argv[1]), Path(sys.argv[1], "fr", "tour.ipynb"), None, False)
"""


@pytest.fixture
def tour(tmp_path):
    """The address of a tour that was opened by the launcher."""
    (tmp_path / "fr").mkdir()
    cells = [nbformat.v4.new_code_cell("print('bonjour')")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), tmp_path / "fr/tour.ipynb")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HFQUICK_LANG": "en", "IPYTHONDIR": str(tmp_path / "ipython")}
    environment |= {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(tmp_path / "settings")
    environment.pop("JUPYTERLAB_WORKSPACES_DIR", None)
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as server:
        try:
            yield next(line.split()[-1] for line in server.stdout if line.startswith("the tour is at"))
        finally:
            server.terminate()
            server.wait(timeout=30)


def test_the_file_browser_is_closed_and_stays_as_it_is_left(page, tour, tmp_path):
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(tour)
    notebook, files = page.locator(".jp-Notebook"), page.locator(".jp-FileBrowser")
    notebook.wait_for(timeout=60_000)
    page.screenshot(path=tmp_path / "narrow.png")
    assert notebook.bounding_box()["width"] > 300
    sync_api.expect(files).to_be_hidden()
    page.get_by_role("tab", name=re.compile("File Browser")).click()
    sync_api.expect(files).to_be_visible()
    layout = tmp_path / ".jupyter/workspaces/default-37a8.jupyterlab-workspace"
    for _try in range(100):
        if not json.loads(layout.read_text())["data"]["layout-restorer:data"]["left"]["collapsed"]:
            break
        page.wait_for_timeout(100)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(tour)
    sync_api.expect(files).to_be_visible(timeout=60_000)
    assert page.errors == []
