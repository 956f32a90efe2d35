"""Small checkpoints in every layout transformers has written, and what the models in them answer.

Two environments, in this order (each takes about a minute; names of models may follow, to record those alone):

    python tests/reference/record_checkpoints.py torch        # transformers 4.57
    TF_USE_LEGACY_KERAS=1 python tests/reference/record_checkpoints.py tensorflow   # transformers 4.50

The first draws weights (wide, so that a wrong one shows), saves as PyTorch does and records the outputs; the second
loads the same weights and saves them as TensorFlow does. checkpoints/<model>/<layout>/ holds the files.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "checkpoints"
TEXT = {
    "input_ids": np.array([[2, 7, 9, 30, 55, 3], [2, 41, 3, 0, 0, 0]]),
    "attention_mask": np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]]),
}
PICTURES = {"pixel_values": np.random.RandomState(0).standard_normal((2, 3, 12, 12)).astype(np.float32)}
SOUNDS = {"input_values": np.random.RandomState(0).standard_normal((2, 300)).astype(np.float32)}
SIZES = {"vocab_size": 60, "max_position_embeddings": 16}
BERT = {
    **SIZES,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "layer_norm_eps": 1e-6,
}
ROBERTA = {**BERT, "type_vocab_size": 1, "pad_token_id": 1, "layer_norm_eps": 1e-5}
DISTILBERT = {**SIZES, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 40}
GPT2 = {"vocab_size": 60, "n_positions": 16, "n_embd": 32, "n_layer": 2, "n_head": 4, "pad_token_id": 0}
BART = {
    **SIZES,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 1,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 36,
}
VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "image_size": 12,
    "patch_size": 4,
}
WAV2VEC2 = {
    "vocab_size": 20,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "conv_dim": [16, 16, 16],  # TensorFlow's builds no others
    "conv_stride": [5, 2, 2],
    "conv_kernel": [10, 3, 2],
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
}
MODELS = {  # folder -> class, further configuration
    "bert-words": ("BertForMaskedLM", BERT),
    "bert-first": ("BertForPreTraining", BERT),  # what the first BERT checkpoints hold: two heads
    "bert-labels": ("BertForSequenceClassification", {**BERT, "num_labels": 3}),
    "bert-bare": ("BertModel", BERT),
    "bert-answers": ("BertForQuestionAnswering", BERT),
    "distilbert-words": ("DistilBertForMaskedLM", DISTILBERT),
    "distilbert-labels": ("DistilBertForSequenceClassification", {**DISTILBERT, "num_labels": 3}),
    "distilbert-bare": ("DistilBertModel", DISTILBERT),
    "distilbert-tokens": ("DistilBertForTokenClassification", {**DISTILBERT, "num_labels": 3}),
    "gpt2-next": ("GPT2LMHeadModel", GPT2),
    "gpt2-labels": ("GPT2ForSequenceClassification", {**GPT2, "num_labels": 3}),
    "gpt2-bare": ("GPT2Model", GPT2),
    "bart-written": ("BartForConditionalGeneration", BART),
    "bart-bare": ("BartModel", BART),
    "camembert-words": ("CamembertForMaskedLM", {**ROBERTA, "bos_token_id": 5, "eos_token_id": 6}),
    "xlmroberta-labels": ("XLMRobertaForSequenceClassification", {**ROBERTA, "num_labels": 3}),
    "vit-classes": ("ViTForImageClassification", {**VIT, "num_labels": 3}),
    "vit-bare": ("ViTModel", VIT),
    "vilt-replies": ("ViltForQuestionAnswering", {**SIZES, **VIT, "num_labels": 5}),  # never was in TensorFlow
    "wav2vec2-characters": ("Wav2Vec2ForCTC", WAV2VEC2),
    "wav2vec2-bare": (
        "Wav2Vec2Model",
        {**WAV2VEC2, "feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True},
    ),
}


def inputs_of(name: str) -> dict[str, np.ndarray]:
    if name.startswith("wav2vec2-"):
        return SOUNDS
    return (PICTURES if name.startswith("vi") else {}) | ({} if name.startswith("vit-") else TEXT)


def record_torch(wanted: list[str]) -> None:
    import torch
    import transformers

    for name in wanted:
        kind, values = MODELS[name]
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        torch.manual_seed(0)
        cls = getattr(transformers, kind)
        model = cls(cls.config_class(**values)).eval()
        with torch.no_grad():
            for tensor in model.parameters():
                tensor.normal_(std=0.3)
            if name == "bart-written":  # its words' scores have a bias that is not trained, zero in a new model
                model.final_logits_bias.normal_()
        model.save_pretrained(FOLDER / name / "safetensors")
        save_outputs(model, name, FOLDER / name / "outputs.npz")
        if name in ("bert-words", "distilbert-words", "bert-first", "gpt2-next", "bart-written", "camembert-words"):
            model.save_pretrained(FOLDER / name / "bin", safe_serialization=False)
        if name == "bert-words":
            model.save_pretrained(FOLDER / name / "safetensors-shards", max_shard_size="30KB")
            model.save_pretrained(FOLDER / name / "bin-shards", max_shard_size="30KB", safe_serialization=False)
            save_old_names(model, FOLDER / name / "bin-old")
        if name == "gpt2-next":
            save_first_gpt2(model, FOLDER / name / "first")
        if name in ("bert-words", "distilbert-labels"):
            for dtype in (torch.float16, torch.bfloat16):
                kind = str(dtype).removeprefix("torch.")
                small = cls.from_pretrained(FOLDER / name / "safetensors", dtype=dtype)
                small.save_pretrained(FOLDER / name / kind)
                small.save_pretrained(FOLDER / name / f"{kind}-bin", safe_serialization=False)
                save_outputs(small.float().eval(), name, FOLDER / name / f"outputs-{kind}.npz")


def save_old_names(model, folder: Path) -> None:
    """As PyTorch checkpoints of 2018 and 2019 were: gamma and beta, a position_ids buffer, no zip archive."""
    import torch

    state = {
        key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value.clone()
        for key, value in model.state_dict().items()
    }
    state["bert.embeddings.position_ids"] = torch.arange(16)[None]
    folder.mkdir(parents=True)
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    model.config.save_pretrained(folder)


def save_first_gpt2(model, folder: Path) -> None:
    """As the file of `gpt2` is on the Hub: no prefix, no head, and with the constants of each attention."""
    import torch
    from safetensors.torch import save_file

    state = {
        key.removeprefix("transformer."): value.clone() for key, value in model.state_dict().items() if "lm_" not in key
    }
    for layer in range(model.config.n_layer):
        state[f"h.{layer}.attn.bias"] = torch.ones(16, 16).tril()[None, None]
        state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    folder.mkdir(parents=True)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(folder)


def save_outputs(model, name: str, path: Path) -> None:
    import torch

    inputs = inputs_of(name)
    with torch.no_grad():
        outputs = model(**{key: torch.tensor(value) for key, value in inputs.items()})
    arrays = {key: value.numpy() for key, value in outputs.items() if key != "past_key_values"}
    np.savez(path, **inputs, **arrays)


def record_tensorflow(wanted: list[str]) -> None:
    import transformers

    for name in [name for name in wanted if not name.startswith("vilt")]:
        kind, _ = MODELS[name]
        model = getattr(transformers, f"TF{kind}").from_pretrained(FOLDER / name / "safetensors")
        saved = np.load(FOLDER / name / "outputs.npz")
        outputs = model(**inputs_of(name))
        outputs = {key: outputs[key] for key in outputs if key != "past_key_values"}
        for key in outputs:
            np.testing.assert_allclose(outputs[key].numpy(), saved[key], atol=1e-4)
        model.save_pretrained(FOLDER / name / "h5", safe_serialization=False)
        model.save_pretrained(FOLDER / name / "tf-safetensors", safe_serialization=True)
        if name == "bert-words":
            model.save_pretrained(FOLDER / name / "h5-shards", max_shard_size="40KB", safe_serialization=False)
        print(name, {key: value.shape for key, value in outputs.items()})


if __name__ == "__main__":
    {"torch": record_torch, "tensorflow": record_tensorflow}[sys.argv[1]](sys.argv[2:] or list(MODELS))
    for generation in FOLDER.rglob("generation_config.json"):
        generation.unlink()
    sizes = {str(path.relative_to(FOLDER)): path.stat().st_size for path in FOLDER.rglob("*.*") if path.is_file()}
    print(json.dumps({path: size for path, size in sizes.items() if "json" not in path}, indent=1))
    print("together", sum(sizes.values()), "bytes; the largest", max(sizes.values()))
