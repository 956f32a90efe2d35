"""bert-tiny-multilingual-ner: named entity recognition in English and French, a BERT of 3 layers.

Run: python -m recipes.bert_tiny_multilingual_ner
"""

import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import torch

from . import entities, everyday_entities, factbook, gazetteer, masked, shrink, sources, tokens, vocabularies
from .common import (
    SEED,
    ZOO,
    Clock,
    Guard,
    copy_tokenizer,
    free,
    part,
    publish,
    record,
    remember,
    run,
    save_half,
    table,
    write_card,
)
from .entities import LABELS, Sentence, Span

NAME = "bert-tiny-multilingual-ner"
VOCABULARY = 9000
CONFIG = {
    "vocab_size": VOCABULARY,
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
    "id2label": dict(enumerate(LABELS)),
    "label2id": {label: number for number, label in enumerate(LABELS)},
}
PRETRAINING = {"num_train_epochs": 1.0, "learning_rate": 1.5e-3}  # masked language modeling, both languages
EPOCHS, LR, TOKENS = 4.0, 1e-3, 2048  # then fine-tuning on entities
MADE = {"en": 5_000, "fr": 6_000}
RENAMED = 2  # times that a silver sentence comes back with other names
TOKEN_DROPOUT = 0.12  # of the tokens become [UNK] in fine-tuning, so that the context must tell what an entity is
PLAIN = 3_000  # real French sentences without a name, so that a capital alone is not enough
EVERYDAY = {"num_train_epochs": 2.0, "learning_rate": 6e-4}  # at last, on everyday sentences and all those before
EVERYDAY_MADE = 16_000  # of each language
STORIES, PLAIN_EVERYDAY = 8_000, 3_000  # texts for English with few names, and French sentences with none


@cache
def guard() -> Guard:
    held_out = [sentence.text for language in MADE for _, sentence in entities.by_hand(language)]
    chosen_by = [*entities.silver("dev"), *entities.silver("test"), *gazetteer.sentences("dev", SEED)]
    chosen_by += [sentence for language in MADE for _, sentence in entities.by_hand(language, "dev")]
    return Guard([*held_out, *(sentence.text for sentence in chosen_by)])


def kept(sentence: Sentence) -> bool:
    return free(sentence.text) and guard().clean(sentence.text)


@cache
def sentences() -> dict[str, list[Sentence]]:
    """Where from -> training sentences. Real ones as they are, and with other names."""
    maker = entities.Maker(SEED)
    found = {}
    for name, real in (("silver", entities.silver("train")), ("lists, fr", gazetteer.sentences("train", SEED))):
        some = [sentence for sentence in real if kept(sentence)]
        found[name] = some + [maker.renamed(sentence) for _ in range(RENAMED) for sentence in some]
    for language, count in MADE.items():
        made = dict.fromkeys(maker.sentence(language) for _ in range(count))
        found[f"made, {language}"] = [sentence for sentence in made if kept(sentence)]
    found["plain, fr"] = [sentence for sentence in plain_french() if kept(sentence)]
    return found


@cache
def everyday_sentences() -> dict[str, list[Sentence]]:
    """The same of everyday sentences, for the last stage."""
    maker = everyday_entities.EverydayMaker(SEED)
    found = {f"everyday, {language}": list(maker.sentences(language, EVERYDAY_MADE)) for language in MADE}
    found["stories, en"] = list(everyday_entities.from_stories(SEED, STORIES))
    found["no names, fr"] = list(everyday_entities.plain_french(SEED, PLAIN_EVERYDAY))
    return {name: [s for s in dict.fromkeys(some) if kept(s)] for name, some in found.items()}


def plain_french() -> list[Sentence]:
    """Sentences of Debian's French descriptions (of training packages) with no capital but the first."""
    found = []
    for package, _, french in sources.debian_descriptions():
        small = not any(letter.isupper() for letter in french[1:])
        if part(package.split("-")[0]) == "train" and small and french[0].isupper() and 30 < len(french) < 160:
            found.append(Sentence(french, ()))
    return random.Random(SEED).sample(found, min(PLAIN, len(found)))


def vocabulary() -> Any:
    def texts() -> list[str]:
        made = [sentence.text for some in sentences().values() for sentence in some]
        books = gazetteer.texts()["train"]
        return made + [text for text in random.Random(SEED).sample(books, 40_000) if free(text)]

    return vocabularies.of(NAME, vocabularies.wordpiece, texts, VOCABULARY, "BertTokenizer", lowercase=False)


def rows(tokenizer: Any, some: list[Sentence]) -> list[dict[str, Any]]:
    """Sentences -> ids and a label for every token: B- for the first of an entity, then I-; -100 for [CLS], [SEP]."""
    found = tokenizer(
        [sentence.text for sentence in some], truncation=True, max_length=128, return_offsets_mapping=True
    )
    done = []
    for sentence, ids, offsets in zip(some, found["input_ids"], found["offset_mapping"], strict=True):
        labels = [-100 if start == end else 0 for start, end in offsets]
        for first, last, kind in sentence.spans:
            inside = [
                position for position, (start, end) in enumerate(offsets) if start < end and first <= start < last
            ]
            for number, position in enumerate(inside):
                labels[position] = LABELS.index(f"{'BI'[number > 0]}-{kind}")
        done.append({"input_ids": ids, "labels": labels})
    return done


# Scores: an entity counts when its first and last character and its type are right


def f1(gold: list[tuple[Span, ...]], found: list[tuple[Span, ...]]) -> float:
    """Micro-averaged entity-level F1, as CoNLL counts."""
    both = sum(len(set(a) & set(b)) for a, b in zip(gold, found, strict=True))
    return 2 * both / max(1, sum(len(set(a)) for a in gold) + sum(len(set(b)) for b in found))


@torch.inference_mode()
def answers(folder: Path, texts: list[str]) -> list[tuple[Span, ...]]:
    """The entities that a model finds; the first token of a word decides (aggregation_strategy="first")."""
    from hfquick import AutoModelForTokenClassification, AutoTokenizer

    model = AutoModelForTokenClassification.from_pretrained(str(folder)).eval()
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    found = []
    for text in texts:
        inputs = tokenizer(text, truncation=True, max_length=512, return_offsets_mapping=True, return_tensors="pt")
        offsets = inputs.pop("offset_mapping")[0].tolist()
        labels = [LABELS[number] for number in model(**inputs).logits[0].argmax(-1)]
        of = {start: label for (start, end), label in zip(offsets, labels, strict=True) if start < end}
        found.append(spans_of(text, [of.get(start, "O") for start, _ in entities.words_of(text)]))
    return found


def dev_sets() -> dict[str, list[Sentence]]:
    """Real sentences of the dev countries and authors; made ones tell nothing about those, so they choose nothing."""
    return {"silver": entities.silver("dev"), "lists, fr": gazetteer.sentences("dev", SEED)}


def dev_score(folder: Path) -> float:
    """Mean of the F1 on each dev set, and of the share of everyday dev sentences of which all is right."""
    scores = []
    for dev in dev_sets().values():
        scores.append(f1([sentence.spans for sentence in dev], answers(folder, [sentence.text for sentence in dev])))
    for language in MADE:
        dev = [sentence for _, sentence in entities.by_hand(language, "dev")]
        found = answers(folder, [sentence.text for sentence in dev])
        scores.append(sum(set(one) == set(s.spans) for one, s in zip(found, dev, strict=True)) / len(dev))
    print("dev sets:", [round(score, 3) for score in scores], flush=True)
    return sum(scores) / len(scores)


def test_sets() -> dict[str, list[Sentence]]:
    found = {}
    for language, title in (("en", "English"), ("fr", "French")):
        annotated = entities.by_hand(language)
        found[f"{title}, annotated by hand"] = [sentence for _, sentence in annotated]
        for source in dict.fromkeys(source for source, _ in annotated):
            found[f"... {title}, {source}"] = [sentence for name, sentence in annotated if name == source]
    found["English, silver, countries held out"] = entities.silver("test")
    return found


# The baseline: a linear classifier; its features are a word, its shape, its prefix and suffix and its neighbours


def features(words: list[str], place: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for step in (-2, -1, 0, 1, 2):
        word = words[place + step] if 0 <= place + step < len(words) else "_"
        found[f"{step} {word.lower()}"] = 1
        if abs(step) <= 1:
            found[f"{step} {word[:1].isupper()} {word.isupper()} {word.isdigit()}"] = 1
    found[f"end {words[place][-3:]}"] = found[f"start {words[place][:3]}"] = found[f"first {place == 0}"] = 1
    return found


def tagged(sentence: Sentence) -> tuple[list[str], list[str]]:
    """A sentence -> its words and their labels."""
    words, labels = [], []
    for start, end in entities.words_of(sentence.text):
        inside = [span for span in sentence.spans if span[0] <= start and end <= span[1]]
        words.append(sentence.text[start:end])
        labels.append("O" if not inside else f"{'B' if inside[0][0] == start else 'I'}-{inside[0][2]}")
    return words, labels


def spans_of(text: str, labels: list[str]) -> tuple[Span, ...]:
    """The labels of the words of a text -> its spans."""
    found: list[Span] = []
    before = "O"
    for (start, end), label in zip(entities.words_of(text), labels, strict=True):
        if label != "O":
            if label[0] == "I" and before[2:] == label[2:]:
                found[-1] = (found[-1][0], end, label[2:])
            else:
                found.append((start, end, label[2:]))
        before = label
    return tuple(found)


@cache
def baseline() -> Any:
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    inputs, labels = [], []
    for sentence in [sentence for some in (sentences() | everyday_sentences()).values() for sentence in some]:
        words, tags = tagged(sentence)
        inputs += [features(words, place) for place in range(len(words))]
        labels += tags
    model = make_pipeline(
        FeatureHasher(2**18), SGDClassifier("log_loss", alpha=1e-6, max_iter=5, tol=None, random_state=SEED)
    )
    return model.fit(inputs, labels)


def baseline_answers(texts: list[str]) -> list[tuple[Span, ...]]:
    found = []
    for text in texts:
        words, _ = tagged(Sentence(text, ()))
        found.append(spans_of(text, list(baseline().predict([features(words, place) for place in range(len(words))]))))
    return found


def token_dropout(collate: Any, unknown: int, seed: int) -> Any:
    """A collator -> the same with TOKEN_DROPOUT of the tokens replaced by [UNK]; the labels stay."""
    rng = torch.Generator().manual_seed(seed)

    def dropping(batch: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        found = collate(batch)
        dropped = (torch.rand(found["input_ids"].shape, generator=rng) < TOKEN_DROPOUT) & (found["labels"] >= 0)
        found["input_ids"] = found["input_ids"].masked_fill(dropped, unknown)
        return found

    return dropping


@cache
def pretraining_texts() -> list[str]:
    """Both languages without labels: Debian's descriptions, the Factbook's prose, Littré's citations."""
    found = [text for _, text in factbook.prose("train")]
    for package, english, french in sources.debian_descriptions():
        if part(package.split("-")[0]) == "train":
            found += [english, french]
    found += gazetteer.texts()["train"]
    return [text for text in dict.fromkeys(found) if kept(Sentence(text, ()))]


def head(model: torch.nn.Module, states: torch.Tensor) -> torch.Tensor:
    """Hidden states of masked positions -> logits over the vocabulary."""
    return model.cls(states)


def pretrain(folder: Path, tokenizer: Any) -> None:
    """Save in a folder a BERT pretrained on both languages by masked language modeling."""
    from hfquick import AutoModelForMaskedLM, BertConfig

    model = tokens.without_dropout(AutoModelForMaskedLM.from_config(BertConfig(**CONFIG)))
    ids = tokens.encode(tokenizer, pretraining_texts(), 128)
    with torch.no_grad():
        embeddings = shrink.token_embeddings(ZOO / NAME / "tokenizer.json", CONFIG["hidden_size"])
        model.bert.embeddings.word_embeddings.weight.copy_(torch.tensor(embeddings))
    masked.init_bias(model.cls.predictions.bias, masked.frequencies(ids, VOCABULARY, len(vocabularies.SPECIAL)))
    dev = [sentence.text for some in dev_sets().values() for sentence in some]
    masked.fit(f"{NAME}-pretrained", model, tokenizer, head, ids, dev, 0.2, TOKENS, **PRETRAINING)
    model.save_pretrained(folder)


def fine_tune(start: Path, folder: Path, examples: list[Sentence], options: dict[str, float]) -> None:
    """Train the model of a folder on sentences, and save it in another."""
    from hfquick import AutoModelForTokenClassification, DataCollatorForTokenClassification

    tokenizer = vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    model = AutoModelForTokenClassification.from_pretrained(str(start))  # few sentences: dropout stays
    collate = DataCollatorForTokenClassification(tokenizer, pad_to_multiple_of=tokens.STEP)
    trainer = tokens.TokenTrainer(
        model,
        tokens.arguments(folder.name, eval_steps=300, prediction_loss_only=True, **options),
        token_dropout(collate, tokenizer.unk_token_id, SEED),
        train_dataset=rows(tokenizer, examples),
        eval_dataset=rows(tokenizer, [sentence for some in dev_sets().values() for sentence in some]),
        tokens=TOKENS,
    )
    trainer.train_to_the_end()
    save_half(model, folder)


def train() -> None:
    """Three stages, each from the one before: pretraining, entities in real and made sentences, everyday sentences."""
    clock = Clock()
    torch.manual_seed(SEED)
    models = sources.WORK / "models"
    pretrained, first, folder = models / f"{NAME}-pretrained", models / f"{NAME}-first", models / NAME
    examples = [sentence for some in sentences().values() for sentence in some]
    if not (first / "config.json").exists():
        if not (pretrained / "config.json").exists():
            pretrain(pretrained, vocabulary())
        fine_tune(pretrained, first, examples, {"num_train_epochs": EPOCHS, "learning_rate": LR})
    examples += [sentence for some in everyday_sentences().values() for sentence in some]
    fine_tune(first, folder, examples, EVERYDAY)
    remember_texts()
    if publish(folder, dev_score):
        everything = {**sentences(), **everyday_sentences()}
        counts = {re.sub(r"\W+", "_", name): len(some) for name, some in everything.items()}
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, **counts)


def remember_texts() -> None:
    """Add the training sentences to `training_hashes.bin`."""
    some = [*sentences().values(), *everyday_sentences().values()]
    remember(NAME, [*pretraining_texts(), *(sentence.text for group in some for sentence in group)])


def card() -> None:
    folder = ZOO / NAME
    lines = []
    for name, some in test_sets().items():
        gold, texts = [sentence.spans for sentence in some], [sentence.text for sentence in some]
        lines.append((name, len(some), f1(gold, answers(folder, texts)), f1(gold, baseline_answers(texts))))
    shown = [sentence.text for language in MADE for sentence in typical(language)]
    outputs = "\n".join(
        f"- {text} → {show(text, found)}" for text, found in zip(shown, answers(folder, shown), strict=True)
    )
    front = {
        "license": "apache-2.0",
        "language": ["en", "fr"],
        "library_name": "hfquick",
        "pipeline_tag": "token-classification",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "tags": ["bert", "ner", "token-classification", "tiny", "education"],
        "metrics": ["f1"],
    }
    below = [name.removeprefix("... ") for name, _, score, plain in lines if score < plain]
    values = {
        **CONFIG,
        "scores": table(("held-out sentences", "rows", "F1", "baseline"), lines),
        "below": f"**Below the baseline on: {'; '.join(below)}.**" if below else "Nowhere below the baseline.",
        "outputs": outputs,
    }
    write_card(NAME, front, values)


def typical(language: str) -> list[Sentence]:
    """The first five everyday sentences of the test, whatever the model makes of them."""
    return [sentence for source, sentence in entities.by_hand(language) if source == "everyday"][:5]


def show(text: str, found: tuple[Span, ...]) -> str:
    return ", ".join(f"{text[start:end]} ({kind})" for start, end, kind in found) or "nothing"


if __name__ == "__main__":
    run(train, card)
