"""What generative pipelines share: from prompts to generated texts by the model's `generate`, in batches by length.

Its options come from four places; the later ones count: the defaults of the task, those of the model
(generation_config.json), those its config.json has for the task, those of the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from ..generation.configuration import BEAM_OPTIONS, SAMPLING_OPTIONS, GenerationConfig, give_way
from ..generation.generate import check_configuration, check_streamer
from ..generation.names import OTHERS
from ..i18n import N_
from ..tokenization.padding import pad
from ..utils.elsewhere import Other, only_known
from .base import Piece, Settings
from .forks import refuse_after_fork
from .names import OF_GENERATION
from .texts import TextPipeline, check_text


@dataclass(frozen=True, kw_only=True)
class GenerationSettings(Settings):
    """The options that all generative pipelines have."""

    truncation: bool = False
    clean_up_tokenization_spaces: bool = False
    seed: int | None = None
    streamer: Any = None
    generate_kwargs: Mapping[str, Any] = field(default_factory=dict)  # the options of `generate`, checked together


class GenerationPipeline(TextPipeline):
    """A generative model behind one call. Any option of `generate` may be given: max_new_tokens=30, num_beams=4."""

    wants: ClassVar[str] = N_("a text")
    settings_class: ClassVar[type[Settings]] = GenerationSettings
    other_names: ClassVar[Mapping[str, Other]] = OF_GENERATION
    default_generate_kwargs: ClassVar[dict[str, Any]] = {}  # of this task, unless model or call say otherwise
    decoder_only: ClassVar[bool] = False  # the model continues its prompt, which is then padded on the left

    def __init__(self, task: str, model: Any, tokenizer: Any = None, **options: Any) -> None:
        self.generate_kwargs = self._model_kwargs(task, model)  # before those of calls
        self.prefix = self.generate_kwargs.pop("prefix", "")  # in front of each text: it tells T5 its task
        given = given_options(options)
        options = {name: value for name, value in options.items() if name not in given and name != "generation_config"}
        self.generate_kwargs = give_way(self.generate_kwargs, given)
        super().__init__(task, model, tokenizer, **options)

    def _model_kwargs(self, task: str, model: Any) -> dict[str, Any]:
        """The options of `generate` that hold for this task and model."""
        of_task = (getattr(model.config, "task_specific_params", None) or {}).get(task) or {}
        known = GenerationConfig.fields()
        of_task = {name: value for name, value in of_task.items() if name in known or name == "prefix"}
        config = getattr(model, "generation_config", GenerationConfig())  # a model without the head: `generate` raises
        return give_way(give_way(self.default_generate_kwargs, config.changed()), of_task)

    def _settings(self, options: Mapping[str, Any]) -> Any:
        """The settings of a call, those of `generate` among them."""
        own = self.settings.options()
        known = [*own, *GenerationConfig.fields(), "generation_config"]
        options = only_known(options, known, {**OTHERS, **self.other_names}, self.task)
        given = {name: value for name, value in given_options(options).items() if name not in own}
        settings = super()._settings({name: value for name, value in options.items() if name in own})
        return replace(settings, generate_kwargs=self._checked(give_way(self.generate_kwargs, given), given))

    def _checked(self, options: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Options of `generate`, checked together, without those of the model that do nothing here."""
        known = GenerationConfig.fields()
        config = GenerationConfig(**{name: value for name, value in options.items() if name in known})
        # What the model's files say about sampling and beams is of no use to a call without them. Nobody asked for it
        # here, so it goes without the line that tells of such options.
        of_no_use = [
            *(() if config.do_sample else SAMPLING_OPTIONS),
            *(() if config.num_beams > 1 else BEAM_OPTIONS),
        ]
        for name in set(of_no_use) - given.keys():
            options.pop(name, None)
        return options

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, str)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
        texts = [f"{self.prefix}{check_text(text, self.task)}" for text in inputs]
        check_streamer(settings.streamer, len(texts))
        encoded = self.tokenizer(texts, **self.cut(settings))
        names = [name for name in ("input_ids", "attention_mask") if name in encoded]
        pieces = [Piece({name: encoded[name][row] for name in names}, text) for row, text in enumerate(inputs)]
        self.check_lengths(pieces, "truncation=True")
        return [[piece] for piece in pieces]

    def forward(self, features: list[dict[str, Any]], settings: Any) -> dict[str, np.ndarray]:
        """Prompts of one batch -> the token ids generated for each: (B, sequences for each prompt, L)."""
        sequences = self.array(self._generate(features, settings))
        sequences = sequences.reshape(len(features), -1, sequences.shape[-1])
        longest = max(len(item["input_ids"]) for item in features)
        return {"generated": sequences[:, :, longest:] if self.decoder_only else sequences}

    def generate_one(self, text: Any, **options: Any) -> tuple[Piece, Any]:
        """One text -> the input of the model, and all that `generate` gives with return_dict_in_generate=True.

        This is the pipeline without its last step, for hfquick.interpretability.
        """
        settings = self._settings({**options, "return_dict_in_generate": True})
        [[piece]] = self.preprocess([text], settings)
        return piece, self._generate([piece.features], settings)

    def _generate(self, features: list[dict[str, Any]], settings: Any) -> Any:
        """Prompts of one batch -> what the model's `generate` gives with these settings."""
        if self.framework == "tf":
            refuse_after_fork()
        options = {**settings.generate_kwargs, "seed": settings.seed, "streamer": settings.streamer}
        if options.get("stop_strings"):
            options["tokenizer"] = self.tokenizer
        # The mask keeps attention from the padding, so any token will do for it: GPT-2 has none.
        values = {"input_ids": self.tokenizer.pad_token_id or 0, "attention_mask": 0}
        columns = {name: [item[name] for item in features] for name in values}
        batch = pad(columns, values, side="left" if self.decoder_only else "right")
        return self.model.generate(self._tensor(batch["input_ids"]), self._tensor(batch["attention_mask"]), **options)

    def array(self, tensor: Any) -> np.ndarray:
        """A tensor of the model's framework -> an array; values of 16 bits become float32."""
        if self.framework == "tf":
            array = tensor.numpy()
            return array.astype(np.float32) if array.dtype.itemsize == 2 else array
        tensor = tensor.float() if tensor.is_floating_point() else tensor
        return tensor.cpu().numpy()

    def _tensor(self, array: np.ndarray) -> Any:
        if self.framework == "tf":
            return array
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def decoded(self, ids: Any, settings: Any) -> str:
        """Token ids -> their text."""
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=settings.clean_up_tokenization_spaces
        )


def given_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `generate` among those given: single ones, and those of a generation_config, which count less."""
    config = options.get("generation_config")
    if config is not None:
        check_configuration(config)
    single = {name: value for name, value in options.items() if name in GenerationConfig.fields()}
    return give_way({} if config is None else config.asked(), single)
