"""`generate`, the same method for PyTorch and Keras models that write: options and prompts in, texts out.

    model.generate(**tokenizer("Il était une fois", return_tensors="pt"), max_new_tokens=30)

What is chosen token by token is in search.py; here the options are put together and the prompts are looked at.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from ..core.outputs import ModelOutput
from ..hub.repository import Repo
from ..utils.errors import did_you_mean
from ..utils.notices import say
from .configuration import GenerationConfig
from .logits_processors import rules_for
from .prompts import decoder_prompts, longest_text, pad_of, read_prompts
from .search import Found, Plan, Streamer, search
from .stopping_criteria import Stopping

NO_PROMPT = "no input_ids were given; a tokenizer makes them from a text"


@dataclass(repr=False)
class GenerateOutput(ModelOutput):
    """Of `generate` with return_dict_in_generate=True: N texts, found in R rows."""

    sequences: Any = None  # (N, L) token ids, prompts included
    sequences_scores: Any = None  # (N,), of beams, with output_scores
    scores: tuple | None = None  # of each step (R, V), after the rules, with output_scores
    logits: tuple | None = None  # and before them, with output_logits
    beam_indices: Any = None  # (N, L - P), of beams: the row of `scores` in which each token was chosen


class GenerationMixin:
    """Gives a model `generate` and `generation_config`; classes that write set `can_generate`."""

    can_generate: ClassVar[bool] = False
    STEPS: ClassVar[str] = "decoding"  # the module that knows the model's framework
    _generation_config: GenerationConfig | None = None

    @property
    def generation_config(self) -> GenerationConfig:
        """The options `generate` starts from: those of generation_config.json, or of config.json in old checkpoints."""
        if self._generation_config is None:
            self._generation_config = GenerationConfig.from_model_config(self.config)  # type: ignore[attr-defined]
        return self._generation_config

    @generation_config.setter
    def generation_config(self, config: GenerationConfig) -> None:
        if not isinstance(config, GenerationConfig):
            raise TypeError(f"generation_config is a {type(config).__name__}, expected a GenerationConfig")
        self._generation_config = config

    def read_generation_config(self, repo: Repo) -> None:
        """Take generation_config.json of a model's repository, where there is one."""
        if self.can_generate:
            self._generation_config = GenerationConfig.from_repo(repo)

    def generate(
        self,
        inputs: Any = None,
        attention_mask: Any = None,
        *,
        input_ids: Any = None,
        decoder_input_ids: Any = None,
        encoder_outputs: Any = None,
        generation_config: GenerationConfig | None = None,
        streamer: Streamer | None = None,
        tokenizer: Any = None,
        seed: int | None = None,
        **options: Any,
    ) -> Any:
        """Token ids of prompts (B, P) -> ids of whole texts (B, L): prompt and continuation, or what a decoder writes.

        A text that ends before the longest is filled with pad_token_id. Dropout is off.

        Args:
            inputs: the prompts, or what the encoder reads; input_ids is another name of it.
            attention_mask: (B, P) 1 for tokens to read, 0 for padding; found by pad_token_id if not given. Prompts of a
                model without an encoder are padded on the left: tokenizer(..., padding=True, padding_side="left").
            decoder_input_ids: (B, T) the start of what the decoder writes; decoder_start_token_id if not given.
            encoder_outputs: what the encoder has read already, instead of inputs.
            generation_config: options instead of the model's own; what stands at its default there is the model's.
            streamer: is told every token as it comes: TextStreamer(tokenizer).
            tokenizer: needed for stop_strings.
            seed: of what is drawn with do_sample=True; if not given, the framework's own chance decides.
            options: any of GenerationConfig's, which count before all others: max_new_tokens=50, num_beams=4.

        Raises ValueError for options that contradict each other or the prompts, TypeError for unknown ones and for a
        model that cannot write.
        """
        self._check_can_generate()
        steps = import_module(f".{self.STEPS}", __package__)
        config = self._options(generation_config, options)
        if isinstance(inputs, Mapping):  # what a tokenizer gives, in one piece
            attention_mask = inputs.get("attention_mask", attention_mask)
            inputs = inputs["input_ids"]
        if inputs is not None and input_ids is not None:
            raise ValueError("inputs and input_ids were given, two names of the same thing; give one of them")
        ids = inputs if input_ids is None else input_ids
        with _evaluating(self):
            encoder_texts = encoded = None
            if getattr(self.config, "is_encoder_decoder", False):  # type: ignore[attr-defined]
                encoder_texts, encoded = self._encode(steps, ids, attention_mask, encoder_outputs, config)
                prompts = decoder_prompts(steps, decoder_input_ids, len(encoded[1]), config)
                mask = np.ones_like(prompts)
            else:
                prompts, mask = self._to_write_on(steps, ids, attention_mask, config)
            positions = getattr(self.config, "max_position_embeddings", None)  # type: ignore[attr-defined]
            max_length = longest_text(config, options, prompts.shape[1], positions)
            plan = Plan(
                config,
                rules_for(config, prompts.shape[1], max_length, encoder_texts),
                Stopping(config, max_length, tokenizer),
                max_length,
                pad_of(config),
                np.random.default_rng(steps.draw_seed() if seed is None and config.do_sample else seed or 0),
                self._streamer(streamer, config, prompts),
            )
            step = steps.Steps(self, prompts, None if mask.all() else mask, max_length, encoded)
            found = search(step, np.where(mask == 1, prompts, -1), plan)
        times = len(found.sequences) // len(prompts)
        found.sequences[:, : prompts.shape[1]] = np.repeat(prompts, times, 0)  # with its padding again
        return self._given_back(steps, found, config)

    def _encode(
        self, steps: ModuleType, ids: Any, attention_mask: Any, encoder_outputs: Any, config: GenerationConfig
    ) -> tuple[np.ndarray | None, tuple]:
        """What the encoder reads -> its tokens (B, S), padding as -1, and its vectors with their mask."""
        if encoder_outputs is not None:
            B, S = encoder_outputs[0].shape[:2]
            mask = np.ones((B, S), np.int64) if attention_mask is None else steps.to_numpy(attention_mask)
            return None, (encoder_outputs[0], steps.to_tensor(mask, self))
        if ids is None:
            raise ValueError(NO_PROMPT)
        ids, mask = read_prompts(steps, ids, attention_mask, config)
        return np.where(mask == 1, ids, -1), steps.Steps.encode(self, ids, mask)

    def _to_write_on(
        self, steps: ModuleType, ids: Any, attention_mask: Any, config: GenerationConfig
    ) -> tuple[np.ndarray, np.ndarray]:
        """Prompts of a model without an encoder, and their mask; a text from nothing starts with bos_token_id."""
        if ids is None:
            if config.bos_token_id is None:
                raise ValueError(NO_PROMPT)
            ids = [[config.bos_token_id]]
        prompts, mask = read_prompts(steps, ids, attention_mask, config)
        if not mask[:, -1].all():
            raise ValueError(
                "a prompt is padded on the right, and this model writes on from the last token; "
                'pad on the left: tokenizer.padding_side = "left"'
            )
        return prompts, mask

    def _given_back(self, steps: ModuleType, found: Found, config: GenerationConfig) -> Any:
        """What was found, as tensors of the framework."""
        sequences = steps.to_tensor(found.sequences, self)
        if not config.return_dict_in_generate:
            return sequences

        def tensor(array: np.ndarray | None) -> Any:
            return None if array is None else steps.to_tensor(array, self)

        return GenerateOutput(
            sequences,
            tensor(found.sequences_scores) if config.output_scores else None,
            tuple(map(tensor, found.scores)) or None,
            tuple(map(tensor, found.logits)) or None,
            tensor(found.beam_indices),
        )

    def _check_can_generate(self) -> None:
        if not self.can_generate:
            name = type(self).__name__
            raise TypeError(
                f"{name} has no head that writes words, so it cannot generate; "
                "try AutoModelForCausalLM or AutoModelForSeq2SeqLM"
            )

    def _options(self, given: GenerationConfig | None, options: dict[str, Any]) -> GenerationConfig:
        """The model's options, those of a configuration given, and single ones, the later before the earlier."""
        known = GenerationConfig.fields()
        for name in options:
            if name not in known:
                raise TypeError(f"{name!r} is neither an input nor an option of generate{did_you_mean(name, known)}")
        config = self.generation_config.copy()
        values = {} if given is None else given.changed()
        config.update(**(values | options))
        for line in config.idle(values | options):
            say(line)
        return config

    def _streamer(self, streamer: Streamer | None, config: GenerationConfig, prompts: np.ndarray) -> Streamer | None:
        if streamer is None:
            return None
        if config.num_beams > 1:
            raise ValueError(
                "a streamer was given, but with num_beams above 1 a text is only known at the end; try num_beams=1"
            )
        texts = len(prompts) * config.num_return_sequences
        if texts > 1:
            raise ValueError(f"a streamer was given for {texts} texts, it shows one; give one prompt")
        return streamer


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """A block in which a PyTorch model has its dropout off, as a Keras model has anyway."""
    training = [part for part in model.modules() if part.training] if hasattr(model, "modules") else []
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True
