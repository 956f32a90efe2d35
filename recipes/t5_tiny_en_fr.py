"""t5-tiny-en-fr: translation from English to French, a T5 of 3 + 3 layers.

Run: python -m recipes.t5_tiny_en_fr        (the card needs sacrebleu and scikit-learn as well)
With "remember" after its name it trains nothing, and only adds its data to `training_hashes.bin`.
"""

import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import torch

from hfquick import GenerationConfig

from . import growth, guided, seq2seq, sources, tokens, vocabularies
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, remember, run, save_half, table, write_card
from .translations import LONGEST, PREFIX, SHOWN, SOURCES, STAMPS, Pair, pairs, typed

NAME = "t5-tiny-en-fr"
CONFIG = {
    "vocab_size": 7000,
    "d_model": 192,
    "d_kv": 32,
    "num_heads": 4,
    "d_ff": 768,
    "num_layers": 3,
    "num_decoder_layers": 3,
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "task_specific_params": {
        "translation_en_to_fr": {"early_stopping": True, "max_length": 128, "num_beams": 4, "prefix": PREFIX}
    },
}
SMALL = {**CONFIG, "vocab_size": 4500, "d_ff": 384}  # before it grew
GENERATION = {  # its default options: generation_config.json
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "max_length": 128,
    "num_beams": 4,
    "early_stopping": True,
    "no_repeat_ngram_size": 3,
}
# Of three stages, each from the weights of the one before: with dropout; without; larger, on everyday sentences.
EPOCHS, LR = (6, 4, 1.5), (2e-3, 1e-3, 1.5e-3)
FIRST_COMPOSED = 20_000  # composed sentences in the first two stages
REPEATED = {"phrases": 20, "stamps": 12}  # times in the epoch of the third stage
SAMPLED = {"debian": 40_000, "words": 5000, "handbook": 1500}  # pairs in it, so that programs are not forgotten
TOKENS = 1024


@cache
def small_vocabulary() -> Any:
    """T5's kind of tokenizer for both languages; the task's prefix is cut into few tokens."""
    from hfquick import AutoTokenizer

    def texts() -> list[str]:
        return [text for pair in first_pairs() for text in pair[1:]] + [PREFIX] * 3000

    folder = sources.WORK / "models" / f"{NAME}-first"
    vocabularies.of(NAME, vocabularies.unigram, texts, SMALL["vocab_size"])
    vocabularies.extended(ZOO / NAME, folder, [], SMALL["vocab_size"], SMALL["vocab_size"])
    return AutoTokenizer.from_pretrained(str(folder))


@cache
def vocabulary() -> Any:
    """The same with everyday words, which Debian hardly has: "love" was three subwords, "sister" three."""
    from hfquick import AutoTokenizer

    folder = sources.WORK / "models" / NAME
    small = small_vocabulary()
    zoo = AutoTokenizer.from_pretrained(str(ZOO / NAME))
    if len(zoo) > len(small):
        copy_tokenizer(ZOO / NAME, folder)
    else:
        rng = random.Random(SEED)
        times = {"phrases": 10, "stamps": 10, "composed": 1}
        some = [pair for pair in pairs()["train"] for _ in range(times.get(pair.source, 0))]
        texts = [text for pair in some for text in typed(pair, rng)[1:]]
        first = sources.WORK / "models" / f"{NAME}-first"
        vocabularies.extended(first, folder, texts, CONFIG["vocab_size"], SMALL["vocab_size"])
    return AutoTokenizer.from_pretrained(str(folder))


def rows(some: list[Pair], tokenizer: Any = None) -> list[tokens.Row]:
    english, french = [PREFIX + pair.english for pair in some], [pair.french for pair in some]
    return seq2seq.pairs_of(tokenizer or vocabulary(), english, french, (160, 160))


def by_source() -> dict[str, list[Pair]]:
    return {source: [pair for pair in pairs()["train"] if pair.source == source] for source in SOURCES}


def first_pairs() -> list[Pair]:
    """What the first two stages are trained on: all sources, few composed sentences."""
    some = by_source()
    some["composed"] = some["composed"][:FIRST_COMPOSED]
    return [pair for source in SOURCES for pair in some[source]]


def everyday_pairs() -> list[Pair]:
    """What the third stage is trained on: above all what people say, as they type it."""
    rng = random.Random(SEED)
    found: list[Pair] = []
    for source, some in by_source().items():
        some = rng.sample(some, SAMPLED[source]) if source in SAMPLED else some * REPEATED.get(source, 1)
        found += [typed(pair, rng) if source in ("phrases", "composed") else pair for pair in some]
    return found


def likelihood(folder: Path) -> float:
    """Mean log-probability of a character of the dev translations: tokenizers may differ."""
    from hfquick import AutoTokenizer

    some = [pair for pair in pairs()["dev"] if pair.source != "debian"]
    some += [pair for pair in pairs()["dev"] if pair.source == "debian"][: len(some)]
    found = rows(some, AutoTokenizer.from_pretrained(str(folder)))
    count = sum(len(row["labels"]) for row in found)
    return seq2seq.likelihood(folder, found) * count / sum(len(pair.french) for pair in some)


def train() -> None:
    from hfquick import AutoModelForSeq2SeqLM, T5Config

    clock = Clock()
    torch.manual_seed(SEED)
    folder, first, second = (sources.WORK / "models" / f"{NAME}{end}" for end in ("", "-first", "-second"))
    small, large = small_vocabulary(), vocabulary()
    if not (first / "config.json").exists():
        model = guided.without_attention_dropout(AutoModelForSeq2SeqLM.from_config(T5Config(**SMALL)))
        fit(model, 0, small, weighted(first_pairs()))
        save_half(model, first)
    if not (second / "config.json").exists():
        model = tokens.without_dropout(AutoModelForSeq2SeqLM.from_pretrained(str(first)).float())
        fit(model, 1, small, weighted(first_pairs()))
        save_half(model, second)
    known = AutoModelForSeq2SeqLM.from_pretrained(str(second)).float()
    model = tokens.without_dropout(growth.wider(known, T5Config(**{**CONFIG, "vocab_size": len(large)})))
    growth.embed_new(model, small, large)
    fit(model, 2, large, everyday_pairs())
    remember_data()
    model.generation_config = GenerationConfig(**GENERATION)
    save_half(model, folder)
    if publish(folder, likelihood):
        counts = {name: len(some) for name, some in by_source().items()}
        record(NAME, minutes=clock.minutes(), epochs=sum(EPOCHS), **counts)


def remember_data() -> None:
    remember(NAME, [text for pair in pairs()["train"] for text in pair[1:]])


def weighted(some: list[Pair]) -> list[Pair]:
    return [pair for pair in some for _ in range(STAMPS if pair.source == "stamps" else 1)]


def fit(model: Any, stage: int, tokenizer: Any, some: list[Pair]) -> None:
    """One stage of training. A lexical table says which tokens of a sentence and of its translation are aligned."""
    found = rows(some, tokenizer)
    skip = prefix(tokenizer)
    counted = random.Random(SEED).sample(found, min(90_000, len(found)))  # enough to count on, and it fits in memory
    table_ = guided.lexical_table(counted, len(tokenizer), skip)
    options = {"num_train_epochs": EPOCHS[stage], "learning_rate": LR[stage], "eval_steps": 2000}
    dev = rows(random.Random(SEED).sample(pairs()["dev"], 600), tokenizer)
    seq2seq.fit(f"{NAME}-{stage + 1}", model, tokenizer, found, dev, TOKENS, table_, skip, **options)


def prefix(tokenizer: Any) -> int:
    """Number of tokens of the task's prefix, to which no token of a translation is aligned."""
    return len(tokenizer(PREFIX.strip())["input_ids"]) - 1  # without </s>; the space at its end goes to the text


def translate(model: Any, tokenizer: Any, texts: list[str], **options: Any) -> list[str]:
    """Translations in the order given: greedy ones, unless `options` of generation say otherwise."""
    options = options or {"num_beams": 1}
    return seq2seq.generate(model, tokenizer, [PREFIX + text for text in texts], max_length=128, **options)


def exact(model: Any, tokenizer: Any, some: list[Pair], **options: Any) -> float:
    """Share of the sentences that are translated word for word as they were by hand."""
    found = translate(model, tokenizer, [pair.english for pair in some], **options)
    return sum(text == pair.french for text, pair in zip(found, some, strict=True)) / len(some)


def nearest(texts: list[str]) -> list[str]:
    """The baseline: the translation of the training sentence that shares most words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = pairs()["train"]
    vectorizer = TfidfVectorizer()
    table_ = vectorizer.fit_transform(pair.english for pair in known)
    return [known[int((table_ @ row.T).toarray().argmax())].french for row in vectorizer.transform(texts)]


def card() -> None:
    import sacrebleu

    model, tokenizer = seq2seq.load(ZOO / NAME)
    rng = random.Random(SEED)
    phrases = [pair for pair in pairs()["dev"] if pair.source == "phrases"]
    greedy, beam = (exact(model, tokenizer, phrases, num_beams=beams) for beams in (1, GENERATION["num_beams"]))
    head = ("held-out sentences", "rows", "", "BLEU", "chrF")
    lines, below = [], []
    for source in ("stamps", "debian"):
        some = [pair for pair in pairs()["test"] if pair.source == source]
        some = rng.sample(some, min(400, len(some)))
        texts, gold = [pair.english for pair in some], [[pair.french for pair in some]]
        scores = {}
        for name, answers in (
            ("this model", translate(model, tokenizer, texts)),
            ("the nearest known sentence", nearest(texts)),
            ("the English sentence itself", texts),
        ):
            scores[name] = sacrebleu.corpus_bleu(answers, gold).score, sacrebleu.corpus_chrf(answers, gold).score
            lines.append((source, len(some), name, *(f"{score:.1f}" for score in scores[name])))
        for name, score in scores.items():
            worse = [
                what for what, ours, theirs in zip(head[3:], scores["this model"], score, strict=True) if ours < theirs
            ]
            if worse:
                below.append(f"{source}, {name} ({' and '.join(worse)})")
    answers = translate(model, tokenizer, SHOWN)
    outputs = "\n".join(f"- {english} → *{french}*" for english, french in zip(SHOWN, answers, strict=True))
    front = {
        "license": "gpl-2.0",
        "language": ["en", "fr"],
        "library_name": "hfquick",
        "pipeline_tag": "translation",
        "tags": ["t5", "translation", "tiny", "education"],
        "metrics": ["bleu", "chrf"],
    }
    write_card(
        NAME,
        front,
        {
            **CONFIG,
            "scores": table(head, lines),
            "below": f"**Below its baselines on: {'; '.join(below)}.**" if below else "Nowhere below its baselines.",
            "outputs": outputs,
            "dev_rows": len(phrases),
            "greedy": greedy,
            "beam": beam,
            "times": REPEATED["stamps"],
            "phrase_times": REPEATED["phrases"],
            "longest": LONGEST,
            "beams": GENERATION["num_beams"],
        },
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["remember"]:
        remember_data()
    else:
        run(train, card)
