"""Folders and models of the kinds, made once; and what is right for each row of their data."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import hfquick
from tests.helpers.garbage import quick_collections  # noqa: F401
from tests.kinds import by_hand
from tests.kinds.table import Kind, has_torch


class Workshop:
    """Makes what tests ask for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder, self.processor, self.rows = cache(self._folder), cache(self._processor), cache(self._rows)
        self.loaded, self.outputs = cache(self._loaded), cache(self._outputs)
        self.dataset = cache(self._dataset)

    def _folder(self, kind: Kind) -> Path:
        return kind.write(self.root / kind.name)

    def _processor(self, kind: Kind) -> Any:
        """Its tokenizer or image processor."""
        return getattr(hfquick, kind.reads.auto).from_pretrained(self.folder(kind))

    def left(self, kind: Kind) -> Any:
        """A tokenizer that pads on the left."""
        return hfquick.AutoTokenizer.from_pretrained(self.folder(kind), padding_side="left")

    def _rows(self, kind: Kind) -> list[dict]:
        return kind.rows(self.processor(kind))

    def _dataset(self, kind: Kind) -> Any:
        datasets = pytest.importorskip("datasets")
        return datasets.Dataset.from_list(self.rows(kind))

    def model(self, kind: Kind, framework: str = "pt", **config: Any) -> Any:
        """A model of its own, that a test may train."""
        return kind.auto_class(framework).from_pretrained(self.folder(kind), **config)

    def shared(self, kind: Kind, framework: str = "pt") -> Any:
        """One for all tests that only call it. Labels of an earlier call told its config the kind of problem."""
        model, problem = self.loaded(kind, framework)
        model.config.problem_type = problem
        return model

    def _loaded(self, kind: Kind, framework: str) -> tuple[Any, str | None]:
        """The folder was written by PyTorch where that is installed."""
        options = {"from_pt": True} if framework == "tf" and has_torch() else {}
        model = kind.auto_class(framework).from_pretrained(self.folder(kind), **options)
        return model, model.config.problem_type

    def reference(self, kind: Kind) -> Any:
        """The model that says what is right: PyTorch's, which is quick when called for one row after the other."""
        return self.shared(kind, "pt" if has_torch() else "tf")

    def _outputs(self, kind: Kind) -> list[by_hand.Outputs]:
        """What the model gives for each row alone."""
        return [by_hand.alone(self.reference(kind), kind, row) for row in self.rows(kind)]


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("kinds"))


@pytest.fixture
def eagerly(request: pytest.FixtureRequest) -> Iterator[None]:
    """In Keras nothing is compiled: that takes longer than all the rest, and what is computed is the same."""
    if request.node.get_closest_marker("tf") is None:
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
