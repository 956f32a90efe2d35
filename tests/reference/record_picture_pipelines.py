"""Record what transformers 4.57.6 makes of pictures in its pipelines. In the oracle's environment, in the repository:

    python -m tests.reference.record_picture_pipelines

Writes tiny random models and tests/reference/pipelines/pictures.json, with the masks of all segments in pictures.npz.
"""

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers

from tests.image_processing.scenes import PICTURES, picture

FOLDER = Path(__file__).parent / "pipelines"
TOKENIZER = Path(__file__).parent / "tokenizers" / "bert-vocab"
RESNET = {
    "embedding_size": 8,
    "hidden_sizes": [8, 8, 16, 16],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
    "out_features": ["stage1", "stage2", "stage3", "stage4"],
}
VIT = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24, "patch_size": 8}
DETR = {
    "use_timm_backbone": False,
    "use_pretrained_backbone": False,
    "num_queries": 9,
    "d_model": 64,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "num_labels": 5,
}
VILT = {**VIT, "image_size": 32, "vocab_size": 1_000, "max_position_embeddings": 24, "num_labels": 11}
QUESTIONS = ["What is it?", "how many are there", "Is it red, or blue?"]
CLASS_CALLS = [{}, {"top_k": 2}, {"function_to_apply": "sigmoid"}, {"function_to_apply": "none", "top_k": 99}]
BOX_CALLS = [{}, {"threshold": 0.0}, {"threshold": 0.35}]
MASK_CALLS = [
    {"threshold": 0.25},
    {"threshold": 0.0, "subtask": "panoptic", "mask_threshold": 0.3},
    {"threshold": 0.3, "subtask": "instance", "mask_threshold": 0.4},
    {"threshold": 0.2, "overlap_mask_area_threshold": 0.05},
    {"subtask": "semantic"},
]


def save(model, processor, name: str, *parts) -> None:
    """A model whose weights are 16 bits wide in the file, and were rounded to that before anything was recorded."""
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    model.half().save_pretrained(FOLDER / name)
    model.float()
    for part in (processor, *parts):
        part.save_pretrained(FOLDER / name)


def widened(model):
    """Random weights that tell one picture from the other."""
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            noise = 0.3 * torch.randn_like(tensor)
            tensor += noise.abs() if "running_var" in name else noise
            tensor.copy_(tensor.half().float())
    return model.eval()


def moderate(model):
    """The same with boxes of some size, several kinds of objects, and masks that cover a part of the picture."""
    values = dict(model.named_parameters())
    for name, tensor in values.items():
        if "bbox_predictor.layers.2.weight" in name:
            tensor.data *= 0.15
        elif "class_labels_classifier.bias" in name:
            tensor.data[-1] = -2.0
        elif name.endswith("query_position_embeddings.weight"):
            tensor.data *= 6.0
        elif name.endswith(("bbox_attention.q_linear.weight", "bbox_attention.k_linear.weight")):
            tensor.data *= 0.5  # each query looks at places of its own
        elif name.endswith("mask_head.lay1.weight"):
            tensor.data[:, :64] *= 1e-4  # and that counts beside the features, which are large
        elif "mask_head.adapter" in name:
            tensor.data *= 1e-3
        tensor.data.copy_(tensor.data.half().float())
    return model


def vit(name: str, **config):
    made = transformers.ViTConfig(**VIT, image_size=32, **config)
    model = widened(transformers.ViTForImageClassification(made))
    processor = transformers.ViTImageProcessor(size={"height": 32, "width": 32})
    save(model, processor, name)
    return transformers.pipeline("image-classification", model=model, image_processor=processor, device="cpu")


def detr(name: str, task: str):
    config = transformers.DetrConfig(backbone_config=transformers.ResNetConfig(**RESNET), **DETR)
    model = moderate(widened(getattr(transformers, name)(config)))
    processor = transformers.DetrImageProcessor(size={"shortest_edge": 64, "longest_edge": 96})
    save(model, processor, "boxes" if name == "DetrForObjectDetection" else "masks")
    return transformers.pipeline(task, model=model, image_processor=processor, device="cpu")


def vilt():
    tokenizer = transformers.AutoTokenizer.from_pretrained(TOKENIZER, model_max_length=24)
    config = transformers.ViltConfig(**{**VILT, "vocab_size": len(tokenizer)})
    model = widened(transformers.ViltForQuestionAnswering(config))
    processor = transformers.ViltImageProcessor(size={"shortest_edge": 32}, size_divisor=8)
    save(model, processor, "vqa", tokenizer)
    return transformers.pipeline(
        "visual-question-answering", model=model, image_processor=processor, tokenizer=tokenizer, device="cpu"
    )


def plain(value, masks: dict):
    """Results as JSON has them; a mask becomes the name under which it is kept."""
    if isinstance(value, dict):
        return {key: plain(one, masks) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one, masks) for one in value]
    if hasattr(value, "getpixel"):
        name = str(len(masks))
        masks[name] = np.asarray(value)
        return name
    return value


def main() -> None:
    # "line" is 3 pixels high, which transformers takes for its channels.
    pictures = {name: picture(name) for name in PICTURES if name != "line"}
    several = {"num_labels": 3, "problem_type": "multi_label_classification"}
    pipes = {
        "picture-class": (vit("picture-class", num_labels=7), CLASS_CALLS),
        "picture-labels": (vit("picture-labels", **several), CLASS_CALLS),
        "boxes": (detr("DetrForObjectDetection", "object-detection"), BOX_CALLS),
        "masks": (detr("DetrForSegmentation", "image-segmentation"), MASK_CALLS),
    }
    results, masks = [], {}
    for name, (pipe, calls) in pipes.items():
        for options in calls:
            for shown, one in pictures.items():
                found = plain(pipe(one, **options), masks)
                results.append({"model": name, "options": options, "picture": shown, "result": found})
    pipe = vilt()
    for options in ({}, {"top_k": 2}, {"top_k": 99}):
        for shown, one in pictures.items():
            for question in QUESTIONS:
                found = pipe(image=one, question=question, **options)
                asked = {"picture": shown, "question": question}
                results.append({"model": "vqa", "options": options, **asked, "result": found})
    (FOLDER / "pictures.json").write_text(json.dumps(results, indent=1) + "\n")
    np.savez_compressed(FOLDER / "pictures.npz", **{name: np.packbits(mask > 0) for name, mask in masks.items()})


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    main()
