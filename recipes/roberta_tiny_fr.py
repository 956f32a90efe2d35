"""roberta-tiny-fr: a French masked language model, a RoBERTa of 3 layers.

Run: python -m recipes.roberta_tiny_fr
"""

from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import continued, everyday, literature, masked, sources, tokens, vocabularies
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, remember, run, save_half, table, write_card

NAME = "roberta-tiny-fr"
CONFIG = {
    "vocab_size": 6000,
    "hidden_size": 192,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "intermediate_size": 512,
    "max_position_embeddings": 258,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
}
EPOCHS, LR, TOKENS, MLM_PROBABILITY = 1.5, 1.2e-3, 2048, 0.2
REPLAY, WEIGHT = 2.0, 0.9  # of the second training; REPLAY in millions of tokens
ROUNDS = continued.Round(0.7, 8e-4), continued.Round(1.3, 1e-3, 0.7)
PROMPTS = [
    "Le roi est mort, vive le <mask> !",
    "Il y a un <mask> dans la forêt.",
    "La <mask> de mon cœur est grande.",
    "Ce programme permet de lire des <mask>.",
    "Je ne sais <mask> que dire.",
    "Un homme et une <mask>.",
    "Elle ouvrit la <mask> et sortit.",
    "La bibliothèque contient des <mask> de développement.",
    "Il faut que je <mask> la vérité.",
    "Le soleil et la <mask>.",
]


def head(model: torch.nn.Module, states: torch.Tensor) -> torch.Tensor:
    """Hidden states of masked positions -> logits over the vocabulary."""
    return model.lm_head(states)


def part_of(name: str) -> list[str]:
    return [*literature.citations()[name], *literature.today()[name]]


def vocabulary() -> Any:
    texts = partial(part_of, "train")
    kind, size = vocabularies.byte_level, CONFIG["vocab_size"]
    return vocabularies.of(NAME, kind, texts, size, vocabularies.ENDS, "RobertaTokenizerFast")


@cache
def train_ids() -> list[list[int]]:
    return tokens.encode(vocabulary(), part_of("train"), 256)


@cache
def frequencies() -> np.ndarray:
    return masked.frequencies(train_ids(), len(vocabulary()), 5)


def likelihood(folder: Path) -> float:
    return masked.likelihood(folder, part_of("dev"), frequencies(), head)


def second() -> continued.Second:
    """Everyday sentences, composed or written, and captions of stamps, among literature and descriptions."""
    short = [french for _, french in everyday.sentences(20_000, SEED)]
    short += 4 * [french for _, french in sources.stamp_sentences()] + [french for _, french in sources.handbook()]
    parts, options = (part_of("train"), continued.kept(short), part_of("dev")), (REPLAY, ROUNDS, WEIGHT)
    return continued.Second(NAME, "fr", head, *parts, *options)


def train() -> None:
    if not (ZOO / NAME / "model.safetensors").exists():
        first()
    continued.train(second(), ZOO / NAME)


def first() -> None:
    """Train on literature and descriptions, from random weights."""
    from hfquick import AutoModelForMaskedLM, RobertaConfig

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    tokenizer = vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    model = tokens.without_dropout(AutoModelForMaskedLM.from_config(RobertaConfig(**CONFIG)))
    masked.init_bias(model.lm_head.bias, frequencies())
    options = {"num_train_epochs": EPOCHS, "learning_rate": LR}
    rows = [{"input_ids": ids} for ids in train_ids()]
    masked.fit(NAME, model, tokenizer, head, rows, part_of("dev")[:600], MLM_PROBABILITY, TOKENS, **options)
    remember(NAME, part_of("train"))
    save_half(model, folder)
    if publish(folder, likelihood):
        count = sum(map(len, train_ids()))
        record(
            NAME,
            minutes=clock.minutes(),
            epochs=EPOCHS,
            mlm_probability=MLM_PROBABILITY,
            millions=round(count / 1e6, 1),
        )


def card() -> None:
    model, tokenizer = masked.load(ZOO / NAME)
    held_out = {"citations": literature.citations()["test"], "Debian's descriptions": literature.today()["test"]}
    lines = masked.scores(model, tokenizer, held_out, frequencies(), head)
    columns = ("held-out texts", "rows", "accuracy", "perplexity", "accuracy of the baseline", "perplexity of it")
    front = {
        "license": "gpl-2.0",
        "language": ["fr"],
        "library_name": "hfquick",
        "pipeline_tag": "fill-mask",
        "tags": ["roberta", "fill-mask", "tiny", "education"],
        "metrics": ["accuracy", "perplexity"],
    }
    outputs = "\n".join(f"- {prompt} {best(model, tokenizer, prompt)}" for prompt in PROMPTS)
    size = {"vocab_size": len(tokenizer), "scores": table(columns, lines), "outputs": outputs}
    write_card(NAME, front, {**CONFIG, **size, **continued.card(second())})


def best(model: Any, tokenizer: Any, prompt: str) -> str:
    """The most probable words for the mask, with their probabilities."""
    words = masked.most_probable(model, tokenizer, prompt)
    return ", ".join(f"*{word}* {probability:.2f}" for word, probability in words)


if __name__ == "__main__":
    run(train, card)
