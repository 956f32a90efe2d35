"""What the tests and the planted mutations ask beside the cases: names, defaults, initial values, files of the Hub.

Each check is a function of one text, so that a row of a table of mutants can name it. Nothing of the package is
imported before a check is called.
"""

import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from .case import FOLDERS, Case, is_norm
from .cases import CASES, MODELS, is_bare, kind_of
from .cases_wav2vec2 import SPELLINGS
from .reference import FOLDER

SECOND_NAMES = {  # that transformers has for the bias of the word scores
    "cls.predictions.bias": "cls.predictions.decoder.bias",
    "lm_head.bias": "lm_head.decoder.bias",
}
TABLES = ("wte", "wpe", "shared", "embed_tokens", "embed_positions", "relative_attention_bias")  # of embeddings
SAME_TENSOR = set(SECOND_NAMES.values())


def recorded(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def config_class(kind: str) -> type:
    folder = FOLDERS.get(kind, kind)
    return getattr(import_module(f"hfquick.models.{folder}.configuration_{folder}"), f"{MODELS[kind][0]}Config")


def class_of(name: str) -> Any:
    """A PyTorch model by class name."""
    folder = FOLDERS.get(kind_of(name), kind_of(name))
    return getattr(import_module(f"hfquick.models.{folder}.modeling_{folder}"), name)


def case_of(name: str) -> Case:
    """The first case of a class."""
    return next(case for case in CASES.values() if case.model == name)


def model(name: str, **config: Any) -> Any:
    """A small PyTorch model by class name, with random weights."""
    kind = kind_of(name)
    values = {"num_labels": 2 if "Question" in name else 3, **MODELS[kind][1], **config}
    return class_of(name)(config_class(kind)(**values))


def defaults(kind: str) -> None:
    """Every field of a configuration has the default value that transformers gives it."""
    theirs, ours = recorded("config_defaults")[kind], config_class(kind)().to_dict()
    known = set(config_class(kind).fields()) - {"architectures"}
    wrong = {key: (ours.get(key), theirs.get(key)) for key in known if str(ours.get(key)) != str(theirs.get(key))}
    wrong.pop("id2label")  # JSON turns its keys into texts
    assert ours["id2label"] == {int(index): label for index, label in theirs["id2label"].items()}, ours["id2label"]
    assert ours["label2id"] == theirs["label2id"], ours["label2id"]
    assert not wrong, f"field: (ours, theirs): {wrong}"


def names(name: str) -> None:
    """Names and shapes of all tensors are those of the Hub's checkpoints."""
    theirs = {key: tuple(shape) for key, shape in recorded("state_dicts")[name].items() if key not in SAME_TENSOR}
    ours = {key: tuple(tensor.shape) for key, tensor in model(name).state_dict().items()}
    assert ours == theirs, set(ours.items()) ^ set(theirs.items())


def is_table(key: str) -> bool:
    """Whether a tensor holds the vectors of words, in a model whose padding learns nothing."""
    return any(part in key for part in ("word_embeddings", "shared.", "embed_tokens"))


def initial(name: str) -> None:
    """Untrained weights: normal with the configuration's std, zero biases, LayerNorms that change nothing."""
    import torch

    torch.manual_seed(1)
    if name.startswith("Wav2Vec2"):
        initial_of_sound(name)
        return
    if name.startswith("T5"):
        fresh = model(name, initializer_factor=0.5, d_model=64, vocab_size=400, tie_word_embeddings=False)
    else:
        fresh = model(name, initializer_range=0.05, hidden_size=64, num_attention_heads=4)
    # The padding token's vector is not trained.
    padding = None if name.startswith(("GPT2", "T5")) else fresh.config.pad_token_id
    for key, tensor in fresh.state_dict().items():
        if key.endswith("bias"):
            assert not tensor.any(), f"{key} is not zero"
        elif is_norm(key) or key == "classifier.1.weight":  # of ViLT
            assert (tensor == (0.5 if name.startswith("T5") else 1)).all(), f"{key} is not one, times the factor"
        elif name.startswith("Vilt") and key.endswith(("cls_token", ".position_embeddings")):
            assert not tensor.any(), f"{key} is not zero"
        else:
            padded = (padding is not None and is_table(key)) or (
                "position_embeddings" in key and fresh.base_model_prefix == "roberta"
            )
            rows = tensor[torch.arange(len(tensor)) != padding] if padded else tensor
            wanted = 0.025 if "c_proj" in key else 0.05  # two layers of GPT-2 add four times: 1 / sqrt(4)
            if name.startswith("T5"):
                wanted = 0.5 * width_of_t5(key, fresh.config)
            off = abs(float(rows.std()) / wanted - 1)
            assert off < 5 / (2 * rows.numel()) ** 0.5, f"{key} has the standard deviation {float(rows.std()):.4f}"
        if is_table(key) and padding is not None:
            assert not tensor[padding].any(), f"{key} has a vector for padding"


def initial_of_sound(name: str) -> None:
    """Of Wav2Vec2: convolutions as He et al. 2015 have them, and some uniform (-b, b), whose std is b / sqrt(3)."""
    fresh = model(name, initializer_range=0.05, mask_time_prob=0.1, conv_bias=True, use_weighted_layer_sum=True,
                  hidden_size=64, conv_dim=[48, 64, 80])  # fmt: skip
    state = {key.removeprefix("wav2vec2."): tensor for key, tensor in fresh.state_dict().items()}
    kernel, lengths = (state[f"encoder.pos_conv_embed.conv.weight_{letter}"] for letter in "vg")
    assert np.allclose(lengths, kernel.norm(dim=(0, 1), keepdim=True)), "lengths of another kernel"
    assert np.allclose(state.pop("layer_weights", 1 / 3), 1 / 3)
    for key, tensor in state.items():
        last = key.removesuffix(".weight").rpartition(".")[2]
        inputs = np.prod(state[key.replace("bias", "weight")].shape[1:]) if "conv_layers" in key else 0
        if is_norm(key):
            assert (tensor == float(key.endswith("weight"))).all(), f"{key} changes something"
            continue
        if last == "weight_g":
            continue
        if "feature_projection" in key:
            wanted = (80 * 3) ** -0.5
        elif "conv_layers" in key:
            wanted = (3 * inputs) ** -0.5 if last == "bias" else (2 / inputs) ** 0.5
        elif key.endswith("bias"):
            assert not tensor.any(), f"{key} is not zero"
            continue
        elif last == "masked_spec_embed":
            assert 0 <= tensor.min() < 0.2, "not from 0 to 1"
            assert 0.8 < tensor.max() <= 1, "not from 0 to 1"
            continue
        else:
            wanted = 2 * (16 * 64) ** -0.5 if last == "weight_v" else 0.05
        off = abs(float(tensor.std()) / wanted - 1)
        assert off < 5 / (2 * tensor.numel()) ** 0.5, f"{key} has the standard deviation {float(tensor.std()):.4f}"


def width_of_t5(key: str, config: Any) -> float:
    """The standard deviation of T5's initial weights in the code of its paper, by the last part of their names."""
    D, H, K = config.d_model, config.num_heads, config.d_kv
    last = key.removesuffix(".weight").rpartition(".")[2]
    narrow = {"q": (D * K) ** -0.5, "o": (H * K) ** -0.5, "wo": config.d_ff**-0.5}
    wide = ("shared", "embed_tokens", "lm_head")
    return 1.0 if last in wide else narrow.get(last, D**-0.5)


def loads(what: str) -> None:
    """A file as the Hub has them loads to the same outputs: "old BertForMaskedLM" and so on; see `file_of`."""
    how, _, name = what.partition(" ")
    import torch

    case = case_of(name)
    source = torch_model(case)
    with tempfile.TemporaryDirectory() as folder:
        wanted = write_file(how, source, Path(folder))
        loaded = type(source).from_pretrained(folder)
        inputs = {key: torch.from_numpy(array) for key, array in case.arrays().items()}
        with torch.no_grad():
            expected, found = source.eval()(**inputs, **case.options), loaded(**inputs, **case.options)
    for key in [key for key in expected if "hidden_states" in key or wanted == "all"]:
        for ours, truth in zip(as_list(found[key]), as_list(expected[key]), strict=True):
            assert torch.allclose(ours, truth, rtol=1e-5, atol=1e-5), f"{what}: {key} differ"


def torch_model(case: Case) -> Any:
    from . import ours_pt, torch_runs

    model_class = ours_pt.class_of(case)
    config = model_class.config_class(**case.values, output_hidden_states=True)
    return torch_runs.prepare(model_class(config), case)


def as_list(value: Any) -> list:
    return list(value) if isinstance(value, tuple) else [value]


def write_file(how: str, source: Any, folder: Path) -> str:
    """Write the model into a folder in an old or odd way; returns which outputs must come back: "all" or "base"."""
    import torch
    from safetensors.torch import save_file

    source.config.save_pretrained(folder)
    kind, name = source.config.model_type, type(source).__name__
    base = {"gpt2": "transformer.", "bart": "model.", "t5": ""}.get(kind, f"{FOLDERS.get(kind, kind)}.")
    prefix = "" if is_bare(name) else base
    state = {key: tensor.clone() for key, tensor in source.state_dict().items()}
    if how == "old" and kind == "gpt2":  # as OpenAI's was written in 2019, with what its attention computes
        state = {key.removeprefix(base): tensor for key, tensor in state.items() if key != "lm_head.weight"}
        for layer in range(source.config.n_layer):
            state[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 12, 12)
            state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    elif how == "old" and kind == "bart":  # as fairseq's were converted in 2020
        state |= {f"{prefix}{stack}.version": torch.tensor([3.0]) for stack in ("encoder", "decoder")}
    elif how == "old" and kind == "t5":  # with a bias that is never read
        state["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.zeros(8, 4)
    elif how == "old" and kind == "vit":  # as it was pretrained, with what stood in the place of patches
        state[f"{prefix}embeddings.mask_token"] = torch.zeros(1, 1, 32)
    elif how == "old" and kind == "wav2vec2":  # in torch's newest spelling, with what only pretraining needs
        state = {spelled_by_torch(key): tensor for key, tensor in state.items()}
        state |= {"quantizer.codevectors": torch.zeros(1, 4, 8), "project_q.bias": torch.zeros(8)}
        state[f"{prefix}masked_spec_embed"] = torch.zeros(32)
    elif how == "whole":  # its convolution over positions in one piece
        stem = f"{prefix}encoder.pos_conv_embed.conv.weight"
        lengths, kernel = state.pop(f"{stem}_g"), state.pop(f"{stem}_v")
        state[stem] = kernel * (lengths / kernel.norm(dim=(0, 1), keepdim=True))
    elif how == "old":  # as Google wrote BERT in 2018, with everything it was trained with
        state = {old_name(key): tensor for key, tensor in state.items()}
        state[f"{prefix}embeddings.position_ids"] = torch.arange(12)[None]
        if "cls.predictions.bias" in state:
            state |= {"cls.seq_relationship.weight": torch.zeros(2, 32), "cls.seq_relationship.bias": torch.zeros(2)}
        if set(SECOND_NAMES) & set(state):
            state[f"{prefix}pooler.dense.weight"] = torch.zeros(32, 32)
            state[f"{prefix}pooler.dense.bias"] = torch.zeros(32)
    elif how == "bare":  # a bare model, without prefix and head
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items() if key.startswith(prefix)}
        state.pop("lm_head.weight", None)  # of T5, which knows no prefix
    elif how == "headed":  # a model with a head, of which the bare one is taken
        if kind == "vit":  # whose classifier needs no pooler
            state = {key: tensor for key, tensor in state.items() if not key.startswith("pooler.")}
        state = {f"{base}{key}": tensor for key, tensor in state.items()} | {"classifier.weight": torch.zeros(2, 32)}
    elif how == "alias":  # the second name of the bias of the word scores, alone
        state = {SECOND_NAMES.get(key, key): tensor for key, tensor in state.items()}
    if how == "bin":
        torch.save(state, folder / "pytorch_model.bin")
    elif how == "keras":
        write_h5({key if prefix else f"{base}{key}": tensor for key, tensor in state.items()}, folder / "tf_model.h5")
    else:
        save_file(state, folder / "model.safetensors")
    return "base" if how == "bare" or (how == "headed" and kind == "vit") else "all"


def spelled_by_torch(key: str) -> str:
    """A parameter under the name that torch's parametrizations give it."""
    return next((key.replace(ours, theirs) for theirs, ours in SPELLINGS.items() if ours in key), key)


def old_name(key: str) -> str:
    if "layernorm" not in key.lower():
        return key
    return key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


def write_h5(state: dict[str, Any], path: Path) -> None:
    """As transformers 4 wrote TensorFlow models: kernels transposed, gamma and beta, a group for each layer."""
    import h5py

    with h5py.File(path, "w") as file:
        for key, tensor in state.items():
            *parts, last = key.split(".")
            array = tensor.numpy()
            if not parts:  # BART's bias of words is a layer of its own, whose variable has its name alone
                file[f"{key}/{key}:0"] = array
                file[key].attrs["weight_names"] = [f"{key}:0"]
                continue
            if last == "weight_g":  # its places stand first
                array = array.reshape(-1, 1, 1)
            elif last == "weight_v" or not last.endswith(("weight", "bias")):
                pass
            elif is_norm(key):
                last = {"weight": "gamma", "bias": "beta"}[last]
            elif parts[-1].startswith("c_"):  # GPT-2's maps lie as in torch, but their biases are rows
                array = array[None] if last == "bias" else array
            elif last == "weight" and "embeddings" not in parts[-1] and parts[-1] not in TABLES:
                last, array = (
                    "kernel",
                    np.ascontiguousarray(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T),
                )
            inner = "/".join(parts).replace("layer/", "layer_._").replace("/h/", "/h_._").replace("block/", "block_._")
            inner = inner.replace("layers/", "layers.")
            file[f"{parts[0]}/model/{inner}/{last}:0"] = array
            layer = file[parts[0]]
            layer.attrs["weight_names"] = [*layer.attrs.get("weight_names", []), f"model/{inner}/{last}:0"]


CHECKS = {"defaults": defaults, "names": names, "initial": initial, "loads": loads}
