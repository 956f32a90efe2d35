"""Rows of token ids -> batches for language models: the labels come from the texts themselves.

    collate = DataCollatorForLanguageModeling(tokenizer)               # BERT: guess hidden tokens
    collate = DataCollatorForLanguageModeling(tokenizer, mlm=False)    # GPT: guess what comes next

Papers: Devlin et al. 2019, "BERT" (https://arxiv.org/abs/1810.04805), section 3.1: of the chosen tokens, 80 % are
replaced by [MASK], 10 % by any token, 10 % stay. Joshi et al. 2020, "SpanBERT" (https://arxiv.org/abs/1907.10529), 3.1.

Chance is NumPy's in all frameworks, so "pt", "tf" and "np" hide the same tokens. Without `seed` it is np.random, which
a Trainer starts anew for every batch: leave `seed` out where a run must be resumed exactly.

Shapes: B rows, T tokens.
"""

import sys
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from ..tokenization import BatchEncoding
from .collators import IGNORED, LABELS, DataCollatorWithPadding, read_columns

MOST = 512  # tokens of one row that are hidden at most when whole words are counted out, as in BERT's own code
SPAN_CHANCE = 0.2  # a span of SpanBERT goes on for another word with a chance of 1 - SPAN_CHANCE

Draw = Any  # np.random, or a np.random.Generator


@dataclass(eq=False)
class DataCollatorForLanguageModeling(DataCollatorWithPadding):
    """Tokenized rows, or lists of ids -> a batch whose `labels` are the hidden tokens, or with mlm=False all tokens.

    Tokens that are not to be guessed are -100 in the labels. Special tokens are never hidden; which are special is told
    by the column `special_tokens_mask` where there is one. Other labels of the rows are left out.
    """

    mlm: bool = True  # hide tokens; False: learn to continue
    _: KW_ONLY
    whole_word_mask: bool = False  # hide all pieces of a word, or none
    mlm_probability: float = 0.15  # chance of each token, or word, to be hidden
    mask_replace_prob: float = 0.8  # share of these that become [MASK]
    random_replace_prob: float = 0.1  # share that becomes any token
    seed: int | None = None  # a source of chance of its own

    def __post_init__(self, processing_class: Any) -> None:
        super().__post_init__(processing_class)
        for name in ("mlm_probability", "mask_replace_prob", "random_replace_prob"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ValueError(f"{name} is {value!r}, expected a number from 0 to 1")
        if self.mask_replace_prob + self.random_replace_prob > 1:
            raise ValueError(
                f"mask_replace_prob={self.mask_replace_prob} and random_replace_prob={self.random_replace_prob} "
                "are shares of one whole; expected a sum of 1 at most"
            )
        if self.mlm and self.tokenizer.mask_token_id is None:
            raise ValueError(
                "hiding tokens needs a mask token and this tokenizer has none; for a model that continues a text "
                "try mlm=False, else tokenizer.add_special_tokens({'mask_token': '[MASK]'})"
            )
        if self.whole_word_mask and not self.mlm:
            raise ValueError("whole_word_mask=True hides words, and mlm=False hides none; leave one of them out")
        self._tables: tuple[int, np.ndarray, np.ndarray | None] | None = None
        self._draws: tuple[int, Draw] | None = None

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
            batch[main], batch["labels"] = self._hide(ids, is_special)
        else:
            batch["labels"] = np.where(self._is_filling(ids, batch.get("attention_mask")), IGNORED, ids)
        return self._tensors(batch, return_tensors)

    def _is_filling(self, ids: np.ndarray, attention_mask: np.ndarray | None) -> np.ndarray:
        """Where rows were filled (B, T). What ends a text may fill it too; the mask tells one from the other."""
        pad_id = self.tokenizer.pad_token_id
        filling = np.zeros(ids.shape, dtype=bool) if pad_id is None else ids == pad_id
        return filling if attention_mask is None else filling & (attention_mask == 0)

    def _hide(self, ids: np.ndarray, special: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ids (B, T) and where special tokens are -> ids with some hidden, and labels (B, T)."""
        draw = self._draw()
        chosen, groups = self._choose(ids, special, draw)

        def toss(chance: float) -> np.ndarray:
            """Yes with this chance: for each token by itself, or for all tokens of a group alike."""
            if groups is None:
                return draw.binomial(1, chance, size=ids.shape).astype(bool)
            return draw.binomial(1, chance, size=groups.max() + 1).astype(bool)[groups]

        hidden = toss(self.mask_replace_prob) & chosen
        inputs = np.where(hidden, self.tokenizer.mask_token_id, ids)
        if self.mask_replace_prob < 1 and self.random_replace_prob > 0:
            of_the_rest = self.random_replace_prob / (1 - self.mask_replace_prob)
            other = toss(min(1.0, of_the_rest)) & chosen & ~hidden
            inputs[other] = _numbers(draw, len(self.tokenizer), int(other.sum()))
        return inputs, np.where(chosen, ids, IGNORED)

    def _choose(self, ids: np.ndarray, special: np.ndarray, draw: Draw) -> tuple[np.ndarray, np.ndarray | None]:
        """Which tokens are to be guessed (B, T), and the number of a group for each token, or None."""
        places = self._starts(ids, special) if self.whole_word_mask else ~special
        chosen = draw.binomial(1, np.where(places, self.mlm_probability, 0.0), size=ids.shape).astype(bool)
        if self.whole_word_mask:
            word = np.cumsum(places).reshape(places.shape) - 1  # its number in the batch; what follows has it too
            chosen = np.append(chosen[places], False)[word] & ~special  # -1, before the first word: not chosen
        return chosen, None

    def _starts(self, ids: np.ndarray, special: np.ndarray) -> np.ndarray:
        """Where words begin (B, T)."""
        continues = self._vocabulary()[1]
        if continues is None:
            raise ValueError(
                "this vocabulary does not show where words begin ('##', 'Ġ' and '▁' are the marks that are known); "
                "leave out whole_word_mask, or try DataCollatorForLanguageModeling"
            )
        after_special = np.ones_like(special)
        after_special[:, 1:] = special[:, :-1]
        return ~special & (after_special | ~continues[ids])

    def _is_special(self, ids: np.ndarray) -> np.ndarray:
        table = self._vocabulary()[0]
        if ids.size and not 0 <= ids.min() <= ids.max() < len(table):
            raise ValueError(
                f"the ids go from {ids.min()} to {ids.max()}, this tokenizer has {len(table)} tokens; "
                "were the texts numbered by another one?"
            )
        return table[ids]

    def _vocabulary(self) -> tuple[np.ndarray, np.ndarray | None]:
        """For each id whether it is special, and whether it goes on with a word; made once."""
        if self._tables is None or self._tables[0] != len(self.tokenizer):
            tokens = self.tokenizer.get_vocab()
            special = np.zeros(max(tokens.values()) + 1, dtype=bool)
            special[self.tokenizer.all_special_ids] = True
            self._tables = len(self.tokenizer), special, _continuations(self.tokenizer, tokens)
        return self._tables[1:]

    def _draw(self) -> Draw:
        """The source of chance; workers of a DataLoader that share a seed must not hide the same places."""
        if self.seed is None:
            return np.random
        info = sys.modules["torch"].utils.data.get_worker_info() if "torch" in sys.modules else None
        worker = 0 if info is None else info.id
        if self._draws is None or self._draws[0] != worker:
            self._draws = worker, np.random.default_rng(self.seed + worker)
        return self._draws[1]


@dataclass(eq=False)
class DataCollatorForWholeWordMask(DataCollatorForLanguageModeling):
    """Whole words are drawn until `mlm_probability` of a row's tokens is hidden, as in BERT's own preparation of texts.

    DataCollatorForLanguageModeling(whole_word_mask=True) leaves the number to chance: each word has the same one.
    """

    whole_word_mask: bool = True

    def _choose(self, ids: np.ndarray, special: np.ndarray, draw: Draw) -> tuple[np.ndarray, np.ndarray | None]:
        chosen = np.zeros_like(special)
        starts = self._starts(ids, special)
        filling = self._is_filling(ids, None)
        for row in range(len(ids)):
            words = _words(starts[row], special[row])
            budget = min(MOST, max(1, round(np.count_nonzero(~filling[row]) * self.mlm_probability)))
            draw.shuffle(words)
            for word in words:
                if len(word) <= budget:
                    chosen[row, word] = True
                    budget -= len(word)
        return chosen, None


@dataclass(eq=False)
class DataCollatorForSpanMasking(DataCollatorForLanguageModeling):
    """Spans of whole words are hidden until `mlm_probability` of a row's tokens is; all of a span is replaced alike.

    Lengths of spans, in words, as in SpanBERT: geometric with p = 0.2, none above `max_span_length`, 3.8 on average.
    """

    whole_word_mask: bool = True
    max_span_length: int = 10

    def __post_init__(self, processing_class: Any) -> None:
        super().__post_init__(processing_class)
        if not isinstance(self.max_span_length, int) or self.max_span_length < 1:
            raise ValueError(f"max_span_length is {self.max_span_length!r}, expected a whole number of words from 1 on")

    def _choose(self, ids: np.ndarray, special: np.ndarray, draw: Draw) -> tuple[np.ndarray, np.ndarray | None]:
        chances = np.cumsum((1 - SPAN_CHANCE) ** np.arange(self.max_span_length))
        chosen, groups = np.zeros_like(special), np.zeros_like(ids)
        starts = self._starts(ids, special)
        spans = 0
        for row in range(len(ids)):
            words = _words(starts[row], special[row])
            free = set(range(len(words)))
            budget = max(1, round(np.count_nonzero(~special[row]) * self.mlm_probability))
            while budget > 0 and free:
                first = sorted(free)[_numbers(draw, len(free), 1)[0]]
                length = 1 + int(np.searchsorted(chances, draw.random() * chances[-1], side="right"))
                for number in range(first, first + length):
                    if number not in free or len(words[number]) > budget:
                        break
                    chosen[row, words[number]] = True
                    groups[row, words[number]] = spans
                    free.remove(number)
                    budget -= len(words[number])
                free.discard(first)  # a word that is longer than what is left of the budget
                spans += 1
        return chosen, groups


def _words(starts: np.ndarray, special: np.ndarray) -> list[list[int]]:
    """Where words of one row begin (T), and its special tokens -> the places of each word."""
    words: list[list[int]] = []
    for place in np.flatnonzero(~special).tolist():
        if starts[place]:
            words.append([place])
        else:
            words[-1].append(place)
    return words


def _numbers(draw: Draw, below: int, count: int) -> np.ndarray:
    """Whole numbers from 0 on. Old and new sources of chance have two names for this."""
    integers = draw.integers if isinstance(draw, np.random.Generator) else draw.randint
    return integers(0, below, size=count, dtype=np.int64)


def _continuations(tokenizer: Any, tokens: dict[str, int]) -> np.ndarray | None:
    """For each id whether its token goes on with the word before it; None where tokens do not show it.

    WordPiece marks the continuation ('##ing'). Byte-level BPE ('Ġ', 'Ċ' for a new line) and SentencePiece ('▁') mark
    the first piece of a word instead, by the space before it.
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
