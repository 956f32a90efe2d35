"""Trains the SentencePiece models of CamemBERT's and XLM-RoBERTa's kind in tests/reference/tokenizers/.

Needs sentencepiece, protobuf and transformers 4.57.6:  python tests/reference/make_sentencepiece.py
Retrain them only together with record_tokenization.py, which records what transformers makes of them.

Two layouts of each: as the Hub's first repositories have it, with sentencepiece.bpe.model alone, and with the
tokenizer.json that transformers makes of it. The normalization is a handful of the rules of nmt_nfkc, whose table would
be a hundred times as large as the rest.
"""

import io
import json
import shutil
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import sentencepiece
import transformers
from make_tokenizers import CORPUS, write

HERE = Path(__file__).parent / "tokenizers"
RULES = {  # characters -> what they become
    "\t": " ",
    "\n": " ",
    "\xa0": " ",
    "\u200b": " ",
    "\x07": "",
    "ﬁ": "fi",
    "½": "1⁄2",
    "Ａ": "A",
    "e\u0301": "é",
}
ROLES = {
    "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
    "pad_token": "<pad>",
}  # fmt: skip
MASK = {"content": "<mask>", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}
FILE = "sentencepiece.bpe.model"


def train(vocab_size: int) -> bytes:
    """A unigram model as fairseq's are: <unk>, <s>, </s>, then the pieces."""
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # the model keeps the name of the file of rules
        rows = (" ".join(f"{ord(each):X}" for each in text) for rule in RULES.items() for text in rule)
        lines = ("\t".join(row) + "\n" for row in zip(rows, rows, strict=True))
        Path("rules.tsv").write_text("".join(lines), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS * 3),
            model_writer=model,
            vocab_size=vocab_size,
            character_coverage=0.985,  # some characters are unknown, as to a real model
            normalization_rule_tsv="rules.tsv",
            num_threads=1,
            minloglevel=2,
        )
    return model.getvalue()


def with_model(folder: Path, model: bytes) -> None:
    (folder / FILE).write_bytes(model)


def whole(kind: str, model: bytes) -> dict:
    """The tokenizer.json that transformers makes."""
    with tempfile.TemporaryDirectory() as folder:
        with_model(Path(folder), model)
        getattr(transformers, f"{kind}TokenizerFast")(str(Path(folder) / FILE)).save_pretrained(folder)
        return json.loads((Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))


def main() -> None:
    model = train(230)

    # As camembert-base was in 2019 (and many that were trained from it still are): the model of SentencePiece.
    config = {"model_type": "camembert", "max_position_embeddings": 42, "pad_token_id": 1}
    with_model(write("camembert-sentencepiece", config=config), model)

    # As it is today: nothing is said beside the tokenizer.json.
    limit = {"model_max_length": 40}
    write("camembert-json", tokenizer_config=limit, config=config)
    put(HERE / "camembert-json", whole("Camembert", model))

    # Its tokens are named in two files, its kind in one.
    folder = write(
        "xlm-roberta-sentencepiece",
        tokenizer_config={"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512},
        special_tokens_map={**ROLES, "mask_token": MASK},
    )
    with_model(folder, model)

    # As older versions of the library wrote it: words first, and Metaspace says in another way that a space is put
    # in front; the mask has no flags in tokenizer_config.json.
    old = whole("XLMRoberta", model)
    spaced = {"type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": True}
    old["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, spaced]}
    old["decoder"] = spaced
    old["normalizer"] = old["normalizer"]["normalizers"][0]
    config = {"model_type": "xlm-roberta", "max_position_embeddings": 42, "pad_token_id": 1}
    names = {**ROLES, "mask_token": "<mask>", "tokenizer_class": "XLMRobertaTokenizer"}
    put(write("xlm-roberta-json", config=config, tokenizer_config=names), old)


def put(folder: Path, whole: dict) -> None:
    (folder / "tokenizer.json").write_text(json.dumps(whole, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in ("camembert-sentencepiece", "camembert-json", "xlm-roberta-sentencepiece", "xlm-roberta-json"):
        shutil.rmtree(HERE / name, ignore_errors=True)
    sys.exit(main())
