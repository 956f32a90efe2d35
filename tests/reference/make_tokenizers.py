"""Trains the small tokenizers in tests/reference/tokenizers/, in the layouts that are found on the Hub.

Those of CamemBERT and XLM-RoBERTa: make_sentencepiece.py.

Needs the `tokenizers` library only:  python tests/reference/make_tokenizers.py
Retrain them only together with record_tokenization.py, which records what transformers makes of them.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent / "tokenizers"
NO_LIMIT = int(1e30)

CORPUS = """The little cat sat on the warm mat and looked at the rain. It rained, and rained again; nobody minded.
We were very glad to read the letter that you wrote. Don't you think that it's a good letter? I'm sure they've seen it.
Readers love stories. A reader reads, a writer writes, a reading lamp lights the room. She wasn't reading at all!
Two hundred and fifty-six numbers: 1, 2, 3, 42, 1999 and 2048. Prices went up by 3.5 % in the year 1987.
Le petit chat était assis près de la fenêtre. Nous étions très contents de vous écrire. L'été, les élèves lisent dehors.
Où est la bibliothèque ? Elle n'est pas loin d'ici, à côté de l'école. Ça va très bien, merci ! Un œuf, des œufs.
Die kleine Katze schläft. Über den Wolken muss die Freiheit größer sein, sagte der Mann im großen Haus.
El niño comió una manzana en la montaña. Mañana será otro día. ¿Dónde está la estación?
今天天气很好。我们去公园。 Я люблю читать книги. مرحبا بالعالم שלום עולם
Happy days 😀 and rainy days 🌧 come and go. Naïve café, coöperate, résumé, jalapeño, façade.
The unhappy learner learns unhappily; the happy teacher teaches happily. Learning is teaching, teaching is learning.
""".splitlines()

BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BERT_ROLES = {
    "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
}  # fmt: skip
UNIGRAM_SPECIAL = ["<pad>", "</s>", "<unk>", "<extra_0>"]
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def wordpiece(lowercase: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    # A limited alphabet leaves some characters unknown, as in a real vocabulary.
    trainer = trainers.WordPieceTrainer(
        vocab_size=420,
        special_tokens=BERT_SPECIAL,
        limit_alphabet=95,
        initial_alphabet=list("abcdefgxyz"),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


def byte_bpe(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=480,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("``", '"')])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=UNIGRAM_SPECIAL, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    end = tokenizer.token_to_id("</s>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", end)]
    )
    return tokenizer


def write(name: str, **files: object) -> Path:
    """Keyword `config` is config.json and so on; a dict is written as JSON, a list as lines."""
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    for key, content in files.items():
        if isinstance(content, Tokenizer):
            content.save(str(folder / "tokenizer.json"), pretty=False)
        elif isinstance(content, dict):
            (folder / f"{key}.json").write_text(
                json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        else:
            (folder / f"{key}.txt").write_text("".join(f"{line}\n" for line in content), encoding="utf-8")
    return folder


def vocabulary(tokenizer: Tokenizer) -> dict[str, int]:
    return dict(sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]))


def merges(tokenizer: Tokenizer) -> list[str]:
    lines = json.loads(tokenizer.to_str())["model"]["merges"]
    return ["#version: 0.2"] + [line if isinstance(line, str) else " ".join(line) for line in lines]


def added(content: str, **flags: bool) -> dict:
    usual = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {"content": content, **usual, **flags}


def main() -> None:
    lower, cased = wordpiece(True), wordpiece(False)

    # A repository of 2019: a vocabulary and nothing else.
    write("bert-vocab", vocab=list(vocabulary(lower)), config={"model_type": "bert", "max_position_embeddings": 64})

    # The same with options, and tokens that were added later, one of them with a role.
    write(
        "bert-options",
        vocab=list(vocabulary(cased)),
        config={"model_type": "bert"},
        tokenizer_config={
            "do_lower_case": False, "strip_accents": False, "tokenize_chinese_chars": False, "model_max_length": 48,
        },
        special_tokens_map={**BERT_ROLES, "additional_special_tokens": ["[USER]"]},
        added_tokens={"[USER]": len(vocabulary(cased)), "unhappily": len(vocabulary(cased)) + 1},
    )  # fmt: skip

    # As the library saves it today; the file keeps cutting and filling switched on, which must not leak into calls.
    lower.enable_truncation(16)
    lower.enable_padding(pad_id=0, pad_token="[PAD]")
    write(
        "distilbert-json",
        tokenizer=lower,
        config={"model_type": "distilbert", "max_position_embeddings": 64},
        tokenizer_config={
            "added_tokens_decoder": {str(index): added(token) for index, token in enumerate(BERT_SPECIAL)},
            **BERT_ROLES, "clean_up_tokenization_spaces": True, "do_lower_case": True, "model_max_length": 32,
            "strip_accents": None, "tokenize_chinese_chars": True, "tokenizer_class": "DistilBertTokenizer",
        },
    )  # fmt: skip
    lower.no_truncation()
    lower.no_padding()

    gpt2 = byte_bpe(["<|endoftext|>"])
    write("gpt2-vocab", vocab=vocabulary(gpt2), config={"model_type": "gpt2", "n_positions": 64})
    write("gpt2-vocab", merges=merges(gpt2))

    roberta = byte_bpe(ROBERTA_SPECIAL)
    write(
        "roberta-vocab",
        vocab=vocabulary(roberta),
        config={"model_type": "roberta", "max_position_embeddings": 66, "pad_token_id": 1},
        tokenizer_config={"model_max_length": 40},
    )
    write("roberta-vocab", merges=merges(roberta))

    # One file that says all, and options elsewhere that overrule it: transformers lowercases this cased vocabulary.
    write("bert-json", tokenizer=cased, config={"model_type": "bert", "max_position_embeddings": 64})
    roberta.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    roberta.decoder = decoders.ByteLevel()
    roberta.add_special_tokens(ROBERTA_SPECIAL)
    write(
        "roberta-json",
        tokenizer=roberta,
        config={"model_type": "roberta"},
        tokenizer_config={"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True, "trim_offsets": False},
    )
    gpt2.decoder = decoders.ByteLevel()
    write(
        "gpt2-json",
        tokenizer=gpt2,
        tokenizer_config={"tokenizer_class": "GPT2TokenizerFast", "model_max_length": 50, "eos_token": "<|endoftext|>"},
        special_tokens_map={"pad_token": {"content": "<|fill|>", "lstrip": True, "rstrip": False, "normalized": False}},
    )

    # No family of its own; filled and cut on the left; special tokens as objects.
    tokenizer = unigram()
    numbers = {token: tokenizer.token_to_id(token) for token in UNIGRAM_SPECIAL}
    write(
        "unigram-json",
        tokenizer=tokenizer,
        tokenizer_config={
            "added_tokens_decoder": {str(index): added(token) for token, index in numbers.items()},
            "additional_special_tokens": ["<extra_0>"], "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
            "mask_token": {"__type": "AddedToken", **added("<mask>", lstrip=True)},
            "model_max_length": NO_LIMIT, "padding_side": "left", "truncation_side": "left",
            "clean_up_tokenization_spaces": False, "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
