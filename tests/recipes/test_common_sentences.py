"""Everyday sentences from templates, and a growing vocabulary: what the second training of masked models rests on."""

import random
import shutil

import pytest

torch = pytest.importorskip("torch")

from hfquick import AutoTokenizer  # noqa: E402
from hfquick.zoo import folder  # noqa: E402
from recipes import common, common_sentences, extend, masked, vocabularies  # noqa: E402
from recipes.common_sentences import Sentence, as_typed, expand, options  # noqa: E402

LANGUAGES = ["en", "fr"]


def words(sentence):
    return [sentence.text[a:b] for a, b in sentence.words]


def test_an_option_may_hold_words_with_bars():
    assert options("a {b|c}|d|") == ["a {b|c}", "d", ""]


def test_a_template_says_every_word_and_nothing_else():
    rng = random.Random(0)
    found = [expand("The {okapi|gnu} yawned [on the {bed|mat}|].", rng) for _ in range(300)]
    assert {sentence.text for sentence in found} == {
        f"The {animal} yawned{where}." for animal in ("okapi", "gnu") for where in ("", " on the bed", " on the mat")
    }
    assert {word for sentence in found for word in words(sentence)} == {"okapi", "gnu", "bed", "mat"}
    many = [words(sentence)[0] for sentence in found]
    assert many.count("okapi") > many.count("gnu")  # the likelier first


def test_as_typed_keeps_the_words_in_their_places():
    rng = random.Random(0)
    sentence = Sentence("Où tangues-tu ?", ((3, 10), (11, 13)))
    found = {as_typed(sentence, "fr", rng) for _ in range(300)}
    assert {text for text, _ in found} == {"Où tangues-tu ?", "Où tangues-tu?", "où tangues-tu ?", "où tangues-tu?"}
    assert all(words(one) == ["tangues", "tu"] for one in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_templates_can_be_expanded(language):
    found = common_sentences.sentences(language)
    assert len({text for text, _ in found}) > 5000
    for sentence in found:
        assert not set("{}[]|_") & set(sentence.text), sentence
        assert "  " not in sentence.text
        assert all(word == word.strip() != "" for word in words(sentence)), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_models_are_chosen_by_other_sentences(language):
    known = {common.key(text) for text, _ in common_sentences.sentences(language)}
    rows = common_sentences.dev(language)
    assert len(rows) >= 80
    for before, after, accepted in rows:
        assert accepted
        assert (before + after).strip()
        assert not known & {common.key(before + word + after) for word in accepted}


@pytest.fixture(params=["distilbert-tiny-en", "roberta-tiny-fr"])
def grown(request, tmp_path):
    """(tokenizer of the zoo, model and tokenizer with three words more)"""
    name = folder(f"hfquick/{request.param}")
    found = [" zorglubs", "Zorglub", " abracadabrantesque"]
    return (AutoTokenizer.from_pretrained(str(name)), *extend.grown(name, tmp_path, found))


def test_new_words_are_one_token_and_others_stay_as_they_are(grown):
    old, model, new = grown
    assert len(new) == model.config.vocab_size > len(old)
    assert new.tokenize("un abracadabrantesque")[-1].endswith("abracadabrantesque")
    assert len(new.tokenize("un abracadabrantesque")) == len(new.tokenize("un")) + 1
    for text in ("Le tapir bâillait hier.", "The okapi yawned at the bed.", "l'été"):
        assert new(text)["input_ids"] == old(text)["input_ids"]
    assert {word: row for word, row in new.get_vocab().items() if row < len(old)} == old.get_vocab()


def test_a_grown_model_reads_old_words_as_before(grown):
    old, model, _ = grown
    name = "distilbert-tiny-en" if model.config.model_type == "distilbert" else "roberta-tiny-fr"
    before, _ = masked.load(folder(f"hfquick/{name}"))
    ids = old("Le tapir bâillait hier.", return_tensors="pt")
    with torch.inference_mode():
        logits = model.eval()(**ids).logits
        assert torch.allclose(logits[..., : len(old)], before(**ids).logits.float(), atol=1e-3)


def test_words_go_into_the_files_of_a_vocabulary(tmp_path):
    for file in folder("hfquick/distilbert-tiny-en").iterdir():
        if file.suffix in (".json", ".txt"):
            shutil.copy(file, tmp_path)
    before = (tmp_path / "vocab.txt").read_text(encoding="utf-8")
    assert vocabularies.add_words(tmp_path, [" Zorglub", "zorglub", "the"]) == 1
    assert (tmp_path / "vocab.txt").read_text(encoding="utf-8") == before + "zorglub\n"


def test_only_the_chosen_word_is_masked():
    tokenizer = AutoTokenizer.from_pretrained("hfquick/roberta-tiny-fr")
    rows = masked.chosen_rows(
        tokenizer, [Sentence("Le roi est carré.", ((3, 6), (11, 16))), Sentence("Il bâillait.", ())]
    )
    first, second, plain = rows
    assert tokenizer.decode(first["input_ids"], skip_special_tokens=False) == "<s>Le<mask> est carré.</s>"
    assert [tokenizer.decode([row["labels"]]) for row in (first, second)] == [" roi", " carré"]
    assert "labels" not in plain
    batch = masked.ChosenCollator(tokenizer, 0.5)([second, first])
    for place, row in enumerate((second, first)):
        labels = batch["labels"][place]
        assert labels[labels != -100].tolist() == [row["labels"]]
        assert batch["input_ids"][place, : len(row["input_ids"])].tolist() == row["input_ids"]
