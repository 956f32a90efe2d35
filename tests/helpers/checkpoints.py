"""What the tests of weights share: recorded checkpoints, the classes that load them, and their outputs.

The files under reference/checkpoints were written by transformers (reference/record_checkpoints.py).
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

import hfquick

CHECKPOINTS = Path(__file__).parents[1] / "reference" / "checkpoints"
HEADS = {
    "words": "ForMaskedLM",
    "first": "ForMaskedLM",
    "labels": "ForSequenceClassification",
    "bare": "Model",
    "answers": "ForQuestionAnswering",
    "tokens": "ForTokenClassification",
    "next": "LMHeadModel",
    "written": "ForConditionalGeneration",
    "classes": "ForImageClassification",
    "replies": "ForQuestionAnswering",
    "characters": "ForCTC",
}
INPUTS = ("input_ids", "attention_mask", "pixel_values", "input_values")  # of those recorded

STARTS = {
    "bert": "Bert",
    "distilbert": "DistilBert",
    "gpt2": "GPT2",
    "bart": "Bart",
    "camembert": "Camembert",
    "xlmroberta": "XLMRoberta",
    "vit": "ViT",
    "vilt": "Vilt",
    "wav2vec2": "Wav2Vec2",
}
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
FOLDERS = sorted(str(path.parent.relative_to(CHECKPOINTS)) for path in CHECKPOINTS.glob("*/*/config.json"))

framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def model_class(model: str, framework: str, head: str | None = None) -> type:
    kind, end = model.split("-")
    name = STARTS[kind] + (head or HEADS[end])
    return getattr(hfquick, f"TF{name}" if framework == "tf" else name)


def run(model, framework: str, recorded) -> dict[str, np.ndarray]:
    """The outputs of a model for the recorded inputs."""
    inputs = {name: recorded[name] for name in INPUTS if name in recorded}
    if framework == "tf":
        outputs = model(inputs)
    else:
        import torch

        with torch.no_grad():
            outputs = model.eval()(**{name: torch.tensor(value) for name, value in inputs.items()})
    return {name: np.asarray(value) for name, value in outputs.items()}


def assert_as_recorded(model, framework: str, folder: str, which: str = "outputs.npz") -> None:
    recorded = np.load(CHECKPOINTS / folder.split("/")[0] / which)
    outputs = run(model, framework, recorded)
    assert outputs
    for name, value in outputs.items():
        expected = recorded[name if name in recorded else "prediction_logits"]
        np.testing.assert_allclose(value, expected, atol=1e-5 * max(1, expected.std()), rtol=1e-5)


def need_reader_of(folder: str) -> None:
    """Skips a test with a torch .bin where there is no torch, which alone reads it."""
    if "bin" in folder:
        pytest.importorskip("torch")


def copied(folder: str, tmp_path: Path) -> Path:
    """A checkpoint that a test may damage."""
    return Path(shutil.copytree(CHECKPOINTS / folder, tmp_path / "copy"))


def sentence(error) -> str:
    return str(error.value).splitlines()[0]


def tensors(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")


def write_tensors(folder: Path, state: dict[str, np.ndarray], written_by: str = "pt") -> None:
    from safetensors.numpy import save_file

    # Not over the file that is there: a model that was loaded from it may still read its weights from it.
    save_file(state, folder / "new.safetensors", metadata={"format": written_by})
    (folder / "new.safetensors").replace(folder / "model.safetensors")
