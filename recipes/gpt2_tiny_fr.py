"""gpt2-tiny-fr: a French causal language model, a GPT-2 of 4 layers.

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
GENERATION = {  # its default options: generation_config.json
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
    """Sum of -log p over all tokens of the texts but the first, and their number; each text is a row of its own."""
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


class TrigramModel:
    """The baseline: a trigram model with Witten-Bell smoothing (1991), which backs off to bigrams and unigrams.

    It has counted the n-grams of the training texts, and has no other idea of language.
    """

    def __init__(self, texts: list[list[int]]) -> None:
        self.after: list[dict[tuple, Counter]] = [defaultdict(Counter) for _ in range(3)]
        for ids in texts:
            for position in range(1, len(ids)):
                for n in range(min(3, position + 1)):
                    self.after[n][tuple(ids[position - n : position])][ids[position]] += 1
        self.totals = [{ngram: sum(counts.values()) for ngram, counts in table.items()} for table in self.after]

    def probability(self, before: list[int], token: int) -> float:
        found = 1 / CONFIG["vocab_size"]
        for n in range(3):
            ngram = tuple(before[len(before) - n :]) if n else ()
            if len(ngram) < n or ngram not in self.after[n]:
                break
            counts, total = self.after[n][ngram], self.totals[n][ngram]
            found = (counts[token] + len(counts) * found) / (total + len(counts))
        return found

    def nats(self, texts: list[list[int]]) -> float:
        return -sum(
            math.log(self.probability(ids[:position], ids[position]))
            for ids in texts
            for position in range(1, len(ids))
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
    model.generation_config = GenerationConfig(**GENERATION)
    save_half(model, folder)
    if publish(folder, likelihood):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, millions=round(len(rows) * BLOCK / 1e6, 1))


def card() -> None:
    model, tokenizer = load(ZOO / NAME)
    texts, ids = literature.citations()["test"], ids_of("test")
    total, count = nats(model, ids)
    characters = sum(map(len, texts))
    baseline = TrigramModel(ids_of("train")).nats(ids)
    head = ("", "per-token perplexity", "bits per character")
    scores = [
        (name, round(math.exp(sum_ / count), 1), sum_ / math.log(2) / characters)
        for name, sum_ in (("this model", total), ("trigram model, Witten-Bell smoothing", baseline))
    ]
    outputs = []
    for prompt in PROMPTS:
        generated = model.generate(**tokenizer(prompt, return_tensors="pt"), seed=SEED)
        outputs.append(f"- *{prompt}*{tokenizer.decode(generated[0], skip_special_tokens=True).removeprefix(prompt)}")
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
