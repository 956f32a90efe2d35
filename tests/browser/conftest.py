"""One JupyterLab and one Chromium for all browser tests, started when the first of them runs."""

from pathlib import Path

import pytest

from tests.browser import lab


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """What JupyterLab shows; tests put their notebooks here."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def address(folder, tmp_path_factory):
    with lab.server(folder, tmp_path_factory.mktemp("lab-home")) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    with lab.browser() as chromium:
        yield chromium


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(error.stack or str(error)))
    yield page
    context.close()
