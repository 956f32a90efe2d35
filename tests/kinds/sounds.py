"""Rows with sounds, as people have them, for tests of training in both frameworks."""

import numpy as np

import hfquick
from tests.audio_processing.cases import ENGLISH, numbered
from tests.audio_processing.test_sounds import tone
from tests.tokenization.test_ctc import written

SIZES = {
    "conv_dim": [8, 8], "conv_kernel": [10, 4], "conv_stride": [8, 4], "hidden_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 16, "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2, "classifier_proj_size": 8, "vocab_size": len(ENGLISH), "pad_token_id": 0,
    "mask_time_prob": 0.0, "layerdrop": 0.0, "hidden_dropout": 0.0, "attention_dropout": 0.0,
    "activation_dropout": 0.0, "feat_proj_dropout": 0.0, "final_dropout": 0.0,
    "feat_extract_norm": "layer", "ctc_loss_reduction": "mean",
}  # fmt: skip
TEXTS = ["HELLO", "A", "NO NO", "YES"]


def processor(folder):
    tokenizer = hfquick.Wav2Vec2CTCTokenizer(written(folder, numbered(*ENGLISH)))
    return hfquick.Wav2Vec2Processor(hfquick.Wav2Vec2FeatureExtractor(return_attention_mask=True), tokenizer)


def recordings(datasets, **columns):
    """A column of sounds at 8 kHz, of several lengths, and what is said in them, or what they are."""
    cells = [{"array": tone(8_000, 0.1 + 0.05 * index, 300 + 90 * index), "sampling_rate": 8_000} for index in range(4)]
    columns = {"audio": cells, **(columns or {"transcription": TEXTS})}
    features = {"audio": hfquick.Audio(), **{name: datasets.Value("string") for name in columns if name != "audio"}}
    if "label" in columns:
        features["label"] = datasets.ClassLabel(names=["low", "high"])
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def prepared(made):
    """The same rows with the inputs of a model, as tutorials write it for `map`."""

    def prepare(row):
        batch = made(row["audio"], row["transcription"])
        return {"input_values": batch["input_values"][0], "labels": batch["labels"]}

    return prepare


def whole(made, data):
    """All rows in one batch, by hand."""
    sounds = [row["audio"] for row in data]
    batch = dict(made.feature_extractor(sounds, padding=True, return_tensors="np"))
    rows = made.tokenizer(list(data["transcription"]))["input_ids"]
    batch["labels"] = np.full((len(rows), max(map(len, rows))), -100)
    for index, row in enumerate(rows):
        batch["labels"][index, : len(row)] = row
    return batch
