"""Causal language models of the zoo: a GPT-2 of 4 layers, its training, its score and its baseline.

A recipe says which texts and which language; all else is the same for every language, so their scores can be compared.
"""

import math
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import DefaultDataCollator, GenerationConfig, Trainer
from hfquick.training import checkpoints

from . import sources, tokens, vocabularies
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, remember, save_half, table, write_card

END = "<|endoftext|>"  # before and after a text
CONFIG = {
    "vocab_size": 6000,
    "n_embd": 192,
    "n_layer": 4,
    "n_head": 6,
    "n_positions": 256,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
GENERATION = {  # default options for generation_config.json
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
    "do_sample": True,
    "top_p": 0.9,
    "temperature": 0.8,
    "max_new_tokens": 40,
}
LR, BLOCK = 2e-3, 128


@dataclass(frozen=True)
class Recipe:
    """What differs between the causal language models: their texts, their epochs, and how they generate."""

    name: str
    language: str
    texts: Callable[[str], dict[str, list[str]]]  # part -> where from -> texts
    prompts: list[str]  # the card shows how each of them is continued
    epochs: float
    batch: int = 16  # rows of BLOCK tokens
    generation: dict[str, Any] = field(default_factory=dict)  # what differs from GENERATION

    def all_texts(self, part: str) -> list[str]:
        return [text for some in self.texts(part).values() for text in some]

    def vocabulary(self) -> Any:
        special = dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), END)
        size, kind = CONFIG["vocab_size"], vocabularies.byte_level
        return vocabularies.of(
            self.name, kind, lambda: self.all_texts("train"), size, special, tokenizer_class="GPT2TokenizerFast"
        )

    def ids_of(self, texts: list[str]) -> list[list[int]]:
        """Token ids of each text, with the end of the text before and after it."""
        return [[0, *ids, 0] for ids in self.vocabulary()(texts)["input_ids"]]

    def likelihood(self, folder: Path) -> float:
        """Mean log-probability of a token of the dev texts, for the model in a folder; each source counts the same."""
        model = load(folder)[0]
        sums = [nats(model, self.ids_of(texts)) for texts in self.texts("dev").values()]
        return -sum(total / count for total, count in sums) / len(sums)

    def train(self) -> None:
        from hfquick import AutoModelForCausalLM, GPT2Config

        clock = Clock()
        torch.manual_seed(SEED)
        folder = sources.WORK / "models" / self.name
        self.vocabulary()
        copy_tokenizer(ZOO / self.name, folder)
        rows = blocks(self.ids_of(self.all_texts("train")), SEED)
        model = tokens.without_dropout(AutoModelForCausalLM.from_config(GPT2Config(**CONFIG)))
        options = {
            "num_train_epochs": self.epochs,
            "learning_rate": LR,
            "per_device_train_batch_size": self.batch,
            "per_device_eval_batch_size": 16,
            "eval_steps": 1000,
            "prediction_loss_only": True,
        }
        trainer = Trainer(
            model,
            tokens.arguments(self.name, **options),
            DefaultDataCollator(),
            train_dataset=rows,
            eval_dataset=blocks(self.ids_of(self.all_texts("dev")), SEED),
        )
        trainer.train(resume_from_checkpoint=bool(checkpoints.all_of(trainer.args.output_dir)))
        shutil.rmtree(trainer.args.output_dir)
        self.remember()
        model.generation_config = GenerationConfig(**{**GENERATION, **self.generation})
        save_half(model, folder)
        if publish(folder, self.likelihood):
            record(self.name, minutes=clock.minutes(), epochs=self.epochs, millions=round(len(rows) * BLOCK / 1e6, 1))

    def remember(self) -> None:
        """Add the training sentences to `training_hashes.bin`."""
        remember(self.name, self.all_texts("train"))

    def card(self) -> None:
        model, tokenizer = load(ZOO / self.name)
        baseline = TrigramModel(self.ids_of(self.all_texts("train")))
        lines = []
        for source, texts in self.texts("test").items():
            ids, characters = self.ids_of(texts), sum(map(len, texts))
            total, count = nats(model, ids)
            scores = [(f"{math.exp(n / count):.1f}", n / math.log(2) / characters) for n in (total, baseline.nats(ids))]
            lines.append((source, len(texts), *(value for pair in zip(*scores, strict=True) for value in pair)))
        head = ("held-out texts", "texts", "per-token perplexity", "baseline", "bits per character", "baseline")
        outputs = []
        for prompt in self.prompts:
            generated = model.generate(**tokenizer(prompt, return_tensors="pt"), seed=SEED)
            text = tokenizer.decode(generated[0], skip_special_tokens=True)
            outputs.append(f"- *{prompt}*{text.removeprefix(prompt)}")
        front = {
            "license": "apache-2.0",
            "language": [self.language],
            "library_name": "hfquick",
            "pipeline_tag": "text-generation",
            "tags": ["gpt2", "text-generation", "tiny", "education"],
            "metrics": ["perplexity"],
        }
        counts = {f"texts_{n}": len(some) for n, some in enumerate(self.texts("train").values(), 1)}
        values = {"scores": table(head, lines), "outputs": "\n".join(outputs), **counts}
        write_card(self.name, front, {**CONFIG, **values})


def load(folder: Path) -> tuple[Any, Any]:
    from hfquick import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


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
        rows = [texts[row][: CONFIG["n_positions"]] for row in batch]
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
