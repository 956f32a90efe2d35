"""distilbert-tiny-qa-en: extractive question answering in English, a DistilBERT.

Run after recipes.distilbert_tiny_en, from which it is fine-tuned: python -m recipes.distilbert_tiny_qa_en
"""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from . import answer_stories, answers, sources, tokens
from .answers import Question
from .common import (
    HERE,
    SEED,
    TRAININGS,
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
TOKENS = 3072
MADE_DEV = 400


class Stage(NamedTuple):
    """One of the trainings that follow each other."""

    name: str
    facts: int  # questions about countries, people who do not exist, and the Factbook's prose
    everyday: int  # questions about short everyday texts
    epochs: float
    lr: float


STAGES = (
    Stage("facts", 40_000, 0, 2.5, 1e-3),
    Stage("everyday", 9_000, 100_000, 1, 8e-4),
)


@cache
def guard() -> Guard:
    return Guard([text for _, row in answers.by_hand() for text in (row.question, *sources.sentences_of(row.context))])


@cache
def unseen() -> set[bytes]:
    """Digests of reserved and held-out sentences: no training sentence may share one, not even as a collision.

    Of the everyday dev set the texts only: its questions are asked of many a text.
    """
    lines = (HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()
    lines += [text for _, row in answers.by_hand() for text in (row.question, *sources.sentences_of(row.context))]
    lines += [text for one in answers.everyday_dev() for text in sources.sentences_of(one.row.context)]
    return {digest(line) for line in lines} | read_digests(HERE / "review_test_hashes.bin")


def kept(row: Question) -> bool:
    texts = (row.question, *sources.sentences_of(row.context))
    return not any(digest(text) in unseen() for text in texts) and all(guard().clean(text) for text in texts)


def examples(stage: Stage) -> list[Question]:
    """The training questions of a stage: each has a seed of its own."""
    seed = SEED + STAGES.index(stage)
    made = answers.Maker("train", seed).questions(stage.facts)
    short = (Question(*row) for row in answer_stories.Maker(seed).questions(stage.everyday))
    return [row for row in (*made, *short) if kept(row)]


@cache
def dev() -> list[Question]:
    return answers.Maker("dev", SEED).questions(MADE_DEV)


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


def fit(stage: Stage, source: Path, folder: Path) -> int:
    """Train the model of the folder `source` for a stage, write it to `folder`, and say on how many questions."""
    from hfquick import AutoModelForQuestionAnswering, AutoTokenizer

    torch.manual_seed(SEED)
    copy_tokenizer(ZOO / BASE, folder)
    tokenizer = AutoTokenizer.from_pretrained(str(ZOO / BASE))
    model = AutoModelForQuestionAnswering.from_pretrained(str(source)).float()
    made = examples(stage)
    options = {"num_train_epochs": stage.epochs, "learning_rate": stage.lr, "eval_steps": 300}
    trainer = tokens.TokenTrainer(
        model,
        tokens.arguments(folder.name, prediction_loss_only=True, **options),
        tokens.padder(tokenizer),
        train_dataset=rows(tokenizer, made),
        eval_dataset=rows(tokenizer, [one.row for one in answers.everyday_dev()] if stage.everyday else dev()),
        tokens=TOKENS,
    )
    trainer.train_to_the_end()
    remember(NAME, [text for row in made for text in (row.question, row.context)])
    save_half(model, folder)
    return len(made)


def train() -> None:
    """All stages, one after the other. A stage whose folder is there already is not trained again."""
    facts: dict[str, object] = {"patterns": sum(len(block.sentences) for block in answer_stories.all_blocks())}
    source = ZOO / BASE
    for stage in STAGES:
        clock, folder = Clock(), sources.WORK / "models" / f"{NAME}-{stage.name}"
        if not (folder / "model.safetensors").exists():
            count = fit(stage, source, folder)
            facts |= {f"{stage.name}_count": count, f"{stage.name}_minutes": clock.minutes()}
        source = folder
    last = sources.WORK / "models" / NAME
    shutil.copytree(source, last, dirs_exist_ok=True)
    if publish(last, dev_score):
        known = json.loads(TRAININGS.read_text(encoding="utf-8")).get(NAME, {})
        record(NAME, **{**known, **facts})


def right(row: answers.Everyday, found: str) -> bool:
    """One of the answers that a person would accept, articles and punctuation aside."""
    return any(exact(answer, found) for answer in row.accept)


def share(folder: Path) -> float:
    """Share of the everyday dev questions that the model of a folder answers rightly."""
    some = answers.everyday_dev()
    found = reply(folder, [one.row for one in some])
    return float(np.mean([right(one, text) for one, text in zip(some, found, strict=True)]))


def dev_score(folder: Path) -> float:
    """What the shipped model is chosen by: everyday questions, and F1 on made ones about countries held out."""
    return (share(folder) + scores(dev(), reply(folder, dev()))[1]) / 2


def test_sets() -> dict[str, list[Question]]:
    by_hand = answers.by_hand()
    return {
        "Written by hand": [row for _, row in by_hand],
        "... of them on the Factbook": [row for source, row in by_hand if source == "factbook"],
        "... of them on everyday texts": [row for source, row in by_hand if source == "everyday"],
        "Made, countries and wordings held out": answers.Maker("test", SEED).questions(500),
    }


def card() -> None:
    folder, lines = ZOO / NAME, []
    facts = json.loads(TRAININGS.read_text(encoding="utf-8"))[NAME]
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
        "layers": json.loads((folder / "config.json").read_text(encoding="utf-8"))["n_layers"],
        "stages": "; ".join(
            f"{stage.name}, {facts[f'{stage.name}_count']:,} questions, {facts[f'{stage.name}_minutes']:.0f} minutes"
            for stage in STAGES
        ),
        "later_count": sum(facts[f"{stage.name}_count"] for stage in STAGES[1:]),
        "everyday_dev": len(answers.everyday_dev()),
        "everyday_share": share(folder),
        "outputs": outputs,
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
