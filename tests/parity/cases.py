"""The models that are compared with transformers, as a table: what is built, what is fed, what is asked.

Framework-free: the recorder (in the environment of transformers) and the tests (ours, both frameworks) read one table.
Weights and inputs are drawn by name from NumPy's fixed generator, so both sides have the same without storing them.
They are drawn wide: at the usual 0.02 a forgotten 1/sqrt(K) moves a result by two millionths, and no test would see it.

Shapes: B texts, T tokens, D width, V vocabulary, N labels.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np

BERT = {
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "max_position_embeddings": 12,
    "hidden_dropout_prob": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_probs_dropout_prob": 0.2,
}
DISTILBERT = {
    "vocab_size": 40,
    "dim": 32,
    "n_layers": 2,
    "n_heads": 4,
    "hidden_dim": 50,
    "max_position_embeddings": 12,
    "dropout": 0.1,
    "attention_dropout": 0.2,
    "qa_dropout": 0.3,
    "seq_classif_dropout": 0.4,
}


@dataclass(frozen=True)
class Case:
    """One model with one batch."""

    name: str
    model: str  # class name, "BertForMaskedLM"
    config: dict[str, Any]  # differences from the table above
    inputs: str = "ids mask types"  # ids or embeds; mask or holes; types; pad: padding inside the text, too
    labels: str = ""  # kind of labels; without them the objective is a weighted sum of the outputs
    batch: tuple[int, int] = (3, 9)  # B, T; texts are T, T - 3 and T - 5 long where there is a mask
    scale: float = 1.0  # of all weights: tiny ones make the eps of a LayerNorm visible
    gradients: str = "projected"  # or "full"
    values: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.values.update(DISTILBERT if self.model.startswith("Distil") else BERT)
        self.values.update(self.config)
        if self.labels and "num_labels" not in self.values and "words" not in self.labels and "span" not in self.labels:
            self.values["num_labels"] = 3

    @property
    def architecture(self) -> str:
        return "distilbert" if self.model.startswith("Distil") else "bert"

    @property
    def width(self) -> int:
        return self.values.get("hidden_size", self.values.get("dim"))

    def arrays(self) -> dict[str, np.ndarray]:
        """The batch, labels included: whole numbers as int64, others as float32."""
        draw, (B, T), V = random(self.name), self.batch, self.values["vocab_size"]
        kinds, pad = self.inputs.split(), self.values.get("pad_token_id", 0)
        lengths = np.array([T, T - 3, T - 5, T - 1][:B])
        read = np.arange(T) < lengths[:, None]  # (B, T)
        arrays: dict[str, np.ndarray] = {}
        ids = draw.randint(pad + 1, V, (B, T))
        if "pad" in kinds:
            ids[:, 3] = pad  # where it is read, it is a token like any other; but in torch it learns nothing
        if "mask" in kinds or "holes" in kinds:
            ids = np.where(read, ids, pad)
            if "holes" in kinds:
                read = read & ~np.isin(np.arange(T), [2, 5])
            arrays["attention_mask"] = read.astype(np.int64)
        if "embeds" in kinds:
            arrays["inputs_embeds"] = draw.standard_normal((B, T, self.width)).astype(np.float32)
        else:
            arrays["input_ids"] = ids
        if "types" in kinds and self.architecture == "bert":
            arrays["token_type_ids"] = draw.randint(0, self.values.get("type_vocab_size", 2), (B, T))
        return arrays | self._labels(draw, B, T, V, lengths)

    def _labels(
        self, draw: np.random.RandomState, B: int, T: int, V: int, lengths: np.ndarray
    ) -> dict[str, np.ndarray]:
        N = self.values.get("num_labels", 2)
        if self.labels == "class":
            return {"labels": draw.randint(0, N, B)}
        if self.labels == "classes":  # several at once
            return {"labels": draw.randint(0, 2, (B, N)).astype(np.float32)}
        if self.labels == "number":
            return {"labels": draw.standard_normal(B).astype(np.float32)}
        if self.labels == "numbers":
            return {"labels": draw.standard_normal((B, N)).astype(np.float32)}
        if self.labels in ("tokens", "words"):
            count = draw.rand(B, T) < 0.6
            count[:, 0] = False
            labels = draw.randint(0, N if self.labels == "tokens" else V, (B, T))
            return {"labels": np.where(count & (np.arange(T) < lengths[:, None]), labels, -100)}
        if self.labels in ("span", "span column"):
            starts = np.array([1, 2, T + 4])[:B]  # the last answer was cut off: it must not count
            ends = np.array([T - 1, 3, T + 6])[:B]
            shape = (B, 1) if self.labels == "span column" else (B,)
            return {"start_positions": starts.reshape(shape), "end_positions": ends.reshape(shape)}
        return {}

    def counted(self) -> np.ndarray:
        """(B, T) 1.0 for tokens that the objective of a bare model looks at: those that are read."""
        return self.arrays().get("attention_mask", np.ones(self.batch)).astype(np.float32)

    def keeps(self, name: str) -> bool:
        """Whether a parameter keeps its initial value, because the constructor computes it."""
        return bool(self.values.get("sinusoidal_pos_embds")) and "position_embeddings" in name

    def weight(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """The value of a parameter, in torch's layout."""
        return draw_weight(name, tuple(shape)) * np.float32(self.scale)


def random(name: str) -> np.random.RandomState:
    return np.random.RandomState(crc32(name.encode()))


@cache
def draw_weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    noise = random(name).standard_normal(shape).astype(np.float32)
    if name.endswith("bias"):
        return np.float32(0.1) * noise
    if "norm" in name.lower():
        return 1 + np.float32(0.1) * noise
    return np.float32(0.3 * min(1.0, (32 / shape[-1]) ** 0.5)) * noise


@cache
def signs(name: str, size: int, count: int = 16) -> np.ndarray:
    """Fixed random directions (count, size): a large gradient is compared by its shadow on them."""
    return (random(f"signs of {name}").randint(0, 2, (count, size)) * 2 - 1) / np.float32(size**0.5)


def project(name: str, gradient: np.ndarray) -> np.ndarray:
    """A gradient of any shape -> 16 numbers of the size of its norm."""
    return signs(name, gradient.size).astype(np.float64) @ gradient.reshape(-1).astype(np.float64)


Trace = dict[str, tuple[tuple[int, ...], np.ndarray]]  # module -> shape and shadow of its output


def shadow(name: str, output: Any) -> tuple[tuple[int, ...], np.ndarray]:
    """Shape and shadow of a module's output, or of its first part where there are several."""
    while not hasattr(output, "shape"):
        output = output[0]
    array = output.detach().numpy() if hasattr(output, "detach") else output.numpy()
    return array.shape, project(name, array)


def _bert(name: str, head: str = "Model", config: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(f"bert-{name}", f"Bert{head}", config or {}, **more)


def _distilbert(name: str, head: str = "Model", config: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(f"distilbert-{name}", f"DistilBert{head}", config or {}, **more)


SEQUENCE, TOKENS, QA, WORDS = (
    "ForSequenceClassification",
    "ForTokenClassification",
    "ForQuestionAnswering",
    "ForMaskedLM",
)
ODD = {"hidden_size": 36, "num_attention_heads": 3, "intermediate_size": 50, "num_hidden_layers": 3}
ODD_DISTIL = {"dim": 36, "n_heads": 3, "hidden_dim": 50, "n_layers": 3}
STILL = {
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}  # no dropout: training takes the fused attention
STILL_DISTIL = {"dropout": 0.0, "attention_dropout": 0.0}

TABLE = [
    # The bare model: three lengths, then holes, odd sizes and everything a configuration may say.
    _bert("padded", gradients="full"),
    _bert("short", config={"num_hidden_layers": 1}, inputs="ids holes types"),  # the quickest to build
    _bert("holes", config={"type_vocab_size": 3}, inputs="ids holes types"),
    _bert(
        "odd",
        config=ODD | {"hidden_act": "relu", "layer_norm_eps": 1e-3, "type_vocab_size": 3},
        inputs="ids holes types",
    ),
    _bert("no-mask", config={"hidden_act": "silu", "type_vocab_size": 1, "num_hidden_layers": 1}, inputs="ids pad"),
    _bert("embeds", config={"hidden_act": "gelu_new", "layer_norm_eps": 1e-3}, inputs="embeds holes"),
    _bert("limit", config={"hidden_act": "tanh", "max_position_embeddings": 9}, inputs="ids holes"),
    _bert(
        "one-token", config={"hidden_act": "gelu_pytorch_tanh", "num_attention_heads": 1}, inputs="ids", batch=(1, 1)
    ),
    _bert("pad-id", config={"pad_token_id": 3, "hidden_act": "swish"}, inputs="ids mask types pad"),
    _bert("quiet", config={"layer_norm_eps": 1e-5}, scale=0.01),
    _bert("wide", config={"hidden_size": 96, "num_attention_heads": 6, "intermediate_size": 100}),
    _bert("still", config=STILL, inputs="ids holes types"),
    # Heads and their losses.
    _bert("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _bert(
        "one-of-seven", SEQUENCE, {"num_labels": 7, "classifier_dropout": 0.5}, labels="class", inputs="ids holes types"
    ),
    _bert("number", SEQUENCE, {"num_labels": 1, "num_hidden_layers": 1}, labels="number", inputs="ids mask"),
    _bert("numbers", SEQUENCE, {"problem_type": "regression", "num_hidden_layers": 1}, labels="numbers"),
    _bert("several", SEQUENCE, {"num_labels": 7, "num_hidden_layers": 1}, labels="classes"),
    _bert(
        "several-said",
        SEQUENCE,
        {"problem_type": "multi_label_classification", "num_hidden_layers": 1},
        labels="classes",
    ),
    _bert("tokens", TOKENS, {"num_labels": 7, "classifier_dropout": 0.4}, labels="tokens", inputs="ids holes types"),
    _bert("tokens-plain", TOKENS, {"num_hidden_layers": 1}, labels="tokens", inputs="ids mask"),
    _bert("answers", QA, labels="span", inputs="ids mask types"),
    _bert("answers-column", QA, {"num_hidden_layers": 1}, labels="span column", inputs="ids holes"),
    _bert("words", WORDS, {"layer_norm_eps": 1e-3}, labels="words", gradients="full"),
    _bert(
        "words-untied",
        WORDS,
        {"tie_word_embeddings": False, "hidden_act": "relu"},
        labels="words",
        inputs="ids holes types",
    ),
    # DistilBERT, the same round.
    _distilbert("padded", gradients="full"),
    _distilbert("short", config={"n_layers": 1}, inputs="ids holes"),
    _distilbert("holes", inputs="ids holes"),
    _distilbert("odd", config=ODD_DISTIL | {"activation": "relu"}, inputs="ids holes"),
    _distilbert("sinusoidal", config={"sinusoidal_pos_embds": True, "activation": "silu"}, inputs="ids holes"),
    _distilbert("no-mask", config={"n_layers": 1, "activation": "gelu_new"}, inputs="ids pad"),
    _distilbert("embeds", config={"activation": "tanh"}, inputs="embeds holes"),
    _distilbert("limit", config={"max_position_embeddings": 9}, inputs="ids holes"),
    _distilbert("one-token", config={"n_heads": 1}, inputs="ids", batch=(1, 1)),
    _distilbert("pad-id", config={"pad_token_id": 3}, inputs="ids mask pad"),
    _distilbert("quiet", scale=0.003),
    _distilbert("wide", config={"dim": 96, "n_heads": 6, "hidden_dim": 100}),
    _distilbert("still", config=STILL_DISTIL, inputs="ids holes"),
    _distilbert("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _distilbert("one-of-seven", SEQUENCE, {"num_labels": 7}, labels="class", inputs="ids holes"),
    _distilbert("number", SEQUENCE, {"num_labels": 1, "n_layers": 1}, labels="number"),
    _distilbert("numbers", SEQUENCE, {"problem_type": "regression", "n_layers": 1}, labels="numbers"),
    _distilbert("several", SEQUENCE, {"num_labels": 7, "n_layers": 1}, labels="classes"),
    _distilbert("tokens", TOKENS, {"num_labels": 7}, labels="tokens", inputs="ids holes"),
    _distilbert("answers", QA, labels="span"),
    _distilbert("answers-column", QA, {"n_layers": 1}, labels="span column", inputs="ids holes"),
    _distilbert("words", WORDS, labels="words", gradients="full"),
    _distilbert(
        "words-untied", WORDS, {"tie_word_embeddings": False, "activation": "relu"}, labels="words", inputs="ids holes"
    ),
    _distilbert("words-quiet", WORDS, {"n_layers": 1}, labels="words", scale=0.003),
]
CASES = {case.name: case for case in TABLE}
assert len(CASES) == len(TABLE), "two cases share a name"
