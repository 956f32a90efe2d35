"""Tokenizers: the same results as transformers 4.57.6, laws that hold for any text, and what a batch can do.

Mistakes and their sentences: test_tokenization_errors.py.
"""

import copy
import importlib.util
import json
import pickle
import random
import threading
import warnings
from inspect import Parameter, getdoc, signature
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from hfquick import AutoTokenizer, zoo
from hfquick.tokenization import BatchEncoding, PreTrainedTokenizerFast

REFERENCE = Path(__file__).parents[1] / "reference"
NAMES = sorted(path.name for path in (REFERENCE / "tokenizers").iterdir())


def load(name, **options):
    return PreTrainedTokenizerFast.from_pretrained(REFERENCE / "tokenizers" / name, **options)


@pytest.fixture(scope="module")
def recorder():
    """The recording script: it takes the same steps here as it took with transformers."""
    spec = importlib.util.spec_from_file_location("record_tokenization", REFERENCE / "record_tokenization.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_json(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("name", NAMES)
def test_equal_to_transformers(recorder, name):
    scenes = json.loads((REFERENCE / "tokenization" / f"{name}.json").read_text())
    for scene in scenes:
        tokenizer = load(name, **scene["options"])
        for step in scene["steps"]:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "max_length does nothing")
                if "raises" in step:
                    with pytest.raises(ValueError):
                        recorder.take(tokenizer, copy.deepcopy(step))
                else:
                    assert as_json(recorder.take(tokenizer, copy.deepcopy(step))) == step["result"], (
                        scene["options"],
                        step,
                    )


def test_something_was_recorded():
    steps = [
        step
        for name in NAMES
        for scene in json.loads((REFERENCE / "tokenization" / f"{name}.json").read_text())
        for step in scene["steps"]
    ]
    assert len(steps) > 1300
    assert sum("raises" in step for step in steps) < 30


# Laws that hold for any text.


def random_texts(count=300, seed=7):
    """Texts over many scripts, with control characters, emoji, combining marks and spaces of all kinds."""
    draw = random.Random(seed)
    ranges = [
        (0x20, 0x7E), (0x20, 0x7E), (0x00, 0x1F), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF),
        (0x2000, 0x206F), (0x3040, 0x30FF), (0x4E00, 0x4FFF), (0x1F300, 0x1F64F), (0xE000, 0xE010), (0xFFF0, 0xFFFF),
    ]  # fmt: skip
    texts = ["", " ", "\x00", "\n\n", "\u202eabc", "a\u0301" * 5]
    while len(texts) < count:
        parts = draw.choices(ranges, k=draw.randint(1, 4))
        texts.append("".join(chr(draw.randint(*draw.choice(parts))) for _ in range(draw.randint(1, 40))))
    return texts


@pytest.mark.parametrize("name", NAMES)
def test_batch_equals_one_by_one(name):
    tokenizer, texts = load(name), random_texts()
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    one_by_one = [tokenizer(text) for text in texts]
    batch = tokenizer(texts)
    assert batch == {key: [one[key] for one in one_by_one] for key in batch}
    padded = tokenizer(texts, padding=True)
    longest = max(map(len, batch["input_ids"]))
    for ids, mask, full in zip(batch["input_ids"], padded["attention_mask"], padded["input_ids"], strict=True):
        assert len(full) == longest
        assert [index for index, kept in zip(full, mask, strict=True) if kept] == ids
    assert tokenizer.pad(one_by_one) == padded
    cut = tokenizer(texts, truncation=True, max_length=7)["input_ids"]
    assert max(map(len, cut)) == 7
    assert all(len(short) == min(7, len(ids)) for short, ids in zip(cut, batch["input_ids"], strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_offsets_point_into_the_text(name):
    tokenizer = load(name)
    for text in random_texts():
        batch = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
        start = 0
        for index, (begin, end), special in zip(
            batch["input_ids"], batch["offset_mapping"], batch["special_tokens_mask"], strict=True
        ):
            if special:
                continue
            assert start <= begin + 1  # several tokens may share one character
            assert 0 <= begin <= end <= len(text)
            start = begin
            piece = tokenizer.decode([index], clean_up_tokenization_spaces=False)
            if name.startswith(("gpt2", "roberta")) and "\ufffd" not in piece and piece.strip():
                assert piece.strip() == text[begin:end].strip()


@pytest.mark.parametrize("name", ["bert-vocab", "bert-options", "distilbert-json"])
def test_offsets_slice_the_piece_back(name):
    tokenizer = load(name)
    normalize = tokenizer.backend_tokenizer.normalizer.normalize_str
    checked = 0
    for text in random_texts():
        batch = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
        for token, (begin, end) in zip(batch.tokens(), batch["offset_mapping"], strict=True):
            if token.isascii() and token != "[UNK]":
                assert normalize(text[begin:end]).strip() == token.removeprefix("##")
                checked += 1
    assert checked > 150


@pytest.mark.parametrize("name", ["gpt2-vocab", "gpt2-json", "roberta-vocab"])
def test_byte_level_text_comes_back_unchanged(name):
    tokenizer = load(name)
    for text in random_texts():
        assert tokenizer.decode(tokenizer.encode(text), skip_special_tokens=True) == text


EMBEDDED = [name for name, model in zoo.MODELS.items() if model.architecture == "roberta"]


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("end", [".", "!", "?", ","])
def test_a_mask_puts_no_space_before_what_follows(name, end):
    tokenizer = AutoTokenizer.from_pretrained(name)
    mask = tokenizer.mask_token

    def last_two(text):
        return tokenizer.convert_ids_to_tokens(tokenizer.encode(text, add_special_tokens=False)[-2:])

    assert last_two(f"le {mask}{end}") == [mask, end]
    assert last_two(f"le {mask} {end}") in ([mask, f"Ġ{end}"], ["Ġ", end])  # a space is read where there is one
    assert tokenizer.decode(tokenizer.encode(f"le {mask}{end}")[1:-1]) == f"le{mask}{end}"  # the mask took its space


# Files.


@pytest.mark.parametrize("name", NAMES)
def test_saved_and_loaded_again(name, tmp_path, recorder):
    tokenizer = load(name)
    tokenizer.add_tokens(["newword"])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<X>", "<Y>"]})
    tokenizer.padding_side = "left"
    tokenizer.model_max_length = 33
    paths = tokenizer.save_pretrained(tmp_path / "saved")
    assert {Path(path).name for path in paths} == {path.name for path in (tmp_path / "saved").iterdir()}
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path / "saved")
    assert recorder.facts(again) == recorder.facts(tokenizer)
    assert (again.model_max_length, again.padding_side) == (33, "left")
    texts = [*random_texts(60), "a newword <X>", "<Y>b"]
    assert again(texts) == tokenizer(texts)
    again.save_pretrained(tmp_path / "second")
    for path in (tmp_path / "saved").iterdir():
        text = path.read_text()
        if name.endswith("sentencepiece") and path.name == "tokenizer.json":
            text = Tokenizer.from_str(text).to_str(pretty=True)  # whose reader errs in the last digit of a score
        assert (tmp_path / "second" / path.name).read_text() == text


@pytest.mark.parametrize("name", ["bert-vocab", "bert-options", "gpt2-vocab", "roberta-vocab", "distilbert-json"])
def test_older_files_alone_suffice(name, tmp_path):
    tokenizer = load(name)
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "special_tokens_map.json").unlink()
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    texts = random_texts(60)
    assert again(texts) == tokenizer(texts)


def test_what_readers_of_other_kinds_need_is_written(tmp_path):
    load("unigram-json").save_pretrained(tmp_path / "one")
    config = json.loads((tmp_path / "one" / "tokenizer_config.json").read_text())
    assert config["model_input_names"] == ["input_ids", "token_type_ids", "attention_mask"]
    tokenizer = load("bert-options")
    tokenizer.save_pretrained(tmp_path / "two")
    added = json.loads((tmp_path / "two" / "added_tokens.json").read_text())
    assert added == {"[USER]": 420, "unhappily": 421}


def test_added_tokens_say_how_a_special_token_behaves(tmp_path):
    """The same token may stand in two places of tokenizer_config.json; added_tokens_decoder is the one that counts."""
    tokenizer = load("bert-vocab")
    tokenizer.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    config["added_tokens_decoder"]["4"]["lstrip"] = True
    config["mask_token"] = {"content": "[MASK]", "lstrip": False, "special": True}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    (tmp_path / "tokenizer.json").unlink()
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert again("the  [MASK]", return_offsets_mapping=True)["offset_mapping"][-2] == (3, 11)


def test_nothing_is_left_behind_by_saving_over(tmp_path):
    load("bert-vocab").save_pretrained(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    load("bert-vocab").save_pretrained(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert before == ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert config["tokenizer_class"] == "BertTokenizerFast"
    assert config["model_max_length"] == 64


def test_longest_text_comes_from_the_model_where_the_tokenizer_says_nothing(tmp_path):
    assert load("bert-vocab").model_max_length == 64  # from config.json
    assert load("gpt2-vocab").model_max_length == 64
    assert load("roberta-vocab").model_max_length == 40  # from tokenizer_config.json
    assert load("unigram-json").model_max_length > 1e29  # "no limit"
    assert load("bert-options", model_max_length=12).model_max_length == 12
    for file in (REFERENCE / "tokenizers" / "roberta-vocab").iterdir():
        if file.name != "tokenizer_config.json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path).model_max_length == 64  # 66 positions, counted from 2 on
    assert len(load("bert-vocab")("the cat " * 99, truncation=True)["input_ids"]) == 64
    assert len(load("bert-vocab")("the cat " * 99)["input_ids"]) == 200
    assert len(load("unigram-json")("the cat " * 99, truncation=True)["input_ids"]) > 200


def test_made_from_an_object():
    backend = Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "a": 2, "b": 3}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(backend, tokenizer_class="DistilBertTokenizerFast", model_max_length=3)
    assert tokenizer(["a b c", "a b c d"], truncation=True)["input_ids"] == [[2, 3, 1], [2, 3, 1]]
    assert tokenizer.model_input_names == ["input_ids", "attention_mask"]
    assert (tokenizer.pad_token, tokenizer.cls_token) == ("[PAD]", None)
    tokenizer.add_tokens(["c"])
    assert backend.get_vocab_size() == 4  # the object given is left alone


def test_made_from_a_file():
    path = REFERENCE / "tokenizers" / "unigram-json" / "tokenizer.json"
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=path, eos_token="</s>")
    assert tokenizer("The cat")["input_ids"] == load("unigram-json")("The cat")["input_ids"]
    assert tokenizer.eos_token_id == 1


def test_named_special_tokens_of_later_models(tmp_path):
    for file in (REFERENCE / "tokenizers" / "unigram-json").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    config["extra_special_tokens"] = {"image_token": "<image>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert tokenizer.image_token == "<image>"
    assert tokenizer.image_token_id == tokenizer.encode("a <image>")[-2]
    assert "<image>" in tokenizer.all_special_tokens
    tokenizer.save_pretrained(tmp_path / "saved")
    assert PreTrainedTokenizerFast.from_pretrained(tmp_path / "saved").image_token_id == tokenizer.image_token_id


# One object, many callers.


def test_no_call_changes_the_next():
    tokenizer = load("distilbert-json")
    text = "The little cat sat on the mat and looked at the rain"
    before, plain = pickle.dumps(tokenizer), tokenizer(text)
    tokenizer([text, "cat"], padding="max_length", truncation=True, max_length=5, padding_side="left")
    with pytest.raises(ValueError, match="cannot bring a pair down"):
        tokenizer(text, text, truncation="only_second", max_length=5)
    assert tokenizer(text) == plain
    assert (tokenizer.backend_tokenizer.truncation, tokenizer.backend_tokenizer.padding) == (None, None)
    assert pickle.dumps(tokenizer) == before  # a dataset's `map` finds its cached result by this


def test_threads_share_one_tokenizer():
    tokenizer = load("bert-vocab")
    text = "The little cat sat on the mat and looked at the rain"
    jobs = [
        {},
        {"truncation": True, "max_length": 5},
        {"padding": "max_length", "max_length": 20},
        {"padding_side": "left"},
    ]
    expected = [(tokenizer([text, "a"], **job), tokenizer.decode(tokenizer.encode(text))) for job in jobs]
    wrong = []

    def work(number):
        for _ in range(60):
            job = jobs[number % len(jobs)]
            try:
                found = tokenizer([text, "a"], **job), tokenizer.decode(tokenizer.encode(text))
            except Exception as error:
                found = error
            if found != expected[number % len(jobs)]:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_pickles_and_copies():
    tokenizer = load("roberta-vocab")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<X>"]})
    for other in (pickle.loads(pickle.dumps(tokenizer)), copy.deepcopy(tokenizer)):
        assert other("a <X> b", padding=True) == tokenizer("a <X> b", padding=True)
        assert other.special_tokens_map == tokenizer.special_tokens_map
        other.add_tokens(["more"])
    assert "more" not in tokenizer.get_vocab()


def test_shown_the_same_every_time():
    assert repr(load("distilbert-json")).startswith("DistilBertTokenizerFast(name_or_path=")
    assert "vocab_size=420, model_max_length=32, padding_side='right'" in repr(load("distilbert-json"))
    assert "model_max_length=none" in repr(load("unigram-json"))


# Kinds of input.


def test_columns_and_arrays_are_lists_of_texts():
    tokenizer, texts = load("bert-vocab"), ["The cat", "reads"]
    expected = tokenizer(texts)
    assert tokenizer(tuple(texts)) == expected
    assert tokenizer(np.array(texts)) == expected
    assert tokenizer(np.array(texts, dtype=object)) == expected
    assert tokenizer(np.str_("The cat")) == tokenizer("The cat")
    assert tokenizer(np.array(texts), np.array(["a", "b"])) == tokenizer(texts, ["a", "b"])
    assert tokenizer([np.array(["The", "cat"])], is_split_into_words=True) == tokenizer(["The cat"])
    assert tokenizer([["The cat", "reads"]]) == tokenizer(["The cat"], ["reads"])


def test_dataset_column_is_a_list_of_texts():
    datasets = pytest.importorskip("datasets")
    tokenizer, texts = load("bert-vocab"), ["The cat", "reads"]
    dataset = datasets.Dataset.from_dict({"text": texts, "other": ["a", "b"]})
    assert tokenizer(dataset["text"]) == tokenizer(texts)
    assert tokenizer(dataset["text"], dataset["other"]) == tokenizer(texts, ["a", "b"])
    mapped = dataset.map(lambda rows: tokenizer(rows["text"]), batched=True)
    assert mapped["input_ids"][:] == tokenizer(texts)["input_ids"]


def test_empty_list_gives_empty_lists():
    tokenizer = load("bert-vocab")
    assert tokenizer([]) == {"input_ids": [], "token_type_ids": [], "attention_mask": []}
    array = tokenizer([], padding=True, return_tensors="np")["input_ids"]
    assert (array.shape, array.dtype) == ((0,), np.int64)
    assert tokenizer([], []) == tokenizer([])
    masked = {"input_ids": [[5, 6], [7]], "attention_mask": [[1, 1], [1]]}
    assert tokenizer.pad(masked, return_attention_mask=False)["attention_mask"] == [[1, 1], [1, 0]]
    assert tokenizer.pad({"input_ids": []}) == {"input_ids": [], "attention_mask": []}


def test_lone_surrogates_are_read_as_replacement_characters():
    for name in ("bert-vocab", "gpt2-vocab"):
        tokenizer = load(name)
        broken, mended = "cut \ud83d emoji \udc00!", "cut \ufffd emoji \ufffd!"
        assert tokenizer(broken) == tokenizer(mended)
        assert tokenizer(["a", broken], return_offsets_mapping=True) == tokenizer(
            ["a", mended], return_offsets_mapping=True
        )
        assert tokenizer("a", broken) == tokenizer("a", mended)


def test_words_given_one_by_one():
    tokenizer = load("bert-vocab")
    batch = tokenizer(["The", "readers", "", "read"], is_split_into_words=True)
    words = [word for word in batch.word_ids() if word is not None]
    assert sorted(set(words)) == [0, 1, 3]
    assert batch.word_ids()[0] is None


# What a batch can do.


def test_batch_is_a_dict_with_attributes():
    batch = load("bert-vocab")("The cat")
    assert isinstance(batch, dict)
    assert batch.input_ids is batch["input_ids"]
    assert dict(**batch) == {key: batch[key] for key in ("input_ids", "token_type_ids", "attention_mask")}
    batch.labels = [1]
    assert batch["labels"] == [1]
    assert batch[0].ids == batch["input_ids"]
    assert len(batch[0:1]) == 1
    assert batch.token_to_chars(-2) == batch.token_to_chars(len(batch["input_ids"]) - 2)
    assert batch.token_to_chars(-1) is None
    assert not hasattr(batch, "nothing")


def test_batch_pickles_and_copies():
    batch = load("bert-vocab")("The cat reads", "a letter")
    for other in (pickle.loads(pickle.dumps(batch)), copy.deepcopy(batch), copy.copy(batch), batch.copy()):
        assert type(other) is BatchEncoding
        assert other == batch
        assert other.word_ids() == batch.word_ids()
        other["input_ids"] = []
    assert batch["input_ids"] != []


def test_batch_is_printed_one_key_per_line():
    tokenizer = load("bert-vocab")
    ids = tokenizer("The cat")["input_ids"]
    assert repr(tokenizer("The cat")) == (
        f"{{'input_ids': {ids},\n 'token_type_ids': {[0] * len(ids)},\n 'attention_mask': {[1] * len(ids)}}}"
    )
    assert repr(BatchEncoding()) == "{}"
    shown = repr(BatchEncoding({"a": np.zeros((2, 2), dtype=int)}))
    assert shown == "{'a': array([[0, 0],\n             [0, 0]])}"


@pytest.mark.torch
def test_pytorch_tensors():
    torch = pytest.importorskip("torch")
    tokenizer = load("distilbert-json")
    batch = tokenizer(["The cat", "A reader reads"], padding=True, return_tensors="pt")
    assert list(batch) == ["input_ids", "attention_mask"]
    assert batch["input_ids"].dtype == torch.int64
    assert batch["input_ids"].tolist() == tokenizer(["The cat", "A reader reads"], padding=True)["input_ids"]
    assert tokenizer("The cat", return_tensors="pt")["input_ids"].shape[0] == 1
    assert batch.to("cpu") is batch
    assert batch.copy().to("meta")["input_ids"].device.type == "meta"
    padded = tokenizer.pad(
        [{"input_ids": torch.tensor([5, 6]), "label": 0.5}, {"input_ids": torch.tensor([7]), "label": 1.0}]
    )
    assert padded["input_ids"].tolist() == [[5, 6], [7, 0]]
    assert padded["label"].dtype == torch.float32
    assert tokenizer.decode(batch["input_ids"][0]) == tokenizer.decode(batch["input_ids"][0].tolist())
    assert tokenizer.batch_decode(torch.tensor([[5, 6], [7, 8]])) == tokenizer.batch_decode([[5, 6], [7, 8]])
    assert (
        repr(tokenizer("", return_tensors="pt"))
        == "{'input_ids': tensor([[2, 3]]),\n 'attention_mask': tensor([[1, 1]])}"
    )


@pytest.mark.tf
def test_tensorflow_tensors():
    tf = pytest.importorskip("tensorflow")
    tokenizer = load("distilbert-json")
    batch = tokenizer(["The cat", "A reader reads"], padding=True, return_tensors="tf")
    assert batch["input_ids"].dtype == tf.int32
    assert batch["input_ids"].numpy().tolist() == tokenizer(["The cat", "A reader reads"], padding=True)["input_ids"]
    assert tokenizer.pad({"input_ids": [tf.constant([5, 6]), tf.constant([7])]})["input_ids"].shape == (2, 2)
    assert tokenizer.batch_decode(tf.constant([[5, 6]])) == tokenizer.batch_decode([[5, 6]])


def test_numpy_tensors():
    tokenizer = load("bert-vocab")
    batch = tokenizer(["a", "b"], return_tensors="np", return_offsets_mapping=True, return_length=True)
    assert (batch["input_ids"].dtype, batch["input_ids"].shape) == (np.int64, (2, 3))
    assert batch["offset_mapping"].shape == (2, 3, 2)
    assert batch["length"].tolist() == [3, 3]
    assert tokenizer.pad({"input_ids": np.array([[5, 6]])}, pad_to_multiple_of=4)["input_ids"].tolist() == [
        [5, 6, 0, 0]
    ]


def test_none_as_a_keyword_means_not_given_or_no_such_token():
    tokenizer = load("distilbert-json", do_lower_case=None, padding_side=None, pad_token=None)
    assert tokenizer("The cat") == load("distilbert-json")("The cat")
    assert (tokenizer.pad_token, tokenizer.padding_side) == (None, "right")


def named(method):
    """The arguments that Shift-Tab shows by name, and their default values."""
    return {
        name: parameter.default
        for name, parameter in signature(method).parameters.items()
        if name != "self" and parameter.kind is not Parameter.VAR_KEYWORD
    }


@pytest.mark.parametrize("name", ["__call__", "pad", "decode"])
def test_every_argument_is_explained(name):
    method = getattr(PreTrainedTokenizerFast, name)
    assert len(named(method)) >= 3
    assert [argument for argument in named(method) if f"\n    {argument}: " not in getdoc(method)] == []


def test_targets_are_labels():
    tokenizer = load("bert-vocab")
    text, target = "A reader reads", "The little cat"
    ids = tokenizer(target)["input_ids"]
    assert tokenizer(text, text_target=target) == {**tokenizer(text), "labels": ids}
    assert tokenizer(text_target=target) == tokenizer(target)
    assert (
        tokenizer(text, text_target=target, text_pair_target="sat")["labels"] == tokenizer(target, "sat")["input_ids"]
    )
    options = {"padding": "max_length", "max_length": 6, "truncation": True, "return_tensors": "np"}
    both = tokenizer([text, text], text_target=[target, "cat"], **options)
    assert both["labels"].tolist() == tokenizer([target, "cat"], **options)["input_ids"].tolist()
    assert both["input_ids"].tolist() == tokenizer([text, text], **options)["input_ids"].tolist()
    assert both.tokens(0) == tokenizer([text], **options).tokens(0)


def test_what_encode_takes_is_what_a_call_takes():
    assert {"padding", "truncation", "max_length", "return_tensors"} < named(PreTrainedTokenizerFast.encode).keys()
    options = {name: value for name, value in named(PreTrainedTokenizerFast.encode).items() if name != "text"}
    assert options.items() <= named(PreTrainedTokenizerFast.__call__).items()
    tokenizer = load("bert-vocab")
    text = "A reader reads"
    options = {"padding": "max_length", "max_length": 12, "add_special_tokens": False, "padding_side": "left"}
    assert tokenizer.encode(text, **options) == tokenizer(text, **options)["input_ids"]
    assert (
        tokenizer.encode(text, text, truncation=True, max_length=7) == tokenizer(text, text, max_length=7)["input_ids"]
    )
    windows = {"max_length": 6, "stride": 1, "return_overflowing_tokens": True}
    assert tokenizer.encode(text, **windows) == tokenizer(text, **windows)["input_ids"]
    words = {"is_split_into_words": True, "pad_to_multiple_of": 8, "padding": True, "return_tensors": "np"}
    assert (
        tokenizer.encode(["cat", "mat"], **words).tolist() == tokenizer(["cat", "mat"], **words)["input_ids"].tolist()
    )


def test_whether_a_length_limit_is_known():
    tokenizer = load("unigram-json")
    assert not tokenizer.has_length_limit
    tokenizer.model_max_length = 9
    assert tokenizer.has_length_limit


def test_padding_leaves_longer_rows_as_they_are():
    tokenizer = load("bert-vocab")
    rows = {"input_ids": [[5], [6, 7, 8]], "label": [0, 1]}
    padded = tokenizer.pad(rows, padding="max_length", max_length=2)
    assert padded == {"input_ids": [[5, 0], [6, 7, 8]], "label": [0, 1], "attention_mask": [[1, 0], [1, 1, 1]]}
    assert tokenizer.pad(rows, padding=False)["attention_mask"] == [[1], [1, 1, 1]]
    assert rows == {"input_ids": [[5], [6, 7, 8]], "label": [0, 1]}  # nothing of what was given is changed
