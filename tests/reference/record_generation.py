"""Records what transformers 4.57.6 writes in the cases of tests/generation/cases.py.

Run it where transformers and torch are installed:  python -m tests.reference.record_generation
Result: tests/reference/generation.json, one object per case:
    {"draw": which of its prompts, "sequences": [[...]], "sequences_scores": [...] and "beam_indices" with beams,
     "best": the largest score of each step and text, after the rules}
"""

import json
import sys
import warnings
from pathlib import Path

import torch
import transformers
from transformers import GenerationMixin

from tests.generation.cases import CASES, Case
from tests.parity.case import draw_weight

RESULT = Path(__file__).parent / "generation.json"
NEAR = 1e-4
OUT = -1e8  # scores below it are of candidates that are excluded


def build(case: Case) -> torch.nn.Module:
    model_class = getattr(transformers, case.model)
    model = model_class(model_class.config_class(**case.values)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(draw_weight(name, tuple(parameter.shape))))
    return model


class Watch:
    """The smallest distance between two neighbours among the candidates of a search with beams."""

    def __init__(self) -> None:
        self.nearest = float("inf")

    def __enter__(self) -> "Watch":
        self.original = GenerationMixin._get_top_k_continuations
        self.finished = GenerationMixin._update_finished_beams
        watch = self

        def top(model, accumulated_log_probs, num_beams, **options):
            watch.look(accumulated_log_probs.topk(3 * num_beams)[0])  # what comes after them is never taken
            return watch.original(model, accumulated_log_probs=accumulated_log_probs, num_beams=num_beams, **options)

        def finish(model, **options):
            results = watch.finished(model, **options)
            watch.look(results[1])
            return results

        GenerationMixin._get_top_k_continuations, GenerationMixin._update_finished_beams = top, finish
        return self

    def look(self, values: torch.Tensor) -> None:
        gaps = (values[:, :-1] - values[:, 1:])[values[:, 1:] > OUT]
        self.nearest = min(self.nearest, *gaps.tolist(), float("inf"))

    def __exit__(self, *error: object) -> None:
        GenerationMixin._get_top_k_continuations = self.original
        GenerationMixin._update_finished_beams = self.finished


def has_ended(sequences: torch.Tensor, case: Case) -> bool:
    """Whether one of the texts came to its end by itself."""
    start = max(case.lengths) if case.decoder_only else 1
    ends = torch.isin(sequences[:, start:], torch.tensor(case.arguments()["eos_token_id"]))
    return bool(ends.any(1).any())


def record(case: Case) -> dict:
    model = build(case)
    for draw in range(500):
        prompts = {name: torch.from_numpy(array) for name, array in case.prompts(draw).items()}
        with Watch() as watch:
            found = model.generate(**prompts, **case.arguments(), return_dict_in_generate=True, output_scores=True)
        beams = found.get("sequences_scores") is not None
        if not beams:
            for scores in found.scores:
                watch.look(scores.topk(2)[0])
        if watch.nearest > NEAR and len(found.scores) > 5 and (not case.ends or has_ended(found.sequences, case)):
            break
    else:
        raise AssertionError(f"{case.name}: no prompts without near candidates")
    entry = {"draw": draw, "sequences": found.sequences.tolist()}
    if beams:
        entry["sequences_scores"] = [round(score, 6) for score in found.sequences_scores.tolist()]
        entry["beam_indices"] = found.beam_indices.tolist()
    entry["best"] = [[round(value, 5) for value in scores.max(-1)[0].tolist()] for scores in found.scores]
    return entry


def main() -> None:
    assert transformers.__version__ == "4.57.6", f"references are those of 4.57.6, this is {transformers.__version__}"
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    wanted = sys.argv[1:] or list(CASES)
    table = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() and sys.argv[1:] else {}
    for name in wanted:
        table[name] = record(CASES[name])
        lengths = [len(row) for row in table[name]["sequences"]]
        print(name, "draw", table[name]["draw"], "lengths", lengths, "steps", len(table[name]["best"]))
    lines = [f"{json.dumps(name)}: {json.dumps(table[name])}" for name in CASES if name in table]
    RESULT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
