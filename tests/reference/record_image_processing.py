"""Records what transformers 4.57.6's image processors make of the scenes in tests/image_processing/scenes.py.

Run it where transformers, torch and pycocotools are installed, in the repository:
    python -m tests.reference.record_image_processing
Results, in tests/reference/image_processing/: pixels.npz (scene/pixel_values, scene/pixel_mask), labels.npz
(scene/picture/field), results.npz with results.json, sizes.json, names.json.
"""

import inspect
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers.image_utils import load_image
from transformers.models.detr.image_processing_detr import get_size_with_aspect_ratio
from transformers.models.vilt.image_processing_vilt import get_resize_output_image_size

from tests.image_processing.scenes import LABELS, RESULTS, SCENES, SIZES, outputs, picture, segments_png

RESULT = Path(__file__).parent / "image_processing"


def plain(file):
    """The file as from_pretrained hands it on."""
    return {name: value for name, value in file.items() if name != "feature_extractor_type"}


def save(name, arrays):
    np.savez_compressed(RESULT / f"{name}.npz", **arrays)


def pixels():
    arrays = {}
    for name, scene in SCENES.items():
        processor = getattr(transformers, scene.kind)(**plain(scene.file))
        images = [load_image(picture(one)) for one in scene.pictures]
        for key, value in processor(images, return_tensors="np", **scene.options).items():
            arrays[f"{name}/{key}"] = value.astype(np.uint8 if key == "pixel_mask" else np.float32)
    save("pixels", arrays)


def labels(folder):
    segments_png().save(Path(folder) / "wide.png")
    arrays = {}
    for name, (file, options, names, annotations) in LABELS.items():
        processor = transformers.DetrImageProcessor(**plain(file))
        images = [load_image(picture(one)) for one in names]
        batch = processor(images, annotations=annotations, masks_path=folder, return_tensors="np", **options)
        for index, row in enumerate(batch["labels"]):
            arrays |= {f"{name}/{index}/{key}": value for key, value in row.items()}
    save("labels", arrays)


def results():
    arrays, facts = {}, {}
    processor = transformers.DetrImageProcessor()
    given = outputs()
    given = type(given)(*map(torch.from_numpy, given))
    for name, (method, options) in RESULTS.items():
        facts[name] = []
        for index, found in enumerate(getattr(processor, method)(given, **options)):
            if torch.is_tensor(found):
                found = {"segmentation": found}
            fact = {}
            for key, value in found.items():
                if torch.is_tensor(value):
                    arrays[f"{name}/{index}/{key}"] = value.numpy()
                else:
                    fact[key] = value if key != "segmentation" else [[int(one) for one in row] for row in value]
            facts[name].append(fact)
    save("results", arrays)
    (RESULT / "results.json").write_text(json.dumps(facts, indent=1) + "\n")


def sizes():
    """Sizes after resizing, as the two models of several sizes compute them."""
    found = {"detr": [], "vilt": []}
    for height, width in SIZES:
        found["detr"].append(list(get_size_with_aspect_ratio((height, width), 800, 1333)))
        image = np.zeros((height, width, 3), np.uint8)
        found["vilt"].append(
            list(get_resize_output_image_size(image, 384, int(1333 / 800 * 384), 32, input_data_format="channels_last"))
        )
    (RESULT / "sizes.json").write_text(json.dumps(found) + "\n")


def names():
    """Arguments of a call and public attributes."""
    found = {}
    for kind in ("ViTImageProcessor", "DeiTImageProcessor", "DetrImageProcessor", "ViltImageProcessor"):
        one = getattr(transformers, kind)
        given = inspect.signature(one.preprocess).parameters
        found[kind] = {
            "call": [name for name in given if name not in ("self", "kwargs")],
            "attributes": [name for name in dir(one()) if name[0] != "_"],
        }
    (RESULT / "names.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    RESULT.mkdir(exist_ok=True)
    pixels()
    with tempfile.TemporaryDirectory() as place:
        labels(place)
    results()
    sizes()
    names()
    for path in sorted(RESULT.iterdir()):
        print(path.name, path.stat().st_size)
