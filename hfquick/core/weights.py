"""Weights on disk, read safely from every layout the Hub knows.

model.safetensors, pytorch_model.bin (tensors only, never code) and tf_model.h5, each as one file or in shards.
Whatever the file, tensors come out under torch names in torch layout, one at a time, so that both frameworks share this
door and memory holds little more than the model. Nothing here imports a framework before it must.

Which tensor belongs where in a model: weights_matching.py. How Keras holds it: weights_tf.py.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..hub.repository import Repo
from ..i18n import said, spoken
from ..utils.errors import need, sentence
from ..utils.files import read_json
from ..utils.notices import short_list

SAFETENSORS, TORCH_BIN, KERAS_H5 = "model.safetensors", "pytorch_model.bin", "tf_model.h5"
DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # as safetensors spells them
FLOATS = frozenset(DTYPES.values())  # what weights may be
MOST_TENSORS = 20_000  # in one checkpoint: ten times those of the largest model that is loaded here
MOST_LETTERS = 500  # in the name of a tensor
MOST_PICKLE = 4_000_000  # bytes of the table of tensors in a .bin, or steps to read it; a model has some 100,000
MOST_DEPTH = 32  # groups inside groups of a .h5
MOST_INFLATED = 200  # times its size in the file a compressed tensor of a .h5 may have
KERAS_NAMES = {"kernel": "weight", "gamma": "weight", "beta": "bias", "embeddings": "weight"}


class WeightsError(OSError, ValueError):
    """A checkpoint that is damaged, incomplete, unsafe or of another model."""


class Weights:
    """The tensors of one checkpoint: `shapes` by name, `tensor(name)` one by one.

    `framework` says what the tensors are: "pt" for torch.Tensor, "np" for NumPy arrays (bfloat16 through ml_dtypes).
    """

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self.in_keras_layout = False  # as TensorFlow wrote it, whatever the file
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.dtypes: dict[str, str] = {}
        self.again: list[tuple[str, Callable[[], Any]]] = []  # tensors that a file holds a second time
        self.files: list[Any] = []  # that stay open until the tensors are read
        self._read: dict[str, Callable[[], Any]] = {}

    def add(self, name: str, shape: Iterable[int], dtype: str, read: Callable[[], Any], where: str) -> None:
        """Note one tensor of the file `where`; `read` gives its values when they are asked for."""
        if len(name) > MOST_LETTERS or len(self.shapes) >= MOST_TENSORS:
            raise spoken(
                WeightsError,
                "{where} is refused: the name of a tensor has more than {letters} letters, or there are more than "
                "{tensors} of them; no model is written so",
                where=where,
                letters=MOST_LETTERS,
                tensors=MOST_TENSORS,
            )
        if name in self.shapes:
            raise spoken(
                WeightsError, "{where} holds {name!r} a second time; the checkpoint is damaged", where=where, name=name
            )
        self.shapes[name], self.dtypes[name], self._read[name] = tuple(shape), dtype, read

    def tensor(self, name: str) -> Any:
        """One tensor in torch layout, in the type of the file."""
        return self._read[name]()

    def close(self) -> None:
        """Close what was opened: nothing is read after this. Memory-mapped tensors stay."""
        for file in self.files:
            file.close()

    def main_dtype(self) -> str:
        """The type of most tensors: "float32", "float16", "bfloat16"."""
        kinds = [dtype for dtype in self.dtypes.values() if dtype in FLOATS]
        return max(kinds, key=kinds.count) if kinds else "float32"

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)


def open_weights(repo: Repo, framework: str = "pt", from_tf: bool = False, from_pt: bool = False) -> Weights:
    """Open the weights of a repository: safetensors, else what PyTorch wrote, else what TensorFlow wrote.

    `from_tf` takes tf_model.h5 first. `from_pt` passes over a safetensors file that TensorFlow wrote, where there is
    another. Raises WeightsError if there are none, a file or shard is damaged or missing, or a pickle holds more than
    tensors; ValueError if both are asked for.
    """
    if from_tf and from_pt:
        raise spoken(
            ValueError,
            "from_tf=True and from_pt=True exclude each other; give the one that names the framework which wrote "
            "the weights, or neither: every kind of file is found without them",
        )
    of_torch, of_keras = ([file, f"{file}.index.json"] for file in (TORCH_BIN, KERAS_H5))
    order = [SAFETENSORS, f"{SAFETENSORS}.index.json", *of_torch, *of_keras]
    if from_tf:
        order = [*of_keras, *order[:4]]
    path = repo.find(*order)
    if path is None:
        raise spoken(
            WeightsError,
            "{repo!r} has no weights; looked for {order}. Is it a repository of a model?",
            repo=repo.id,
            order=", ".join(order),
        )
    weights = _open(repo, path, framework)
    if from_pt and weights.in_keras_layout and (other := repo.find(*of_torch)):
        return _open(repo, other, framework)
    return weights


def _open(repo: Repo, path: Path, framework: str) -> Weights:
    """One file of weights, or an index with the shards it names."""
    read = next(
        reader
        for kind, reader in ((SAFETENSORS, _read_safetensors), (TORCH_BIN, _read_torch), (KERAS_H5, _read_h5))
        if path.name.startswith(kind)
    )
    weights = Weights(framework)
    shards = _shards(repo, path) if path.name.endswith(".index.json") else {path: None}
    for shard, promised in shards.items():
        before = set(weights.shapes)
        try:
            read(weights, shard)
        except (WeightsError, ImportError):  # the second: what reads it is not installed
            raise
        except Exception as error:  # each library has its own errors for a damaged file
            raise spoken(
                WeightsError,
                "{shard} of {repo!r} is damaged or cut short ({error_kind}: {why}); fetch it again with "
                "force_download=True, or save the model again",
                shard=shard.name,
                repo=repo.id,
                error_kind=type(error).__name__,
                why=_first_line(error),
            ) from error
        if read is _read_h5:
            promised = [torch_key(_without_model(name))[0] for name in promised or ()]
        lost = sorted(set(promised or ()) - (set(weights.shapes) - before))
        if lost:
            raise spoken(
                WeightsError,
                "{shard} of {repo!r} lacks {lost}, which {path} promises; fetch it again",
                shard=shard.name,
                repo=repo.id,
                lost=short_list(lost),
                path=path.name,
            )
    return weights


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


LONGEST_FILE = 255  # letters of a file's name, on all usual systems


def _shards(repo: Repo, index: Path) -> dict[Path, list[str]]:
    """The files an index names -> the tensors it promises in each. Only files beside the index are accepted."""
    try:
        table = read_json(index)["weight_map"]
        files: dict[str, list[str]] = {}
        for name, file in table.items():
            if len(file) > LONGEST_FILE:
                raise spoken(ValueError, "the name of a file has {count} letters", count=len(file))
            files.setdefault(file, []).append(name)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise spoken(
            WeightsError,
            "{index} of {repo!r} is damaged ({why}); expected a table 'weight_map'",
            index=index.name,
            repo=repo.id,
            why=sentence(error),
        ) from None
    for file in files:
        if not isinstance(file, str) or file != Path(file).name or "\\" in file or file in ("", ".", ".."):
            raise spoken(
                WeightsError,
                "{index} of {repo!r} points outside its folder ({file!r}); refused, the checkpoint may be malicious",
                index=index.name,
                repo=repo.id,
                file=file,
            )
    shards = {}
    for file, names in sorted(files.items()):
        path = repo.find(file)
        if path is None:
            raise spoken(
                WeightsError,
                "{repo!r} lacks {file}, one of its {count} parts; fetch or copy the whole folder again",
                repo=repo.id,
                file=file,
                count=len(files),
            )
        shards[path] = names
    return shards


def _read_safetensors(weights: Weights, path: Path) -> None:
    from safetensors import safe_open

    file = safe_open(path, framework=weights.framework)
    places = _places(path) if weights.framework == "np" else {}
    tensors = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - it is no dict: it has no `in`
    keras_layout = (file.metadata() or {}).get("format") == "tf" or any(name.endswith(":0") for name in tensors)
    for name, entry in tensors.items():
        shape, dtype = tuple(entry.get_shape()), DTYPES.get(entry.get_dtype(), entry.get_dtype())
        if weights.framework == "np":
            read = partial(_read_array, path, places[name], shape, dtype)
        else:
            read = partial(file.get_tensor, name)
        if keras_layout and ("/" in name or name.endswith(":0")):
            _add_keras(weights, name, shape, dtype, read, path.name)
        else:
            weights.add(name, shape, dtype, read, path.name)


def _places(path: Path) -> dict[str, int]:
    """Where each tensor starts in a safetensors file that safe_open has accepted."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    return {name: 8 + size + entry["data_offsets"][0] for name, entry in header.items() if name != "__metadata__"}


def _read_array(path: Path, start: int, shape: tuple[int, ...], dtype: str) -> Any:
    """One tensor straight into memory that TensorFlow takes over without a copy: its address is divisible by 64."""
    import numpy as np

    if dtype == "bfloat16":
        need("ml_dtypes", said("reading bfloat16 weights into NumPy"), "tf")  # its import teaches NumPy the type
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    room = np.empty(size + 64, np.uint8)
    first = -room.ctypes.data % 64
    part = room[first : first + size]
    with open(path, "rb", buffering=0) as file:
        file.seek(start)
        if size and file.readinto(part.data) != size:
            raise spoken(WeightsError, "{path} was cut short while it was read; fetch or save it again", path=path.name)
    return part.view(kind).reshape(shape)


def _read_torch(weights: Weights, path: Path) -> None:
    torch = need("torch", said("reading {path}", path=path.name), "torch")
    import pickle

    in_zip = _check_bin(path)
    try:  # files since torch 1.6 are zip archives and can be memory-mapped; older ones are read whole
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=in_zip)
    except pickle.UnpicklingError as error:
        raise spoken(
            WeightsError,
            "{path} holds more than tensors or is damaged, so it was not loaded: unpickling it could run foreign "
            "code. Look for a safetensors version of this model",
            path=path.name,
        ) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise spoken(
            WeightsError,
            "{path} is no state dict (a table of names and tensors), so there is nothing to load",
            path=path.name,
        )
    for name, tensor in state.items():
        if tensor.is_quantized or tensor.layout != torch.strided or tensor.device.type != "cpu" or _stretched(tensor):
            raise spoken(
                WeightsError,
                "{path} holds {name!r} not as a table of numbers (it is sparse, quantized, without values, or one "
                "number under many names); look for a safetensors version of this model",
                path=path.name,
                name=name,
            )
        read = lambda tensor=tensor: tensor if weights.framework == "pt" else _to_numpy(tensor)  # noqa: E731
        weights.add(name, tensor.shape, str(tensor.dtype).removeprefix("torch."), read, path.name)


def _check_bin(path: Path) -> bool:
    """Whether a .bin is a zip archive; WeightsError where it would take much more memory or time than its size says.

    torch never compresses, so a compressed part is a bomb; so is a table of tensors of many million steps.
    """
    import pickletools
    import zipfile

    with open(path, "rb") as file:
        in_zip = file.read(4) == b"PK\3\4"
        file.seek(0)
        if in_zip:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
            too_much = any(
                entry.compress_type != zipfile.ZIP_STORED
                or (entry.filename.endswith(".pkl") and entry.file_size > MOST_PICKLE)
                for entry in entries
            )
        else:  # five pickles in a row: a mark, a version, facts about the machine, the table, the names of the storages
            steps = 0
            try:
                for _ in range(5):
                    for _ in pickletools.genops(file):
                        steps += 1
                        if steps > MOST_PICKLE:
                            break
            except (ValueError, EOFError, UnicodeDecodeError):
                pass  # no such file: torch says what is wrong
            too_much = steps > MOST_PICKLE
    if too_much:
        raise spoken(
            WeightsError,
            "{path} is refused: it is compressed, or its table of tensors is longer than any model's, so it could "
            "take all memory. Look for a safetensors version of this model",
            path=path.name,
        )
    return in_zip


def _stretched(tensor: Any) -> bool:
    """Whether a tensor claims more numbers than are stored: one of them shown a million times."""
    return tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes()


def _to_numpy(tensor: Any) -> Any:
    if str(tensor.dtype) != "torch.bfloat16":
        return tensor.numpy()
    ml_dtypes = need("ml_dtypes", said("reading bfloat16 weights into NumPy"), "tf")
    return tensor.view(need("torch", said("reading bfloat16"), "torch").int16).numpy().view(ml_dtypes.bfloat16)


def _read_h5(weights: Weights, path: Path) -> None:
    import h5py

    file = h5py.File(path, "r")
    weights.files.append(file)
    found: list[tuple[str, Any]] = []

    def visit(name: str, entry: Any) -> bool | None:
        if name.count("/") > MOST_DEPTH or len(found) > MOST_TENSORS:
            return True  # ends the visit: another level takes more time than the one before
        if isinstance(entry, h5py.Dataset):
            found.append((name, entry))
        return None

    if file.visititems(visit):
        raise spoken(
            WeightsError,
            "{path} is refused: groups lie in it more than {depth} deep, or it has more than {tensors} tensors; Keras "
            "writes none so",
            path=path.name,
            depth=MOST_DEPTH,
            tensors=MOST_TENSORS,
        )
    for name, entry in found:
        layer, _, inside = name.partition("/")
        if "weight_names" in file[layer].attrs:  # a single file: <layer>/<model>/<name>; shards have the name only
            name = _without_model(inside)
        _check_stored(entry, name, path)
        read = partial(_read_dataset, entry, weights.framework)
        _add_keras(weights, name, entry.shape, entry.dtype.name, read, path.name, may_repeat=True)


def _check_stored(entry: Any, name: str, path: Path) -> None:
    """Raise WeightsError unless the numbers of a dataset are stored in this very file, and about as many as it says.

    HDF5 can take them from any other file of this machine, make them up where none were written, and inflate a few
    bytes to gigabytes.
    """
    stored, size = entry.id.get_storage_size(), (entry.size or 0) * entry.dtype.itemsize
    steps = entry.chunks or ()
    chunk = math.prod(steps) * entry.dtype.itemsize if steps else 0  # in bytes; each is inflated whole
    chunks = math.prod(-(-side // step) for side, step in zip(entry.shape, steps, strict=True)) if steps else 0
    if entry.external or entry.is_virtual:
        why = said("its numbers are to come from other files of this machine; the checkpoint may be malicious")
    elif size and (not stored or (chunks and entry.id.get_num_chunks() < chunks)):
        why = said("its numbers, or some of them, were never written")
    elif max(size, chunk) > 16_000_000 and max(size, chunk) > MOST_INFLATED * stored:
        why = said("its {stored} bytes would become {size:,} in memory", stored=stored, size=max(size, chunk))
    else:
        return
    raise spoken(WeightsError, "{name!r} of {path} is refused: {why}", name=name, path=path.name, why=why)


def _read_dataset(entry: Any, framework: str) -> Any:
    """The numbers of a dataset, as this machine orders their bytes."""
    array = entry[()]
    return _tensor(array.astype(array.dtype.newbyteorder("="), copy=False), framework)


def _without_model(name: str) -> str:
    """A Keras variable's name without the model's, "tf_bert_model/bert/..." -> "bert/..."."""
    return name.partition("/")[2] if name.count("/") > 1 else name


def _tensor(array: Any, framework: str) -> Any:
    return need("torch", said("loading into PyTorch"), "torch").from_numpy(array) if framework == "pt" else array


def _add_keras(
    weights: Weights, name: str, shape: tuple, dtype: str, read: Callable[[], Any], where: str, may_repeat: bool = False
) -> None:
    """A variable under its Keras name and layout -> the torch name and layout (kernels are transposed).

    Keras writes what layers share with each of them: such a file may repeat a tensor.
    """
    weights.in_keras_layout = True
    torch_name, kernel = torch_key(name)
    turned = read
    if kernel and len(shape) == 2:
        shape, turned = shape[::-1], lambda: read().T
    elif (kernel and len(shape) == 3) or torch_name.endswith(".weight_g"):  # over time: (width, channels in, out)
        shape, turned = shape[::-1], lambda: read().swapaxes(0, 2)
    elif kernel and len(shape) == 4:  # of a convolution: (y, x, channels in, out)
        shape, turned = (*shape[:1:-1], *shape[:2]), lambda: read().swapaxes(0, 3).swapaxes(1, 2).swapaxes(2, 3)
    elif torch_name.endswith(".bias") and len(shape) == 2 and shape[0] == 1:  # GPT-2's are rows: (1, D)
        shape, turned = shape[1:], lambda: read()[0]
    if may_repeat and weights.shapes.get(torch_name) == tuple(shape):
        weights.again.append((torch_name, turned))
        return
    weights.add(torch_name, shape, dtype, turned, where)


def torch_key(name: str) -> tuple[str, bool]:
    """A variable name of transformers' TensorFlow models -> (name in a torch state dict, whether it is a kernel).

    >>> torch_key("bert/encoder/layer_._0/attention/self/query/kernel:0")
    ('bert.encoder.layer.0.attention.self.query.weight', True)
    """
    name = re.sub(r":\d+$", "", name)
    parts = [part.rpartition("___")[2] for part in name.split("/")]  # "mlm___cls": where Keras wanted its own name
    if len(parts) > 2 and parts[0] == parts[1]:  # "model.shared/model.shared/embeddings": what two layers share
        parts = parts[1:]
    parts = "/".join(parts).replace("_._", "/").split("/")
    kernel = parts[-1] == "kernel"
    return ".".join([*parts[:-1], KERAS_NAMES.get(parts[-1], parts[-1])]), kernel
