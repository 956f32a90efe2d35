"""Everyday texts with summaries: what is composed, how it is shortened, and the ones written by hand."""

import json
import random
import re

import pytest

pytest.importorskip("torch")

from hfquick import AutoTokenizer
from hfquick.zoo import folder
from recipes import extend, first_inputs, summaries, vocabularies
from recipes.sources import sentences_of

COUNT = 2_000


@pytest.fixture(scope="module")
def maker(monkeypatch_module):
    return summaries.Maker(7)


@pytest.fixture(scope="module")
def monkeypatch_module():
    """Words without a network: names, places and nouns come from packages otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recipes.entities.names", lambda: (["Anneke", "Tibor"], ["Holm", "Quist"]))
        patch.setattr("recipes.entities.cities", lambda: ["Oulu", "Mons"])
        patch.setattr(summaries, "nouns", lambda: ["lantern", "orchard", "paddle"])
        yield patch


@pytest.fixture(scope="module")
def composed(maker):
    return [*maker.of_blocks(COUNT), *maker.of_verbs(COUNT // 4)]


def test_a_seed_gives_the_same_texts(monkeypatch_module):
    one, same, other = (list(summaries.Maker(seed).of_blocks(20)) for seed in (7, 7, 8))
    assert one == same != other


def test_nothing_of_a_pattern_is_left(composed):
    assert [one for one in composed if re.search(r"[\^{}\[\]|()~<>]|  | [.,]", one.text + one.summary)] == []


def test_a_summary_is_a_sentence_and_shorter(composed):
    for text, summary in composed:
        assert re.match(r"[A-Z\d]", summary), summary
        assert summary.endswith("."), summary
        assert len(summary) <= len(text), text
    shorter = [one for one in composed if len(one.summary.split()) < len(one.text.split())]
    assert len(shorter) > 0.97 * len(composed)


def test_all_its_words_stand_in_the_text_in_this_order(composed):
    """So a name or a number that the text has not is never learnt."""
    for text, summary in composed:
        left = iter(first_inputs.words(text))
        said = [word for word in first_inputs.words(summary) if word not in ("a", "an")]
        assert all(word in left for word in said), (text, summary)


def test_the_main_sentence_is_mostly_the_first_but_not_always(composed):
    def starts(one):
        return sentences_of(one.text)[0].lower().startswith(" ".join(one.summary.lower().split()[:3]))

    assert 0.6 < sum(map(starts, composed)) / len(composed) < 0.9


def test_every_slot_of_the_blocks_is_known(maker):
    for block in summaries.blocks():
        for line in [*block.subjects, *block.before, *block.after, *block.reasons]:
            assert line.count("(") == line.count(")"), line
            assert line.count("[") == line.count("]"), line
            assert line.count("^") % 2 == 0, line
            slots = summaries.answer_stories.Text(maker.words)
            assert slots.fill(re.sub(r"[\[\]()|^]", " ", line)), line


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Well, Jorunn (my aunt) sold her sledge because she moved south.", "Jorunn sold her sledge."),
        ("The quay was repaired last spring, which took months.", "The quay was repaired last spring."),
        ("We hid, when it thundered", "We hid, when it thundered."),
    ],
)
def test_shortening(text, short):
    assert summaries.shortened(text) == short


def test_what_stands_between_carets_is_left_out():
    assert (
        summaries.without("^After a storm,^ an owl lives ^, they say,^ in our loft^ now^.")
        == "An owl lives in our loft."
    )
    assert summaries.lowered("Our Loft") == "our Loft"
    assert summaries.lowered("Oulu") == "Oulu"


def test_dev_texts():
    dev = summaries.dev()
    assert len(dev) == len({one.example.text for one in dev}) == 60
    for one in dev:
        assert len(one.example.summary.split()) <= summaries.LONGEST
        assert 2 <= len(sentences_of(one.example.text)) <= 4
        assert summaries.right(one, one.example.summary), one.example.text
        assert not summaries.right(one, "Zebras"), one.example.text
        assert not summaries.right(one, one.example.text), one.example.text


def test_texts_near_dev_are_left_out():
    [first, *_] = summaries.dev()
    assert not summaries.usable(first.example)
    assert not summaries.usable(summaries.Example("Jorunn has a sledge.", "Jorunn has a sledge."))
    assert not summaries.usable(
        summaries.Example("Jorunn has a [red] sledge. Its runners squeal.", "Jorunn has a sledge.")
    )


def test_exchanged_words_are_the_same_in_text_and_summary(monkeypatch):
    monkeypatch.setattr(summaries, "frequent", lambda: ["gossamer"])
    one = summaries.Example("Jorunn greased this sledge. The sledge sped off.", "Jorunn greased this sledge.")
    found = {summaries.exchanged(one, random.Random(seed)) for seed in range(20)}
    assert {summary for _, summary in found} == {
        "Jorunn gossamer this sledge.",
        "Jorunn greased this gossamer.",
        "Jorunn gossamer this gossamer.",
    }
    assert all(text.startswith(summary) for text, summary in found)
    assert all(("The sledge" in text) == ("sledge" in summary) for text, summary in found)


def test_words_that_were_added_can_be_taken_away(tmp_path):
    """The first training starts from the vocabulary as it was; new words are read as their pieces at first."""
    zoo, first, grown = folder("hfquick/bart-tiny-synopsis-en"), tmp_path / "first", tmp_path / "grown"
    vocabularies.without_words(zoo, first, 5000)
    state = json.loads((first / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    assert sorted(state["vocab"].values()) == list(range(5000))
    assert {left + right for left, right in map(tuple, state["merges"])} <= state["vocab"].keys()
    small, large = (AutoTokenizer.from_pretrained(str(path)) for path in (first, zoo))
    assert len(small) == 5000 < len(large)
    assert len(small.tokenize(" birthday")) > len(large.tokenize(" birthday")) == 1
    assert small.decode(small("Zwölf Äpfel")["input_ids"], skip_special_tokens=True) == "Zwölf Äpfel"
    model, tokenizer = extend.grown(zoo, grown, [" zeppelin"], "AutoModelForSeq2SeqLM")
    assert tokenizer.tokenize(" zeppelin") == ["Ġzeppelin"]
    table = model.get_input_embeddings().weight
    assert len(table) == len(tokenizer) == model.config.vocab_size == model.final_logits_bias.shape[1]
    pieces = large("zeppelin", add_special_tokens=False)["input_ids"]
    row = tokenizer.convert_tokens_to_ids("Ġzeppelin")
    assert (table[row] - table[pieces].mean(0)).abs().max() < 1e-6
