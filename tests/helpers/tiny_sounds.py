"""Models of sounds that have learnt nothing, in a folder, and a sound to give them."""

import json
import wave
from pathlib import Path

import numpy as np

LETTERS = "|ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
SIZES = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
    "conv_dim": [8] * 7, "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2,
}  # fmt: skip


def tiny_ctc(folder: Path) -> Path:
    """A Wav2Vec2 that gives letters: at random, but always the same ones for the same sound."""
    import torch

    from hfquick.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForCTC

    vocab = {token: index for index, token in enumerate(["<pad>", "<s>", "</s>", "<unk>", *LETTERS])}
    torch.manual_seed(0)
    model = Wav2Vec2ForCTC(Wav2Vec2Config(vocab_size=len(vocab), pad_token_id=0, initializer_range=1.0, **SIZES))
    model.lm_head.bias.data[1:4] = -1e4  # letters alone
    model.save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "Wav2Vec2CTCTokenizer"}))
    return _with_preprocessor(folder)


def tiny_sound_classifier(folder: Path) -> Path:
    """A Wav2Vec2 that tells three drums apart, or would if it were trained."""
    import torch

    from hfquick.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config
    from hfquick.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2ForSequenceClassification

    torch.manual_seed(0)
    labels = {0: "kick", 1: "snare", 2: "hihat"}
    config = Wav2Vec2Config(id2label=labels, classifier_proj_size=8, **SIZES)
    Wav2Vec2ForSequenceClassification(config).save_pretrained(folder)
    return _with_preprocessor(folder)


def _with_preprocessor(folder: Path) -> Path:
    values = {"feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 16_000, "do_normalize": True}
    (folder / "preprocessor_config.json").write_text(json.dumps(values))
    return folder


def chirp(seconds: float = 2.0, rate: int = 16_000) -> np.ndarray:
    """A tone that rises (S,), int16."""
    time = np.arange(round(seconds * rate)) / rate
    return (9_000 * np.sin(2 * np.pi * (300 + 200 * time) * time)).astype("<i2")


def write_wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path
