"""Tokenizers: the same results as transformers 4.57.6, and a sentence for every mistake."""

import json

import pytest

from hfquick.tokenization import PreTrainedTokenizerFast

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "wor", "##ld", "!"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "max_position_embeddings": 8}))
    return tmp_path


def test_one_text_and_a_batch(folder):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    assert tokenizer("Hello world!") == {
        "input_ids": [2, 5, 6, 9, 3],
        "token_type_ids": [0] * 5,
        "attention_mask": [1] * 5,
    }
    assert tokenizer(["hello", "hello world"], padding=True)["input_ids"] == [[2, 5, 3, 0], [2, 5, 6, 3]]
