"""Wav2Vec2CTCTokenizer: letters and frames; what it gives for many cases is compared in tests/audio_processing."""

import copy
import json
import pickle

import numpy as np
import pytest

from hfquick import AutoTokenizer, PreTrainedTokenizerFast, Wav2Vec2CTCTokenizer
from tests.audio_processing.cases import ENGLISH, numbered

HELLO = [12, 12, 5, 0, 15, 15, 0, 15, 8, 8, 4, 4, 7]  # H H E _ L L _ L O O | | A


@pytest.fixture
def file(tmp_path):
    return written(tmp_path, numbered(*ENGLISH))


@pytest.fixture
def tokenizer(file):
    return Wav2Vec2CTCTokenizer(file)


def written(folder, vocabulary, **settings):
    file = folder / "vocab.json"
    file.write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    if settings:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return file


def sentence(call, *given, **options):
    with pytest.raises((ValueError, TypeError, OSError)) as caught:
        call(*given, **options)
    assert hasattr(caught.value, "english"), caught.value
    return str(caught.value)


def test_frames_become_letters(tokenizer):
    assert tokenizer.decode(HELLO) == "HELLO A"
    assert tokenizer.decode(HELLO, group_tokens=False) == "HHELLLOO  A"
    assert tokenizer.batch_decode(np.array([HELLO, HELLO])) == ["HELLO A"] * 2
    assert tokenizer.decode([]) == tokenizer.decode([0, 0]) == ""
    assert tokenizer.decode(12) == "H"
    assert tokenizer.convert_tokens_to_string(["H", "H", "<pad>", "H", "|", "A"]) == "HH A"


def test_blanks_part_letters_also_where_special_tokens_are_left_out(tokenizer):
    """transformers takes the blanks out first there, and reads "HELO"."""
    assert tokenizer.decode([*HELLO, 1, 2, 3], skip_special_tokens=True) == "HELLO A"
    assert tokenizer.decode([*HELLO, 1, 2, 3]) == "HELLO A<s></s><unk>"
    assert tokenizer.decode([12, 1, 12], skip_special_tokens=True) == "HH"


def test_offsets_are_in_frames(tokenizer):
    both = tokenizer.decode(HELLO, output_char_offsets=True, output_word_offsets=True)
    assert both.text == both["text"] == "HELLO A"
    assert both.word_offsets == [
        {"word": "HELLO", "start_offset": 0, "end_offset": 10},
        {"word": "A", "start_offset": 12, "end_offset": 13},
    ]
    assert [one["char"] for one in both.char_offsets] == ["H", "E", "L", "L", "O", " ", "A"]
    assert [one["start_offset"] for one in both.char_offsets] == [0, 2, 4, 7, 8, 10, 12]
    many = tokenizer.batch_decode([HELLO, [0]], output_word_offsets=True)
    assert (many.text, many.word_offsets[1], many.char_offsets) == (["HELLO A", ""], [], None)
    skipped = tokenizer.decode([1, *HELLO], output_word_offsets=True, skip_special_tokens=True)
    assert skipped.word_offsets[0] == {"word": "HELLO", "start_offset": 1, "end_offset": 11}
    with pytest.raises(AttributeError, match=r"no 'words' in this batch"):
        both.words  # noqa: B018


@pytest.mark.torch
def test_tensors_of_pytorch(tokenizer):
    import torch

    assert tokenizer.decode(torch.tensor(HELLO)) == "HELLO A"
    assert tokenizer.batch_decode(torch.tensor([HELLO])) == ["HELLO A"]
    assert tokenizer(["AB", "A"], padding=True, return_tensors="pt").input_ids.shape == (2, 2)


@pytest.mark.tf
def test_tensors_of_tensorflow(tokenizer):
    import tensorflow as tf

    assert tokenizer.batch_decode(tf.constant([HELLO])) == ["HELLO A"]


def test_an_id_that_no_token_has(tokenizer):
    assert tokenizer.decode([12, 500]) == "H<unk>"  # a model may have more rows than the vocabulary tokens
    assert "there is no token -100, ids go from 0 to 31; -100 marks labels" in sentence(tokenizer.decode, [12, -100])
    assert "these are 2 texts; try batch_decode" in sentence(tokenizer.decode, [[1], [2]])
    assert "expected a list of whole numbers" in sentence(tokenizer.decode, [0.5])
    assert "did you mean 'group_tokens'?" in sentence(tokenizer.decode, [1], group_token=True)


def test_texts_become_labels(tokenizer):
    assert tokenizer("HELLO A").input_ids == [12, 5, 15, 15, 8, 4, 7]
    batch = tokenizer(["AB", "A"], padding=True, return_tensors="np")
    assert batch.input_ids.tolist() == [[7, 24], [7, 0]]
    assert batch.attention_mask.tolist() == [[1, 1], [1, 0]]
    assert tokenizer("ABC", max_length=2, truncation=True).input_ids == [7, 24]
    assert tokenizer.tokenize("A B") == ["A", "|", "B"]
    assert tokenizer.encode("éa") == [3, 3]
    assert tokenizer.pad([{"input_ids": [1]}, {"input_ids": [1, 2]}]).input_ids == [[1, 0], [1, 2]]
    assert tokenizer("A", return_offsets_mapping=True).offset_mapping == [(0, 1)]
    assert (tokenizer.word_delimiter_token_id, tokenizer.pad_token_id, tokenizer.unk_token) == (4, 0, "<unk>")


def test_lower_case_goes_both_ways(file):
    tokenizer = Wav2Vec2CTCTokenizer(file, do_lower_case=True)
    ids = tokenizer("Hello, Straße").input_ids
    assert ids == [12, 5, 15, 15, 8, 3, 4, 11, 6, 13, 7, 11, 11, 5]
    assert tokenizer.decode(ids, group_tokens=False) == "hello<unk> strasse"
    assert tokenizer.do_lower_case


def test_a_letter_without_a_token(tmp_path):
    tokenizer = Wav2Vec2CTCTokenizer(written(tmp_path, {"<pad>": 0, "|": 1, "A": 2}), unk_token=None)
    assert tokenizer("A A").input_ids == [2, 1, 2]
    assert "a character of the text is not in the vocabulary, which has no unk_token" in sentence(tokenizer, "AB")
    assert "there is no token 9, ids go from 0 to 4" in sentence(tokenizer.decode, [9])


def test_a_bare_vocabulary_is_enough(file):
    for kind in (AutoTokenizer, PreTrainedTokenizerFast, Wav2Vec2CTCTokenizer):
        assert type(kind.from_pretrained(file.parent)) is Wav2Vec2CTCTokenizer
    (file.parent / "config.json").write_text(json.dumps({"model_type": "hubert", "vocab_size": 32}))
    assert AutoTokenizer.from_pretrained(file.parent).decode(HELLO) == "HELLO A"
    written(
        file.parent, numbered(*ENGLISH), tokenizer_class="Wav2Vec2Tokenizer", target_lang=None
    )  # its name until 2021
    assert type(AutoTokenizer.from_pretrained(file.parent, do_lower_case=True)) is Wav2Vec2CTCTokenizer


def test_it_is_saved_and_read(file, tmp_path):
    tokenizer = Wav2Vec2CTCTokenizer(
        file, word_delimiter_token="_", replace_word_delimiter_char="-", do_lower_case=True, bos_token=None
    )
    tokenizer.add_tokens(["<laugh>"])
    new = tmp_path / "new"
    assert {path.rpartition("/")[2] for path in tokenizer.save_pretrained(new)} == {
        "vocab.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    }  # fmt: skip
    again = AutoTokenizer.from_pretrained(new)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert again.special_tokens_map == tokenizer.special_tokens_map
    assert (again.word_delimiter_token, again.replace_word_delimiter_char, again.do_lower_case) == ("_", "-", True)
    assert again("ab <laugh> c").input_ids == tokenizer("ab <laugh> c").input_ids
    assert again.bos_token is None
    assert json.loads((new / "tokenizer_config.json").read_text())["tokenizer_class"] == "Wav2Vec2CTCTokenizer"
    assert repr(again).startswith("Wav2Vec2CTCTokenizer(name_or_path=")


def test_it_can_be_copied(tokenizer):
    for other in (copy.deepcopy(tokenizer), pickle.loads(pickle.dumps(tokenizer))):
        assert other.decode(HELLO) == "HELLO A"
        assert other("A B").input_ids == [7, 4, 24]


def test_vocabularies_that_cannot_be(tmp_path):
    nested = {"eng": {"a": 0}, "fra": {"a": 0}}
    for vocabulary, why in [
        (nested, "it has a vocabulary for each of several languages (target_lang), as models of MMS do"),
        ({"a": 0, "b": 0}, "two tokens have one id"),
        ({"a": "0"}, "expected an id for every token"),
        ({"a": -1}, "expected an id for every token"),
        ({}, "expected an id for every token"),
        (["a", "b"], "expected an id for every token"),
    ]:
        file = written(tmp_path, vocabulary)
        said = sentence(Wav2Vec2CTCTokenizer, file)
        assert said.startswith(f"'{file}' is no vocabulary ({why}")
        assert said.endswith("expected a table in JSON: token -> id")
        if vocabulary and isinstance(vocabulary, dict):
            assert f"is damaged ({why}" in sentence(AutoTokenizer.from_pretrained, tmp_path)
    file.write_text("no json")
    assert "is no vocabulary (Expecting value" in sentence(Wav2Vec2CTCTokenizer, file)
    written(tmp_path, {"a": 0}, target_lang="eng")
    assert "several languages (target_lang)" in sentence(AutoTokenizer.from_pretrained, tmp_path)


def test_settings_that_cannot_be(file):
    assert "word_delimiter_token is 7, expected a text" in sentence(Wav2Vec2CTCTokenizer, file, word_delimiter_token=7)
    assert "did you mean 'word_delimiter_token' or" in sentence(Wav2Vec2CTCTokenizer, file, word_delimiter="|")
    assert "take a model of one language" in sentence(Wav2Vec2CTCTokenizer, file, target_lang="eng")
    (file.parent / "vocab.txt").write_text("a\nb\n")
    file.unlink()
    assert "its kind of tokenizer is 'Wav2Vec2CTCTokenizer'" in sentence(
        Wav2Vec2CTCTokenizer.from_pretrained, file.parent
    )
