"""A model in NumPy for tests of pipelines: what they do before and after `forward` never sees a framework."""

from pathlib import Path
from typing import Any

import numpy as np

import hfquick


class FakeModel:
    """Token ids -> logits from random tables, which are always the same.

    The logits of a token depend on its id, its position, its token type and the token before it, so that windows of a
    text disagree; those of a whole text are the sum over its tokens. Padding on the right changes nothing.
    """

    def __init__(self, config: Any, sizes: dict[str, int], of_text: bool = False) -> None:
        self.config, self.sizes, self.of_text = config, sizes, of_text
        random = np.random.default_rng(0)
        self.tables = {
            name: [random.normal(size=(rows, size)) for rows in (config.vocab_size, 600, 2)]
            for name, size in sizes.items()
        }

    def __call__(self, input_ids: np.ndarray, attention_mask: np.ndarray, token_type_ids: Any = 0) -> dict[str, Any]:
        outputs = {}
        for name, (words, positions, types) in self.tables.items():
            here = words[input_ids] + positions[: input_ids.shape[1]] + types[token_type_ids]  # (B, T, N)
            here[:, 1:] += 0.5 * words[input_ids[:, :-1]]
            logits = (here * attention_mask[..., None]).sum(1) if self.of_text else here
            outputs[name] = logits.astype(np.float32) if self.sizes[name] > 1 else logits[..., 0].astype(np.float32)
        return outputs


def fake_pipeline(kind: type, task: str, folder: Path, **options: Any) -> Any:
    """A pipeline of this class with config and tokenizer of a folder, and a FakeModel instead of its weights."""

    class Fake(kind):
        def _place(self, model: Any, device: Any) -> tuple[Any, Any]:
            return model, "cpu"

        def forward(self, features: list[dict[str, Any]], settings: Any) -> dict[str, np.ndarray]:
            return self.model(**self.tokenizer.pad(features, padding_side="right", return_tensors="np"))

    Fake.__name__ = kind.__name__
    config, tokenizer = hfquick.AutoConfig.from_pretrained(folder), hfquick.AutoTokenizer.from_pretrained(folder)
    sizes = {
        "question-answering": {"start_logits": 1, "end_logits": 1},
        "fill-mask": {"logits": config.vocab_size},
    }.get(task, {"logits": config.num_labels})
    model = FakeModel(config, sizes, of_text=task == "text-classification")
    return Fake(task, model, tokenizer, framework="np", **options)
