"""What models return: values by attribute, by key, or by position, those that are None left out.

    outputs.logits    outputs["logits"]    outputs[0]    outputs[:2]

The same classes serve PyTorch and Keras; the comments give shapes: B batch, T tokens, D dim, H heads, V vocabulary.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from ..i18n import said, spoken
from ..utils.errors import did_you_mean


class ModelOutput:
    """Base of all outputs: a dataclass that also reads like a dict and like a tuple."""

    def keys(self) -> list[str]:
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]  # type: ignore[arg-type]

    def values(self) -> list[Any]:
        return [getattr(self, key) for key in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        return [(key, getattr(self, key)) for key in self.keys()]

    def to_tuple(self) -> tuple:
        return tuple(self.values())

    def get(self, key: str, default: Any = None) -> Any:
        return getattr(self, key) if key in self else default

    def __getitem__(self, key: str | int | slice) -> Any:
        if not isinstance(key, str):
            return self.to_tuple()[key]
        if key not in self.keys():
            raise self._lacks(key, KeyError)
        return getattr(self, key)

    def __getattr__(self, name: str) -> Any:  # only reached when there is no such attribute
        if name.startswith("_"):  # what copies, pickles and frameworks ask for
            raise AttributeError
        raise self._lacks(name, AttributeError)

    def _lacks(self, name: str, kind: type[Exception]) -> Exception:
        """The error for an output that is not there."""
        near: str = did_you_mean(name, self.keys())
        if name == "logits" and "last_hidden_state" in self.keys():
            near = said(
                "; a model with a head gives them, such as that of AutoModelForSequenceClassification or "
                "AutoModelForImageClassification"
            )
        return spoken(
            kind, "this output has no {key!r}, it has {keys}{near}", key=name, keys=", ".join(self.keys()), near=near
        )

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.items())})"

    def __tf_flatten__(self) -> tuple[tuple[str, ...], tuple]:
        """How tf.function takes an output apart, and below puts it together; without these it cannot return one."""
        return tuple(self.keys()), self.to_tuple()

    @classmethod
    def __tf_unflatten__(cls, keys: tuple[str, ...], values: tuple) -> "ModelOutput":
        return cls(**dict(zip(keys, values, strict=True)))


@dataclass(repr=False)
class BaseModelOutput(ModelOutput):
    """Of a bare model."""

    last_hidden_state: Any = None  # (B, T, D)
    hidden_states: tuple | None = None  # embeddings, then one per layer: each (B, T, D)
    attentions: tuple | None = None  # one per layer: each (B, H, T, T), rows sum to 1


@dataclass(repr=False)
class BaseModelOutputWithPooling(ModelOutput):
    """Of a bare model that also pools the first token: linear + tanh."""

    last_hidden_state: Any = None  # (B, T, D)
    pooler_output: Any = None  # (B, D), between -1 and 1
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class Wav2Vec2BaseModelOutput(ModelOutput):
    """Of a bare Wav2Vec2: T frames of C channels."""

    last_hidden_state: Any = None  # (B, T, D)
    extract_features: Any = None  # (B, T, C), normalised, from the convolutions
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class CausalLMOutput(ModelOutput):
    """Of speech recognition by CTC; the name is the one that it has in transformers."""

    loss: Any = None
    logits: Any = None  # (B, T, V), before softmax
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class SequenceClassifierOutput(ModelOutput):
    """Of sequence classification."""

    loss: Any = None  # a single number, when labels were given
    logits: Any = None  # (B, labels), before softmax
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class ImageClassifierOutput(ModelOutput):
    """Of image classification."""

    loss: Any = None
    logits: Any = None  # (B, labels), before softmax
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class TokenClassifierOutput(ModelOutput):
    """Of token classification."""

    loss: Any = None
    logits: Any = None  # (B, T, labels), before softmax
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class QuestionAnsweringModelOutput(ModelOutput):
    """Of extractive question answering."""

    loss: Any = None
    start_logits: Any = None  # (B, T), before softmax over T
    end_logits: Any = None  # (B, T)
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class MaskedLMOutput(ModelOutput):
    """Of a masked LM."""

    loss: Any = None
    logits: Any = None  # (B, T, V), before softmax
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class BaseModelOutputWithPast(ModelOutput):
    """Of a bare decoder, in which each token attends to itself and those before it."""

    last_hidden_state: Any = None  # (B, T, D)
    past_key_values: Any = None  # generation.cache.Cache, when asked for: the next call is given the new tokens only
    hidden_states: tuple | None = None
    attentions: tuple | None = None
    cross_attentions: tuple | None = None  # to an encoder's outputs, S tokens: each (B, H, T, S)


@dataclass(repr=False)
class CausalLMOutputWithPast(ModelOutput):
    """Of a causal LM."""

    loss: Any = None
    logits: Any = None  # (B, T, V), before softmax; those at a token predict the one after it
    past_key_values: Any = None
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class SequenceClassifierOutputWithPast(ModelOutput):
    """Of sequence classification by a decoder."""

    loss: Any = None
    logits: Any = None  # (B, labels), before softmax
    past_key_values: Any = None
    hidden_states: tuple | None = None
    attentions: tuple | None = None


@dataclass(repr=False)
class Seq2SeqModelOutput(ModelOutput):
    """Of a bare encoder and decoder: S tokens of the encoder, T of the decoder."""

    last_hidden_state: Any = None  # of the decoder: (B, T, D)
    past_key_values: Any = None
    decoder_hidden_states: tuple | None = None
    decoder_attentions: tuple | None = None  # each (B, H, T, T)
    cross_attentions: tuple | None = None  # each (B, H, T, S)
    encoder_last_hidden_state: Any = None  # (B, S, D)
    encoder_hidden_states: tuple | None = None
    encoder_attentions: tuple | None = None  # each (B, H, S, S)


@dataclass(repr=False)
class Seq2SeqLMOutput(ModelOutput):
    """Of a sequence-to-sequence LM."""

    loss: Any = None
    logits: Any = None  # (B, T, V), before softmax; those at a token predict the one after it
    past_key_values: Any = None
    decoder_hidden_states: tuple | None = None
    decoder_attentions: tuple | None = None
    cross_attentions: tuple | None = None
    encoder_last_hidden_state: Any = None
    encoder_hidden_states: tuple | None = None
    encoder_attentions: tuple | None = None

    @classmethod
    def with_head(cls, model: Seq2SeqModelOutput, loss: Any, logits: Any) -> "Seq2SeqLMOutput":
        """The outputs of a bare model, with those of a head in the place of its last_hidden_state."""
        return cls(
            loss,
            logits,
            model.past_key_values,
            model.decoder_hidden_states,
            model.decoder_attentions,
            model.cross_attentions,
            model.encoder_last_hidden_state,
            model.encoder_hidden_states,
            model.encoder_attentions,
        )


@dataclass(repr=False)
class DetrModelOutput(ModelOutput):
    """Of a bare DETR: S positions of the picture's last feature map, Q queries."""

    last_hidden_state: Any = None  # of the decoder: (B, Q, D)
    decoder_hidden_states: tuple | None = None  # the queries, then one per layer: each (B, Q, D)
    decoder_attentions: tuple | None = None  # each (B, H, Q, Q)
    cross_attentions: tuple | None = None  # each (B, H, Q, S)
    encoder_last_hidden_state: Any = None  # (B, S, D)
    encoder_hidden_states: tuple | None = None  # the projected feature map, then one per layer: each (B, S, D)
    encoder_attentions: tuple | None = None  # each (B, H, S, S)
    intermediate_hidden_states: Any = None  # with config.auxiliary_loss, of all decoder layers: (layers, B, Q, D)


@dataclass(repr=False)
class DetrObjectDetectionOutput(ModelOutput):
    """Of object detection by DETR."""

    loss: Any = None
    loss_dict: dict | None = None  # name -> part of the loss
    logits: Any = None  # (B, Q, labels + 1), before softmax; the last one is "no object"
    pred_boxes: Any = None  # (B, Q, 4): centre x, centre y, width, height, as parts of the picture
    auxiliary_outputs: list | None = None  # of each decoder layer but the last: {"logits": ..., "pred_boxes": ...}
    last_hidden_state: Any = None
    decoder_hidden_states: tuple | None = None
    decoder_attentions: tuple | None = None
    cross_attentions: tuple | None = None
    encoder_last_hidden_state: Any = None
    encoder_hidden_states: tuple | None = None
    encoder_attentions: tuple | None = None


@dataclass(repr=False)
class DetrSegmentationOutput(ModelOutput):
    """Of segmentation by DETR."""

    loss: Any = None
    loss_dict: dict | None = None
    logits: Any = None
    pred_boxes: Any = None
    pred_masks: Any = None  # (B, Q, y, x), before the sigmoid; a quarter of the picture's height and width
    auxiliary_outputs: list | None = None
    last_hidden_state: Any = None
    decoder_hidden_states: tuple | None = None
    decoder_attentions: tuple | None = None
    cross_attentions: tuple | None = None
    encoder_last_hidden_state: Any = None
    encoder_hidden_states: tuple | None = None
    encoder_attentions: tuple | None = None
