"""sample-tf-save: the stars model as transformers 4 saved a TensorFlow model, with a tf_model.h5 inside.

Not a training: the weights are those of bert-tiny-multilingual-stars, written by TensorFlow. It needs the last
transformers that saved such files (4.50.3, with tf-keras and torch) in an environment of its own; hfquick never does.

    python recipes/sample_tf_save.py      from the root of the repository, after recipes.bert_tiny_multilingual_stars
"""

import json
import os
import tempfile
from pathlib import Path

ZOO = Path("hfquick/zoo")
FILES = (
    "config.json",
    "tf_model.h5",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
)
CARD = """\
---
license: "apache-2.0"
language: ["en", "fr"]
library_name: "hfquick"
pipeline_tag: "text-classification"
tags: ["bert", "sample", "tensorflow"]
---

# sample-tf-save

The model [bert-tiny-multilingual-stars](../bert-tiny-multilingual-stars/README.md), number for number, in a folder as
TensorFlow users have shared them on the Hub: `tf_model.h5` instead of `model.safetensors`. It is there to try
`from_tf=True`, and stands in for nothing.

    AutoModelForSequenceClassification.from_pretrained("hfquick/sample-tf-save", from_tf=True)

Data, licence, scores: those of the model's own card. Written by transformers 4.50.3 with tf-keras
(`recipes/sample_tf_save.py`); weights in float32, compressed to {size} MB.
"""


def compress(path: Path) -> None:
    """Write an HDF5 file again with its tensors compressed: they were float16 once, so half of their bytes repeat."""
    import h5py

    part = path.with_suffix(".part")
    with h5py.File(path) as old, h5py.File(part, "w") as new:
        new.attrs.update(old.attrs)

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                made = new.require_group(name)
            else:
                packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if item.size > 1000 else {}
                made = new.create_dataset(name, data=item[()], **packed)
            made.attrs.update(item.attrs)

        old.visititems(copy)
    part.rename(path)


def main() -> None:
    os.environ.update(TF_USE_LEGACY_KERAS="1", HF_HUB_OFFLINE="1")
    from transformers import AutoTokenizer, TFBertForSequenceClassification

    source, target = ZOO / "bert-tiny-multilingual-stars", ZOO / "sample-tf-save"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        TFBertForSequenceClassification.from_pretrained(source, from_pt=True).save_pretrained(
            folder, safe_serialization=False
        )
        AutoTokenizer.from_pretrained(source).save_pretrained(folder)
        for name in FILES:
            (target / name).write_bytes(Path(folder, name).read_bytes())
    compress(target / "tf_model.h5")
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    config.pop("dtype", None)  # of the file it was read from; these weights are float32
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    write_card(target)


def write_card(target: Path) -> None:
    size = round((target / "tf_model.h5").stat().st_size / 1e6, 1)
    (target / "README.md").write_text(CARD.format(size=size), encoding="utf-8")


if __name__ == "__main__":
    main()
