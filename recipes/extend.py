"""More words for a trained model: its vocabulary grows at the end, and so does its table of token embeddings.

Texts without the new words are read as before. A new token begins as the mean of the tokens that spelt it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from . import vocabularies
from .common_sentences import Sentence

RARER = 1.0  # how much less likely than its pieces a new token is at first, in nats


def forms(sentences: Iterable[Sentence]) -> list[str]:
    """The words that may be masked as they stand in their sentences: with the space before them, if there is one."""
    found = (
        text[max(0, a - 1) : b] if text[a - 1 : a] == " " else text[a:b] for text, spans in sentences for a, b in spans
    )
    return [word for word in dict.fromkeys(found) if word.strip().isalpha()]


def frequent_forms(words: Sequence[str], texts: Sequence[str], least: int = 5) -> list[str]:
    """Frequent words of a language that the training texts have, with a space before them.

    They have a capital if they have it more often than not.
    """
    counts = Counter(word for text in texts for word in re.findall(r"\w+", text))
    usual = (max(word, word.capitalize(), key=counts.__getitem__) for word in words)
    return [f" {form}" for form in usual if counts[form] >= least and len(form) > 1 and form.isalpha()]


def joined_forms(texts: Sequence[str], firsts: int = 250, seconds: int = 300) -> list[str]:
    """Words that no space precedes: the most frequent first words of texts, and those after an apostrophe."""
    first = Counter(word[0] for text in texts if (word := re.match(r"\w+", text)))
    second = Counter(word for text in texts for word in re.findall(r"['’](\w{2,})", text))
    return [word for counts, most in ((first, firsts), (second, seconds)) for word, _ in counts.most_common(most)]


@torch.no_grad()
def grown(folder: Path, target: Path, words: Iterable[str], kind: str = "AutoModelForMaskedLM") -> tuple[Any, Any]:
    """The language model of a folder, opened by the class `kind`, and its tokenizer, with a token for each word.

    The tokenizer's files are written to `target`; it puts no space in front of texts (`vocabularies.byte_level`).
    """
    import hfquick
    from hfquick import AutoTokenizer

    from .common import copy_tokenizer

    old = AutoTokenizer.from_pretrained(str(folder))
    copy_tokenizer(folder, target)
    vocabularies.without_prefix_space(target)
    count = vocabularies.add_words(target, words)
    tokenizer = AutoTokenizer.from_pretrained(str(target))
    print(f"{count} more tokens", flush=True)
    model = getattr(hfquick, kind).from_pretrained(str(folder)).float()
    before = model.config.vocab_size
    model.resize_token_embeddings(len(tokenizer))
    table, bias = model.get_input_embeddings().weight, dict(model.named_parameters()).get(model.OUTPUT_BIAS)
    for token, row in tokenizer.get_vocab().items():
        if row >= before:
            text = tokenizer.convert_tokens_to_string([token]).strip()
            ids = old(text, add_special_tokens=False)["input_ids"] or [old.unk_token_id]
            table[row] = table[ids].mean(0)
            if bias is not None:  # BART's is not trained
                bias[row] = bias[ids].mean() - RARER
    return model, tokenizer
