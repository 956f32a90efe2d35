"""Sequences that tiny models generate, as a table: which model, which prompts, which options.

Framework-free: the recorder (tests/reference/record_generation.py, in the environment of transformers) and the tests
(ours, both frameworks) read one table. Weights and prompts are drawn by name from a fixed generator, wide, so
that the distributions are sharp. A case is recorded with the first prompts for which, at every step, no two candidates
that compete are nearer than 1e-4: there the order of additions decides nothing.
"""

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

TOKENS = {"vocab_size": 60}
CONFIGS: dict[str, dict[str, Any]] = {
    "GPT2LMHeadModel": TOKENS
    | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "bos_token_id": 1, "eos_token_id": 2},
    "T5ForConditionalGeneration": TOKENS
    | {
        "d_model": 32,
        "d_kv": 8,
        "d_ff": 50,
        "num_layers": 2,
        "num_heads": 4,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 20,
        "decoder_start_token_id": 0,
    },
    "BartForConditionalGeneration": TOKENS
    | {
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 50,
        "decoder_ffn_dim": 50,
        "max_position_embeddings": 64,
    },
}


@dataclass(frozen=True, eq=False)
class Case:
    """One call of generate."""

    name: str
    model: str
    options: dict[str, Any]
    lengths: tuple[int, ...] = (5,)  # of the prompts; shorter ones are padded, on the left for decoder-only models
    config: dict[str, Any] = field(default_factory=dict)  # beyond the table above
    ends: int = 0  # so many more end-of-sequence tokens, so that some sequences end

    @property
    def values(self) -> dict[str, Any]:
        return CONFIGS[self.model] | self.config

    @property
    def decoder_only(self) -> bool:
        """Whether the prompt is part of the generated sequence."""
        return self.model.startswith("GPT2")

    def arguments(self) -> dict[str, Any]:
        """The options as `generate` takes them."""
        ends = {"eos_token_id": [2, *range(10, 10 + self.ends)], "pad_token_id": 0} if self.ends else {}
        return ends | self.options

    def prompts(self, draw: int) -> dict[str, np.ndarray]:
        """The draw-th prompts: input_ids and attention_mask, (B, P)."""
        rng = np.random.RandomState(crc32(f"{self.name} {draw}".encode()))
        longest = max(self.lengths)
        ids = rng.randint(20, self.values["vocab_size"], (len(self.lengths), longest))
        positions = np.arange(longest)[::-1] if self.decoder_only else np.arange(longest)
        mask = positions < np.array(self.lengths)[:, None]
        return {"input_ids": np.where(mask, ids, self.pad), "attention_mask": mask.astype(np.int64)}

    @property
    def pad(self) -> int:
        return 1 if self.model.startswith("Bart") else 0


GPT2, T5, BART = CONFIGS
BAD = [[30], [31, 32], [33, 34, 35], [2]]

TABLE = [
    # Greedy.
    Case("gpt2-greedy", GPT2, {"max_new_tokens": 12}),
    Case("gpt2-default-length", GPT2, {}),
    Case("gpt2-max-length", GPT2, {"max_length": 14}, (6,)),
    Case("gpt2-padded", GPT2, {"max_new_tokens": 10, "pad_token_id": 0}, (6, 3, 1)),
    Case("gpt2-ends", GPT2, {"max_new_tokens": 30}, (5, 4, 5), ends=8),
    Case("gpt2-min-new", GPT2, {"max_new_tokens": 20, "min_new_tokens": 9}, (5, 5), ends=10),
    Case("gpt2-min-length", GPT2, {"max_length": 24, "min_length": 13}, (5, 5), ends=10),
    Case("gpt2-ngrams", GPT2, {"max_new_tokens": 20, "no_repeat_ngram_size": 2}, (5, 5)),
    Case("gpt2-words-once", GPT2, {"max_new_tokens": 20, "no_repeat_ngram_size": 1}),
    Case("gpt2-penalty", GPT2, {"max_new_tokens": 15, "repetition_penalty": 1.4}, (5, 5)),
    Case("gpt2-reward", GPT2, {"max_new_tokens": 10, "repetition_penalty": 0.8}),
    Case("gpt2-bad-words", GPT2, {"max_new_tokens": 15, "bad_words_ids": BAD}),
    Case("gpt2-suppress", GPT2, {"max_new_tokens": 15, "suppress_tokens": [40, 41], "begin_suppress_tokens": [42]}),
    Case("gpt2-forced-end", GPT2, {"max_new_tokens": 8, "forced_eos_token_id": 2}),
    Case("gpt2-all-rules", GPT2, {
        "max_new_tokens": 25, "min_new_tokens": 12, "no_repeat_ngram_size": 2, "repetition_penalty": 1.2,
        "bad_words_ids": BAD, "suppress_tokens": [40], "forced_eos_token_id": 2,
    }, (5, 5), ends=6),
    Case("gpt2-old-config", GPT2, {}, config={"max_length": 18, "no_repeat_ngram_size": 2, "num_beams": 3}),
    Case("gpt2-long", GPT2, {"max_new_tokens": 57, "no_repeat_ngram_size": 3}, (5, 7)),
    Case("t5-greedy", T5, {"max_new_tokens": 12}, (7, 4)),
    Case("t5-forced-start", T5, {"max_new_tokens": 8, "forced_bos_token_id": 33}, (7,)),
    Case("t5-encoder-ngrams", T5, {"max_new_tokens": 12, "encoder_no_repeat_ngram_size": 1}, (9, 6)),
    Case("t5-ends", T5, {"max_new_tokens": 30}, (7, 4, 6), ends=8),
    Case("bart-greedy", BART, {"max_length": 15}, (7, 4)),
    Case("bart-begin", BART, {"max_length": 12, "forced_bos_token_id": 0, "begin_suppress_tokens": [20, 21, 22]}, (7,)),
    # Beams.
    Case("gpt2-beams", GPT2, {"num_beams": 4, "max_new_tokens": 12}),
    Case("gpt2-beams-padded", GPT2, {"num_beams": 3, "max_new_tokens": 10, "pad_token_id": 0}, (6, 3)),
    Case("gpt2-beams-ends", GPT2, {"num_beams": 4, "max_new_tokens": 12, "num_return_sequences": 4}, (5, 5), ends=14),
    Case("gpt2-beams-early", GPT2, {"num_beams": 4, "max_new_tokens": 12, "early_stopping": True}, (5, 5), ends=14),
    Case("gpt2-beams-never", GPT2, {"num_beams": 3, "max_new_tokens": 12, "early_stopping": "never"}, (5, 5), ends=14),
    Case("gpt2-beams-long", GPT2, {"num_beams": 3, "max_new_tokens": 12, "length_penalty": 2.0}, (5, 5), ends=14),
    Case("gpt2-beams-never-short", GPT2, {
        "num_beams": 3, "max_new_tokens": 12, "length_penalty": -0.5, "early_stopping": "never",
    }, (5, 5), ends=14),
    Case("gpt2-beams-short", GPT2, {"num_beams": 3, "max_new_tokens": 12, "length_penalty": -1.0}, (5, 5), ends=14),
    Case("gpt2-beams-plain", GPT2, {"num_beams": 3, "max_new_tokens": 15, "length_penalty": 0.0}, (5,), ends=14),
    Case("gpt2-beams-rules", GPT2, {
        "num_beams": 3, "max_new_tokens": 15, "no_repeat_ngram_size": 2, "repetition_penalty": 1.2, "min_new_tokens": 6,
        "bad_words_ids": BAD,
    }, (5, 5), ends=14),
    Case("t5-beams", T5, {"num_beams": 4, "max_new_tokens": 12, "num_return_sequences": 2}, (7, 4)),
    Case("t5-beams-ends", T5, {"num_beams": 3, "max_new_tokens": 12}, (7, 4, 6), ends=14),
    Case("bart-beams", BART, {
        "num_beams": 4, "max_length": 20, "min_length": 6, "no_repeat_ngram_size": 3, "length_penalty": 2.0,
        "early_stopping": True, "forced_bos_token_id": 0,
    }, (8, 5), ends=14),
    Case("bart-beams-one", BART, {"num_beams": 4, "max_length": 15}, (8,)),
    Case("bart-old-config", BART, {}, (8, 5), config={
        "max_length": 16, "min_length": 5, "num_beams": 3, "early_stopping": True, "no_repeat_ngram_size": 2,
        "length_penalty": 1.5, "forced_bos_token_id": 0,
    }),
]  # fmt: skip
CASES = {case.name: case for case in TABLE}
assert len(CASES) == len(TABLE), "two cases share a name"
