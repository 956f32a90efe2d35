"""sentencepiece.bpe.model of CamemBERT and XLM-RoBERTa: read as transformers reads it; sentences for damaged ones."""

import json
import re
import struct
from pathlib import Path

import pytest

from hfquick.tokenization import PreTrainedTokenizerFast
from hfquick.tokenization.sentencepiece_models import FILE, read_pieces

TOKENIZERS = Path(__file__).parents[1] / "reference" / "tokenizers"
MODEL = TOKENIZERS / "camembert-sentencepiece" / FILE
FRONT = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)]


def field(number: int, value: bytes | int) -> bytes:
    """One field of Protocol Buffers; the numbers here are below 128."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def piece(text: str, score: float, kind: int | None = None) -> bytes:
    inside = field(1, text.encode()) + bytes([2 << 3 | 5]) + struct.pack("<f", score)
    return field(1, inside if kind is None else inside + field(3, kind))


def model(*pieces: tuple, more: bytes = b"") -> bytes:
    return b"".join(piece(*each) for each in (*FRONT, *pieces)) + more


def load(folder: Path, data: bytes, model_type: str = "camembert") -> PreTrainedTokenizerFast:
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    (folder / FILE).write_bytes(data)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def test_it_becomes_the_tokenizer_json_that_transformers_makes():
    made = PreTrainedTokenizerFast.from_pretrained(TOKENIZERS / "camembert-sentencepiece")
    whole = json.loads((TOKENIZERS / "camembert-json" / "tokenizer.json").read_text(encoding="utf-8"))
    ours = json.loads(made.backend_tokenizer.to_str())
    assert ours == whole
    assert made.model_max_length == 40  # 42 positions, counted from 2 on


@pytest.mark.parametrize(
    ("name", "ends", "mask"),
    [("camembert", (5, 6), 234), ("xlm-roberta", (0, 2), 231)],
)
@pytest.mark.parametrize("layout", ["json", "sentencepiece"])
def test_special_tokens_have_the_ids_of_fairseq(name, ends, mask, layout):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(TOKENIZERS / f"{name}-{layout}")
    ids = tokenizer("chat <mask>")["input_ids"]
    assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id) == ends
    assert ids[-2] == tokenizer.mask_token_id == mask == len(tokenizer) - 1
    assert (tokenizer.pad_token_id, tokenizer.unk_token_id) == (1, 3)
    assert "token_type_ids" not in tokenizer("a", "b")
    assert ("<s>NOTUSED" in tokenizer.all_special_tokens) == (name == "camembert")
    assert repr(tokenizer).startswith({"camembert": "Camembert", "xlm-roberta": "XLMRoberta"}[name] + "TokenizerFast(")


def test_saved_it_is_a_tokenizer_json_alone(tmp_path):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(TOKENIZERS / "xlm-roberta-sentencepiece")
    tokenizer.save_pretrained(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert config["tokenizer_class"] == "XLMRobertaTokenizerFast"


def test_tokens_added_later_stand_behind(tmp_path):
    names = (TOKENIZERS / "xlm-roberta-sentencepiece" / "special_tokens_map.json").read_text()
    (tmp_path / "special_tokens_map.json").write_text(names)
    (tmp_path / "added_tokens.json").write_text(json.dumps({"<mask>": 234, "nouveau": 235}))
    tokenizer = load(tmp_path, MODEL.read_bytes())
    found = tokenizer("un nouveau  <mask>", return_offsets_mapping=True)
    assert found["input_ids"][-3:] == [235, 234, 6]
    assert found["offset_mapping"][-2] == (10, 18)  # the mask has the flags of special_tokens_map.json
    assert tokenizer.get_added_vocab()["nouveau"] == 235
    (tmp_path / "added_tokens.json").write_text(json.dumps({"nouveau": 300}))
    with pytest.raises(ValueError, match="'nouveau' should have the id 300, but would have 235"):
        load(tmp_path, MODEL.read_bytes())


def test_all_kinds_of_fields_are_passed_over(tmp_path):
    """Numbers of 32 and 64 bits, and fields that are not known here; no table of normalization is none."""
    more = bytes([9 << 3 | 1]) + bytes(8) + bytes([10 << 3 | 5]) + bytes(4) + bytes([11 << 3, 0x96, 0x01])
    data = model(("▁chat", -1.5), ("▁le", -2.0), ("<sep>", 0.0, 4), more=field(4, b"unknown") + more)
    pieces, table, algorithm = read_pieces(data)
    assert (len(pieces), table, algorithm) == (6, b"", "unigram")
    assert (pieces[3].text, pieces[3].score, pieces[3].kind) == ("▁chat", -1.5, 1)
    tokenizer = load(tmp_path, data, "xlm-roberta")
    assert tokenizer.tokenize("le chat le<sep>le zz") == [
        "▁le",
        "▁chat",
        "▁le",
        "<sep>",
        "▁le",
        "▁zz",
    ]
    assert "<sep>" not in tokenizer.all_special_tokens


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "it starts with nothing, expected '<unk>', '<s>', '</s>'"),
        (piece("a", 0.0), "it starts with 'a', expected"),
        (b"not a model at all", "byte 1: a field of unknown kind 6"),
        (model()[:-3], "it ends in the middle of a field"),
        (b"\x0a", "it ends in the middle of a number"),
        (b"\xff" * 12, "a number without an end"),
        (field(1, 5), "a number where fields are expected"),
        (model(more=field(1, field(2, b""))), "a piece without a text"),
        (model(more=field(1, field(1, b"\xff"))), "a piece without a text"),
        (model(("a", float("nan"))), "the score of 'a' is nan"),
        (model(more=field(3, field(2, b"no table"))), "the table of its normalization: "),
    ],
)
def test_a_damaged_file_is_named(data, sentence, tmp_path):
    with pytest.raises(ValueError, match=f"{re.escape(FILE)}.*{re.escape(sentence)}"):
        load(tmp_path, data)


def test_another_algorithm_is_named(tmp_path):
    with pytest.raises(ValueError, match="is a 'bpe' model, hfquick reads 'unigram' models; it becomes a tokenizer"):
        load(tmp_path, model(("a", -1.0), more=field(2, field(3, 2))))


def test_a_model_of_an_unknown_kind_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"its {FILE} becomes a tokenizer.json with transformers"):
        load(tmp_path, MODEL.read_bytes(), "mbart")
