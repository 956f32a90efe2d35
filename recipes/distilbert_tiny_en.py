"""distilbert-tiny-en: an English masked language model, a DistilBERT of 3 layers.

Run: python -m recipes.distilbert_tiny_en
"""

import random
from functools import cache

import numpy as np
import torch
from torch.nn import functional as F

from . import english, loop, shrink, sources
from .common import SEED, SPECIAL, Clock, free, part, publish, remember, save_half, table, train_wordpiece, write_card

NAME = "distilbert-tiny-en"
VOCABULARY, MASK = 7000, SPECIAL.index("[MASK]")
CONFIG = {
    "vocab_size": VOCABULARY,
    "dim": 192,
    "hidden_dim": 512,
    "n_layers": 3,
    "n_heads": 6,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
}
EPOCHS, LR, TOKENS = 0.5, 1.5e-3, 4096


@cache
def texts() -> dict[str, dict[str, list[str]]]:
    """source -> part -> texts: film reviews, the Factbook, Debian's descriptions. Split by review, text, package."""
    found = {name: {"train": [], "dev": [], "test": []} for name in ("film reviews", "factbook", "debian")}
    guard = english.guard()
    draw = random.Random(SEED)
    for row in english.rows():
        if row.source == "imdb" and row.part != "train":
            found["film reviews"][row.part].append(row.text)
        elif row.source == "imdb" and draw.random() < 0.05:  # whole, so that late positions are learnt too
            found["film reviews"]["train"].append(" ".join(s for s in sources.sentences_of(row.text) if guard.clean(s)))
    found["film reviews"]["train"] += [text for text, _ in english.imdb_passages()]
    found["film reviews"]["train"] += [
        row.text for row in english.rows() if row.part == "train" and row.source != "imdb"
    ]
    for text in sources.factbook_prose():
        found["factbook"][part(text, 0.03, 0.01)].append(text)
    packages: dict[str, list[str]] = {}
    for package, en, _ in sources.debian_descriptions():
        packages.setdefault(package, []).append(en)
    for package, sentences in packages.items():
        found["debian"][part(package.split("-")[0], 0.03, 0.01)].append(" ".join(sentences))
    return found


def mask(ids: torch.Tensor, attention: torch.Tensor, draw: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids -> (ids with 15 % hidden, where): of the hidden ones 80 % become [MASK], 10 % another word, 10 % stay."""
    maskable = (attention == 1) & (ids >= len(SPECIAL))
    noise = torch.rand(ids.shape, generator=draw).masked_fill(~maskable, 2.0).flatten()
    count = max(1, int(maskable.sum()) * 15 // 100 // 32 * 32)  # a multiple of 32, so that few shapes occur
    chosen = torch.zeros_like(noise, dtype=torch.bool)
    chosen[noise.topk(count, largest=False).indices] = True
    chosen = chosen.view(ids.shape)
    dice = torch.rand(ids.shape, generator=draw)
    hidden = torch.where(chosen & (dice < 0.8), MASK, ids)
    others = torch.randint(len(SPECIAL), VOCABULARY, ids.shape, generator=draw)
    return torch.where(chosen & (dice >= 0.9), others, hidden), chosen


def predict(model, ids: torch.Tensor, attention: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Scores over the vocabulary, for the chosen places only (N, V): the head is the slowest part of a tiny model."""
    states = model.distilbert(input_ids=ids, attention_mask=attention).last_hidden_state[chosen]
    return model.vocab_projector(model.vocab_layer_norm(F.gelu(model.vocab_transform(states)))).float()


@torch.inference_mode()
def evaluate(model, rows: list[list[int]], counts: np.ndarray) -> dict[str, float]:
    """Masked words found and perplexity, beside a baseline that knows only how frequent every piece is."""
    draw = torch.Generator().manual_seed(SEED)
    likely = torch.tensor(np.log((counts + 1) / (counts + 1).sum()))
    loss = right = unigram = frequent = total = 0.0
    for group in loop.batches([len(row) for row in rows], 8192, None):
        ids, attention = loop.pad([rows[row] for row in group])
        hidden, chosen = mask(ids, attention, draw)
        gold = ids[chosen]
        scores = predict(model, hidden, attention, chosen)
        loss += F.cross_entropy(scores, gold, reduction="sum").item()
        right += (scores.argmax(-1) == gold).sum().item()
        unigram -= likely[gold].sum().item()
        frequent += (gold == int(counts.argmax())).sum().item()
        total += len(gold)
    return {
        "accuracy": right / total,
        "perplexity": float(np.exp(loss / total)),
        "unigram accuracy": frequent / total,
        "unigram perplexity": float(np.exp(unigram / total)),
    }


def main() -> None:
    from tokenizers import Tokenizer

    from hfquick.models.distilbert.configuration_distilbert import DistilBertConfig
    from hfquick.models.distilbert.modeling_distilbert import DistilBertForMaskedLM

    clock = Clock()
    loop.seed_everything(SEED)
    folder = sources.WORK / "models" / NAME
    train_texts = [text for parts in texts().values() for text in parts["train"] if free(text)]
    train_wordpiece(train_texts, VOCABULARY, folder, "DistilBertTokenizer")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rows = loop.encode(tokenizer, train_texts, 512)
    counts = np.bincount(np.concatenate(rows), minlength=VOCABULARY)
    counts[: len(SPECIAL)] = 0

    model = loop.without_dropout(DistilBertForMaskedLM(DistilBertConfig(**CONFIG)))
    with torch.no_grad():
        model.distilbert.embeddings.word_embeddings.weight.copy_(
            torch.tensor(shrink.word_vectors(folder / "tokenizer.json", 192))
        )
        model.vocab_projector.bias.copy_(torch.tensor(np.log((counts + 1) / counts.sum())))
    draw = torch.Generator().manual_seed(SEED)

    def loss_of(group: list[int]) -> torch.Tensor:
        ids, attention = loop.pad([rows[row] for row in group])
        hidden, chosen = mask(ids, attention, draw)
        return F.cross_entropy(predict(model, hidden, attention, chosen), ids[chosen])

    dev = loop.encode(tokenizer, [text for parts in texts().values() for text in parts["dev"]][:300], 128)
    loop.train(
        model,
        [len(row) for row in rows],
        loss_of,
        epochs=EPOCHS,
        tokens=TOKENS,
        lr=LR,
        seed=SEED,
        every=300,
        after=lambda step: print(
            {name: round(value, 4) for name, value in evaluate(model.eval(), dev, counts).items()}, flush=True
        ),
    )
    remember(NAME, train_texts)
    save_half(model, folder)
    card(folder, counts, clock.minutes(), sum(map(len, rows)))
    publish(folder)


def card(folder, counts: np.ndarray, minutes: float, tokens: int) -> None:
    from tokenizers import Tokenizer

    from hfquick import AutoModelForMaskedLM

    model = AutoModelForMaskedLM.from_pretrained(str(folder)).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    lines = []
    for source, parts in texts().items():
        found = evaluate(model, loop.encode(tokenizer, parts["test"], 256), counts)
        lines.append(
            (source, len(parts["test"]), *(round(value, 4 if "acc" in name else 1) for name, value in found.items()))
        )
    head = (
        "held-out texts",
        "rows",
        "accuracy",
        "perplexity",
        "accuracy of the baseline",
        "perplexity of the baseline",
    )
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "fill-mask",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "tags": ["distilbert", "fill-mask", "tiny", "education"],
        "metrics": ["accuracy", "perplexity"],
    }
    values = {**CONFIG, "scores": table(head, lines), "millions": tokens / 1e6, "epochs": EPOCHS}
    write_card(folder, front, values, minutes)


if __name__ == "__main__":
    main()
