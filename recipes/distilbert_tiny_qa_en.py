"""distilbert-tiny-qa-en: extractive question answering in English, a DistilBERT of 3 layers.

Run after recipes.distilbert_tiny_en, from which it is fine-tuned: python -m recipes.distilbert_tiny_qa_en
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import answer_stories, answers, sources, tokens
from .answers import Question
from .common import (
    HERE,
    SEED,
    ZOO,
    Clock,
    Guard,
    copy_tokenizer,
    digest,
    normalise,
    publish,
    read_digests,
    record,
    remember,
    run,
    save_half,
    table,
    write_card,
)

NAME, BASE = "distilbert-tiny-qa-en", "distilbert-tiny-en"
EPOCHS, LR, TOKENS, COUNT = 2.5, 1e-3, 3072, 40_000


@cache
def guard() -> Guard:
    rows = [row for _, row in answers.by_hand()] + [asked.row for asked in answers.everyday_dev()]
    return Guard([text for row in rows for text in (row.question, *sources.sentences_of(row.context))])


@cache
def unseen() -> set[bytes]:
    """Digests of reserved and held-out sentences: no training sentence may have one of them, by chance either."""
    lines = (HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()
    return {digest(line) for line in lines} | read_digests(HERE / "review_test_hashes.bin")


def kept(row: Question) -> bool:
    texts = (row.question, *sources.sentences_of(row.context))
    return not any(digest(text) in unseen() for text in texts) and all(guard().clean(text) for text in texts)


def everyday(count: int, seed: int) -> list[Question]:
    return [row for row in (Question(*one) for one in answer_stories.Maker(seed).questions(count)) if kept(row)]


@cache
def examples() -> list[Question]:
    return [row for row in answers.Maker("train", SEED).questions(COUNT) if kept(row)]


@cache
def dev() -> list[Question]:
    return answers.Maker("dev", SEED).questions(400)


def rows(tokenizer: Any, some: list[Question]) -> list[dict[str, Any]]:
    """Questions -> ids of question and context, and the positions of the tokens where the answer starts and ends."""
    found = tokenizer(
        [row.question for row in some],
        [row.context for row in some],
        truncation="only_second",
        max_length=320,
        return_offsets_mapping=True,
    )
    done = []
    for number, row in enumerate(some):
        offsets, parts = found["offset_mapping"][number], found.sequence_ids(number)
        last = row.start + len(row.answer)
        inside = [
            place
            for place, (start, end) in enumerate(offsets)
            if parts[place] == 1 and start < end and row.start <= start < last
        ]
        if inside and offsets[inside[-1]][1] >= last:
            ends = {"start_positions": inside[0], "end_positions": inside[-1]}
            done.append({"input_ids": found["input_ids"][number], **ends})
    return done


# Scores, as SQuAD counts them


def bare(text: str) -> str:
    return re.sub(r"\b(?:a|an|the)\b", " ", normalise(text)).strip()


def exact(gold: str, found: str) -> float:
    return float(bare(gold).split() == bare(found).split())


def overlap(gold: str, found: str) -> float:
    """Word-level F1 of two answers."""
    a, b = bare(gold).split(), bare(found).split()
    both = sum(min(a.count(word), b.count(word)) for word in set(a))
    return 2 * both / max(1, len(a) + len(b))


def scores(some: list[Question], found: list[str]) -> tuple[float, float]:
    pairs = [(row.answer, text) for row, text in zip(some, found, strict=True)]
    return float(np.mean([exact(*pair) for pair in pairs])), float(np.mean([overlap(*pair) for pair in pairs]))


@torch.inference_mode()
def reply(folder: Path, some: list[Question]) -> list[str]:
    """The most probable span of at most 15 tokens of every context, by the model in a folder."""
    from hfquick import AutoModelForQuestionAnswering, AutoTokenizer

    model = AutoModelForQuestionAnswering.from_pretrained(str(folder)).eval()
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    found = []
    for row in some:
        encoding = tokenizer(
            row.question, row.context, truncation="only_second", max_length=512, return_offsets_mapping=True
        )
        outputs = model(torch.tensor([encoding["input_ids"]]))
        outside = torch.tensor([part != 1 for part in encoding.sequence_ids(0)])
        starts = outputs.start_logits[0].masked_fill(outside, -1e4)
        ends = outputs.end_logits[0].masked_fill(outside, -1e4)
        sums = (starts[:, None] + ends[None]).masked_fill(
            ~torch.ones(len(starts), len(starts)).triu().tril(14).bool(), -1e9
        )
        first, last = divmod(int(sums.argmax()), len(starts))
        offsets = encoding["offset_mapping"]
        found.append(row.context[offsets[first][0] : offsets[last][1]])
    return found


# The baseline: the sentence that shares most words with the question; of it, the phrase that its question word asks for


def rule(row: Question) -> str:
    asked = set(bare(row.question).split())
    best = max(sources.sentences_of(row.context), key=lambda text: len(asked & set(bare(text).split())))
    if re.match(r"(?:when|how|since when|in what year|in which year)\b", row.question.lower()):
        found = re.findall(
            r"[\d.,:]*\d(?: (?:km|sq km|m|years))?|\b(?:two|three|four|five|six|seven|eight|nine|ten|half)\b"
            r"[^,.;]{0,12}",
            best,
        )
    else:
        found = re.findall(r"[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)*", best)
    fresh = [text for text in found if not set(bare(text).split()) <= asked and bare(text)]
    if fresh:
        return fresh[0]
    return " ".join(word for word in best.split() if bare(word) not in asked)


def train() -> None:
    from hfquick import AutoModelForQuestionAnswering, AutoTokenizer

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    copy_tokenizer(ZOO / BASE, folder)
    tokenizer = AutoTokenizer.from_pretrained(str(ZOO / BASE))
    model = AutoModelForQuestionAnswering.from_pretrained(str(ZOO / BASE)).float()
    options = {"num_train_epochs": EPOCHS, "learning_rate": LR, "eval_steps": 300, "prediction_loss_only": True}
    trainer = tokens.TokenTrainer(
        model,
        tokens.arguments(NAME, **options),
        tokens.padder(tokenizer),
        train_dataset=rows(tokenizer, examples()),
        eval_dataset=rows(tokenizer, dev()),
        tokens=TOKENS,
    )
    trainer.train_to_the_end()
    remember(NAME, [text for row in examples() for text in (row.question, row.context)])
    save_half(model, folder)
    if publish(folder, dev_score):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, count=len(examples()))


def dev_score(folder: Path) -> float:
    return scores(dev(), reply(folder, dev()))[1]


def test_sets() -> dict[str, list[Question]]:
    by_hand = answers.by_hand()
    return {
        "Written by hand": [row for _, row in by_hand],
        "... of them on the Factbook": [row for source, row in by_hand if source == "factbook"],
        "... of them on everyday texts": [row for source, row in by_hand if source == "everyday"],
        "Made, countries and wordings held out": answers.Maker("test", SEED).questions(500),
    }


def card() -> None:
    folder = ZOO / NAME
    lines = []
    for name, some in test_sets().items():
        lines.append((name, len(some), *scores(some, reply(folder, some)), *scores(some, [rule(row) for row in some])))
    shown = test_sets()["Written by hand"][::9][:10]
    outputs = "\n".join(
        f"- {row.question} → {found} ({row.answer})" for row, found in zip(shown, reply(folder, shown), strict=True)
    )
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "question-answering",
        "base_model": f"hfquick/{BASE}",
        "tags": ["distilbert", "question-answering", "tiny", "education"],
        "metrics": ["exact_match", "f1"],
    }
    below = [name.removeprefix("... of them ") for name, _, _, score, _, plain in lines if score < plain]
    values = {
        "scores": table(("held-out questions", "rows", "exact match", "F1", "baseline, exact", "baseline, F1"), lines),
        "base": BASE,
        "below": f"**Below the baseline on: {'; '.join(below)}.**" if below else "Nowhere below the baseline.",
        "outputs": outputs,
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
