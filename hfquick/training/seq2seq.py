"""Seq2SeqTrainer: a Trainer whose evaluations let the model generate, as it will when it is used.

A loss says how probable the right tokens were, each after the right ones before it. What a model generates, each token
after its own ones, is another question; scores such as BLEU or ROUGE need that.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..generation.configuration import GenerationConfig
from ..generation.generate import check_configuration
from ..utils.fields import Range, check_field
from .arguments import TrainingArguments, of_a_trainer
from .state import Metrics, PredictionOutput
from .trainer import Trainer


@of_a_trainer
@dataclass
class Seq2SeqTrainingArguments(TrainingArguments):
    """TrainingArguments, and how the model generates when it is evaluated."""

    predict_with_generate: bool = False  # evaluate and predict give generated token ids, not logits
    generation_max_length: int | None = None  # longest sequence, in tokens; None: as the model's generation_config says
    generation_num_beams: int | None = None
    generation_config: GenerationConfig | None = None  # all other options

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.generation_config is not None:
            check_configuration(self.generation_config)
        for name in ("generation_max_length", "generation_num_beams"):
            check_field(name, getattr(self, name), int | None, Range(1))

    def to_dict(self) -> dict[str, Any]:
        values = super().to_dict()
        if self.generation_config is not None:
            values["generation_config"] = self.generation_config.to_dict()
        return values


class Seq2SeqTrainer(Trainer):
    """Trainer for sequence-to-sequence models.

    With predict_with_generate=True, predictions are the generated token ids: (rows, longest sequence), padded with
    pad_token_id, and compute_metrics can decode them. The loss is measured beside that.
    """

    _generate_kwargs: Mapping[str, Any] = {}  # of the call of evaluate or predict

    def evaluate(
        self,
        eval_dataset: Any = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
        **options: Any,
    ) -> Metrics:
        """As Trainer's; `options` are those of `generate`: num_beams=4, max_new_tokens=30."""
        with self._generating_with(options):
            return super().evaluate(eval_dataset, ignore_keys, metric_key_prefix)

    def predict(
        self, test_dataset: Any, ignore_keys: list[str] | None = None, metric_key_prefix: str = "test", **options: Any
    ) -> PredictionOutput:
        """As Trainer's; `options` are those of `generate`."""
        with self._generating_with(options):
            return super().predict(test_dataset, ignore_keys, metric_key_prefix)

    def prediction_step(
        self, model: nn.Module, inputs: Any, prediction_loss_only: bool = False, ignore_keys: list[str] | None = None
    ) -> tuple[Tensor | None, Any, Any]:
        """One batch -> (loss, generated ids, labels)."""
        if not getattr(self.args, "predict_with_generate", False) or prediction_loss_only:
            return super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
        inputs = self._prepare_inputs(inputs)
        loss, labels = None, inputs.get("labels")
        if labels is not None:
            loss, _, _ = super().prediction_step(model, inputs, True, ignore_keys)
        prompts = {name: inputs[name] for name in ("input_ids", "attention_mask") if name in inputs}
        options = self._options()
        with torch.no_grad(), self.accelerator.autocast():
            generated = self.accelerator.unwrap_model(model).generate(**prompts, **options)
        return loss, self._padded(generated, options), labels

    def _options(self) -> dict[str, Any]:
        """Options of generate, those of the call before those of the arguments."""
        args = self.args
        assert isinstance(args, Seq2SeqTrainingArguments)
        config = args.generation_config
        options: dict[str, Any] = {} if config is None else config.changed()
        if args.generation_max_length is not None:
            options["max_length"] = args.generation_max_length
        if args.generation_num_beams is not None:
            options["num_beams"] = args.generation_num_beams
        if "max_new_tokens" in self._generate_kwargs:
            options.pop("max_length", None)
        return {**options, **self._generate_kwargs}

    def _padded(self, generated: Tensor, options: Mapping[str, Any]) -> Tensor:
        """Sequences padded to the greatest length there may be; every tokenizer decodes its padding token."""
        model: Any = self.model  # one that generates
        config = model.generation_config.copy()
        config.update(**options)
        longest = config.max_length if config.max_new_tokens is None else config.max_new_tokens + 1
        missing = max(0, longest - generated.shape[1])
        return nn.functional.pad(generated, (0, missing), value=config.padding_id)

    @contextmanager
    def _generating_with(self, options: Mapping[str, Any]) -> Iterator[None]:
        """A block in which the model generates with these options of a call."""
        before, self._generate_kwargs = self._generate_kwargs, options or self._generate_kwargs
        try:
            yield
        finally:
            self._generate_kwargs = before
