"""The kinds of models that every feature is tried on: a row for each, with its sizes, its tokenizer or image processor,
and rows of data.

    for kind in KINDS: ...                       # KINDS["tokens"] has the head ForTokenClassification, on DistilBERT

A test is a function of a kind, so a new kind is a row here and, where its loss or its result is
another, a function in by_hand.py. Models have one layer, a vocabulary of 40 tokens, and widely drawn weights. The rows
have what is easily forgotten: a text of one word first, lengths that are not sorted, a row of which nothing is to be
predicted. There are seven, so that batches of three end with a batch of one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

import hfquick
from hfquick.data.pictures import PictureCollator
from tests.kinds import by_hand
from tests.kinds.clips import CLIPS, DROPOUT, Samples, sound_rows, speech_rows
from tests.kinds.clips import SIZES as SOUND_SIZES
from tests.kinds.pictures import (
    DETR,
    DETR_DROPOUT,
    DETR_SIZES,
    PICTURES,
    SCENES,
    VILT_PIXELS,
    VILT_SIZES,
    VIT,
    VIT_SIZES,
    Both,
    Pixels,
    object_rows,
    picture_rows,
    question_rows,
    segment_rows,
)  # fmt: skip
from tests.parity.case import draw_weight

Row = dict[str, Any]
IGNORED = -100
WORDS = """we are very happy sad not the cat dog sat ran on mat home a . ? who what ##s ##ly ##dog""".split()  # noqa: SIM905
TEXTS = [
    "cat",
    "we are happy .",
    "the dogs ran home sadly on the mat .",
    "a cat",
    "the sad cat sat on the mat",
    "we ran",
    "not very happy",
]


@dataclass(frozen=True)
class Tokens:
    """The special tokens of a tokenizer in the order of their ids, and what stands around a text."""

    special: tuple[str, ...]
    roles: dict[str, str]
    around: str = "$A:0"
    pair: str | None = None
    inputs: tuple[str, ...] = ("input_ids", "attention_mask")
    auto: str = "AutoTokenizer"

    def config(self) -> dict[str, Any]:
        """What a model must know of it."""
        return {"vocab_size": len(self.ids()), "pad_token_id": self.ids()[self.roles["pad_token"]]}

    def ids(self) -> dict[str, int]:
        return {token: index for index, token in enumerate((*self.special, *WORDS))}

    def write(self, folder: Path) -> None:
        backend = Tokenizer(models.WordPiece(self.ids(), unk_token=self.roles["unk_token"]))
        backend.normalizer = normalizers.Lowercase()
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        backend.decoder = decoders.WordPiece(prefix="##")
        backend.add_special_tokens(list(self.special))
        named = [(token, index) for index, token in enumerate(self.special)]
        backend.post_processor = processors.TemplateProcessing(
            single=self.around, pair=self.pair or f"{self.around} $B:0", special_tokens=named
        )
        folder.mkdir(parents=True, exist_ok=True)
        backend.save(str(folder / "tokenizer.json"))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_input_names": self.inputs, **self.roles}
        (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "model_max_length": 24}))


BERT = Tokens(
    ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    },
    "[CLS]:0 $A:0 [SEP]:0",
    "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
    ("input_ids", "token_type_ids", "attention_mask"),
)
DISTILBERT = Tokens(BERT.special, BERT.roles, BERT.around, BERT.pair)
ROBERTA = Tokens(  # of BART, too
    ("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
    {
        "bos_token": "<s>",
        "pad_token": "<pad>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "mask_token": "<mask>",
    },
    "<s> $A </s>",
    "<s> $A </s> </s> $B </s>",
)
GPT2 = Tokens(  # the end of a text is its padding, as everybody sets it for GPT-2
    ("<|endoftext|>", "<|unknown|>"),
    {
        "bos_token": "<|endoftext|>",
        "eos_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
        "unk_token": "<|unknown|>",
    },
)
T5 = Tokens(
    ("<pad>", "</s>", "<unk>"),
    {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"},
    "$A </s>",
    "$A </s> $B </s>",
)

BERT_SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 26,
}
DISTILBERT_SIZES = {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 26}
GPT2_SIZES = {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 26, "bos_token_id": 0, "eos_token_id": 0}
BART_SIZES = {
    "d_model": 16,
    "encoder_layers": 1,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "decoder_layers": 1,
    "decoder_attention_heads": 2,
    "decoder_ffn_dim": 24,
    "max_position_embeddings": 26,
}
T5_SIZES = {
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 24,
    "num_layers": 1,
    "num_heads": 2,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 12,
    "decoder_start_token_id": 0,
}
BERT_DROPOUT = ("hidden_dropout_prob", "attention_probs_dropout_prob")
DISTILBERT_DROPOUT = ("dropout", "attention_dropout", "seq_classif_dropout", "qa_dropout")
GPT2_DROPOUT = ("resid_pdrop", "embd_pdrop", "attn_pdrop")
BART_DROPOUT = ("dropout", "attention_dropout", "activation_dropout")


@dataclass(frozen=True, eq=False)
class Kind:
    """One row of KINDS: a model, its data, and what is right for it."""

    name: str
    model: str  # its class in PyTorch; the twin in Keras has TF in front
    auto: str  # the Auto class that loads it
    task: str  # a name in TASKS
    reads: Tokens | Pixels | Both | Samples  # what prepares its inputs: a tokenizer, an image processor, of sounds
    sizes: dict[str, Any]
    dropout: tuple[str, ...]  # fields of the configuration; 0 unless a test is about them
    rows: Callable[[Any], list[Row]]  # tokenizer or image processor -> rows of a dataset
    loss: Callable[..., tuple[float, int]]  # outputs of a row alone, the row -> sum of its losses, labels that count
    outputs: tuple[str, ...] = ("logits",)
    collator: str | None = "DataCollatorWithPadding"  # None: the one that a Trainer makes of its processing_class
    collator_options: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[Any, ...] = tuple(TEXTS)  # of its pipeline
    choice: bool = True  # labels are the ids of classes, so label smoothing means something
    all_count: bool = False  # every row has a label that counts
    spread: float = 1.0  # of its weights: less for many layers, which would make large what is not exact

    @property
    def generates(self) -> bool:
        return self.task in ("text-generation", "summarization", "translation")

    @property
    def reads_texts(self) -> bool:
        """Whether a tokenizer prepares its inputs: texts of different lengths, padded on either side."""
        return isinstance(self.reads, Tokens)

    @property
    def of_tokens(self) -> bool:
        """Whether its outputs have a value for each token."""
        return self.reads_texts and self.task != "text-classification"

    @property
    def has_decoder_inputs(self) -> bool:
        return self.model.startswith(("Bart", "T5"))

    def model_class(self, framework: str) -> Any:
        return getattr(hfquick, f"TF{self.model}" if framework == "tf" else self.model)

    def auto_class(self, framework: str) -> Any:
        return getattr(hfquick, f"TF{self.auto}" if framework == "tf" else self.auto)

    def make_collator(self, processor: Any, return_tensors: str = "pt", **options: Any) -> Any:
        options = {"return_tensors": return_tensors, **self.collator_options, **options}
        if self.collator is None:
            return PictureCollator(processor, return_tensors)
        return getattr(hfquick, self.collator)(processor, **options)

    def parts(self, processor: Any) -> dict[str, Any]:
        """The arguments of a pipeline beside the model."""
        if isinstance(self.reads, Both):
            return {"tokenizer": processor.tokenizer, "image_processor": processor.image_processor}
        if isinstance(self.reads, Samples) and self.reads.letters:
            return {"tokenizer": processor.tokenizer, "feature_extractor": processor.feature_extractor}
        if isinstance(self.reads, Samples):
            return {"feature_extractor": processor}
        return {"tokenizer" if self.reads_texts else "image_processor": processor}

    def prepare(self, processor: Any, value: Any) -> Row:
        """An input of its pipeline -> a row without labels."""
        if self.reads_texts:
            return dict(processor(*value.values()) if isinstance(value, dict) else processor(value))
        given = [value] if isinstance(self.reads, Samples) or not isinstance(value, dict) else value.values()
        return {name: array[0] for name, array in processor(*given, return_tensors="np").items()}

    def columns(self, row: Row) -> Row:
        """What the model reads of a row, its labels apart."""
        return {name: row[name] for name in self.reads.inputs if name in row}

    def labels(self, row: Row) -> Any:
        """The labels of a row as `predict` gives them."""
        if "start_positions" in row:
            return np.array([row["start_positions"], row["end_positions"]])
        if isinstance(row.get("labels"), dict):
            return {name: np.array(values) for name, values in row["labels"].items()}
        return np.array(next(row[name] for name in ("labels", "label", "input_ids") if name in row))

    def write(self, folder: Path) -> Path:
        """A folder with the model, made by PyTorch where it is installed, and what prepares its inputs."""
        self.reads.write(folder)
        config_class = self.model_class("pt" if has_torch() else "tf").config_class
        config = config_class(**self.reads.config(), **self.sizes, **dict.fromkeys(self.dropout, 0.0))
        (drawn_torch if has_torch() else drawn_keras)(self, config).save_pretrained(folder)
        return folder

    def __str__(self) -> str:
        return self.name


def has_torch() -> bool:
    from importlib.util import find_spec

    return find_spec("torch") is not None


def drawn(kind: Kind, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A weight; those of a convolution are small where it adds up many pixels."""
    several = (32 / np.prod(shape[1:])) ** 0.5 if len(shape) == 4 else 1.0
    return draw_weight(name, shape) * np.float32(min(1.0, several) * (kind.spread if len(shape) > 1 else 1.0))


def drawn_torch(kind: Kind, config: Any) -> Any:
    import torch

    model = kind.model_class("pt")(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(drawn(kind, name, tuple(parameter.shape))))
    return model


def drawn_keras(kind: Kind, config: Any) -> Any:
    from hfquick.core.weights_tf import slots

    model = kind.model_class("tf")(config)
    for name, slot in slots(model).items():
        if name not in model.tied() and name not in model.ZEROS:  # which are no parameters in torch
            slot.variable.assign(slot.to_keras(drawn(kind, name, slot.shape)))
    return model


# Rows: of what each kind of model learns


def _encoded(tokenizer: Any, texts: list[str]) -> list[Row]:
    encoded = tokenizer(texts)
    return [dict(zip(encoded, values, strict=True)) for values in zip(*encoded.values(), strict=True)]


def class_rows(tokenizer: Any) -> list[Row]:
    """The label of row 3 does not count."""
    labels = [0, 2, 1, IGNORED, 1, 0, 2]
    return [{**row, "label": label} for row, label in zip(_encoded(tokenizer, TEXTS), labels, strict=True)]


def number_rows(tokenizer: Any) -> list[Row]:
    return [{**row, "label": index / 2 - 1} for index, row in enumerate(_encoded(tokenizer, TEXTS))]


def several_rows(tokenizer: Any) -> list[Row]:
    return [
        {**row, "labels": [float(index & bit > 0) for bit in (1, 2, 4)]}
        for index, row in enumerate(_encoded(tokenizer, TEXTS))
    ]


def token_rows(tokenizer: Any) -> list[Row]:
    """The marks at the ends have no label, and row 5 none at all."""
    rows = _encoded(tokenizer, TEXTS)
    for index, row in enumerate(rows):
        ids = row["input_ids"]
        row["labels"] = [IGNORED, *(token % 3 for token in ids[1:-1]), IGNORED]
        if index == 5:
            row["labels"] = [IGNORED] * len(ids)
    return rows


def masked_rows(tokenizer: Any) -> list[Row]:
    """Every third token is masked, of the text of one word none."""
    rows = _encoded(tokenizer, TEXTS)
    for row in rows:
        ids = row["input_ids"]
        chosen = [0 < place < len(ids) - 1 and place % 3 == 2 for place in range(len(ids))]
        row["labels"] = [token if here else IGNORED for token, here in zip(ids, chosen, strict=True)]
        row["input_ids"] = [tokenizer.mask_token_id if here else token for token, here in zip(ids, chosen, strict=True)]
    return rows


def causal_rows(tokenizer: Any) -> list[Row]:
    """In the text of one token there is no next one to predict."""
    return _encoded(tokenizer, TEXTS)


def sequence_rows(tokenizer: Any) -> list[Row]:
    """Texts backwards; the first has none to predict."""
    rows = _encoded(tokenizer, TEXTS)
    for row, label in zip(
        rows, tokenizer([" ".join(reversed(text.split())) for text in TEXTS])["input_ids"], strict=True
    ):
        row["labels"] = label
    rows[0]["labels"] = [IGNORED]
    return rows


QUESTIONS = ["who ran ?", "what ?", "who ?", "who sat on the mat ?", "what ran ?", "who ?", "what ?"]


def span_rows(tokenizer: Any) -> list[Row]:
    """Padded to one length by the tokenizer, as people do; the answer of row 3 was cut off with the end of its text."""
    encoded = tokenizer(QUESTIONS, TEXTS, padding="max_length", max_length=20)
    rows = [dict(zip(encoded, values, strict=True)) for values in zip(*encoded.values(), strict=True)]
    for index, row in enumerate(rows):
        first = row["token_type_ids"].index(1)
        row["start_positions"], row["end_positions"] = (99, 99) if index == 3 else (first, first + index % 2)
    return rows


KINDS = {
    kind.name: kind
    for kind in [
        Kind(
            "classifier",
            "BertForSequenceClassification",
            "AutoModelForSequenceClassification",
            "text-classification",
            BERT,
            {**BERT_SIZES, "id2label": {0: "BAD", 1: "FAIR", 2: "GOOD"}},
            BERT_DROPOUT,
            class_rows,
            by_hand.class_loss,
        ),
        Kind(
            "decoder-classifier",  # which looks for the last token of each text
            "GPT2ForSequenceClassification",
            "AutoModelForSequenceClassification",
            "text-classification",
            GPT2,
            {**GPT2_SIZES, "num_labels": 3},
            GPT2_DROPOUT,
            class_rows,
            by_hand.class_loss,
        ),
        Kind(
            "regression",
            "DistilBertForSequenceClassification",
            "AutoModelForSequenceClassification",
            "text-classification",
            DISTILBERT,
            {**DISTILBERT_SIZES, "num_labels": 1},
            DISTILBERT_DROPOUT,
            number_rows,
            by_hand.number_loss,
            choice=False,
            all_count=True,
        ),
        Kind(
            "several",
            "RobertaForSequenceClassification",
            "AutoModelForSequenceClassification",
            "text-classification",
            ROBERTA,
            {**BERT_SIZES, "num_labels": 3, "problem_type": "multi_label_classification", "type_vocab_size": 1},
            BERT_DROPOUT,
            several_rows,
            by_hand.several_loss,
            choice=False,
            all_count=True,
        ),
        Kind(
            "tokens",
            "DistilBertForTokenClassification",
            "AutoModelForTokenClassification",
            "token-classification",
            DISTILBERT,
            {**DISTILBERT_SIZES, "id2label": {0: "O", 1: "B-PET", 2: "I-PET"}},
            DISTILBERT_DROPOUT,
            token_rows,
            by_hand.token_loss,
            collator="DataCollatorForTokenClassification",
        ),
        Kind(
            "spans",
            "BertForQuestionAnswering",
            "AutoModelForQuestionAnswering",
            "question-answering",
            BERT,
            BERT_SIZES,
            BERT_DROPOUT,
            span_rows,
            by_hand.span_loss,
            outputs=("start_logits", "end_logits"),
            inputs=tuple(
                {"question": question, "context": text} for question, text in zip(QUESTIONS, TEXTS, strict=True)
            ),
            choice=False,
        ),
        Kind(
            "masked",
            "RobertaForMaskedLM",
            "AutoModelForMaskedLM",
            "fill-mask",
            ROBERTA,
            {**BERT_SIZES, "type_vocab_size": 1},
            BERT_DROPOUT,
            masked_rows,
            by_hand.token_loss,
            collator="DataCollatorForTokenClassification",
            inputs=("<mask>", "the <mask> sat on the mat .", "we are <mask> and <mask>", "a <mask>"),
        ),
        Kind(
            "causal",
            "GPT2LMHeadModel",
            "AutoModelForCausalLM",
            "text-generation",
            GPT2,
            GPT2_SIZES,
            GPT2_DROPOUT,
            causal_rows,
            by_hand.causal_loss,
            collator="DataCollatorForLanguageModeling",
            collator_options={"mlm": False},
        ),
        Kind(
            "bart",
            "BartForConditionalGeneration",
            "AutoModelForSeq2SeqLM",
            "summarization",
            ROBERTA,
            BART_SIZES,
            BART_DROPOUT,
            sequence_rows,
            by_hand.token_loss,
            collator="DataCollatorForSeq2Seq",
        ),
        Kind(
            "t5",
            "T5ForConditionalGeneration",
            "AutoModelForSeq2SeqLM",
            "translation",
            T5,
            T5_SIZES,
            ("dropout_rate",),
            sequence_rows,
            by_hand.token_loss,
            collator="DataCollatorForSeq2Seq",
        ),
        Kind(
            "pictures",
            "ViTForImageClassification",
            "AutoModelForImageClassification",
            "image-classification",
            VIT,
            VIT_SIZES,
            BERT_DROPOUT,
            picture_rows,
            by_hand.class_loss,
            collator=None,
            inputs=tuple(PICTURES),
        ),
        Kind(
            "detector",
            "DetrForObjectDetection",
            "AutoModelForObjectDetection",
            "object-detection",
            DETR,
            DETR_SIZES,
            DETR_DROPOUT,
            object_rows,
            by_hand.object_loss,
            outputs=("logits", "pred_boxes"),
            collator=None,
            inputs=tuple(PICTURES),
            choice=False,
            all_count=True,
            spread=0.5,
        ),
        Kind(
            "segmenter",
            "DetrForSegmentation",
            "AutoModelForImageSegmentation",
            "image-segmentation",
            DETR,
            DETR_SIZES,
            DETR_DROPOUT,
            segment_rows,
            by_hand.object_loss,
            outputs=("logits", "pred_boxes", "pred_masks"),
            collator=None,
            inputs=tuple(PICTURES),
            choice=False,
            all_count=True,
            spread=0.5,
        ),
        Kind(
            "picture-questions",
            "ViltForQuestionAnswering",
            "AutoModelForVisualQuestionAnswering",
            "visual-question-answering",
            Both(BERT, VILT_PIXELS),
            VILT_SIZES,
            BERT_DROPOUT,
            question_rows,
            by_hand.scores_loss,
            collator=None,
            inputs=tuple(SCENES),
            choice=False,
            all_count=True,
        ),
        Kind(
            "speech",
            "Wav2Vec2ForCTC",
            "AutoModelForCTC",
            "automatic-speech-recognition",
            Samples(letters=True),
            {**SOUND_SIZES, "ctc_loss_reduction": "mean"},
            DROPOUT,
            speech_rows,
            by_hand.characters_loss,
            collator="DataCollatorCTCWithPadding",
            inputs=tuple(CLIPS),
            choice=False,
            all_count=True,
        ),
        Kind(
            "sounds",
            "Wav2Vec2ForSequenceClassification",
            "AutoModelForAudioClassification",
            "audio-classification",
            Samples(),
            {**SOUND_SIZES, "id2label": {0: "cat", 1: "dog", 2: "home"}},
            DROPOUT,
            sound_rows,
            by_hand.class_loss,
            collator="DataCollatorCTCWithPadding",
            inputs=tuple(CLIPS),
        ),
    ]
}


def over(names: Any = None, sizes: Any = None, faults: dict[Any, str] | None = None) -> Any:
    """The mark that runs a test for every kind or those named, and for every size of a batch where sizes are given.

    `faults` are known ones: why it fails, by the name of the kind, or by name and size.
    """
    cases = []
    for name in KINDS if names is None else names:
        for size in sizes or [None]:
            why = (faults or {}).get(name) or (faults or {}).get((name, size))
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            values, label = ((KINDS[name], size), f"{name}-{size}") if sizes else ((KINDS[name],), name)
            cases.append(pytest.param(*values, id=label, marks=marks))
    return pytest.mark.parametrize(("kind", "size") if sizes else "kind", cases)


WITHOUT_SIBLINGS = [name for name in KINDS if name != "segmenter"]  # a detector with one more head, slow in Keras
READING_TEXTS = [name for name, kind in KINDS.items() if kind.reads_texts]
GENERATING = [name for name, kind in KINDS.items() if kind.generates]
ENCODER_DECODERS = [name for name, kind in KINDS.items() if kind.has_decoder_inputs]
