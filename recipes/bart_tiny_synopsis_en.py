"""bart-tiny-synopsis-en: from a long description to one line, a BART of 2 + 2 layers.

Run: python -m recipes.bart_tiny_synopsis_en        (the card needs rouge-score as well)
"""

import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import GenerationConfig

from . import guided, sources, tokens, vocabularies
from . import seq2seq as writers
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
WRITING = {  # how it writes unless a call says otherwise: generation_config.json
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
READ, WRITE = 96, 32  # tokens of a description that are read, of a text that is written
MENDED, EPOCHS = 2, 5  # passes over the descriptions with holes, then over those with their synopses
LR, TOKENS = 1e-3, 2048
HOLES = 0.3  # of a description's tokens are in holes


def vocabulary() -> Any:
    """BART's kind of tokenizer: byte-level BPE, <s> and </s> around a text."""

    def texts() -> list[str]:
        return [text for row in descriptions()["train"] for text in row[1:]]

    kind = vocabularies.byte_level
    return vocabularies.of(NAME, kind, texts, CONFIG["vocab_size"], vocabularies.ENDS, "BartTokenizerFast")


def rows(some: list[Description]) -> list[tokens.Row]:
    return writers.pairs_of(vocabulary(), [row.body for row in some], [row.synopsis for row in some], (READ, WRITE))


@cache
def train_rows() -> list[tokens.Row]:
    return rows(descriptions()["train"])


def damaged(ids: list[int], hole: int, draw: random.Random) -> list[int]:
    """Ids of a text -> the same with runs of three on average, HOLES of it in all, each replaced by one `hole`.

    Text infilling (Lewis et al. 2020, https://arxiv.org/abs/1910.13461), with lengths drawn from a geometric
    distribution in the place of Poisson's. The first and the last id stay.
    """
    found, place = ids[:1], 1
    while place < len(ids) - 1:
        if draw.random() < HOLES / (3 - 2 * HOLES):  # of so many starts, each three long, comes the share HOLES
            found.append(hole)
            place += 1
            while place < len(ids) - 1 and draw.random() < 2 / 3:
                place += 1
        else:
            found.append(ids[place])
            place += 1
    return [*found, ids[-1]]


def holed_rows() -> list[tokens.Row]:
    """Every description MENDED times, each time with other holes, and how it begins without them."""
    tokenizer = vocabulary()
    draw = random.Random(SEED)
    texts = tokens.encode(tokenizer, [row.body for row in descriptions()["train"]], READ)
    return [
        {"input_ids": damaged(ids, tokenizer.mask_token_id, draw), "labels": [*ids[: WRITE - 1], ids[-1]][:WRITE]}
        for _ in range(MENDED)
        for ids in texts
    ]


def likelihood(folder: Path) -> float:
    return writers.likelihood(folder, rows(descriptions()["dev"]))


def train() -> None:
    """As BART learnt: first to mend texts with holes, then its task."""
    from hfquick import AutoModelForSeq2SeqLM, BartConfig

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    mended = sources.WORK / "models" / f"{NAME}-mended"
    if not (mended / "config.json").exists():
        model = tokens.without_dropout(AutoModelForSeq2SeqLM.from_config(BartConfig(**CONFIG)))
        same = np.eye(CONFIG["vocab_size"], dtype=np.float32)
        learn(model, f"{NAME}-mended", holed_rows(), 1, same)
        model.save_pretrained(mended)
    model = AutoModelForSeq2SeqLM.from_pretrained(str(mended))
    learn(model, NAME, train_rows(), EPOCHS, guided.lexicon(train_rows(), CONFIG["vocab_size"]))
    remember(NAME, [text for row in descriptions()["train"] for text in row[1:]])
    model.generation_config = GenerationConfig(**WRITING)
    save_half(model, folder)
    if publish(folder, likelihood):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, mended=MENDED, count=len(descriptions()["train"]))


def learn(model: Any, name: str, learnt: list[tokens.Row], epochs: float, table: np.ndarray) -> None:
    options = {"num_train_epochs": epochs, "learning_rate": LR, "eval_steps": 1000}
    writers.learn(name, model, vocabulary(), learnt, rows(descriptions()["dev"][:400]), TOKENS, table, **options)


def rouge(answers: list[str], gold: list[str]) -> tuple[float, float]:
    """Mean F1 of ROUGE-1 (words) and ROUGE-L (longest common run of words with gaps)."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
    scores = [scorer.score(*pair) for pair in zip(gold, answers, strict=True)]
    return tuple(float(np.mean([score[name].fmeasure for score in scores])) for name in ("rouge1", "rougeL"))


def card() -> None:
    model, tokenizer = writers.load(ZOO / NAME)
    test = descriptions()["test"]
    gold, bodies = [row.synopsis for row in test], [row.body for row in test]
    answers = [text.strip() for text in writers.write(model, tokenizer, bodies, READ)]  # as generation_config.json says
    lines = [
        (name, len(test), *rouge(texts, gold))
        for name, texts in (("this model", answers), ("the first sentence", [first_sentence(body) for body in bodies]))
    ]
    places = np.random.default_rng(SEED).choice(len(test), 10, replace=False)
    shown = "\n".join(f"- {bodies[n][:150]}... → *{answers[n]}* (Debian: {gold[n]})" for n in places)
    front = {
        "license": "gpl-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "summarization",
        "tags": ["bart", "summarization", "tiny", "education"],
        "metrics": ["rouge"],
    }
    head = ("", "descriptions", "ROUGE-1", "ROUGE-L")
    beams = WRITING["num_beams"]
    write_card(NAME, front, {**CONFIG, "scores": table(head, lines), "outputs": shown, "read": READ, "beams": beams})


if __name__ == "__main__":
    run(train, card)
