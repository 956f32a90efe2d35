"""Runs that transformers' Trainer and ours make alike: the same rows in the same order, no dropout.

Imported by record_training.py (in the oracle's environment) and by tests/training/test_losses.py; it needs NumPy alone.
"""

from typing import Any

import numpy as np

STEPS = 50
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
COMMON: dict[str, Any] = {
    "max_steps": STEPS,
    "learning_rate": 2e-3,
    "per_device_train_batch_size": 8,
    "save_strategy": "no",
    "disable_tqdm": True,
    "use_cpu": True,
}
CASES: dict[str, dict[str, Any]] = {
    "linear": {},
    "cosine-warmup-decay": {"lr_scheduler_type": "cosine", "warmup_ratio": 0.2, "weight_decay": 0.3},
    "accumulation": {"gradient_accumulation_steps": 3, "warmup_steps": 5},
    "clipped": {"max_grad_norm": 0.05, "lr_scheduler_type": "constant_with_warmup", "warmup_steps": 4},
    "not-clipped": {"max_grad_norm": 0.0, "lr_scheduler_type": "constant"},
    "smoothed": {"label_smoothing_factor": 0.2, "adam_beta1": 0.8, "adam_beta2": 0.95, "adam_epsilon": 1e-6},
    "polynomial": {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"power": 2.0}, "warmup_steps": 3},
    "restarts": {"lr_scheduler_type": "cosine_with_restarts", "lr_scheduler_kwargs": {"num_cycles": 3}},
    "inverse-sqrt": {"lr_scheduler_type": "inverse_sqrt", "warmup_steps": 10},
}


def rows(count: int = 240) -> list[dict[str, Any]]:
    """Rows of 6 to 30 token ids whose label can be learnt: which third of the vocabulary most of them come from."""
    draw = np.random.default_rng(0)
    made = []
    for _ in range(count):
        label = int(draw.integers(3))
        length = int(draw.integers(6, 31))
        own = draw.integers(20 + 130 * label, 150 + 130 * label, length)
        other = draw.integers(20, 410, length)
        ids = np.where(draw.random(length) < 0.6, own, other).tolist()
        made.append({"input_ids": ids, "label": label})
    return made
