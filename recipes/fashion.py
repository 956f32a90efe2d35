"""Fashion-MNIST (Debian dataset-fashion-mnist, MIT; Xiao et al. 2017): other pictures, to try a model's features on."""

import gzip
import struct

import numpy as np
from PIL import Image

from . import sources, things


def rows(part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first `count` pictures of "train" or "t10k" as SIDE x SIDE x 3, and their labels."""
    root = sources.debian_package("dataset-fashion-mnist") / "usr/share/datasets/fashion-mnist"
    images, labels = (idx(next(root.rglob(f"{part}-{kind}*")).read_bytes()) for kind in ("images-idx3", "labels-idx1"))
    size = (things.SIDE,) * 2
    large = [np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)) for image in images[:count]]
    return np.stack(large)[..., None].repeat(3, -1), labels[:count].astype(np.int64)


def idx(data: bytes) -> np.ndarray:
    """A file of MNIST's format, perhaps compressed -> its array: sides as big-endian numbers, then bytes."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    axes = data[3]
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def linear_accuracy(train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]) -> float:
    """Accuracy of a linear classifier of vectors (N, D)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
    return float(model.fit(*train).score(*test))
