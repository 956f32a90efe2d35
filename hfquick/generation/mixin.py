"""`generate`, the same method for PyTorch and Keras models that write: options and prompts in, texts out.

    model.generate(**tokenizer("Il était une fois", return_tensors="pt"), max_new_tokens=30)

What is chosen token by token is in search.py; here the options are put together and the prompts are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from ..errors import did_you_mean
from ..hub import Repo
from ..notices import say
from ..outputs import ModelOutput
from .configuration import GenerationConfig
from .rules import rules_for
from .search import Plan, Streamer, search
from .stopping import Stopping


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
    STEPS: ClassVar[str] = "steps"  # the module that knows the model's framework
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

        Raises ValueError for options that contradict each other or the prompts, TypeError for a model that cannot write.
        """
        self._check_can_generate()
        steps = import_module(f".{self.STEPS}", __package__)
        config = self._options(generation_config, options)
        writes_after = not getattr(self.config, "is_encoder_decoder", False)  # type: ignore[attr-defined]
        ids, mask = self._prompts(steps, inputs, input_ids, attention_mask, encoder_outputs, config, writes_after)
        encoder_texts = encoded = None
        with evaluating(self):
            if writes_after:
                prompts = ids
                if (mask[:, -1] == 0).any():
                    raise ValueError(
                        "a prompt is padded on the right, and this model writes on from the last token; "
                        'pad on the left: tokenizer.padding_side = "left"'
                    )
            else:
                encoder_texts = np.where(mask == 1, ids, -1)
                if encoder_outputs is None:
                    encoded = steps.Steps.encode(self, ids, mask)
                else:
                    encoded = encoder_outputs[0], steps.to_tensor(mask, self)
                prompts = self._decoder_prompts(steps, decoder_input_ids, len(mask), config)
                mask = np.ones_like(prompts)
            max_length = self._longest(config, options, prompts.shape[1])
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
        sequences = steps.to_tensor(found.sequences, self)
        if not config.return_dict_in_generate:
            return sequences

        def tensors(arrays: list[np.ndarray]) -> tuple | None:
            return tuple(steps.to_tensor(array, self) for array in arrays) or None

        with_scores = config.output_scores and config.num_beams > 1
        return GenerateOutput(
            sequences,
            steps.to_tensor(found.sequences_scores, self) if with_scores else None,
            tensors(found.scores),
            tensors(found.logits),
            None if found.beam_indices is None else steps.to_tensor(found.beam_indices, self),
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
        idle = config.unused(values | options)
        if idle:
            why = "max_new_tokens counts" if idle == ["max_length"] else "they need do_sample=True or num_beams above 1"
            say(f"generate: {', '.join(idle)} left aside; {why}")
        return config

    def _prompts(
        self,
        steps: ModuleType,
        inputs: Any,
        input_ids: Any,
        attention_mask: Any,
        encoder_outputs: Any,
        config: GenerationConfig,
        writes_after: bool,
    ) -> tuple[np.ndarray, np.ndarray]:
        """What was given, in any of its forms -> ids (B, P) and mask (B, P)."""
        if isinstance(inputs, Mapping):  # what a tokenizer gives, in one piece
            attention_mask = inputs.get("attention_mask", attention_mask)
            inputs = inputs["input_ids"]
        if inputs is not None and input_ids is not None:
            raise ValueError("inputs and input_ids were given, two names of the same thing; give one of them")
        ids = inputs if input_ids is None else input_ids
        if ids is None and encoder_outputs is not None and not writes_after:
            B, S = encoder_outputs[0].shape[:2]
            ids = np.full((B, S), pad_of(config))
            attention_mask = np.ones((B, S), np.int64) if attention_mask is None else attention_mask
        if ids is None:
            if not writes_after or config.bos_token_id is None:
                raise ValueError("no input_ids were given; a tokenizer makes them from a text")
            ids = [[config.bos_token_id]]  # a text from nothing
        ids = steps.to_numpy(ids)
        if ids.ndim != 2 or not (np.issubdtype(ids.dtype, np.integer) or ids.size == 0):
            hint = "; one prompt is a batch, too: [ids]" if ids.ndim == 1 else ""
            raise ValueError(
                f"input_ids are {ids.dtype} numbers of shape {ids.shape}, expected whole numbers (prompts, tokens){hint}"
            )
        if not ids.size:
            start = f": start with token {config.bos_token_id}" if config.bos_token_id is not None else ""
            raise ValueError(f"the prompt is empty, expected at least one token{start}")
        ids = ids.astype(np.int64)
        pad = config.pad_token_id
        if attention_mask is not None:
            mask = (steps.to_numpy(attention_mask) != 0).astype(np.int64)
        elif pad is not None and pad not in config.eos_token_ids:
            mask = (ids != pad).astype(np.int64)
        else:
            mask = np.ones_like(ids)
        if mask.shape != ids.shape:
            raise ValueError(
                f"attention_mask has the shape {mask.shape}, input_ids have {ids.shape}; expected the same"
            )
        if not mask.any(1).all():
            raise ValueError(
                f"prompt {int((~mask.any(1)).argmax())} is all padding, expected at least one token to read"
            )
        return ids, mask

    def _decoder_prompts(self, steps: ModuleType, given: Any, count: int, config: GenerationConfig) -> np.ndarray:
        """What the decoder of an encoder-decoder starts from, (B, T)."""
        start = config.bos_token_id if config.decoder_start_token_id is None else config.decoder_start_token_id
        if start is None:
            raise ValueError(
                "the decoder does not know its first token; "
                "try generate(..., decoder_start_token_id=...), for T5 it is pad_token_id"
            )
        first = np.full((count, 1), start)
        if given is None:
            return first
        ids = steps.to_numpy(given).astype(np.int64)
        if ids.ndim != 2 or len(ids) != count:
            raise ValueError(f"decoder_input_ids have the shape {ids.shape}, expected ({count}, tokens)")
        return ids if (ids[:, 0] == start).any() else np.concatenate([first, ids], 1)

    def _longest(self, config: GenerationConfig, options: Mapping[str, Any], prompt: int) -> int:
        """Tokens of a text at most, its prompt included."""
        positions = getattr(self.config, "max_position_embeddings", None)  # type: ignore[attr-defined]
        if positions is not None and prompt >= positions:
            raise ValueError(
                f"the prompt has {prompt} tokens and the model {positions} positions, so nothing can follow; "
                f"try truncation=True, max_length={max(positions - 20, 1)} in the tokenizer"
            )
        if config.max_new_tokens is not None:
            longest = prompt + config.max_new_tokens
        elif options.get("max_length") is None and config.max_length == GenerationConfig.max_length:
            longest = prompt + config.max_length
            longest = longest if positions is None else min(longest, positions)
        else:
            longest = config.max_length
            if longest <= prompt:
                raise ValueError(
                    f"max_length is {longest}, but the prompt alone has {prompt} tokens; "
                    f"try max_new_tokens, which does not count it"
                )
        if positions is not None and longest > positions:
            raise ValueError(
                f"a prompt of {prompt} tokens and what may follow are {longest}, the model has {positions} positions; "
                f"try max_new_tokens={positions - prompt}"
            )
        shortest = max(config.min_length, prompt + (config.min_new_tokens or 0))
        if shortest > longest:
            name = "min_new_tokens" if config.min_new_tokens else "min_length"
            raise ValueError(
                f"{name} is {getattr(config, name)}, which makes texts of at least {shortest} tokens, "
                f"but they may have {longest} at most; raise max_new_tokens or lower {name}"
            )
        return longest

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


class evaluating:
    """A block in which a PyTorch model has its dropout off, as a Keras model has anyway."""

    def __init__(self, model: Any) -> None:
        self.model, self.was_training = model, getattr(model, "training", False) is True

    def __enter__(self) -> None:
        if self.was_training:
            self.model.eval()

    def __exit__(self, *error: object) -> None:
        if self.was_training:
            self.model.train()


def pad_of(config: GenerationConfig) -> int:
    """What fills a text that has ended: the padding token, or one that ends texts, or any."""
    if config.pad_token_id is not None:
        return config.pad_token_id
    return next(iter(config.eos_token_ids), 0)
