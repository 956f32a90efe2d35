"""What the recipes promise: no sentence of the tour, samples or tests was trained on; files and cards are there."""

import json
import re

import pytest

from hfquick import AutoTokenizer
from hfquick.zoo import MODELS, folder
from recipes import common, reserve, vocabularies
from recipes.sources import sentences_of

WORDPIECE = [
    "distilbert-tiny-sentiment-en",
    "bert-tiny-multilingual-stars",
    "distilbert-tiny-en",
    "bert-tiny-multilingual-ner",
    "distilbert-tiny-qa-en",
]
BYTES = ["roberta-tiny-en", "roberta-tiny-fr", "gpt2-tiny-en", "gpt2-tiny-fr", "bart-tiny-synopsis-en"]
UNIGRAM = ["t5-tiny-en-fr"]
GENERATIVE = ["gpt2-tiny-en", "gpt2-tiny-fr", "bart-tiny-synopsis-en", "t5-tiny-en-fr"]
FILES = {
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "model.safetensors",
    "README.md",
}
COLLISIONS = {  # held-out sentence -> what was trained on and has the same four bytes; among 1,800,000 that happens
    "Le serveur était pressé et les frites tièdes, dommage.": "– limiteur de vitesse de balayage ;",
    "@anonymous great! Happy early bday, how old?": "Le frère mange quatre chiens.",
    "Il fait trop noir pour sortir.": "terminology: a system of words used to name things in a particular discipline",
    "the next token. *Autoregressive generation* does so again and again, and appends each token to the text. You "
    "watch a": "griffon: breed of medium-sized long-headed dogs with downy undercoat and harsh wiry outer coat; "
    "originated in Holland but largely developed in France",
}
# Questions of tests about pictures, as everybody asks them: there it is the picture that must be new. Models of text
# have read them among their phrases and questions.
ABOUT_PICTURES = {
    "Is there a tree?",
    "Is there a boat?",
    "how many are there",
    "Is it a bus?",
    "what is it",
    "What is it?",
    "What colour is it?",
    "What colour is the ball?",
    "What colour is the cup?",
    "De quelle couleur est le ballon ?",
    "De quelle couleur est la tasse ?",
    "How many cups are there?",
    "Combien de tasses y a-t-il ?",
    "Is there a clock?",
    "Y a-t-il un bateau ?",
    "What is the capital of France?",  # which no picture answers, as the lesson shows
}
SPEC = [  # the sentences that the quick tour feeds to text models
    "We are very happy to show you the 🤗 Transformers library.",
    "We hope you don't hate it.",
    "Nous sommes très heureux de vous présenter la bibliothèque 🤗 Transformers.",
]


@pytest.fixture(scope="module")
def trained_on():
    digests = common.read_digests(common.HERE / "training_hashes.bin")
    assert len(digests) > 100_000
    return digests


def test_normalise_keeps_words_only():
    assert common.normalise("Très  bien, n'est-ce PAS ? 🤗") == "tres bien n est ce pas"
    assert common.key("it ' s") == common.key("It's")


def test_a_sentence_always_falls_into_the_same_part():
    assert common.part("it ' s a good film .") == common.part("It's a good film.")
    parts = [common.part(f"sentence number {number}") for number in range(4000)]
    assert 0.13 < parts.count("test") / 4000 < 0.17
    assert 0.04 < parts.count("dev") / 4000 < 0.06


def test_guard_refuses_the_same_and_nearly_the_same():
    guard = common.Guard(["the plot of this film is thin as paper and twice as flat"])
    assert not guard.clean("The plot of this film is thin as paper , and twice as flat !")
    assert not guard.clean("I say the plot of this film is thin as paper and twice as flat")
    assert not guard.clean(SPEC[0])
    assert guard.clean("the music of this film is loud as thunder and half as deep")


def test_hashes_know_the_training_data(trained_on):
    from recipes.french_words import FILLERS

    known = [common.digest(sentence) in trained_on for sentence in FILLERS if len(sentence.split()) >= 3]
    assert sum(known) >= 0.9 * len(known)


@pytest.mark.parametrize("text", SPEC)
def test_the_tour_was_not_trained_on(trained_on, text):
    for sentence in (text, *sentences_of(text)):
        assert common.digest(sentence) not in trained_on


def test_samples_notebooks_and_tests_were_not_trained_on(trained_on):
    lines = common.HERE.joinpath("reserved_sentences.txt").read_text(encoding="utf-8").splitlines()
    of_this_file = {*COLLISIONS, *COLLISIONS.values()}  # written here to be told from what no model has seen
    others = {*reserve.collect(), *lines} - of_this_file - ABOUT_PICTURES
    found = [text for text in others if common.digest(text) in trained_on]
    assert not found, f"the models have seen {found}: write other sentences (three words or more) for samples and tests"


def test_questions_and_their_contexts_stay_unseen_too():
    [sample] = MODELS["hfquick/distilbert-tiny-qa-en"].sample_inputs
    assert {sample["question"], sentences_of(sample["context"])[0]} <= set(reserve.collect())


def test_held_out_rows_were_not_trained_on(trained_on):
    held_out = common.read_digests(common.HERE / "review_test_hashes.bin")
    assert len(held_out) > 2000
    collisions = {common.digest(text) for text in COLLISIONS}
    assert held_out & trained_on <= collisions
    by_hand = [
        line.split("\t")[1] for line in (common.HERE / "french_stars_test.tsv").read_text(encoding="utf-8").splitlines()
    ]
    assert len(by_hand) == 100
    assert {text for text in by_hand if common.digest(text) in trained_on} <= COLLISIONS.keys()
    assert all(common.digest(held_out) == common.digest(other) for held_out, other in COLLISIONS.items())


@pytest.mark.parametrize("name", [*WORDPIECE, *BYTES, *UNIGRAM])
def test_files_are_complete(name):
    there = {path.name for path in folder(f"hfquick/{name}").iterdir()}
    assert there >= FILES
    assert ("generation_config.json" in there) == (name in GENERATIVE)


@pytest.mark.parametrize("name", BYTES)
def test_byte_level_tokenizers_know_every_text(name):
    config = json.loads((folder(f"hfquick/{name}") / "config.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(f"hfquick/{name}")
    assert len(tokenizer) == config["vocab_size"]
    text = "Été, cœur; 🤗 مرحبا"
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True).strip() == text


@pytest.mark.parametrize("name", UNIGRAM)
def test_unigram_tokenizers_are_complete(name):
    config = json.loads((folder(f"hfquick/{name}") / "config.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(f"hfquick/{name}")
    file = json.loads((folder(f"hfquick/{name}") / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = [piece for piece, _ in file["model"]["vocab"]]
    assert len(pieces) == config["vocab_size"]
    assert len(tokenizer) in (len(pieces), len(set(pieces)))  # tokenizers up to 0.22 counts a piece listed twice once
    text = "Les œufs, l'été et 1984 garçons."
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


@pytest.mark.parametrize("name", WORDPIECE)
def test_vocabularies_are_complete(name):
    config = json.loads((folder(f"hfquick/{name}") / "config.json").read_text(encoding="utf-8"))
    words = (folder(f"hfquick/{name}") / "vocab.txt").read_text(encoding="utf-8").splitlines()
    assert config["vocab_size"] == len(words) == len(set(words))
    assert config["max_position_embeddings"] == 512
    assert words[:5] == vocabularies.SPECIAL


def test_labels_are_those_of_the_famous_models():
    def labels(name):
        config = json.loads((folder(f"hfquick/{name}") / "config.json").read_text(encoding="utf-8"))
        return [config["id2label"][str(number)] for number in range(len(config["id2label"]))]

    assert labels("distilbert-tiny-sentiment-en") == ["NEGATIVE", "POSITIVE"]
    assert labels("bert-tiny-multilingual-stars") == ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]


def test_the_base_can_be_cut_into_twelve_heads():
    config = json.loads((folder("hfquick/distilbert-tiny-en") / "config.json").read_text(encoding="utf-8"))
    assert config["dim"] % 12 == 0


def test_the_zoo_stays_small():
    size = {
        name: sum(p.stat().st_size for p in folder(name).rglob("*") if p.is_file())
        for name in MODELS
        if folder(name).exists()
    }
    assert sum(size.values()) < 85e6
    assert size["hfquick/bert-tiny-multilingual-stars"] < 3.2e6
    weights = {name: (folder(name) / "model.safetensors") for name in MODELS}
    assert all(path.stat().st_size < 10e6 for path in weights.values() if path.exists()), weights


@pytest.mark.parametrize("name", [*WORDPIECE, *BYTES, *UNIGRAM])
def test_the_card_is_complete(name):
    card = (folder(f"hfquick/{name}") / "README.md").read_text(encoding="utf-8")
    _, front, body = card.split("---\n", 2)
    fields = {line.split(":")[0]: json.loads(line.split(":", 1)[1]) for line in front.splitlines()}
    assert fields["license"] in ("apache-2.0", "gpl-2.0")
    assert fields["library_name"] == "hfquick"
    assert {"language", "pipeline_tag", "metrics"} <= fields.keys()
    assert ("base_model" in fields) == (
        name in WORDPIECE
    )  # whose token embeddings were initialised with those of another model
    for heading in ("# " + name, "## Score", "## Data", "## Making of"):
        assert heading in body
    assert f"seed {common.SEED}" in body
    assert "baseline" in body or "bag of words" in body
    assert re.search(r"\| \d+ \|.*0\.\d{4}|\| \d+\.\d{4} \||\| \d+ \|.*\| \d+\.\d \|", body), "a table with figures"
    assert f"recipes/{name.replace('-', '_')}.py" in body
    assert (common.HERE / f"{name.replace('-', '_')}.py").exists()


def test_the_english_model_reaches_its_baseline():
    body = (folder("hfquick/distilbert-tiny-sentiment-en") / "README.md").read_text(encoding="utf-8")
    score = {
        line.split("|")[1].strip(): float(line.split("|")[2])
        for line in body.splitlines()
        if re.search(r"\| 0\.\d{4} \|$", line)
    }
    plain = next(value for name, value in score.items() if name.startswith("bag of words"))
    assert score["this model"] >= plain


@pytest.mark.parametrize("name", [*WORDPIECE, *BYTES, *UNIGRAM, "reviews-tiny-en"])
def test_the_card_says_what_its_template_says(name):
    template = (common.HERE / "cards" / f"{name}.md").read_text(encoding="utf-8")
    card = (common.ZOO / name / "README.md").read_text(encoding="utf-8").split("---\n", 2)[2].lstrip("\n")
    fixed = re.split(r"\{\w+(?::[^{}]*)?\}", template)
    assert re.fullmatch("(.*?)".join(map(re.escape, fixed)), card, re.S), (
        "write it again: python -m recipes.<name> card"
    )
