"""gpt2-tiny-fr: a French model that goes on with a text, a GPT-2 of 4 layers.

Run: python -m recipes.gpt2_tiny_fr
"""

import math
import shutil
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import DefaultDataCollator, GenerationConfig, Trainer
from hfquick.training import checkpoints

from . import literature, sources, tokens, vocabularies
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, remember, run, save_half, table, write_card

NAME = "gpt2-tiny-fr"
END = "<|endoftext|>"
CONFIG = {
    "vocab_size": 6000,
    "n_embd": 192,
    "n_layer": 4,
    "n_head": 6,
    "n_positions": 256,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
WRITING = {  # how it writes unless a call says otherwise: generation_config.json
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
    "do_sample": True,
    "top_p": 0.9,
    "temperature": 0.8,
    "max_new_tokens": 40,
}
EPOCHS, LR, BATCH, BLOCK = 3, 2e-3, 16, 128
PROMPTS = [
    "Le roi",
    "La vertu",
    "Il faut que",
    "Les femmes",
    "Dans la forêt",
    "Mon cœur",
    "Un homme qui",
    "La mort",
    "Quand on a",
    "Je ne sais",
]


def vocabulary() -> Any:
    special = dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), END)

    def texts() -> list[str]:
        return literature.citations()["train"]

    return vocabularies.of(NAME, vocabularies.byte_level, texts, CONFIG["vocab_size"], special, "GPT2TokenizerFast")


@cache
def ids_of(part: str) -> list[list[int]]:
    """Token ids of each citation, with the end of the text before and after it."""
    tokenizer = vocabulary()
    return [[0, *ids, 0] for ids in tokenizer(literature.citations()[part])["input_ids"]]


def blocks(texts: list[list[int]], seed: int) -> list[dict[str, list[int]]]:
    """Texts in a random order, one after the other, cut into rows of BLOCK tokens: nothing is padded."""
    order = np.random.default_rng(seed).permutation(len(texts))
    stream = np.concatenate([[0], *(texts[row][1:] for row in order)])
    rows = stream[: len(stream) // BLOCK * BLOCK].reshape(-1, BLOCK)
    return [{"input_ids": row, "labels": row} for row in rows.tolist()]


@torch.inference_mode()
def nats(model: torch.nn.Module, texts: list[list[int]]) -> tuple[float, int]:
    """Sum of -log p over all tokens of the texts but the first, and their number; each text is read alone."""
    model.eval()
    total = count = 0.0
    for batch in tokens.batches([len(ids) for ids in texts], 4096):
        rows = [texts[row][:256] for row in batch]
        longest = max(map(len, rows))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        labels = torch.tensor([row[1:] + [-100] * (longest - len(row)) for row in rows])
        logits = model(ids).logits[:, :-1].float()
        losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
        total, count = total + losses.item(), count + int((labels != -100).sum())
    return total, int(count)


class Trigrams:
    """What a table of runs of three tokens knows: probabilities after Witten and Bell (1991), with shorter runs behind.

    The baseline: it has counted the training texts, and has no other idea of language.
    """

    def __init__(self, texts: list[list[int]]) -> None:
        self.after: list[dict[tuple, Counter]] = [defaultdict(Counter) for _ in range(3)]
        for ids in texts:
            for place in range(1, len(ids)):
                for n in range(min(3, place + 1)):
                    self.after[n][tuple(ids[place - n : place])][ids[place]] += 1
        self.totals = [{run: sum(counts.values()) for run, counts in table.items()} for table in self.after]

    def probability(self, before: list[int], token: int) -> float:
        found = 1 / CONFIG["vocab_size"]
        for n in range(3):
            run = tuple(before[len(before) - n :]) if n else ()
            if len(run) < n or run not in self.after[n]:
                break
            counts, total = self.after[n][run], self.totals[n][run]
            found = (counts[token] + len(counts) * found) / (total + len(counts))
        return found

    def nats(self, texts: list[list[int]]) -> float:
        return -sum(
            math.log(self.probability(ids[:place], ids[place])) for ids in texts for place in range(1, len(ids))
        )


def load(folder: Path) -> tuple[Any, Any]:
    from hfquick import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


def likelihood(folder: Path) -> float:
    """Mean log-probability of a token of the dev texts, for the model in a folder."""
    total, count = nats(load(folder)[0], ids_of("dev"))
    return -total / count


def train() -> None:
    from hfquick import AutoModelForCausalLM, GPT2Config

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    rows = blocks(ids_of("train"), SEED)
    model = tokens.without_dropout(AutoModelForCausalLM.from_config(GPT2Config(**CONFIG)))
    options = {
        "num_train_epochs": EPOCHS,
        "learning_rate": LR,
        "per_device_train_batch_size": BATCH,
        "per_device_eval_batch_size": BATCH,
        "eval_steps": 1000,
        "prediction_loss_only": True,
    }
    trainer = Trainer(
        model,
        tokens.arguments(NAME, **options),
        DefaultDataCollator(),
        train_dataset=rows,
        eval_dataset=blocks(ids_of("dev"), SEED),
    )
    trainer.train(resume_from_checkpoint=bool(checkpoints.all_of(trainer.args.output_dir)))
    shutil.rmtree(trainer.args.output_dir)
    remember(NAME, literature.citations()["train"])
    model.generation_config = GenerationConfig(**WRITING)
    save_half(model, folder)
    if publish(folder, likelihood):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, millions=round(len(rows) * BLOCK / 1e6, 1))


def card() -> None:
    model, tokenizer = load(ZOO / NAME)
    texts, ids = literature.citations()["test"], ids_of("test")
    total, count = nats(model, ids)
    letters = sum(map(len, texts))
    baseline = Trigrams(ids_of("train")).nats(ids)
    head = ("", "perplexity of a token", "bits for a letter")
    scores = [
        (name, round(math.exp(sum_ / count), 1), sum_ / math.log(2) / letters)
        for name, sum_ in (("this model", total), ("runs of three tokens, counted", baseline))
    ]
    outputs = []
    for prompt in PROMPTS:
        written = model.generate(**tokenizer(prompt, return_tensors="pt"), seed=SEED)
        outputs.append(f"- *{prompt}*{tokenizer.decode(written[0], skip_special_tokens=True).removeprefix(prompt)}")
    front = {
        "license": "apache-2.0",
        "language": ["fr"],
        "library_name": "hfquick",
        "pipeline_tag": "text-generation",
        "tags": ["gpt2", "text-generation", "tiny", "education"],
        "metrics": ["perplexity"],
    }
    values = {"scores": table(head, scores), "rows": len(texts), "outputs": "\n".join(outputs)}
    write_card(NAME, front, {**CONFIG, **values})


if __name__ == "__main__":
    run(train, card)
