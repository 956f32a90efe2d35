"""`generate`, one method for the generative models of both frameworks: prompts and options in, token ids out.

    model.generate(**tokenizer("Il était une fois", return_tensors="pt"), max_new_tokens=30)

The choice of each token is in search.py; here the options are merged and the prompts are checked.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar

import numpy as np

from ..core.hooks import ModelHooks
from ..core.outputs import ModelOutput
from ..hub.repository import Repo
from ..i18n import N_, spoken
from ..utils.elsewhere import only_known
from ..utils.fields import Range, check_field
from ..utils.notices import say
from .backend import Backend
from .configuration import GenerationConfig, check_tokens, give_way
from .logits_processors import build_logits_processors
from .names import OTHERS
from .prompts import decoder_prompts, max_total_length, read_prompts
from .search import Plan, SearchResult, Streamer, search
from .stopping_criteria import StoppingCriteria

NO_PROMPT = N_("no input_ids were given; a tokenizer makes them from a text")


@dataclass(repr=False)
class GenerateOutput(ModelOutput):
    """Of `generate` with return_dict_in_generate=True: N sequences from R hypotheses."""

    sequences: Any = None  # (N, L) token ids, prompts included
    sequences_scores: Any = None  # (N,), of beams, with output_scores
    scores: tuple | None = None  # of each step (R, V), after the processors, with output_scores
    logits: tuple | None = None  # and before them, with output_logits
    beam_indices: Any = None  # (N, L - P), of beams: the row of `scores` in which each token was chosen


class BaseGenerationMixin(ModelHooks):
    """What both frameworks share of their GenerationMixin, a base of each class with a language-modeling head."""

    can_generate: ClassVar[bool] = True
    backend: ClassVar[Backend]
    config: Any
    _generation_config: GenerationConfig | None = None

    @property
    def generation_config(self) -> GenerationConfig:
        """The options `generate` starts from: those of generation_config.json, or of config.json in old checkpoints."""
        if self._generation_config is None:
            self._generation_config = GenerationConfig.from_model_config(self.config)
        return self._generation_config

    @generation_config.setter
    def generation_config(self, config: GenerationConfig) -> None:
        check_configuration(config)
        self._generation_config = config

    def read_more(self, repo: Repo) -> None:
        """Read generation_config.json, where the model's repository has one."""
        self._generation_config = GenerationConfig.from_repo(repo)

    def save_more(self, folder: str | os.PathLike) -> None:
        """Write generation_config.json."""
        self.generation_config.save_pretrained(folder)

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
        """Autoregressive generation: append one token at a time to prompts.

        Token ids of prompts (B, P) -> prompts with their continuations, or what the decoder generates (B, L). A
        sequence that ends before the longest is padded with pad_token_id. Dropout is off.

        Args:
            inputs: the prompts, or the encoder's input; input_ids is another name of it.
            attention_mask: (B, P) 1 for tokens, 0 for padding; found by pad_token_id if not given. Prompts of a model
                without an encoder are padded on the left: tokenizer(..., padding=True, padding_side="left").
            decoder_input_ids: (B, T) the decoder's prompt; decoder_start_token_id if not given.
            encoder_outputs: what the encoder has computed already, instead of inputs.
            generation_config: options that override the model's own, where they were set.
            streamer: is given every token as it is generated: TextStreamer(tokenizer).
            tokenizer: needed for stop_strings.
            seed: of sampling, with do_sample=True; if not given, the framework's global random number generator draws
                one.
            options: any of GenerationConfig's, which count before all others: max_new_tokens=50, num_beams=4. What the
                model's files say and what contradicts them is left aside.

        Raises ValueError for options that contradict each other or the prompts, TypeError for unknown ones.
        """
        asked = self._asked(generation_config, options)
        config = self._options(asked)
        check_tokens(config, getattr(self.config, "vocab_size", None))
        check_field("seed", int(seed) if isinstance(seed, np.integer) else seed, int | None, Range(0))
        if isinstance(inputs, Mapping):  # what a tokenizer gives, as one argument
            attention_mask = inputs.get("attention_mask", attention_mask)
            inputs = inputs["input_ids"]
        if inputs is not None and input_ids is not None:
            raise spoken(ValueError, "inputs and input_ids were given, two names of the same thing; give one of them")
        ids = inputs if input_ids is None else input_ids
        with _evaluating(self):
            encoder_ids = encoded = None
            if getattr(self.config, "is_encoder_decoder", False):
                encoder_ids, encoded = self._encode(ids, attention_mask, encoder_outputs, config)
                prompts = decoder_prompts(self.backend, decoder_input_ids, len(encoded[1]), config)
                mask = np.ones_like(prompts)
            else:
                prompts, mask = self._decoder_only_prompt(ids, attention_mask, config)
            positions = getattr(self.config, "max_position_embeddings", None)
            max_length = max_total_length(config, asked, prompts.shape[1], positions)
            plan = Plan(
                config,
                build_logits_processors(config, prompts.shape[1], max_length, encoder_ids),
                StoppingCriteria(config, max_length, tokenizer),
                max_length,
                config.padding_id,
                np.random.default_rng(seed_for(config, seed, self.backend)),
                self._streamer(streamer, config, prompts),
            )
            step = self.backend.session(self, prompts, None if mask.all() else mask, max_length, encoded)
            result = search(step, np.where(mask == 1, prompts, -1), plan)
        times = len(result.sequences) // len(prompts)
        result.sequences[:, : prompts.shape[1]] = np.repeat(prompts, times, 0)  # with its padding again
        return self._to_output(result, config)

    def compute_transition_scores(
        self, sequences: Any, scores: tuple, beam_indices: Any = None, normalize_logits: bool = False
    ) -> Any:
        """The score of each generated token: (N, L) sequences and the scores of each step (R, V) -> (N, steps).

        All of it comes from `generate` with return_dict_in_generate=True and output_scores=True. `beam_indices` (N,
        steps) says in which row a token was chosen; without beams row and sequence are the same. What comes after the
        end of a hypothesis is 0. `normalize_logits=True` gives log-probabilities.
        """
        steps = np.stack([self.backend.to_numpy(step) for step in scores])  # (steps, R, V)
        if normalize_logits:
            steps = steps - steps.max(-1, keepdims=True)
            steps = steps - np.log(np.exp(steps).sum(-1, keepdims=True))
        tokens = self.backend.to_numpy(sequences)
        if beam_indices is None:
            rows = np.tile(np.arange(len(tokens))[:, None], len(steps))
        else:
            rows = self.backend.to_numpy(beam_indices)  # (N, steps); -1 after the end
        count = rows.shape[1]
        new = tokens[:, tokens.shape[1] - count :] if count else tokens[:, :0]
        chosen = steps[np.arange(count), rows, new]
        return self.backend.to_tensor(np.where(rows < 0, 0, chosen).astype(np.float32), self)

    def _encode(
        self, ids: Any, attention_mask: Any, encoder_outputs: Any, config: GenerationConfig
    ) -> tuple[np.ndarray | None, tuple]:
        """The encoder's input -> its token ids (B, S), padding as -1, and its hidden states with their mask."""
        if encoder_outputs is not None:
            B, S = encoder_outputs[0].shape[:2]
            mask = np.ones((B, S), np.int64) if attention_mask is None else self.backend.to_numpy(attention_mask)
            return None, (encoder_outputs[0], self.backend.to_tensor(mask, self))
        if ids is None:
            raise spoken(ValueError, NO_PROMPT)
        ids, mask = read_prompts(self.backend, ids, attention_mask, config)
        return np.where(mask == 1, ids, -1), self.backend.encode(self, ids, mask)

    def _decoder_only_prompt(
        self, ids: Any, attention_mask: Any, config: GenerationConfig
    ) -> tuple[np.ndarray, np.ndarray]:
        """Prompts of a model without an encoder, and their mask; without a prompt it is bos_token_id."""
        if ids is None:
            if config.bos_token_id is None:
                raise spoken(ValueError, NO_PROMPT)
            ids = [[config.bos_token_id]]
        prompts, mask = read_prompts(self.backend, ids, attention_mask, config)
        if not mask[:, -1].all():
            raise spoken(
                ValueError,
                "a prompt is padded on the right, and this model continues from the last token; pad on the left: "
                'tokenizer.padding_side = "left"',
            )
        return prompts, mask

    def _to_output(self, result: SearchResult, config: GenerationConfig) -> Any:
        """The result of the search, as tensors of the framework."""
        sequences = self.backend.to_tensor(result.sequences, self)
        if not config.return_dict_in_generate:
            return sequences

        def tensor(array: np.ndarray | None) -> Any:
            return None if array is None else self.backend.to_tensor(array, self)

        return GenerateOutput(
            sequences,
            tensor(result.sequences_scores) if config.output_scores else None,
            tuple(map(tensor, result.scores)) or None,
            tuple(map(tensor, result.logits)) or None,
            tensor(result.beam_indices),
        )

    def _asked(self, given: GenerationConfig | None, options: dict[str, Any]) -> dict[str, Any]:
        """What a call asks for: the options of a given configuration, and single ones, which override them."""
        options = only_known(options, GenerationConfig.fields(), OTHERS, "generate")
        if given is not None:
            check_configuration(given)
        return give_way({} if given is None else given.asked(), options)

    def _options(self, asked: dict[str, Any]) -> GenerationConfig:
        """What is asked for, and for the rest the model's own options."""
        config = GenerationConfig(**give_way(self.generation_config.changed(), asked))
        for line in config.ignored_options(asked):
            say(line)
        return config

    def _streamer(self, streamer: Streamer | None, config: GenerationConfig, prompts: np.ndarray) -> Streamer | None:
        if streamer is None:
            return None
        if config.num_beams > 1:
            raise spoken(
                ValueError,
                "a streamer was given, but with num_beams above 1 a text is only known at the end; try num_beams=1",
            )
        check_streamer(streamer, len(prompts) * config.num_return_sequences)
        if not all(hasattr(streamer, name) for name in ("put", "end")):
            raise spoken(
                TypeError,
                "streamer is a {streamer_kind}, expected an object with put and end; try TextStreamer(tokenizer)",
                streamer_kind=type(streamer).__name__,
            )
        return streamer


def check_configuration(config: Any) -> None:
    """Raise TypeError for what is no GenerationConfig."""
    if not isinstance(config, GenerationConfig):
        raise spoken(
            TypeError,
            "generation_config is a {config_kind}, expected a GenerationConfig",
            config_kind=type(config).__name__,
        )


def check_streamer(streamer: Streamer | None, count: int) -> None:
    """Raise ValueError for a streamer that is to show several texts."""
    if streamer is not None and count > 1:
        raise spoken(ValueError, "a streamer was given for {count} texts, it shows one; give one prompt", count=count)


def seed_for(config: GenerationConfig, seed: int | None, backend: Backend) -> int:
    """The seed of one call: the given one, or one that the framework draws where tokens are sampled."""
    if seed is not None:
        return seed
    return backend.draw_seed() if config.do_sample else 0


_lock = Lock()
_evaluated: dict[int, tuple[int, list[Any]]] = {}  # id of a model -> how many threads generate, parts to switch back


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """A block in which a PyTorch model has its dropout off, as a Keras model has anyway.

    Of several threads that generate with one model, the first switches it off and the last on again.
    """
    with _lock:
        count, training = _evaluated.pop(id(model), (0, []))
        if not count and hasattr(model, "modules"):
            training = [part for part in model.modules() if part.training]
        for part in training:
            part.training = False
        _evaluated[id(model)] = count + 1, training
    try:
        yield
    finally:
        with _lock:
            count, training = _evaluated.pop(id(model))
            if count > 1:
                _evaluated[id(model)] = count - 1, training
            else:
                for part in training:
                    part.training = True
