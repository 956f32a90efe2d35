"""Seq2SeqTrainer: a Trainer whose evaluations let the model write, as it will when it is used.

A loss says how probable the right words were, each after the right ones before it. What a model really says, word after
word of its own, is another question; scores such as BLEU or ROUGE need that.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..generation.configuration import GenerationConfig
from ..utils.fields import Range, check_field
from .arguments import TrainingArguments, knows_its_names
from .state import Metrics, PredictionOutput
from .trainer import Trainer


@knows_its_names
@dataclass
class Seq2SeqTrainingArguments(TrainingArguments):
    """TrainingArguments, and how the model writes when it is evaluated."""

    predict_with_generate: bool = False  # evaluate and predict give token ids that the model wrote, not logits
    generation_max_length: int | None = None  # longest text, in tokens; None: as the model's generation_config says
    generation_num_beams: int | None = None
    generation_config: GenerationConfig | None = None  # all other options

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.generation_config
        if given is not None and not isinstance(given, GenerationConfig):
            raise TypeError(f"generation_config is a {type(given).__name__}, expected a GenerationConfig")
        for name in ("generation_max_length", "generation_num_beams"):
            check_field(name, getattr(self, name), int | None, Range(1))

    def to_dict(self) -> dict[str, Any]:
        values = super().to_dict()
        if self.generation_config is not None:
            values["generation_config"] = self.generation_config.to_dict()
        return values


class Seq2SeqTrainer(Trainer):
    """Trainer for models that read one text and write another.

    With predict_with_generate=True, predictions are the token ids that were written: (rows, longest text), filled with
    pad_token_id, and compute_metrics can decode them. The loss is measured beside that.
    """

    _writing: Mapping[str, Any] = {}

    def evaluate(
        self,
        eval_dataset: Any = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
        **options: Any,
    ) -> Metrics:
        """As Trainer's; `options` are those of `generate`: num_beams=4, max_new_tokens=30."""
        with self._written_with(options):
            return super().evaluate(eval_dataset, ignore_keys, metric_key_prefix)

    def predict(
        self,
        test_dataset: Any,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "test",
        **options: Any,
    ) -> PredictionOutput:
        """As Trainer's; `options` are those of `generate`."""
        with self._written_with(options):
            return super().predict(test_dataset, ignore_keys, metric_key_prefix)

    def prediction_step(
        self, model: nn.Module, inputs: Any, prediction_loss_only: bool = False, ignore_keys: list[str] | None = None
    ) -> tuple[Tensor | None, Any, Any]:
        """One batch -> (loss, ids that were written, labels)."""
        if not getattr(self.args, "predict_with_generate", False) or prediction_loss_only:
            return super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
        inputs = self._prepare_inputs(inputs)
        loss, labels = None, inputs.get("labels")
        if labels is not None:
            loss, _, _ = super().prediction_step(model, inputs, True, ignore_keys)
        prompts = {name: inputs[name] for name in ("input_ids", "attention_mask") if name in inputs}
        options = self._options()
        with torch.no_grad(), self.accelerator.autocast():
            written = self.accelerator.unwrap_model(model).generate(**prompts, **options)
        return loss, self._filled(written, options), labels

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
        if "max_new_tokens" in self._writing:
            options.pop("max_length", None)
        return {**options, **self._writing}

    def _filled(self, written: Tensor, options: Mapping[str, Any]) -> Tensor:
        """Texts filled to the longest length there may be with the padding token, which every tokenizer decodes."""
        config = self.model.generation_config.copy()
        config.update(**options)
        longest = config.max_length if config.max_new_tokens is None else config.max_new_tokens + 1
        missing = max(0, longest - written.shape[1])
        return nn.functional.pad(written, (0, missing), value=config.padding_id)

    @contextmanager
    def _written_with(self, options: Mapping[str, Any]) -> Iterator[None]:
        """A block in which the model writes with these options of a call."""
        before, self._writing = self._writing, options or self._writing
        try:
            yield
        finally:
            self._writing = before
