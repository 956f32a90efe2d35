"""Record what transformers 4.57.6 makes of sounds in its pipelines. In the oracle's environment, in the repository:

    python -m tests.reference.record_sound_pipelines

Writes tiny random models and tests/reference/pipelines/sounds.json.
"""

import json
import shutil
import warnings
from pathlib import Path

import torch
import transformers

from tests.pipelines.recordings import LENGTHS, RATE, recording

FOLDER = Path(__file__).parent / "pipelines"
TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24,
        "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2, "classifier_proj_size": 8}  # fmt: skip
BASE = {"conv_dim": [8] * 7}  # 320 samples for a frame, as Wav2Vec2's own
COARSE = {"conv_dim": [8, 8, 8], "conv_kernel": [10, 8, 4], "conv_stride": [5, 8, 4], "num_feat_extract_layers": 3,
          "feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}  # fmt: skip
LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
SMALL = ["<pad>", "<unk>", "|", *"aeirnst", "é", "<s>", "</s>"]
SPEECH_CALLS = [
    {},
    {"return_timestamps": "char"},
    {"return_timestamps": "word"},
    {"chunk_length_s": 1},
    {"chunk_length_s": 0.9, "stride_length_s": 0.2, "return_timestamps": "word"},
    {"chunk_length_s": 1.3, "stride_length_s": [0.33, 0.1], "return_timestamps": "char"},
    {"chunk_length_s": 1.01, "stride_length_s": [0, 0.4]},
    {"chunk_length_s": 2, "stride_length_s": [0.5, 0], "return_timestamps": "word"},
    {"chunk_length_s": 0.7, "stride_length_s": 0.1, "return_timestamps": "char"},
    {"chunk_length_s": 100},
]
CLASS_CALLS = [{}, {"top_k": 2}, {"function_to_apply": "sigmoid"}, {"function_to_apply": "none", "top_k": 99}]


def widened(model, wide: float = 0.3):
    """Random weights that tell one moment from the other, rounded to the 16 bits that the file has."""
    for name, tensor in model.state_dict().items():
        tensor += wide * torch.randn_like(tensor) * (3 if "lm_head" in name else 1)
        tensor.copy_(tensor.half().float())
    return model.eval()


def balance(model, extractor) -> None:
    """No token wins everywhere: all have the same mean and spread of logits, and the blank some more."""
    heard = extractor(recording("long"), sampling_rate=RATE, return_tensors="pt").input_values
    head = model.lm_head
    with torch.no_grad():
        spread, mean = torch.std_mean(model(heard).logits[0], 0)
        head.weight /= spread[:, None]
        head.bias.copy_((head.bias - mean) / spread)
        head.bias[0] += 1.0
        for tensor in (head.weight, head.bias):
            tensor.copy_(tensor.half().float())


def save(name: str, model, *parts) -> None:
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    model.half().save_pretrained(FOLDER / name)
    model.float()
    for part in parts:
        part.save_pretrained(FOLDER / name)


def tokenizer_of(tokens: list[str], **settings):
    file = FOLDER / "vocab.json"
    file.write_text(json.dumps({token: index for index, token in enumerate(tokens)}, ensure_ascii=False))
    made = transformers.Wav2Vec2CTCTokenizer(str(file), **settings)
    file.unlink()
    return made


def speech(name: str, shape: dict, tokens: list[str], extractor: dict, **settings):
    tokenizer = tokenizer_of(tokens, **settings)
    ids = {"vocab_size": len(tokens), "pad_token_id": 0, "bos_token_id": None, "eos_token_id": None}
    model = widened(transformers.Wav2Vec2ForCTC(transformers.Wav2Vec2Config(**TINY, **shape, **ids)))
    made = transformers.Wav2Vec2FeatureExtractor(**extractor)
    balance(model, made)
    save(name, model, made, tokenizer)
    return transformers.pipeline(
        "automatic-speech-recognition", model=model, feature_extractor=made, tokenizer=tokenizer, device="cpu"
    )


def sounds(name: str, shape: dict, extractor: dict, labels: list[str]):
    names = dict(enumerate(labels))
    config = transformers.Wav2Vec2Config(**TINY, **shape, id2label=names, label2id={b: a for a, b in names.items()})
    model = widened(transformers.Wav2Vec2ForSequenceClassification(config))
    made = transformers.Wav2Vec2FeatureExtractor(**extractor)
    save(name, model, made)
    return transformers.pipeline("audio-classification", model=model, feature_extractor=made, device="cpu")


def main() -> None:
    results = []
    plain, masked = {"return_attention_mask": False}, {"return_attention_mask": True}
    pipes = {
        "speech-group": speech("speech-group", BASE, LETTERS, plain),
        "speech-layer": speech("speech-layer", COARSE, SMALL, masked, word_delimiter_token="|"),
    }
    classes = {
        "sound-group": sounds("sound-group", BASE, plain, ["kick", "snare", "hat", "clap", "tom", "bell", "rim"]),
        "sound-layer": sounds(
            "sound-layer",
            COARSE | {"use_weighted_layer_sum": True},
            masked | {"do_normalize": False},
            ["yes", "no", "up"],
        ),
    }
    for name, pipe in pipes.items():
        for options in SPEECH_CALLS:
            for heard in LENGTHS:
                found = pipe(recording(heard), **options)
                results.append({"model": name, "options": options, "sound": heard, "result": found})
        for stride in ([3_200, 1_600], [700, 0], [0, 2_345]):
            given = {"raw": recording("odd"), "sampling_rate": RATE, "stride": tuple(stride), "partial": True}
            found = pipe(given, return_timestamps="char")
            results.append({"model": name, "options": {"return_timestamps": "char"}, "sound": "odd",
                            "stride": stride, "partial": True, "result": found})  # fmt: skip
    for name, pipe in classes.items():
        for options in CLASS_CALLS:
            for heard in LENGTHS:
                found = pipe(recording(heard), **options)
                results.append({"model": name, "options": options, "sound": heard, "result": found})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in results)
    (FOLDER / "sounds.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    main()
