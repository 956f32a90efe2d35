"""Folders of models that read pictures, in a moment: one layer or two with random weights, always the same."""

from pathlib import Path

import hfquick

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "how", "many", "cats", "what", "colour", "is", "it", "?"]
THINGS = {0: "cat", 1: "dog", 2: "bus"}


def labels(names: dict[int, str]) -> dict[str, dict]:
    return {"id2label": names, "label2id": {name: number for number, name in names.items()}}


def tiny_vit(folder: Path) -> Path:
    """A classifier of three things."""
    import torch

    torch.manual_seed(0)
    sizes = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = hfquick.ViTConfig(image_size=32, patch_size=8, initializer_range=0.3, **sizes, **labels(THINGS))
    hfquick.ViTForImageClassification(config).save_pretrained(folder)
    hfquick.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def tiny_detr(folder: Path, segments: bool = False) -> Path:
    """A detector of three things, or a model that finds segments; it is unsure of all that it finds."""
    import torch

    torch.manual_seed(0)
    backbone = {"model_type": "resnet", "embedding_size": 8, "hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]}
    backbone |= {"layer_type": "basic", "out_features": [f"stage{number}" for number in range(1, 5)]}
    sizes = {"d_model": 64, "encoder_layers": 1, "decoder_layers": 1, "num_queries": 6}
    for part in ("encoder", "decoder"):
        sizes |= {f"{part}_attention_heads": 8, f"{part}_ffn_dim": 16}
    config = hfquick.DetrConfig(
        use_timm_backbone=False, backbone=None, backbone_config=backbone, init_std=0.1, **sizes, **labels(THINGS)
    )
    kind = hfquick.DetrForSegmentation if segments else hfquick.DetrForObjectDetection
    kind(config).save_pretrained(folder)
    hfquick.DetrImageProcessor(size={"shortest_edge": 64, "longest_edge": 128}).save_pretrained(folder)
    return folder


def tiny_vilt(folder: Path) -> Path:
    """A model that answers with one of three words."""
    import torch

    torch.manual_seed(0)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "model_max_length": 16}')
    sizes = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = hfquick.ViltConfig(
        vocab_size=len(WORDS), max_position_embeddings=16, image_size=64, patch_size=32, initializer_range=0.3,
        **sizes, **labels({0: "yes", 1: "no", 2: "2"}),
    )  # fmt: skip
    hfquick.ViltForQuestionAnswering(config).save_pretrained(folder)
    hfquick.ViltImageProcessor(size={"shortest_edge": 64}).save_pretrained(folder)
    return folder
