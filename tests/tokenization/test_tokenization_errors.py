"""What a tokenizer says when it is given something wrong: each sentence names what was given and what to try."""

import json
import re
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from hfquick.hub.repository import HubError
from hfquick.tokenization import BatchEncoding, PreTrainedTokenizerFast

TOKENIZERS = Path(__file__).parents[1] / "reference" / "tokenizers"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat"]
LONG = "The little cat sat on the mat and looked at the rain"


def load(name="bert-vocab", **options):
    return PreTrainedTokenizerFast.from_pretrained(TOKENIZERS / name, **options)


def says(error, *parts):
    """A context that expects an error whose sentence holds all `parts` in this order."""
    return pytest.raises(error, match="(?s)" + ".*".join(re.escape(part) for part in parts))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (3, "text is 3 (int), expected a text or a list of texts; token ids become text with decode()"),
        (None, "text is None, expected a text or a list of texts"),
        (b"cat", "text is b'cat' (bytes), expected a text or a list of texts; try .decode('utf-8')"),
        ([5, 6], "item 0 of text is 5 (int), expected a text or a list of texts; token ids become text with decode()"),
        (["a", None], "item 1 of text is None, expected a text or a list of texts"),
        (["a", float("nan")], "item 1 of text is nan (float)"),
        (
            ["a", ["b"]],
            "item 1 of text is ['b'] (list), expected a text or a list of texts; try is_split_into_words=True",
        ),
        ([["a", "b", "c"]], "item 0 of text is ['a', 'b', 'c'] (list)"),
        ([b"a"], "item 0 of text is b'a' (bytes)"),
        ({"text": "a"}, "text is {'text': 'a'} (dict)"),
        ((letter for letter in "ab"), "try list(...) around a generator"),
        (np.array([1, 2]), "item 0 of text is 1 (int)"),
        (True, "text is True (bool), expected a text or a list of texts"),
    ],
)
def test_what_is_no_text(text, sentence):
    with says(TypeError, sentence):
        load()(text)


def test_second_text():
    tokenizer = load()
    with says(TypeError, "text_pair is 3 (int), expected a text"):
        tokenizer("a", 3)
    with says(TypeError, "text_pair is ['a'] (list), expected a text"):
        tokenizer("a", ["a"])
    with says(TypeError, "text is a list, but text_pair is 'b' (str); expected a list of 1 texts"):
        tokenizer(["a"], "b")
    with says(ValueError, "text has 2 texts and text_pair has 1, expected as many of both"):
        tokenizer(["a", "b"], ["c"])
    with says(TypeError, "item 1 of text_pair is None"):
        tokenizer(["a", "b"], ["c", None])


def test_words():
    tokenizer = load()
    with says(TypeError, "text is 'a cat' (str), expected a list of words, because is_split_into_words=True"):
        tokenizer("a cat", is_split_into_words=True)
    with says(TypeError, "item 1 of text is 'b' (str), expected a list of words"):
        tokenizer([["a"], "b"], is_split_into_words=True)
    with says(TypeError, "text is ['a', 1] (list), expected a list of words"):
        tokenizer(["a", 1], is_split_into_words=True)
    with says(
        ValueError, "words need a space in front in this vocabulary; try from_pretrained(..., add_prefix_space=True)"
    ):
        load("gpt2-vocab")(["a"], is_split_into_words=True)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"paddin": True}, TypeError, "a tokenizer has no argument 'paddin'; did you mean 'padding'"),
        (
            {"return_tensor": "np"},
            TypeError,
            "a tokenizer has no argument 'return_tensor'; did you mean 'return_tensors'",
        ),
        ({"padding": "longst"}, ValueError, "padding is 'longst', expected True, False, 'longest', 'max_length' or "),
        ({"padding": 1.5}, ValueError, "padding is 1.5, expected True, False, 'longest', "),
        (
            {"truncation": "first"},
            ValueError,
            "truncation is 'first', expected True, False, 'longest_first', ",
        ),
        (
            {"return_tensors": "torch"},
            ValueError,
            "return_tensors is 'torch', expected 'pt' (PyTorch), 'tf' (TensorFlow)",
        ),
        (
            {"padding_side": "middle", "padding": True},
            ValueError,
            "padding_side is 'middle', expected 'right' or 'left'",
        ),
        ({"max_length": 0}, ValueError, "max_length is 0, expected a whole number from 1 on"),
        ({"max_length": "9"}, ValueError, "max_length is '9', expected a whole number from 1 on"),
        ({"max_length": 1}, ValueError, "max_length=1 leaves no room for text, since 2 special tokens are added"),
        ({"max_length": 5, "stride": 3}, ValueError, "max_length=5 with stride=3 leaves no room for text"),
        ({"max_length": 5, "stride": -1}, ValueError, "stride is -1, expected a whole number from 0 on"),
        ({"padding": True, "pad_to_multiple_of": 0}, ValueError, "pad_to_multiple_of is 0, expected a whole number"),
        (
            {"padding": True, "truncation": True, "max_length": 9, "pad_to_multiple_of": 8},
            ValueError,
            "texts are cut to 9 tokens, which is no multiple of pad_to_multiple_of=8; try max_length=16",
        ),
        (
            {"truncation": "only_second", "max_length": 5},
            ValueError,
            "truncation='only_second' cuts the second text, but a text that is too long has none; try truncation=True",
        ),
    ],
)
def test_options(options, error, sentence):
    with says(error, sentence):
        load()(LONG, **options)


def test_pairs_that_cannot_be_cut():
    with says(ValueError, "truncation='only_first' cannot bring a pair down to 9 tokens", "try truncation=True"):
        load()("cat", LONG, truncation="only_first", max_length=9)
    with says(
        ValueError, "stride=4 is as long as the room that is left for the text that is cut; try a smaller stride"
    ):
        load()("the cat the cat", LONG, truncation="only_second", max_length=10, stride=4)


def test_the_other_options_of_a_batch_still_work_after_an_error():
    tokenizer = load()
    expected = tokenizer(LONG)
    with pytest.raises(ValueError):
        tokenizer("the cat the cat", LONG, truncation="only_second", max_length=10, stride=4)
    assert tokenizer(LONG) == expected


def test_no_padding_token():
    tokenizer = load("gpt2-vocab")
    sentence = (
        "padding needs a padding token and this tokenizer has none; try tokenizer.pad_token = tokenizer.eos_token"
    )
    with says(ValueError, sentence):
        tokenizer(["a", "b c"], padding=True)
    with says(ValueError, sentence):
        tokenizer.pad([tokenizer("a")])
    tokenizer.pad_token = tokenizer.eos_token
    assert tokenizer(["a", "a cat"], padding=True)["attention_mask"][0][-1] == 0


def test_no_longest_text():
    with says(
        ValueError, "padding='max_length' needs a length, and this tokenizer knows no longest text; try max_length="
    ):
        load("unigram-json")("a", padding="max_length")
    with says(ValueError, "padding='max_length' needs a length"):
        load("unigram-json").pad([{"input_ids": [1]}], padding="max_length")


def test_max_length_that_does_nothing():
    with pytest.warns(UserWarning, match="max_length does nothing with padding=True alone; try truncation=True"):
        load()(["a", LONG], padding=True, max_length=4, truncation=False)


def test_texts_of_different_lengths_are_no_tensor():
    tokenizer = load()
    short, long = len(tokenizer("cat")["input_ids"]), len(tokenizer(LONG)["input_ids"])
    for kind in ("np", "pt"):
        with says(ValueError, f"texts have different lengths ({short} and {long} tokens); try padding=True"):
            tokenizer(["cat", LONG], return_tensors=kind)


def test_batch():
    batch = load()("the cat")
    with says(
        KeyError, "no 'input_id' in this batch, which has input_ids, token_type_ids, attention_mask; did you mean"
    ):
        batch["input_id"]
    with says(AttributeError, "no 'labels' in this batch"):
        _ = batch.labels
    with says(IndexError, "there is no text 1, this batch has 1, counted from 0"):
        batch.word_ids(1)
    with says(IndexError, "there is no token 99, this text has"):
        batch.token_to_chars(99)
    with says(TypeError, "only PyTorch tensors move to a device, this batch holds list; try return_tensors='pt'"):
        batch.to("cpu")
    with says(ValueError, "this batch was not made by calling a tokenizer, so it does not know its words"):
        BatchEncoding({"input_ids": [1]}).word_ids()
    with says(ValueError, "return_tensors is 'jax', expected 'pt' (PyTorch)"):
        batch.convert_to_tensors("jax")


def test_pad():
    tokenizer = load()
    with says(TypeError, "pad takes a list of examples (dicts) or a dict of lists, not str"):
        tokenizer.pad("cat")
    with says(ValueError, "padding needs 'input_ids', the examples have 'text'; tokenize the texts first"):
        tokenizer.pad([{"text": "a"}])
    with says(ValueError, "padding needs 'input_ids', the examples have nothing"):
        tokenizer.pad([])
    with says(ValueError, "example 1 has no 'label', which example 0 has"):
        tokenizer.pad([{"input_ids": [5], "label": 1}, {"input_ids": [5]}])
    with says(ValueError, "row 1 has 1 values in 'attention_mask' for 2 tokens; expected as many"):
        tokenizer.pad({"input_ids": [[5], [6, 7]], "attention_mask": [[1], [1]]})
    with says(ValueError, "column 'input_ids' holds texts; a model takes numbers: tokenize it or remove the column"):
        tokenizer.pad({"input_ids": [["a"], ["b", "c"]]})
    with says(ValueError, "'label' has not one value for each of the 2 texts"):
        tokenizer.pad({"input_ids": [[5], [6]], "label": [1]})
    with says(ValueError, "'labels' has rows of different lengths (1 and 2); only input_ids and masks are padded"):
        tokenizer.pad({"input_ids": [[5], [6]], "labels": [[1], [1, 2]]}, return_tensors="np")
    with says(ValueError, "'text' holds 'a' (str), expected numbers for a tensor; remove this column"):
        tokenizer.pad({"input_ids": [[5], [6]], "text": ["a", "b"]}, return_tensors="np")
    with says(ValueError, "padding is 'most', expected True, False, 'longest', "):
        tokenizer.pad([{"input_ids": [5]}], padding="most")


def test_decode():
    tokenizer = load()
    with says(TypeError, "decode takes the ids of one text, these are 2 texts; try batch_decode"):
        tokenizer.decode([[5], [6]])
    with says(ValueError, "there is no token -100, ids go from 0 to 419; -100 marks labels that do not count"):
        tokenizer.decode([5, -100])
    with says(ValueError, f"there is no token {2**40}, ids go from 0 to 419"):
        tokenizer.decode([2**40])
    with says(TypeError, "token_ids is 'cat' (str), expected a list of whole numbers"):
        tokenizer.decode("cat")
    with says(TypeError, "expected a list of whole numbers"):
        tokenizer.decode([1.5])
    assert tokenizer.convert_ids_to_tokens([5, -1, 10**6, 2**40])[1:] == [None, None, None]


def test_special_tokens():
    tokenizer = load()
    with says(
        ValueError, "'[FILL]' is not in the vocabulary; try tokenizer.add_special_tokens({'pad_token': '[FILL]'})"
    ):
        tokenizer.pad_token = "[FILL]"
    with says(TypeError, "pad_token is 3, expected a text"):
        tokenizer.pad_token = 3
    with says(ValueError, "'padtoken' is no special token, expected one of bos_token", "did you mean 'pad_token'"):
        tokenizer.add_special_tokens({"padtoken": "[FILL]"})
    with says(TypeError, "additional_special_tokens is '<X>', expected a list of tokens"):
        tokenizer.add_special_tokens({"additional_special_tokens": "<X>"})
    with says(TypeError, "a new token is 3, expected a text or an AddedToken"):
        tokenizer.add_tokens([3])
    with says(AttributeError, "a tokenizer has no 'pad_tokn'; did you mean 'pad_token'"):
        _ = tokenizer.pad_tokn
    assert tokenizer.pad_token == "[PAD]"


# Loading.


def test_keywords_of_from_pretrained():
    with says(TypeError, "from_pretrained has no argument 'do_lowercase'; did you mean 'do_lower_case'"):
        load(do_lowercase=True)
    with says(TypeError, "PreTrainedTokenizerFast has no argument 'max_len'"):
        PreTrainedTokenizerFast(Tokenizer.from_file(str(TOKENIZERS / "bert-json" / "tokenizer.json")), max_len=3)
    with says(ValueError, "use_fast=False asks for a tokenizer in Python, hfquick has fast ones only; leave it out"):
        load(use_fast=False)
    with says(ValueError, "trust_remote_code=True", "hfquick never runs code from a repository"):
        load(trust_remote_code=True)
    with says(ValueError, "tokenizer_class is 'BertTokenizr', expected one of", "did you mean 'BertTokenizerFast'"):
        load(tokenizer_class="BertTokenizr")
    with says(ValueError, "padding_side is 'top', expected 'right' or 'left'"):
        load(padding_side="top")
    with says(ValueError, "model_max_length is 'ten', expected a whole number from 1 on"):
        load(model_max_length="ten")
    with says(ValueError, "a tokenizer is made from tokenizer_object= or tokenizer_file="):
        PreTrainedTokenizerFast()
    with says(FileNotFoundError, "there is no file", "expected a tokenizer.json"):
        PreTrainedTokenizerFast(tokenizer_file="nothing.json")
    with says(ValueError, "config.json' is no tokenizer.json", "expected what Tokenizer.save writes"):
        PreTrainedTokenizerFast(tokenizer_file=TOKENIZERS / "bert-vocab" / "config.json")
    assert load(use_fast=True, trust_remote_code=False)("the cat") == load()("the cat")


def test_no_such_repository(tmp_path):
    with pytest.raises(HubError):
        PreTrainedTokenizerFast.from_pretrained(tmp_path / "nothing")


def write(folder, **files):
    for name, content in files.items():
        stem, _, kind = name.rpartition("_")
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{stem}.{kind}").write_text(text, encoding="utf-8")
    return folder


def fails(folder, *parts, error=ValueError, **options):
    with says(error, *parts):
        PreTrainedTokenizerFast.from_pretrained(folder, **options)


def test_no_vocabulary(tmp_path):
    write(tmp_path, config_json={"model_type": "bert"})
    looked = "has no tokenizer: looked for tokenizer.json, vocab.txt, and vocab.json with merges.txt"
    fails(tmp_path, looked, error=FileNotFoundError)
    write(tmp_path, spiece_model="x")
    fails(tmp_path, looked, "its spiece.model becomes a tokenizer.json with transformers", error=FileNotFoundError)


def test_kind_of_vocabulary_not_said(tmp_path):
    write(tmp_path, vocab_json={"a": 0}, merges_txt="")
    fails(tmp_path, "has vocab.json and merges.txt, but its kind of tokenizer is not named", "try tokenizer_class=")
    assert (
        PreTrainedTokenizerFast.from_pretrained(tmp_path, tokenizer_class="GPT2Tokenizer").unk_token == "<|endoftext|>"
    )
    write(tmp_path, tokenizer_config_json={"tokenizer_class": "XLNetTokenizer"})
    fails(tmp_path, "its kind of tokenizer is 'XLNetTokenizerFast'; try tokenizer_class= one of 'BertTokenizerFast'")


def test_vocab_txt_without_a_kind_is_read_as_bert(tmp_path):
    write(tmp_path, vocab_txt="\n".join(VOCABULARY))
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path)("The cat")["input_ids"] == [2, 5, 6, 3]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "1.0"}', '{"model": {"type": "WordPiece"}}'])
def test_damaged_tokenizer_json(tmp_path, content):
    fails(
        write(tmp_path, tokenizer_json=content),
        "tokenizer.json of",
        "is damaged (",
        "fetch it again with force_download=True",
    )


def test_truncated_tokenizer_json(tmp_path):
    whole = (TOKENIZERS / "bert-json" / "tokenizer.json").read_text()
    fails(write(tmp_path, tokenizer_json=whole[: len(whole) // 2]), "tokenizer.json of", "is damaged (")


@pytest.mark.parametrize("name", ["tokenizer_config", "special_tokens_map", "added_tokens", "config"])
def test_damaged_options(tmp_path, name):
    write(tmp_path, vocab_txt="\n".join(VOCABULARY), **{f"{name}_json": "{"})
    fails(tmp_path, f"{name}.json of", "is damaged (", "fetch it again with force_download=True")
    write(tmp_path, **{f"{name}_json": "[1]"})
    fails(tmp_path, f"{name}.json of", "is damaged (it holds a list, expected an object)")


def test_damaged_option_values(tmp_path):
    write(tmp_path, vocab_txt="\n".join(VOCABULARY), config_json={"model_type": "bert"})
    for value in ("long", -1, True, 0):
        write(tmp_path, tokenizer_config_json={"model_max_length": value})
        fails(
            tmp_path, "tokenizer_config.json of", f"model_max_length is {value!r}, expected a number from 1 on or None"
        )
    for name, value in (("cls_token", 5), ("additional_special_tokens", "<X>"), ("additional_special_tokens", [3])):
        write(tmp_path, tokenizer_config_json={name: value})
        fails(tmp_path, "tokenizer_config.json of", f"{name} is {value!r}, expected")
    write(tmp_path, tokenizer_config_json={"padding_side": "up"})
    fails(tmp_path, "padding_side is 'up', expected 'right' or 'left'")
    write(tmp_path, tokenizer_config_json={"added_tokens_decoder": {"x": {"content": "a"}}})
    fails(tmp_path, "tokenizer_config.json of", "added_tokens_decoder")
    write(tmp_path, tokenizer_config_json={"added_tokens_decoder": {"7": "a"}})
    fails(tmp_path, "tokenizer_config.json of", "added_tokens_decoder")
    write(tmp_path, tokenizer_config_json={}, added_tokens_json={"a": "7"})
    fails(tmp_path, "added_tokens.json of", "the id of 'a' is '7', expected a whole number from 0 to below 4294967296")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("do_lower_case", "yes", "True or False"),
        ("strip_accents", 1, "True or False"),
        ("tokenizer_class", 3, "a text"),
        ("pad_token_type_id", "0", "a whole number"),
        ("model_input_names", "input_ids", "a list"),
        ("model_input_names", [1], "a list of names"),
        ("model_input_names", [], "a list of names"),
        ("extra_special_tokens", "<X>", "a table of tokens"),
        ("mask_token", {"content": "[MASK]", "lstrip": "yes"}, "a token"),
        ("mask_token", "", "a token"),
    ],
)
def test_wrong_settings(tmp_path, name, value, expected):
    write(tmp_path, vocab_txt="\n".join(VOCABULARY), tokenizer_config_json={name: value})
    fails(tmp_path, "tokenizer_config.json of", f"{name} is {value!r}, expected {expected}")
    write(tmp_path, tokenizer_config_json={name: None})
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path)("The cat")["input_ids"][1:3] == [5, 6]


def test_wrong_overrides():
    with says(ValueError, "do_lower_case is 'yes', expected True or False"):
        load(do_lower_case="yes")
    with says(ValueError, "pad_token is 3, expected a token"):
        load(pad_token=3)
    with says(ValueError, "additional_special_tokens is '<X>', expected a list of tokens"):
        load(additional_special_tokens="<X>")
    with says(ValueError, "tokenizer_class is 3, expected a text"):
        load(tokenizer_class=3)
    with says(ValueError, "pad_token is 3, expected a token"):
        PreTrainedTokenizerFast(load().backend_tokenizer, pad_token=3)


def test_wrong_model_type(tmp_path):
    for name in ("model_type", "tokenizer_class"):
        write(tmp_path, vocab_txt="\n".join(VOCABULARY), config_json={name: ["bert"]})
        fails(tmp_path, "config.json of", f"{name} is ['bert'], expected a text or None")


def test_special_tokens_that_every_text_needs(tmp_path):
    write(tmp_path, vocab_txt="\n".join(VOCABULARY), tokenizer_config_json={"sep_token": None})
    fails(tmp_path, "special_tokens_map.json of", "there is no sep_token, which every text needs")
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path, sep_token="[SEP]").sep_token_id == 3


def test_vocabulary_that_cannot_read_a_text():
    tokenizer = PreTrainedTokenizerFast(Tokenizer(models.WordPiece({"a": 0}, unk_token="[UNK]")))
    assert tokenizer("a")["input_ids"] == [0]
    with says(ValueError, "the tokenizers library cannot read this text (", "; its tokenizer.json may be damaged"):
        tokenizer("b")


def test_damaged_vocab_txt(tmp_path):
    write(tmp_path, vocab_txt="the\ncat\n")
    fails(tmp_path, "vocab.txt of", "is damaged (no '[UNK]' among its 2 tokens, one per line)")
    (tmp_path / "vocab.txt").write_bytes(b"the\n\xff\xfe\n")
    fails(tmp_path, "vocab.txt of", "is damaged (byte 4 is no UTF-8)")


def test_added_tokens_that_do_not_follow_the_vocabulary(tmp_path):
    write(tmp_path, vocab_txt="\n".join(VOCABULARY), added_tokens_json={"new": 9})
    fails(tmp_path, "added_tokens.json of", "is damaged ('new' should have the id 9, but would have 7)")
    write(tmp_path, added_tokens_json={"new": 7})
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path).convert_tokens_to_ids("new") == 7


def test_damaged_merges(tmp_path):
    write(tmp_path, config_json={"model_type": "gpt2"}, vocab_json={"a": 0, "b": 1, "ab": 2})
    fails(
        write(tmp_path, merges_txt="#version: 0.2\na b c\n"), "merges.txt of", "line 2 is 'a b c', expected two tokens"
    )
    fails(write(tmp_path, merges_txt="a x\n"), "merges.txt of", "line 1 is 'a x', but 'x' is not in vocab.json")
    (tmp_path / "merges.txt").write_bytes(b"a \xff\n")
    fails(tmp_path, "merges.txt of", "is damaged (")
    write(tmp_path, merges_txt="a b\n")
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path).tokenize("ab") == ["ab"]
    fails(write(tmp_path, vocab_json={"a": "x"}), "vocab.json of", "expected an id for every token")
    fails(write(tmp_path, vocab_json="{"), "vocab.json of", "is damaged (")
    fails(write(tmp_path, vocab_json='{"a": -1}'), "vocab.json of", "expected an id for every token")


def test_saving_into_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with says(NotADirectoryError, "is a file, expected a folder"):
        load().save_pretrained(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "x"


def test_a_library_that_loses_windows_is_refused_where_windows_are_asked_for(monkeypatch):
    """Its first window would pass for the whole text: a question about the end would get an answer from the start."""
    monkeypatch.setattr("tokenizers.__version__", "0.23.2")
    tokenizer = load()
    assert tokenizer(LONG, truncation=True, max_length=6).input_ids
    with says(ImportError, "tokenizers 0.23.2 gives the first window", "try: pip install 'tokenizers!=0.23.2'"):
        tokenizer(LONG, truncation=True, max_length=6, return_overflowing_tokens=True)


def test_the_installed_library_gives_all_windows():
    windows = load()(LONG, truncation=True, max_length=6, stride=1, return_overflowing_tokens=True).input_ids
    assert len(windows) > 2


NAMES = json.loads((TOKENIZERS.parent / "names.json").read_text(encoding="utf-8"))
OLDER = {"pad_to_max_length", "truncation_strategy", "max_len", "return_input_lengths", "src_texts", "tgt_texts"}
LOADED = {"max_len", "device_map", "torch_dtype", "attn_implementation", "legacy", "proxies", "gguf_file"}


def test_no_name_of_transformers_is_left_without_a_word():
    """Keywords and attributes: there are they, or the error says what does the same."""
    tokenizer = load()
    for name in NAMES["tokenizer"]:
        if not hasattr(tokenizer, name):
            with pytest.raises(AttributeError, match=f"a tokenizer has no '{name}'; (?!did you mean)"):
                getattr(tokenizer, name)
    tokenizer.chat_template = "{{ messages[0]['content'] }}"
    calls = {
        "call": (tokenizer, "the cat"),
        "pad": (tokenizer.pad, {"input_ids": [[5]]}),
        "decode": (tokenizer.decode, [5]),
        "apply_chat_template": (tokenizer.apply_chat_template, [{"role": "user", "content": "the cat"}]),
    }
    of_call = signature(PreTrainedTokenizerFast.__call__).parameters
    renamed = {"encoded_inputs", "conversation"}  # which are given without a name
    for kind, (call, given) in calls.items():
        known = {*signature(call).parameters, *(of_call if kind == "apply_chat_template" else ()), *renamed}
        for name in {*NAMES[kind], *(OLDER if kind == "call" else ())} - known:
            with pytest.raises(
                TypeError, match=f"(has no argument '{name}'|does not take {name}=.*); (?!did you mean)"
            ):
                call(given, **{name: object()})
    for name in LOADED:
        with pytest.raises((TypeError, ValueError), match=f"(has no argument '{name}'|does not take {name}=.*); "):
            load(**{name: object()})


def test_an_unknown_keyword_of_decoding_is_a_sentence():
    tokenizer = load()
    for call in (tokenizer.decode, tokenizer.batch_decode):
        with says(TypeError, "decode has no argument 'skip_special_token'; did you mean 'skip_special_tokens'?"):
            call([[5]] if call == tokenizer.batch_decode else [5], skip_special_token=True)


def test_what_means_the_same_is_accepted():
    tokenizer, text = load(), "the cat"
    assert tokenizer(text, verbose=False, pad_to_max_length=False, return_dict=True) == tokenizer(text)
    assert tokenizer.decode([5], use_source_tokenizer=False, spaces_between_special_tokens=True) == tokenizer.decode(
        [5]
    )
    assert load(use_fast=True, from_slow=None, verbose=False, resume_download=True)(text) == tokenizer(text)


def test_as_many_targets_as_texts():
    with says(ValueError, "text has 1 texts and text_target has 2, expected as many of both"):
        load()(["the"], text_target=["the", "cat"])
    with says(TypeError, "text_pair_target"[:4]):
        load()("the", text_pair_target="cat")
