"""Rows of token ids -> batches for language models: the labels come from the texts themselves.

    collate = DataCollatorForLanguageModeling(tokenizer)               # masked language modeling, as BERT
    collate = DataCollatorForLanguageModeling(tokenizer, mlm=False)    # causal language modeling, as GPT

Papers: Devlin et al. 2019, "BERT" (https://arxiv.org/abs/1810.04805), section 3.1: of the chosen tokens, 80 % are
replaced by [MASK], 10 % by any token, 10 % stay. Joshi et al. 2020, "SpanBERT" (https://arxiv.org/abs/1907.10529), 3.1.

The random number generator is NumPy's in all frameworks, so "pt", "tf" and "np" mask the same tokens. Without `seed` it
is np.random, which a Trainer seeds anew for every batch: leave `seed` out where a run must be resumed exactly.

Shapes: B rows, T tokens, V ids of the vocabulary.
"""

import sys
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any

import numpy as np

from ..i18n import N_, said, spoken
from ..tokenization import BatchEncoding
from ..utils.elsewhere import Other, knows_its_names
from ..utils.fields import PROBABILITY, Range, check_field
from .collators import IGNORED, LABELS, DataCollatorWithPadding, read_columns

MAX_MASKED = 512  # tokens of one row that are masked at most when whole words are counted out, as in BERT's own code
SPAN_P = 0.2  # of the geometric distribution of SpanBERT: a span has another word with the probability 1 - SPAN_P

OTHERS = {
    "tf_experimental_compile": Other(
        words=N_("return_tensors='tf' makes TensorFlow's tensors; leave it out"), same=(False,)
    )
}
_knows_its_names = partial(knows_its_names, others=OTHERS)
Rng = Any  # np.random, or a np.random.Generator


@_knows_its_names
@dataclass(eq=False)
class DataCollatorForLanguageModeling(DataCollatorWithPadding):
    """Tokenized rows, or lists of ids -> a batch whose `labels` are the masked tokens, or with mlm=False all tokens.

    Tokens that are not to be predicted are -100 in the labels. Special tokens are never masked; which are special is
    told by the column `special_tokens_mask` where there is one. Other labels of the rows are left out.
    """

    mlm: bool = True  # masked language modeling; False: causal language modeling
    _: KW_ONLY
    whole_word_mask: bool = False  # mask all tokens of a word, or none
    mlm_probability: float = 0.15  # of each token, or word, to be chosen for masking
    mask_replace_prob: float = 0.8  # share of the chosen that become [MASK]
    random_replace_prob: float = 0.1  # share that becomes any token
    seed: int | None = None  # of a random number generator of its own

    def __post_init__(self, processing_class: Any) -> None:
        super().__post_init__(processing_class)
        for name in ("mlm_probability", "mask_replace_prob", "random_replace_prob"):
            check_field(name, getattr(self, name), float, PROBABILITY)
        if self.mask_replace_prob + self.random_replace_prob > 1:
            raise spoken(
                ValueError,
                "mask_replace_prob={mask_replace_prob} and random_replace_prob={random_replace_prob} are shares "
                "of one whole; expected a sum of 1 at most",
                mask_replace_prob=self.mask_replace_prob,
                random_replace_prob=self.random_replace_prob,
            )
        if self.mlm and self.tokenizer.mask_token_id is None:
            raise spoken(
                ValueError,
                "masking needs a mask token and this tokenizer has none; for a causal language model try "
                "mlm=False, else tokenizer.add_special_tokens({'mask_token': '[MASK]'})",
            )
        if self.whole_word_mask and not self.mlm:
            raise spoken(
                ValueError, "whole_word_mask=True masks words, and mlm=False masks none; leave one of them out"
            )
        self._tables: tuple[int, np.ndarray, np.ndarray | None] | None = None
        self._generator: tuple[int, Rng] | None = None

    def __call__(self, features: Any, return_tensors: str | None = None) -> BatchEncoding:
        main = self.tokenizer.model_input_names[0]
        if isinstance(features, list | tuple) and features and isinstance(features[0], list | tuple | np.ndarray):
            features = [{main: row} for row in features]
        columns = {name: values for name, values in read_columns(features).items() if name not in LABELS}
        columns.pop("offset_mapping", None)
        batch = self._pad(columns)
        special = batch.pop("special_tokens_mask", None)
        ids = batch[main]  # (B, T)
        if self.mlm:
            is_special = self._is_special(ids) if special is None else special.astype(bool)
            batch[main], batch["labels"] = self._mask_tokens(ids, is_special)
        else:
            batch["labels"] = np.where(self._is_padding(ids, batch.get("attention_mask")), IGNORED, ids)
        return self._tensors(batch, return_tensors)

    def _is_padding(self, ids: np.ndarray, attention_mask: np.ndarray | None) -> np.ndarray:
        """Where padding is (B, T). One token may end texts and pad them; the mask tells one from the other."""
        pad_id = self.tokenizer.pad_token_id
        padding = np.zeros(ids.shape, dtype=bool) if pad_id is None else ids == pad_id
        return padding if attention_mask is None else padding & (attention_mask == 0)

    def _mask_tokens(self, ids: np.ndarray, special: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ids (B, T) and where special tokens are (B, T) -> ids with some masked, and labels (B, T)."""
        rng = self._rng()
        chosen, groups = self._choose(ids, special, rng)

        def bernoulli(p: float) -> np.ndarray:
            """True with probability p (B, T): for each token by itself, or for all tokens of a group alike."""
            if groups is None:
                return rng.binomial(1, p, size=ids.shape).astype(bool)
            return rng.binomial(1, p, size=groups.max() + 1).astype(bool)[groups]

        masked = bernoulli(self.mask_replace_prob) & chosen
        inputs = np.where(masked, self.tokenizer.mask_token_id, ids)
        if self.mask_replace_prob < 1 and self.random_replace_prob > 0:
            of_the_rest = self.random_replace_prob / (1 - self.mask_replace_prob)
            other = bernoulli(min(1.0, of_the_rest)) & chosen & ~masked
            inputs[other] = _integers(rng, len(self.tokenizer), int(other.sum()))
        return inputs, np.where(chosen, ids, IGNORED)

    def _choose(self, ids: np.ndarray, special: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray | None]:
        """Which tokens are to be predicted (B, T), and for each token the index of its group (B, T), or None."""
        candidates = self._starts(ids, special) if self.whole_word_mask else ~special
        chosen = rng.binomial(1, np.where(candidates, self.mlm_probability, 0.0), size=ids.shape).astype(bool)
        if self.whole_word_mask:
            word = np.cumsum(candidates).reshape(candidates.shape) - 1  # index in the batch, for all tokens of the word
            chosen = np.append(chosen[candidates], False)[word] & ~special  # -1, before the first word: not chosen
        return chosen, None

    def _starts(self, ids: np.ndarray, special: np.ndarray) -> np.ndarray:
        """Where words begin (B, T)."""
        continues = self._vocabulary()[1]
        if continues is None:
            raise spoken(
                ValueError,
                "this vocabulary does not show where words begin ('##', 'Ġ' and '▁' are the marks that are "
                "known); leave out whole_word_mask, or try DataCollatorForLanguageModeling",
            )
        after_special = np.ones_like(special)
        after_special[:, 1:] = special[:, :-1]
        return ~special & (after_special | ~continues[ids])

    def _is_special(self, ids: np.ndarray) -> np.ndarray:
        table = self._vocabulary()[0]
        if ids.size and not 0 <= ids.min() <= ids.max() < len(table):
            raise spoken(
                ValueError,
                "the ids go from {least} to {most}, this tokenizer has {count} tokens; were they made by another one?",
                least=ids.min(),
                most=ids.max(),
                count=len(table),
            )
        return table[ids]

    def _vocabulary(self) -> tuple[np.ndarray, np.ndarray | None]:
        """For each id (V) whether it is special, and whether it continues a word; made once."""
        if self._tables is None or self._tables[0] != len(self.tokenizer):
            tokens = self.tokenizer.get_vocab()
            special = np.zeros(max(tokens.values()) + 1, dtype=bool)
            special[self.tokenizer.all_special_ids] = True
            self._tables = len(self.tokenizer), special, _continuations(self.tokenizer, tokens)
        return self._tables[1:]

    def _rng(self) -> Rng:
        """The random number generator; workers of a DataLoader that share a seed must not mask the same positions."""
        if self.seed is None:
            return np.random
        info = sys.modules["torch"].utils.data.get_worker_info() if "torch" in sys.modules else None
        worker = 0 if info is None else info.id
        if self._generator is None or self._generator[0] != worker:
            self._generator = worker, np.random.default_rng(self.seed + worker)
        return self._generator[1]


@_knows_its_names
@dataclass(eq=False)
class DataCollatorForWholeWordMask(DataCollatorForLanguageModeling):
    """Whole words are sampled until `mlm_probability` of a row's tokens is masked, as in BERT's own data preparation.

    With DataCollatorForLanguageModeling(whole_word_mask=True) the number varies: each word has the same probability.
    """

    whole_word_mask: bool = True

    def _choose(self, ids: np.ndarray, special: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray | None]:
        chosen = np.zeros_like(special)
        starts = self._starts(ids, special)
        padding = self._is_padding(ids, None)
        for row in range(len(ids)):
            words = _words(starts[row], special[row])
            budget = min(MAX_MASKED, max(1, round(np.count_nonzero(~padding[row]) * self.mlm_probability)))
            rng.shuffle(words)
            for word in words:
                if len(word) <= budget:
                    chosen[row, word] = True
                    budget -= len(word)
        return chosen, None


@_knows_its_names
@dataclass(eq=False)
class DataCollatorForSpanMasking(DataCollatorForLanguageModeling):
    """Spans of whole words are masked until `mlm_probability` of a row's tokens is; all of a span is replaced alike.

    Lengths of spans, in words, as in SpanBERT: geometric with p = 0.2, none above `max_span_length`, 3.8 on average.
    """

    whole_word_mask: bool = True
    max_span_length: int = 10

    def __post_init__(self, processing_class: Any) -> None:
        super().__post_init__(processing_class)
        check_field("max_span_length", self.max_span_length, int, Range(1), said("; it counts words"))

    def _choose(self, ids: np.ndarray, special: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray | None]:
        cumulative = np.cumsum((1 - SPAN_P) ** np.arange(self.max_span_length))  # not yet divided by its last
        chosen, groups = np.zeros_like(special), np.zeros_like(ids)
        starts = self._starts(ids, special)
        spans = 0
        for row in range(len(ids)):
            words = _words(starts[row], special[row])
            free = set(range(len(words)))
            budget = max(1, round(np.count_nonzero(~special[row]) * self.mlm_probability))
            while budget > 0 and free:
                first = sorted(free)[_integers(rng, len(free), 1)[0]]
                length = 1 + int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))
                for index in range(first, first + length):
                    if index not in free or len(words[index]) > budget:
                        break
                    chosen[row, words[index]] = True
                    groups[row, words[index]] = spans
                    free.remove(index)
                    budget -= len(words[index])
                free.discard(first)  # a word that is longer than what is left of the budget
                spans += 1
        return chosen, groups


def _words(starts: np.ndarray, special: np.ndarray) -> list[list[int]]:
    """Where words of one row begin (T), and where special tokens are (T) -> the positions of each word."""
    words: list[list[int]] = []
    for position in np.flatnonzero(~special).tolist():
        if starts[position]:
            words.append([position])
        else:
            words[-1].append(position)
    return words


def _integers(rng: Rng, below: int, count: int) -> np.ndarray:
    """Whole numbers from 0 on. NumPy's old and new random number generators have two names for this."""
    integers = rng.integers if isinstance(rng, np.random.Generator) else rng.randint
    return integers(0, below, size=count, dtype=np.int64)


def _continuations(tokenizer: Any, tokens: dict[str, int]) -> np.ndarray | None:
    """For each id (V) whether its token continues the word before it; None where tokens do not show it.

    WordPiece marks the continuation ('##ing'). Byte-level BPE ('Ġ', 'Ċ' for a new line) and SentencePiece ('▁') mark
    the first token of a word instead, by the space before it.
    """
    continues = np.zeros(max(tokens.values()) + 1, dtype=bool)
    model = tokenizer.backend_tokenizer.model
    prefix = getattr(model, "continuing_subword_prefix", None)
    if type(model).__name__ == "WordPiece":
        marked = [index for token, index in tokens.items() if token.startswith(prefix or "##")]
        continues[marked] = True
        return continues
    for marks in (("Ġ", "Ċ"), ("▁",)):
        first = [index for token, index in tokens.items() if token.startswith(marks)]
        if len(first) > 1:  # one may be a letter of the alphabet
            continues[:] = True
            continues[first] = False
            return continues
    return None
