"""Record the references from transformers 4.57.6, in an environment of its own (torch and transformers):

python -m tests.parity.record            all cases
python -m tests.parity.record bert-odd   some
"""

import json
import sys
import warnings
from typing import Any

import torch
import transformers

from . import reference, torch_runs
from .case import Case
from .cases import CASES, MODELS, QA
from .cases_wav2vec2 import our_name

EVERYTHING = {"output_hidden_states": True, "output_attentions": True}


def build(case: Case, double: bool = False) -> torch.nn.Module:
    kind, _, _ = MODELS[case.architecture]
    values = dict(case.values)
    if double:  # transformers refuses to go up to float32 from float64
        values.pop("reorder_and_upcast_attn", None)
    config = getattr(transformers, f"{kind}Config")(**values, attn_implementation="eager", use_cache=False)
    model = getattr(transformers, case.model)(config)
    for name, parameter in model.named_parameters():  # as with timm's ResNet; the name of its own is misspelt there
        if "encoder.stages." in name and "encoder.stages.0." not in name:
            parameter.requires_grad_(True)
    return model


def in_order(weights: torch.Tensor, count: int, replacement: bool = False) -> torch.Tensor:
    """What ViLT samples patches with: here the first ones, so that they come row by row, and those of padding last."""
    return torch.arange(int(count))


def record(case: Case) -> int:
    """One reference file; returns its size."""
    torch.multinomial = in_order
    results: list[dict[str, Any]] = []
    for double in (False, True):
        if case.architecture == "detr":  # whose loss makes weights of classes in the default type
            torch.set_default_dtype(torch.float64 if double else torch.float32)
        values = {
            f"eval.{name}": array
            for name, array in torch_runs.evaluate(build(case, double), case, double, **EVERYTHING).items()
        }
        outputs, found = torch_runs.train(build(case, double), case, double)
        gradients = {our_name(name): gradient for name, gradient in found.items()}
        values |= {f"train.{name}": array for name, array in outputs.items()}
        values[reference.GRADIENTS] = reference.flatten(case, gradients)
        results.append(values)
    trace = torch_runs.trace(build(case, double=True), case, double=True)
    torch.set_default_dtype(torch.float32)
    return reference.save(case, *results, sorted(gradients), trace).stat().st_size


def record_names() -> None:
    """Names and shapes of all tensors of every head, and the default values of the configurations."""
    shapes, defaults = {}, {}
    for kind, values, heads in MODELS.values():
        config = getattr(transformers, f"{kind}Config")
        defaults[config.model_type] = config().to_dict()
        for head in heads:
            model = getattr(transformers, kind + head)(config(**values, num_labels=2 if head == QA else 3))
            shapes[kind + head] = {our_name(name): list(tensor.shape) for name, tensor in model.state_dict().items()}
    for name, table in (("state_dicts", shapes), ("config_defaults", defaults)):
        (reference.FOLDER / f"{name}.json").write_text(
            json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )


def main() -> None:
    assert transformers.__version__ == "4.57.6", (
        f"references are those of transformers 4.57.6, this is {transformers.__version__}"
    )
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    reference.FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(CASES)
    total = sum(record(CASES[name]) for name in wanted)
    record_names()
    print(f"{len(wanted)} cases, {total / 1e6:.2f} MB in {reference.FOLDER}")


if __name__ == "__main__":
    main()
