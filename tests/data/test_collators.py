"""Collators: the same batches as transformers 4.57.6, the same in three kinds of tensors, and what is refused."""

import copy
import importlib.util
import json
import pickle
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

import hfquick
from hfquick.tokenization import BatchEncoding, PreTrainedTokenizerFast

REFERENCE = Path(__file__).parents[1] / "reference"
SCENES = json.loads((REFERENCE / "collators.json").read_text(encoding="ascii"))
LONG = "A reader reads and a writer writes while it rained and rained on the roof of the school near the window " * 3


def says(error, sentence):
    return pytest.raises(error, match=re.escape(sentence))


def load(name="bert-vocab", **options):
    return PreTrainedTokenizerFast.from_pretrained(REFERENCE / "tokenizers" / name, **options)


@pytest.fixture(scope="module")
def recorder():
    """The recording script: it plays its scenes here as it played them with transformers."""
    spec = importlib.util.spec_from_file_location("record_collators", REFERENCE / "record_collators.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name_of(scene):
    return f"{scene['collator'].removeprefix('DataCollator')}-{scene['tokenizer']}-{scene['kind']}"


# ---------------------------------------------------------------- beside transformers


@pytest.mark.parametrize("scene", SCENES, ids=name_of)
def test_equal_to_transformers(recorder, scene):
    if scene["kind"] == "pt":
        pytest.importorskip("torch")
    tokenizer = scene["tokenizer"] and load(scene["tokenizer"], **scene["tokenizer_options"])
    batch = recorder.play(hfquick, tokenizer, copy.deepcopy(scene))
    if scene["collator"] != "DataCollatorForWholeWordMask":  # theirs forgets the mask
        assert batch.keys() == scene["batch"].keys()
    for name, expected in scene["batch"].items():
        assert batch[name]["values"] == expected["values"], name
        assert batch[name]["dtype"] == expected["dtype"].replace("float64", "float32"), name


def test_the_scenes_are_worth_playing():
    assert Counter(scene["collator"] for scene in SCENES).most_common()[-1][1] >= 3
    for scene in SCENES:
        if "LanguageModeling" in scene["collator"] and scene["options"].get("mlm", True):
            labels = np.array(scene["batch"]["labels"]["values"])
            assert (labels >= 0).any()
            assert (labels == -100).any()


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("scene", SCENES[::3], ids=name_of)
def test_the_same_in_three_kinds(recorder, scene):
    torch, tf = pytest.importorskip("torch"), pytest.importorskip("tensorflow")
    tokenizer = scene["tokenizer"] and load(scene["tokenizer"], **scene["tokenizer_options"])
    pt, other, np_ = (recorder.play(hfquick, tokenizer, scene | {"kind": kind}) for kind in ("pt", "tf", "np"))
    assert pt == other == np_
    make = getattr(hfquick, scene["collator"])
    collate = make(*([tokenizer] if tokenizer else []), **scene["options"])
    for kind, tensor in (("pt", torch.Tensor), ("tf", tf.Tensor), ("np", np.ndarray)):
        batch = collate(scene["rows"], return_tensors=kind)
        assert all(isinstance(value, tensor) for value in batch.values())


# ---------------------------------------------------------------- what may be given


def three_rows(tokenizer, **more):
    texts = ["The little cat sat on the mat", "A reader reads", "cat"]
    return [{**tokenizer(text), **more} for text in texts]


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of datasets 4.0
def test_rows_in_every_form_make_the_same_batch():
    torch = pytest.importorskip("torch")
    tokenizer = load()
    collate = hfquick.DataCollatorWithPadding(tokenizer=tokenizer)
    rows = three_rows(tokenizer, label=1)
    expected = collate(rows)
    assert isinstance(expected, BatchEncoding)
    assert expected["labels"].tolist() == [1, 1, 1]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    arrays = [{name: np.array(value) for name, value in row.items()} for row in rows]
    tensors = [{name: torch.tensor(value) for name, value in row.items()} for row in rows]
    for given in (columns, arrays, tensors, tuple(rows), [{**row, "other": None} for row in rows]):
        batch = collate(given)
        assert batch.keys() == expected.keys()
        assert all(torch.equal(batch[name], expected[name]) for name in expected)
    assert rows == three_rows(tokenizer, label=1)  # nothing of what was given is changed
    assert hfquick.DataCollatorWithPadding(processing_class=tokenizer)(rows)["labels"].tolist() == [1, 1, 1]
    assert collate(rows).to("cpu").input_ids.shape == (3, 10)


def test_rows_of_a_dataset():
    datasets = pytest.importorskip("datasets")
    tokenizer = load()
    data = datasets.Dataset.from_list([dict(row) for row in three_rows(tokenizer, label=0)])
    collate = hfquick.DataCollatorWithPadding(tokenizer, return_tensors="np")
    whole = collate(data[:3])
    assert whole["input_ids"].shape == (3, 10)
    for given in (data.__getitems__([0, 1, 2]), [data[0], data[1], data[2]], data.with_format("numpy")[:3]):
        assert all((collate(given)[name] == whole[name]).all() for name in whole)


@pytest.mark.torch
def test_dtypes():
    torch = pytest.importorskip("torch")
    row = {
        "a": 1,
        "b": 0.5,
        "c": [True, False],
        "d": np.float64(2),
        "e": np.zeros(2, np.uint8),
        "f": torch.ones(1).half(),
    }
    batch = hfquick.default_data_collator([row, row])
    found = {name: str(value.dtype).removeprefix("torch.") for name, value in batch.items()}
    assert found == {"a": "int64", "b": "float32", "c": "bool", "d": "float32", "e": "uint8", "f": "float16"}
    for label, expected in ((True, "int64"), (1, "int64"), (0.5, "float32"), (np.int32(1), "int64")):
        for kind in ("pt", "np"):
            labels = hfquick.default_data_collator([{"label": label}] * 2, kind)["labels"]
            assert str(labels.dtype).removeprefix("torch.") == expected
    assert hfquick.default_data_collator([{"label": torch.tensor(1, dtype=torch.int32)}])["labels"].dtype == torch.int64


def test_unlabelled_rows_are_batches_too():
    tokenizer = load()
    for make in (hfquick.DataCollatorForTokenClassification, hfquick.DataCollatorForSeq2Seq):
        for rows in (three_rows(tokenizer), three_rows(tokenizer, labels=None)):
            assert "labels" not in make(tokenizer, return_tensors="np")(rows)


def test_rows_of_one_length_need_no_padding_token():
    tokenizer = load("gpt2-vocab")
    assert tokenizer.pad_token is None
    collate = hfquick.DataCollatorForLanguageModeling(tokenizer, mlm=False, return_tensors="np")
    batch = collate([[5, 6, 7], [8, 9, 10]])
    assert batch["labels"].tolist() == batch["input_ids"].tolist() == [[5, 6, 7], [8, 9, 10]]
    assert batch["attention_mask"].all()
    with says(ValueError, "padding needs a padding token and this tokenizer has none; try"):
        collate([[5, 6, 7], [8]])


def test_what_ends_a_text_is_a_label_even_where_it_also_pads():
    tokenizer = load("gpt2-vocab", pad_token="<|endoftext|>")
    end = tokenizer.eos_token_id
    collate = hfquick.DataCollatorForLanguageModeling(tokenizer, mlm=False, return_tensors="np")
    assert collate([[5, 6, end], [8, end]])["labels"].tolist() == [[5, 6, end], [8, end, -100]]


def test_the_decoder_gets_what_the_model_prepares():
    class Model:
        def prepare_decoder_input_ids_from_labels(self, labels):
            return np.where(labels == -100, 0, labels) + 1000

    tokenizer = load()
    rows = [{**tokenizer("a cat"), "labels": [5, 6]}, {**tokenizer("cat"), "labels": [7]}]
    collate = hfquick.DataCollatorForSeq2Seq(tokenizer, model=Model(), return_tensors="np")
    assert collate(rows)["decoder_input_ids"].tolist() == [[1005, 1006], [1007, 1000]]
    assert "Model" not in repr(collate)  # a model would fill the page
    assert "decoder_input_ids" not in hfquick.DataCollatorForSeq2Seq(tokenizer, object(), return_tensors="np")(rows)


@pytest.mark.torch
def test_batches_and_collators_travel_to_other_processes():
    torch = pytest.importorskip("torch")
    tokenizer = load()
    rows = three_rows(tokenizer, label=1)
    for name in ("DataCollatorWithPadding", "DataCollatorForLanguageModeling", "DataCollatorForSpanMasking"):
        collate = getattr(hfquick, name)(tokenizer)
        collate(rows)
        again = pickle.loads(pickle.dumps(collate))
        np.random.seed(0)
        batch = collate(rows)
        np.random.seed(0)
        other = pickle.loads(pickle.dumps(again(rows)))
        assert all(torch.equal(batch[key], other[key]) for key in batch)


@pytest.mark.torch
def test_a_loader_with_workers_takes_them():
    torch = pytest.importorskip("torch")
    tokenizer = load()
    rows = [dict(tokenizer(LONG))] * 8
    collate = hfquick.DataCollatorForLanguageModeling(tokenizer, seed=3)
    loader = torch.utils.data.DataLoader(rows, batch_size=4, num_workers=2, collate_fn=collate)
    first, second = (batch["labels"] for batch in loader)
    assert not torch.equal(first, second)  # two workers, two random number generators
    assert torch.equal(first, collate(rows[:4])["labels"])  # the first worker's is that of the seed itself


# ---------------------------------------------------------------- masking


MASKING = [
    ("DataCollatorForLanguageModeling", {}),
    ("DataCollatorForLanguageModeling", {"whole_word_mask": True}),
    ("DataCollatorForWholeWordMask", {}),
    ("DataCollatorForSpanMasking", {}),
]


def many(tokenizer, count=60):
    return [dict(tokenizer(LONG[5 * number :])) for number in range(count)]


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize(("name", "options"), MASKING)
def test_what_is_masked_and_how(name, options, side):
    tokenizer = load(padding_side=side)
    rows = many(tokenizer) * 4
    plain = hfquick.DataCollatorWithPadding(tokenizer, return_tensors="np")(rows)
    batch = getattr(hfquick, name)(tokenizer, return_tensors="np", seed=1, **options)(rows)
    ids, inputs, labels = plain["input_ids"], batch["input_ids"], batch["labels"]
    chosen = labels != -100
    assert (labels[chosen] == ids[chosen]).all()
    assert (inputs[~chosen] == ids[~chosen]).all()
    assert not chosen[np.isin(ids, tokenizer.all_special_ids)].any()
    assert (batch["attention_mask"] == plain["attention_mask"]).all()
    tokens = (~np.isin(ids, tokenizer.all_special_ids)).sum()
    assert 0.12 < chosen.sum() / tokens < 0.18
    shares = [(inputs == tokenizer.mask_token_id)[chosen].mean(), (inputs == ids)[chosen].mean()]
    assert shares == pytest.approx([0.8, 0.1], abs=0.04)


@pytest.mark.parametrize(("name", "options"), MASKING)
def test_random_numbers_come_from_numpy_or_from_the_seed(name, options):
    tokenizer = load()
    rows = many(tokenizer, 4)

    def labels(seed=None, state=0, times=1):
        collate = getattr(hfquick, name)(tokenizer, return_tensors="np", seed=seed, **options)
        np.random.seed(state)
        return [collate(rows)["labels"].tolist() for _ in range(times)]

    assert labels() == labels()
    assert labels() != labels(state=1)
    assert labels(seed=0) == labels(seed=0, state=1) != labels(seed=1)
    first, second = labels(seed=0, times=2)
    assert first != second
    before = np.random.get_state()[1].tolist()
    getattr(hfquick, name)(tokenizer, return_tensors="np", seed=5, **options)(rows)
    assert np.random.get_state()[1].tolist() == before  # a seed leaves the global source alone


def words_of(tokenizer, ids):
    """The words of one row as lists of places, by the tokenizer's own knowledge of a text."""
    words = tokenizer(LONG).word_ids(0)
    places = {}
    for place, word in enumerate(words[: len(ids)]):
        if word is not None:
            places.setdefault(word, []).append(place)
    return list(places.values())


@pytest.mark.parametrize("vocabulary", ["bert-vocab", "roberta-json", "unigram-json"])
@pytest.mark.parametrize(("name", "options"), MASKING[1:])
def test_words_are_masked_whole(name, options, vocabulary):
    tokenizer = load(vocabulary)
    rows = [dict(tokenizer(LONG))] * 40
    labels = getattr(hfquick, name)(tokenizer, return_tensors="np", seed=1, **options)(rows)["labels"]
    words = words_of(tokenizer, labels[0])
    assert sum(len(word) > 1 for word in words) > 10
    for row in labels != -100:
        for word in words:
            assert row[word].all() or not row[word].any()


def test_which_tokens_continue_a_word():
    bert, roberta, unigram = load("bert-vocab"), load("roberta-json"), load("unigram-json")
    starts = {}
    for name, tokenizer in (("bert", bert), ("roberta", roberta), ("unigram", unigram)):
        collate = hfquick.DataCollatorForWholeWordMask(tokenizer, return_tensors="np")
        ids = np.array([tokenizer("The unhappily cat").input_ids])
        starts[name] = collate._starts(ids, np.isin(ids, tokenizer.all_special_ids))[0].tolist()
        words = tokenizer("The unhappily cat").word_ids(0)
        assert starts[name] == [word is not None and word not in words[:place] for place, word in enumerate(words)]
    assert len(set(map(len, starts.values()))) > 1


def test_whole_words_are_counted_out():
    tokenizer = load()
    rows = many(tokenizer)
    batch = hfquick.DataCollatorForWholeWordMask(tokenizer, return_tensors="np", mlm_probability=0.2)(rows)
    budgets = np.round(batch["attention_mask"].sum(1) * 0.2)
    hidden = (batch["labels"] != -100).sum(1)
    assert (hidden <= budgets).all()
    assert (hidden >= budgets - 2).all()


def test_spans_are_as_long_as_in_the_paper_and_replaced_alike():
    tokenizer = load()
    row = dict(tokenizer("a the cat on " * 120))  # words of one piece
    assert len(row["input_ids"]) == 482
    collate = hfquick.DataCollatorForSpanMasking(tokenizer, return_tensors="np", seed=0, mlm_probability=0.1)
    batch = collate([row] * 200)
    ids = np.array([row["input_ids"]] * 200)
    special = np.isin(ids, tokenizer.all_special_ids)
    _, groups = collate._choose(ids, special, np.random.default_rng(0))
    sizes = np.bincount(groups[groups > 0])
    sizes = sizes[sizes > 0]
    assert sizes.max() == 10
    assert sizes.mean() == pytest.approx(3.8, abs=0.35)  # spans that touch others or the end of the budget are shorter
    chosen, hidden = batch["labels"] != -100, batch["input_ids"] == tokenizer.mask_token_id
    same = (batch["input_ids"] == batch["labels"]) & chosen
    runs = np.flatnonzero(chosen[:, 1:] & chosen[:, :-1])
    together = (hidden[:, 1:] == hidden[:, :-1]).ravel()[runs].mean()
    assert together > 0.9  # one by one it would be 0.68
    assert (same[:, 1:] == same[:, :-1]).ravel()[runs].mean() > 0.9
    short = hfquick.DataCollatorForSpanMasking(tokenizer, return_tensors="np", seed=0, max_span_length=1)
    assert np.bincount(short._choose(ids, special, np.random.default_rng(0))[1].ravel())[1:].max() == 1


@pytest.mark.parametrize(("name", "options"), MASKING)
def test_texts_without_a_word(name, options):
    tokenizer = load()
    batch = getattr(hfquick, name)(tokenizer, return_tensors="np", **options)(
        [dict(tokenizer("")), dict(tokenizer(""))]
    )
    assert (batch["labels"] == -100).all()


def test_new_tokens_are_known_after_a_batch_was_made():
    tokenizer = load()
    collate = hfquick.DataCollatorForLanguageModeling(tokenizer, return_tensors="np", mlm_probability=1.0)
    collate([dict(tokenizer("a cat"))])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<new>"]})
    ids = tokenizer("a <new> cat").input_ids
    assert (collate([ids])["labels"][0] == -100).tolist() == [index in tokenizer.all_special_ids for index in ids]


# ---------------------------------------------------------------- what is refused


def refuses(error, sentence, rows, make=hfquick.DataCollatorWithPadding, **options):
    with says(error, sentence):
        make(load(), return_tensors="np", **options)(rows)


def test_texts_where_numbers_belong():
    row = {"input_ids": [2, 3], "text": "a cat"}
    said = "column 'text' holds texts; a model takes numbers: tokenize it or remove the column"
    refuses(ValueError, said, [row, row])
    for kind in ("np", "pt"):
        with says(ValueError, said):
            hfquick.default_data_collator([row, row], kind)
    refuses(ValueError, "column 'input_ids' holds texts; a model takes numbers", [{"input_ids": ["a", "cat"]}])
    refuses(
        ValueError, "the labels are texts ('pos'); a model takes numbers: try", [{"input_ids": [2], "label": "pos"}]
    )


def test_rows_that_do_not_fit_together():
    refuses(ValueError, "example 1 has no 'label', which example 0 has; expected the same columns everywhere",
            [{"input_ids": [2], "label": 1}, {"input_ids": [2]}])  # fmt: skip
    refuses(ValueError, "example 0 has no 'label', which example 2 has; expected the same columns everywhere",
            [{"input_ids": [2]}, {"input_ids": [2]}, {"input_ids": [2], "label": 1}])  # fmt: skip
    refuses(ValueError, "the label of row 1 is None; give a value, or remove the row",
            [{"input_ids": [2], "label": 1}, {"input_ids": [2], "label": None}])  # fmt: skip
    refuses(ValueError, "column 'boxes' has rows of 1 to 2 values, and nothing pads it; remove the column, or",
            [{"input_ids": [2], "boxes": [1]}, {"input_ids": [2], "boxes": [1, 2]}])  # fmt: skip
    refuses(ValueError, "row 1 has 1 values in 'attention_mask' for 2 tokens; expected as many",
            [{"input_ids": [2], "attention_mask": [1]}, {"input_ids": [2, 3], "attention_mask": [1]}])  # fmt: skip
    refuses(ValueError, "columns have different numbers of rows ({'input_ids': 2, 'label': 1}); expected as many",
            {"input_ids": [[2], [3]], "label": [1]})  # fmt: skip
    refuses(ValueError, "rows have 'label' and 'label_ids', and labels come from one column; remove the other",
            [{"input_ids": [2], "label": 1, "label_ids": [1]}])  # fmt: skip


def test_nothing_and_nonsense():
    for rows in ([], [{}], {}, {"input_ids": []}):
        refuses(ValueError, "the batch is empty; a collator needs at least one row with at least one column", rows)
        with says(ValueError, "the batch is empty"):
            hfquick.default_data_collator(rows, "np")
    said = "a collator takes a list of examples (dicts) or a dict of lists, not list of int"
    refuses(TypeError, said, [1, 2])
    refuses(TypeError, "dict of lists, not str", "cat")
    refuses(ValueError, "a batch needs the column 'input_ids', the rows have 'labels'; tokenize the texts first",
            [{"label": 1}])  # fmt: skip
    refuses(ValueError, "column 'input_ids' holds 2, expected a list with a number for each token", [{"input_ids": 2}])
    refuses(ValueError, "column 'input_ids' holds 0.5, expected whole numbers", [{"input_ids": [0.5]}])
    refuses(
        ValueError, "column 'x' holds {'a': 1} (dict), expected numbers; remove", [{"input_ids": [2], "x": {"a": 1}}]
    )


def test_labels_that_are_not_one_for_each_token():
    make = hfquick.DataCollatorForTokenClassification
    refuses(ValueError, "column 'labels' holds 1, expected a list with a number for each token",
            [{"input_ids": [2, 3], "label": 1}], make)  # fmt: skip
    refuses(ValueError, "row 0 has 1 values in 'labels' for 2 tokens; expected as many",
            [{"input_ids": [2, 3], "labels": [1]}], make)  # fmt: skip


def test_lengths_that_cannot_be():
    rows = [{"input_ids": [2, 4, 3]}, {"input_ids": [2, 3]}]
    refuses(ValueError, "rows have 2 to 3 tokens, and padding=False pads none; try padding=True", rows, padding=False)
    refuses(ValueError, "a row has 3 tokens, more than max_length=2; tokenize with truncation=True, max_length=2",
            rows, padding="max_length", max_length=2)  # fmt: skip
    refuses(ValueError, "padding is 'longst', expected True, False, 'longest', ", rows, padding="longst")
    refuses(ValueError, "pad_to_multiple_of is 0, expected a whole number from 1 on", rows, pad_to_multiple_of=0)


def test_collators_that_cannot_be():
    tokenizer = load()
    with says(TypeError, "DataCollatorWithPadding needs the tokenizer that made the token ids, got None; try"):
        hfquick.DataCollatorWithPadding()
    with says(ValueError, "return_tensors is 'torch', expected 'pt' (PyTorch), 'tf' (TensorFlow) or 'np' (NumPy)"):
        hfquick.DataCollatorWithPadding(tokenizer, return_tensors="torch")
    with says(ValueError, "return_tensors is 'jax', expected"):
        hfquick.DefaultDataCollator("jax")
    with says(ValueError, "return_tensors is 'jax', expected"):
        hfquick.default_data_collator([{"a": 1}], "jax")
    make = hfquick.DataCollatorForLanguageModeling
    with says(ValueError, "masking needs a mask token and this tokenizer has none; for a causal language model"):
        make(load("gpt2-vocab"))
    for name in ("mlm_probability", "mask_replace_prob", "random_replace_prob"):
        with says(ValueError, f"{name} is 1.5, expected a probability from 0 to 1"):
            make(tokenizer, **{name: 1.5})
    with says(ValueError, "mask_replace_prob=0.95 and random_replace_prob=0.1 are shares of one whole; expected a sum"):
        make(tokenizer, mask_replace_prob=0.95)
    with says(ValueError, "whole_word_mask=True masks words, and mlm=False masks none; leave one of them out"):
        make(tokenizer, mlm=False, whole_word_mask=True)
    with says(ValueError, "max_span_length is 0, expected a whole number from 1 on; it counts words"):
        hfquick.DataCollatorForSpanMasking(tokenizer, max_span_length=0)


def test_ids_of_another_tokenizer():
    said = "the ids go from 2 to 99999, this tokenizer has "
    refuses(ValueError, said, [[2, 99999]], hfquick.DataCollatorForLanguageModeling)


def test_a_vocabulary_that_does_not_show_words():
    backend = Tokenizer(models.WordLevel({"[UNK]": 0, "[MASK]": 1, "[PAD]": 2, "a": 3}, unk_token="[UNK]"))
    tokenizer = PreTrainedTokenizerFast(backend, unk_token="[UNK]", mask_token="[MASK]", pad_token="[PAD]")
    with says(ValueError, "this vocabulary does not show where words begin ('##', 'Ġ' and '▁' are the marks that"):
        hfquick.DataCollatorForWholeWordMask(tokenizer, return_tensors="np")([[3, 3]])
