"""What the tests of pushes share: something that saves files, and the error of a push that is refused."""

import re
import tempfile
from pathlib import Path

import pytest

from hfquick.hub.push import PushToHubMixin
from hfquick.hub.repository import HubError
from tests.helpers.hub_writing import WritableHub

WEIGHTS = bytes(range(256)) * 400
FILES = {"config.json": b'{"model_type": "distilbert"}', "model.safetensors": WEIGHTS}


class Saved(PushToHubMixin):
    """Something that saves these files."""

    config = None  # a model has one

    def __init__(self, files: dict[str, bytes] = FILES):
        self.files = files

    def save_pretrained(self, folder):
        write(Path(folder), self.files)


class Words(PushToHubMixin):
    def save_pretrained(self, folder):
        write(Path(folder), {"vocab.txt": b"[PAD]\n"})


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


def refused(push, *args, **options) -> HubError:
    """The error of a push that does not work. No token is ever part of it, and nothing is left on this machine."""
    with pytest.raises(HubError) as error:
        push(*args, **options)
    assert not re.search(r"hf_[a-z]+", str(error.value).replace("hf_xet", ""))
    assert not list(Path(tempfile.gettempdir()).glob("hfquick-*/config.json"))
    return error.value


def commits(hub: WritableHub, name: str) -> int:
    """How many commits a repository has, the one it begins with apart."""
    return len(hub.repos["model", name].commits) - 1
