"""bart-tiny-synopsis-en: summarization of a long description in one line, a BART of 2 + 2 layers.

Run: python -m recipes.bart_tiny_synopsis_en        (the card needs rouge-score as well)
"""

import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import GenerationConfig

from . import guided, seq2seq, sources, tokens, vocabularies
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, remember, run, save_half, table, write_card
from .synopses import Description, descriptions, first_sentence

NAME = "bart-tiny-synopsis-en"
CONFIG = {
    "vocab_size": 5000,
    "d_model": 192,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 6,
    "decoder_attention_heads": 6,
    "encoder_ffn_dim": 512,
    "decoder_ffn_dim": 512,
    "max_position_embeddings": 256,
    "init_std": 0.05,  # 0.02 is for vectors five times as wide
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
    "forced_bos_token_id": 0,
    "forced_eos_token_id": 2,
}
GENERATION = {  # its default options: generation_config.json
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
    "forced_bos_token_id": 0,
    "forced_eos_token_id": 2,
    "max_length": 32,
    "num_beams": 4,
    "early_stopping": True,
    "no_repeat_ngram_size": 3,
}
MAX_SOURCE, MAX_TARGET = 96, 32  # tokens
PRETRAINING, EPOCHS = 2, 5  # epochs of text infilling, then of fine-tuning on the synopses
LR, TOKENS = 1e-3, 2048
MASKED = 0.3  # of a description's tokens are in masked spans


def vocabulary() -> Any:
    """BART's kind of tokenizer: byte-level BPE, <s> and </s> around a text."""

    def texts() -> list[str]:
        return [text for row in descriptions()["train"] for text in row[1:]]

    kind = vocabularies.byte_level
    return vocabularies.of(NAME, kind, texts, CONFIG["vocab_size"], vocabularies.ENDS, "BartTokenizerFast")


def rows(some: list[Description]) -> list[tokens.Row]:
    return seq2seq.pairs_of(
        vocabulary(), [row.body for row in some], [row.synopsis for row in some], (MAX_SOURCE, MAX_TARGET)
    )


@cache
def train_rows() -> list[tokens.Row]:
    return rows(descriptions()["train"])


def mask_spans(ids: list[int], mask: int, rng: random.Random) -> list[int]:
    """Ids of a text -> the same with spans of three on average, MASKED of it in all, each replaced by one `mask`.

    Text infilling (Lewis et al. 2020, https://arxiv.org/abs/1910.13461), with lengths sampled from a geometric
    distribution instead of Poisson's. The first and the last id stay.
    """
    found, position = ids[:1], 1
    while position < len(ids) - 1:
        if rng.random() < MASKED / (3 - 2 * MASKED):  # of so many starts, each three long, comes the share MASKED
            found.append(mask)
            position += 1
            while position < len(ids) - 1 and rng.random() < 2 / 3:
                position += 1
        else:
            found.append(ids[position])
            position += 1
    return [*found, ids[-1]]


def infilling_rows() -> list[tokens.Row]:
    """Every description PRETRAINING times, each time with other spans masked, and its beginning as the target."""
    tokenizer = vocabulary()
    rng = random.Random(SEED)
    texts = tokens.encode(tokenizer, [row.body for row in descriptions()["train"]], MAX_SOURCE)
    return [
        {
            "input_ids": mask_spans(ids, tokenizer.mask_token_id, rng),
            "labels": [*ids[: MAX_TARGET - 1], ids[-1]][:MAX_TARGET],
        }
        for _ in range(PRETRAINING)
        for ids in texts
    ]


def likelihood(folder: Path) -> float:
    return seq2seq.likelihood(folder, rows(descriptions()["dev"]))


def train() -> None:
    """As BART was trained: pretraining by text infilling, then fine-tuning."""
    from hfquick import AutoModelForSeq2SeqLM, BartConfig

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    pretrained = sources.WORK / "models" / f"{NAME}-pretrained"
    if not (pretrained / "config.json").exists():
        model = tokens.without_dropout(AutoModelForSeq2SeqLM.from_config(BartConfig(**CONFIG)))
        same = np.eye(CONFIG["vocab_size"], dtype=np.float32)
        fit(model, f"{NAME}-pretrained", infilling_rows(), 1, same)
        model.save_pretrained(pretrained)
    model = AutoModelForSeq2SeqLM.from_pretrained(str(pretrained))
    fit(model, NAME, train_rows(), EPOCHS, guided.lexical_table(train_rows(), CONFIG["vocab_size"]))
    remember(NAME, [text for row in descriptions()["train"] for text in row[1:]])
    model.generation_config = GenerationConfig(**GENERATION)
    save_half(model, folder)
    if publish(folder, likelihood):
        record(
            NAME,
            minutes=clock.minutes(),
            epochs=EPOCHS,
            pretraining_epochs=PRETRAINING,
            count=len(descriptions()["train"]),
        )


def fit(model: Any, name: str, examples: list[tokens.Row], epochs: float, table: np.ndarray) -> None:
    options = {"num_train_epochs": epochs, "learning_rate": LR, "eval_steps": 1000}
    seq2seq.fit(name, model, vocabulary(), examples, rows(descriptions()["dev"][:400]), TOKENS, table, **options)


def rouge(answers: list[str], gold: list[str]) -> tuple[float, float]:
    """Mean F1 of ROUGE-1 (words) and ROUGE-L (longest common subsequence)."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
    scores = [scorer.score(*pair) for pair in zip(gold, answers, strict=True)]
    return tuple(float(np.mean([score[name].fmeasure for score in scores])) for name in ("rouge1", "rougeL"))


def card() -> None:
    model, tokenizer = seq2seq.load(ZOO / NAME)
    test = descriptions()["test"]
    gold, bodies = [row.synopsis for row in test], [row.body for row in test]
    # With its default options, those of generation_config.json.
    answers = [text.strip() for text in seq2seq.generate(model, tokenizer, bodies, MAX_SOURCE)]
    lines = [
        (name, len(test), *rouge(texts, gold))
        for name, texts in (("this model", answers), ("the first sentence", [first_sentence(body) for body in bodies]))
    ]
    chosen = np.random.default_rng(SEED).choice(len(test), 10, replace=False)
    shown = "\n".join(f"- {bodies[n][:150]}... → *{answers[n]}* (Debian: {gold[n]})" for n in chosen)
    front = {
        "license": "gpl-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "summarization",
        "tags": ["bart", "summarization", "tiny", "education"],
        "metrics": ["rouge"],
    }
    head = ("", "descriptions", "ROUGE-1", "ROUGE-L")
    beams = GENERATION["num_beams"]
    write_card(
        NAME, front, {**CONFIG, "scores": table(head, lines), "outputs": shown, "read": MAX_SOURCE, "beams": beams}
    )


if __name__ == "__main__":
    run(train, card)
