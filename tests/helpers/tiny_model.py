"""A model folder in a moment: a one-layer classifier with random weights, always the same."""

import json
from pathlib import Path

import hfquick

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "we", "are", "happy", "sad", ".", "<", ">", "script"]


def tiny_classifier(folder: Path) -> Path:
    """Write config, vocabulary and weights into a folder."""
    import torch

    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, "model_max_length": 32}))
    torch.manual_seed(0)
    labels = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}
    sizes = {"vocab_size": len(WORDS), "dim": 24, "hidden_dim": 48, "n_layers": 1, "n_heads": 2}
    config = hfquick.DistilBertConfig(max_position_embeddings=32, **sizes, **labels)
    hfquick.DistilBertForSequenceClassification(config).save_pretrained(folder)
    return folder
