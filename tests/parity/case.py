"""One model with one batch, to be compared with transformers: what is built, what is fed, what is asked.

Framework-free: the recorder (in the environment of transformers) and the tests (ours, both frameworks) read one table.
Weights and inputs are drawn by name from NumPy's fixed generator, so both sides have the same without storing them.
They are drawn wide: at the usual 0.02 a forgotten 1/sqrt(K) moves a result by two millionths, and no test would see it.

Shapes: B texts or pictures, T tokens, D width, V vocabulary, N labels, Y and X height and width of pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np

FOLDERS = {"camembert": "roberta", "xlm-roberta": "roberta"}  # in models/, where it is not the model_type


@dataclass(frozen=True)
class Case:
    """One model with one batch."""

    name: str
    model: str  # class name, "BertForMaskedLM"
    config: dict[str, Any]
    inputs: str = "ids mask types"  # ids or embeds; mask, holes or left (padding); types; positions; pad: inside, too
    decoder: str = ""  # the same of what a decoder reads, where there are two texts; without it labels are shifted
    labels: str = ""  # kind of labels; without them the objective is a weighted sum of the outputs
    batch: tuple[int, int] = (3, 9)  # B, T; texts are T, T - 3 and T - 5 long where there is a mask
    written: int = 7  # T of what a decoder reads
    pixels: tuple[int, int] | None = None  # Y, X of pictures, where a model reads them
    sizes: tuple[tuple[int, int], ...] = ()  # of each picture, where they differ: what is below and beside is padding
    options: dict[str, Any] = field(default_factory=dict)  # of the call
    scale: float = 1.0  # of all weights: tiny ones make the eps of a LayerNorm visible
    gradients: str = "projected"  # or "full"
    values: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.values.update(self.config)
        needs_count = self.labels and "words" not in self.labels and "span" not in self.labels
        if needs_count and "num_labels" not in self.values:
            self.values["num_labels"] = 3

    @property
    def architecture(self) -> str:
        return "xlm-roberta" if self.name.startswith("xlm-roberta-") else self.name.partition("-")[0]

    @property
    def folder(self) -> str:
        """The folder in models/ that has the model."""
        return FOLDERS.get(self.architecture, self.architecture)

    @property
    def width(self) -> int:
        return next(self.values[name] for name in ("hidden_size", "dim", "n_embd", "d_model") if name in self.values)

    @property
    def table(self) -> str:
        """Where a bare model has the vectors of its words."""
        return {"gpt2": "wte", "t5": "shared", "bart": "shared"}.get(self.architecture, "embeddings.word_embeddings")

    @property
    def padding_learns(self) -> bool:
        """Whether the padding token's vector is trained like any other (torch's padding_idx is not set)."""
        return self.architecture in ("gpt2", "t5")

    @property
    def has_text(self) -> bool:
        return "vocab_size" in self.values

    @property
    def has_two_texts(self) -> bool:
        """Whether an encoder reads one text, and a decoder another."""
        return self.architecture in ("t5", "bart") and "Encoder" not in self.model

    def arrays(self) -> dict[str, np.ndarray]:
        """The batch, labels included: whole numbers as int64, others as float32."""
        draw, (B, T), V = random(self.name), self.batch, self.values["vocab_size"]
        kinds = self.inputs.split()
        arrays, words = self._text(draw, kinds, T)
        if "types" in kinds and self.folder in ("bert", "roberta", "vilt"):
            arrays["token_type_ids"] = draw.randint(0, self.values.get("type_vocab_size", 2), (B, T))
        if "positions" in kinds:
            arrays["position_ids"] = np.maximum(words.cumsum(-1) - 1, 0)
        if self.has_two_texts:
            T = self.written
            written, words = self._text(draw, self.decoder.split(), T)
            if self.decoder:
                arrays |= {f"decoder_{name}": array for name, array in written.items()}
        return arrays | self._pictures(draw) | self._labels(draw, B, T, V, words)

    def least(self) -> dict[str, np.ndarray]:
        """The smallest inputs that make a model build itself."""
        names = ["input_ids", *["decoder_input_ids"] * self.has_two_texts]
        return {name: np.zeros((1, 1), np.int32) for name in names}

    def _pictures(self, draw: np.random.RandomState) -> dict[str, np.ndarray]:
        """What a model reads beside texts."""
        return {}

    def _text(self, draw: np.random.RandomState, kinds: list[str], T: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Texts of at most T tokens with their mask, and where their words are, (B, T)."""
        B, V, pad = self.batch[0], self.values["vocab_size"], self.values.get("pad_token_id") or 0
        lengths = np.array([T, T - 3, T - 5, T - 1][:B])
        read = np.arange(T) < lengths[:, None]  # (B, T)
        words = read = read[:, ::-1] if "left" in kinds else read
        arrays: dict[str, np.ndarray] = {}
        ids = draw.randint(pad + 1, V, (B, T))
        if "pad" in kinds:
            ids[:, 3] = pad  # where it is read, it is a token like any other; but in torch it learns nothing
        if {"mask", "holes", "left"} & set(kinds):
            ids = np.where(read, ids, pad)
            if "holes" in kinds:
                read = read & ~np.isin(np.arange(T), [2, 5])
            arrays["attention_mask"] = read.astype(np.int64)
        if "embeds" in kinds:
            arrays["inputs_embeds"] = draw.standard_normal((B, T, self.width)).astype(np.float32)
        else:
            arrays["input_ids"] = ids
        return arrays, words

    def _labels(self, draw: np.random.RandomState, B: int, T: int, V: int, words: np.ndarray) -> dict[str, np.ndarray]:
        N = self.values.get("num_labels", 2)
        if self.labels == "class":
            return {"labels": draw.randint(0, N, B)}
        if self.labels == "classes":  # several at once
            return {"labels": draw.randint(0, 2, (B, N)).astype(np.float32)}
        if self.labels == "scores":
            return {"labels": draw.rand(B, N).astype(np.float32)}
        if self.labels == "number":
            return {"labels": draw.standard_normal(B).astype(np.float32)}
        if self.labels == "numbers":
            return {"labels": draw.standard_normal((B, N)).astype(np.float32)}
        if self.labels in ("tokens", "words"):
            count = draw.rand(B, T) < 0.6
            count[:, 0] = False
            labels = draw.randint(0, N if self.labels == "tokens" else V, (B, T))
            return {"labels": np.where(count & words, labels, -100)}
        if self.labels in ("span", "span column"):
            starts = np.array([1, 2, T + 4])[:B]  # the last answer was cut off: it must not count
            ends = np.array([T - 1, 3, T + 6])[:B]
            shape = (B, 1) if self.labels == "span column" else (B,)
            return {"start_positions": starts.reshape(shape), "end_positions": ends.reshape(shape)}
        return {}

    @property
    def reads_on(self) -> bool:
        """Whether a text can be read in pieces, with a cache that keeps what was read."""
        if self.has_two_texts:
            return bool(self.decoder)
        return self.architecture == "gpt2" and "Sequence" not in self.model  # a class is that of the whole text

    def pieces(self) -> list[dict[str, np.ndarray]]:
        """The batch in pieces of 4, 1, 1, 2, ... tokens, without labels; masks are of all tokens until then.

        What an encoder reads is whole in each.
        """
        arrays, start, pieces = self.arrays(), 0, []
        whole = {name for name in arrays if self.has_two_texts and not name.startswith("decoder_")}
        T = self.written if self.has_two_texts else self.batch[1]
        for size in (4, 1, 1, 2, 1):
            end = min(start + size, T)
            if start < end:
                pieces.append({name: array if name in whole else array[:, (0 if "mask" in name else start) : end]
                               for name, array in arrays.items() if name != "labels"})  # fmt: skip
            start = end
        assert start == T, f"{self.name}: its texts are longer than the pieces"
        return pieces

    def counted(self, output: str = "last_hidden_state") -> np.ndarray:
        """(B, T) 1.0 for tokens that the objective of a bare model looks at: those that are read."""
        is_of_decoder = self.has_two_texts and not output.startswith("encoder_")
        shape = (self.batch[0], self.written) if is_of_decoder else self.batch
        return (
            self.arrays().get("decoder_attention_mask" if is_of_decoder else "attention_mask", np.ones(shape))
        ).astype(np.float32)

    def keeps(self, name: str) -> bool:
        """Whether a parameter keeps its initial value, because the constructor computes it."""
        return bool(self.values.get("sinusoidal_pos_embds")) and "position_embeddings" in name

    def weight(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """The value of a parameter, in torch's layout."""
        return draw_weight(name, tuple(shape)) * np.float32(self.scale)


def random(name: str) -> np.random.RandomState:
    return np.random.RandomState(crc32(name.encode()))


def is_norm(name: str) -> bool:
    """Whether a parameter belongs to a LayerNorm; GPT-2 calls them ln_1, ln_2, ln_f."""
    return "norm" in name.lower() or ".ln_" in f".{name}"


@cache
def draw_weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    noise = random(name).standard_normal(shape).astype(np.float32)
    if name.endswith("bias"):
        return np.float32(0.1) * noise
    if is_norm(name):
        return 1 + np.float32(0.1) * noise
    return np.float32(0.3 * min(1.0, (32 / shape[-1]) ** 0.5)) * noise


@cache
def signs(name: str, size: int, count: int = 16) -> np.ndarray:
    """Fixed random directions (count, size): a large gradient is compared by its shadow on them."""
    return (random(f"signs of {name}").randint(0, 2, (count, size)) * 2 - 1) / np.float32(size**0.5)


def project(name: str, gradient: np.ndarray) -> np.ndarray:
    """A gradient of any shape -> 16 numbers of the size of its norm."""
    return signs(name, gradient.size).astype(np.float64) @ gradient.reshape(-1).astype(np.float64)


def flat(outputs: Any) -> Iterator[tuple[str, Any]]:
    """Outputs, with tuples, lists and tables in them, one by one: ("hidden_states.0", tensor) ..."""
    for name, value in outputs.items():
        parts = dict(enumerate(value)) if isinstance(value, tuple | list) else value
        if isinstance(parts, dict):
            yield from ((f"{name}.{inner}", part) for inner, part in flat(parts))
        else:
            yield name, value


Trace = dict[str, tuple[tuple[int, ...], np.ndarray]]  # module -> shape and shadow of its output


def shadow(name: str, output: Any) -> tuple[tuple[int, ...], np.ndarray]:
    """Shape and shadow of a module's output, or of its first part where there are several."""
    while not hasattr(output, "shape"):
        output = output[0]
    array = output.detach().numpy() if hasattr(output, "detach") else output.numpy()
    return array.shape, project(name, array)
