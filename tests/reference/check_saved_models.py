"""Folders that hfquick saves load in transformers to the same outputs.

First with hfquick (both frameworks), then in an environment with transformers:

    python tests/reference/check_saved_models.py save /tmp/saved
    python tests/reference/check_saved_models.py load /tmp/saved
"""

import sys
from pathlib import Path

import numpy as np

CHECKPOINTS = Path(__file__).parent / "checkpoints"
HEADS = {
    "words": "ForMaskedLM",
    "labels": "ForSequenceClassification",
    "bare": "Model",
    "answers": "ForQuestionAnswering",
    "tokens": "ForTokenClassification",
    "next": "LMHeadModel",
    "classes": "ForImageClassification",
    "replies": "ForQuestionAnswering",
    "characters": "ForCTC",
}
STARTS = {
    "bart": "Bart",
    "bert": "Bert",
    "camembert": "Camembert",
    "distilbert": "DistilBert",
    "gpt2": "GPT2",
    "vilt": "Vilt",
    "vit": "ViT",
    "wav2vec2": "Wav2Vec2",
    "xlmroberta": "XLMRoberta",
}


def class_name(model: str) -> str:
    kind, head = model.split("-")
    return STARTS[kind] + HEADS[head]


def models() -> list[str]:
    return sorted(path.name for path in CHECKPOINTS.iterdir() if path.name.split("-")[1] in HEADS)


def save(folder: Path) -> None:
    import hfquick

    for model in models():
        for framework in ("", "TF"):
            cls = getattr(hfquick, framework + class_name(model))
            cls.from_pretrained(CHECKPOINTS / model / "safetensors").save_pretrained(folder / f"{model}{framework}")
            half = cls.from_pretrained(CHECKPOINTS / model / "safetensors", dtype="bfloat16")
            half.save_pretrained(folder / f"{model}{framework}-bfloat16")


def load(folder: Path) -> None:
    import torch
    import transformers

    worst = 0.0
    for model in models():
        recorded = np.load(CHECKPOINTS / model / "outputs.npz")
        names = [name for name in ("input_ids", "attention_mask", "pixel_values", "input_values") if name in recorded]
        inputs = {name: torch.tensor(recorded[name]) for name in names}
        for framework in ("", "TF"):
            for half in ("", "-bfloat16"):
                cls = getattr(transformers, class_name(model))
                path = folder / f"{model}{framework}{half}"
                loaded, report = cls.from_pretrained(path, dtype=torch.float32, output_loading_info=True)
                assert not any(report.values()), (path, report)
                assert transformers.AutoConfig.from_pretrained(path).architectures == [class_name(model)]
                with torch.no_grad():
                    outputs = loaded.eval()(**inputs)
                for name in set(outputs) & set(recorded):  # GPT-2 in transformers also gives its cache
                    error = np.abs(outputs[name].numpy() - recorded[name]).max() / recorded[name].std()
                    assert error < (0.2 if half else 5e-5), (path, name, error)
                    worst = worst if half else max(worst, float(error))
    print(f"transformers {transformers.__version__}: {len(models())} models, relative difference at most {worst:.1e}")


if __name__ == "__main__":
    {"save": save, "load": load}[sys.argv[1]](Path(sys.argv[2]))
