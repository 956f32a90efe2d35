"""bart-tiny-synopsis-en: summarization in one line, of descriptions and everyday texts, a BART of 2 + 2 layers.

Run: python -m recipes.bart_tiny_synopsis_en        (the card needs rouge-score as well)
"""

import json
import random
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from hfquick import GenerationConfig

from . import continued, extend, guided, seq2seq, sources, summaries, tokens, vocabularies
from .common import SEED, TRAININGS, ZOO, Clock, publish, record, remember, run, save_half, table, write_card
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
FREQUENT = 3000  # words of English that become a token of their own: Debian's vocabulary cut "bicycle" into four
SHOWN = 10  # everyday dev texts in the card, the first of the file
COUNTED = 60_000  # rows to count alignments on: enough, and they fit in memory


class Round(NamedTuple):
    """A part of the second training: everyday texts once, and each description so often, so that none is forgotten."""

    repeated: int
    learning_rate: float
    weight: float = 1  # of what the round made of the weights; the rest stays as it was before it


ROUNDS = (Round(3, 1e-3), Round(1, 6e-4, 0.5))


@cache
def first_vocabulary() -> Any:
    """BART's kind of tokenizer: byte-level BPE, <s> and </s> around a text. It was made from descriptions alone."""
    from hfquick import AutoTokenizer

    def texts() -> list[str]:
        return [text for row in descriptions()["train"] for text in row[1:]]

    kind, folder = vocabularies.byte_level, sources.WORK / "models" / f"{NAME}-first"
    vocabularies.of(NAME, kind, texts, CONFIG["vocab_size"], vocabularies.ENDS, "BartTokenizerFast")
    vocabularies.without_words(ZOO / NAME, folder, CONFIG["vocab_size"])
    return AutoTokenizer.from_pretrained(str(folder))


def rows(tokenizer: Any, some: Sequence[Description | summaries.Example]) -> list[tokens.Row]:
    """Descriptions with their synopses, or texts with their summaries -> rows of token ids."""
    pairs = [(one.body, one.synopsis) if isinstance(one, Description) else one for one in some]
    return seq2seq.pairs_of(
        tokenizer, [text for text, _ in pairs], [line for _, line in pairs], (MAX_SOURCE, MAX_TARGET)
    )


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
    tokenizer = first_vocabulary()
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


def train() -> None:
    """As BART was trained: pretraining by text infilling, then fine-tuning; and a second training on everyday texts."""
    torch.manual_seed(SEED)
    first, folder = (sources.WORK / "models" / f"{NAME}{end}" for end in ("-first", ""))
    facts = json.loads(TRAININGS.read_text(encoding="utf-8")).get(NAME, {}) if TRAININGS.exists() else {}
    if not (first / "model.safetensors").exists():
        clock = Clock()
        train_first(first)
        facts |= {"minutes": clock.minutes(), "epochs": EPOCHS, "pretraining_epochs": PRETRAINING}
        facts |= {"count": len(descriptions()["train"])}
    clock, source, count = Clock(), first, 0
    for turn in range(len(ROUNDS)):
        after = sources.WORK / "models" / f"{NAME}-everyday-{turn + 1}"
        everyday = summaries.examples(turn)
        count += len(everyday)
        if not (after / "model.safetensors").exists():
            train_everyday(turn, source, after, everyday)
        remember(NAME, [text for one in everyday for text in one])
        source = after
    remember(NAME, [text for row in descriptions()["train"] for text in row[1:]])
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if publish(folder, dev_score):
        record(NAME, **{**facts, "everyday_minutes": clock.minutes(), "everyday_count": count})


def train_everyday(turn: int, source: Path, target: Path, everyday: list[summaries.Example]) -> None:
    """Train the model of the folder `source` for one round of the second training, and write it to `target`."""
    part, kind = ROUNDS[turn], "AutoModelForSeq2SeqLM"
    model, tokenizer = extend.grown(source, target, [] if turn else new_words(everyday), kind)
    found = rows(tokenizer, everyday) + rows(tokenizer, descriptions()["train"]) * part.repeated
    print(f"{len(found)} rows, {sum(len(row['input_ids']) for row in found) / 1e6:.2f} million tokens", flush=True)
    counted = random.Random(SEED).sample(found, min(COUNTED, len(found)))
    # A token is aligned to the same one in the text, if it is there: most of a summary is copied.
    aligned = np.maximum(guided.lexical_table(counted, len(tokenizer)), np.eye(len(tokenizer), dtype=np.float32))
    dev = rows(tokenizer, [*descriptions()["dev"][:400], *(one.example for one in summaries.dev())])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fit(model, target.name, tokenizer, found, dev, 1, aligned, part.learning_rate)
    continued.blend(model, before, part.weight)
    model.generation_config = GenerationConfig(**GENERATION)
    save_half(model, target)


def train_first(folder: Path) -> None:
    from hfquick import AutoModelForSeq2SeqLM, BartConfig

    tokenizer = first_vocabulary()
    dev = rows(tokenizer, descriptions()["dev"][:400])
    pretrained = sources.WORK / "models" / f"{NAME}-pretrained"
    if not (pretrained / "config.json").exists():
        model = tokens.without_dropout(AutoModelForSeq2SeqLM.from_config(BartConfig(**CONFIG)))
        same = np.eye(CONFIG["vocab_size"], dtype=np.float32)
        fit(model, f"{NAME}-pretrained", tokenizer, infilling_rows(), dev, 1, same)
        model.save_pretrained(pretrained)
    model = AutoModelForSeq2SeqLM.from_pretrained(str(pretrained))
    found = rows(tokenizer, descriptions()["train"])
    fit(model, NAME, tokenizer, found, dev, EPOCHS, guided.lexical_table(found, CONFIG["vocab_size"]))
    save_half(model, folder)


def new_words(everyday: list[summaries.Example]) -> list[str]:
    """What gets a token of its own: frequent words, with a space before them or at the start of a text."""
    texts = [text for one in everyday for text in one]
    frequent = sources.frequent_words("en")[:FREQUENT]
    return [*extend.frequent_forms(frequent, texts), *extend.joined_forms(texts, 300, 10)]


def fit(
    model: Any,
    name: str,
    tokenizer: Any,
    examples: list[tokens.Row],
    dev: list[tokens.Row],
    epochs: float,
    table: np.ndarray,
    learning_rate: float = LR,
) -> None:
    options = {"num_train_epochs": epochs, "learning_rate": learning_rate, "eval_steps": 1000}
    seq2seq.fit(name, model, tokenizer, examples, dev, TOKENS, table, **options)


def dev_score(folder: Path) -> float:
    """The share of everyday dev texts with a right summary, and the mean log-probability of a synopsis's character.

    Of a character, as tokenizers may differ.
    """
    model, tokenizer = seq2seq.load(folder)
    found = rows(tokenizer, descriptions()["dev"])
    count = sum(len(row["labels"]) for row in found)
    likelihood = seq2seq.likelihood(folder, found) * count / sum(len(row.synopsis) for row in descriptions()["dev"])
    share = everyday_share(model, tokenizer)
    print(f"{folder}: {share:.3f} of the everyday texts, log-likelihood {likelihood:.4f}", flush=True)
    return share + likelihood


def everyday_share(model: Any, tokenizer: Any) -> float:
    answers = seq2seq.generate(model, tokenizer, [one.example.text for one in summaries.dev()], MAX_SOURCE)
    return float(np.mean([summaries.right(*pair) for pair in zip(summaries.dev(), answers, strict=True)]))


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
    dev = summaries.dev()
    texts, by_hand = [one.example.text for one in dev], [one.example.summary for one in dev]
    said = [text.strip() for text in seq2seq.generate(model, tokenizer, texts, MAX_SOURCE)]
    everyday = [
        (name, len(dev), *rouge(some, by_hand), float(np.mean([len(text.split()) for text in some])))
        for name, some in (("this model", said), ("the first sentence", [first_sentence(text) for text in texts]))
    ]
    below = any(ours < theirs for ours, theirs in zip(everyday[0][2:4], everyday[1][2:4], strict=True))
    lines_said = "\n".join(f"- {text} → *{line}*" for text, line in list(zip(texts, said, strict=True))[:SHOWN])
    front = {
        "license": "gpl-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "summarization",
        "tags": ["bart", "summarization", "tiny", "education"],
        "metrics": ["rouge"],
    }
    head = ("", "descriptions", "ROUGE-1", "ROUGE-L")
    values = {
        **CONFIG,
        "vocab_size": len(tokenizer),
        "known": CONFIG["vocab_size"],
        "scores": table(head, lines),
        "outputs": shown,
        "everyday": table(("", "texts", *head[2:], "words"), everyday),
        "everyday_outputs": lines_said,
        "share": everyday_share(model, tokenizer),
        "below": "**It is below its baseline here, the first sentence.**"
        if below
        else "It is above its baseline here.",
        "read": MAX_SOURCE,
        "repeated": sum(part.repeated for part in ROUNDS),
        "beams": GENERATION["num_beams"],
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
