"""Find the first difference, not the last: print the first module where our model leaves transformers.

    python tools/compare.py bert                     PyTorch, the case "bert-padded" of tests/parity/cases.py
    python tools/compare.py distilbert-words --tf    another case, in Keras
    python tools/compare.py bert --all --maps        every module; with the written-out attention
    python tools/compare.py bert --oracle env/bin/python    record the case anew first, in transformers' environment

Names of modules are equal on both sides, so each is laid beside its counterpart, in the order in which they finish:
[OK] equal, [DIFF] other values, [SHAPE] another shape, [MISSING] on one side only (a function there, not a module).
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.parity import reference  # noqa: E402
from tests.parity.case import Case, Trace  # noqa: E402
from tests.parity.cases import CASES  # noqa: E402

ALLOWED = 1e-4  # of a shadow's size; a rounding error is a hundred times smaller, a mistake a hundred times larger

CUT_OTHERWISE = {
    "cls.predictions.decoder": "without the bias, which cls.predictions adds: that is compared",
    "score": "of the last token alone: the model's scores are compared",
}


def compare(ours: Trace, theirs: Trace) -> list[tuple[str, str, str]]:
    """(status, module, remark) for each module of theirs, then those that are ours alone."""
    rows = []
    for name, (shape, truth) in theirs.items():
        if name not in ours:
            rows.append(("MISSING", name, "not a module of ours"))
            continue
        error = off_by(ours[name][1], truth)
        if without_ones(ours[name][0]) != without_ones(shape) and name not in CUT_OTHERWISE:
            rows.append(("SHAPE", name, f"ours {ours[name][0]}, theirs {shape}"))
        elif error <= ALLOWED:
            rows.append(("OK", name, f"{error:.0e}"))
        elif name in CUT_OTHERWISE:
            rows.append(("OK", name, CUT_OTHERWISE[name]))
        else:
            rows.append(("DIFF", name, f"off by {error:.2g}"))
    return rows + [("MISSING", name, "not a module of theirs") for name in ours if name not in theirs]


def off_by(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.abs(found - truth).max() / (np.sqrt(np.square(truth).mean()) or 1.0))


def without_ones(shape: tuple[int, ...]) -> list[int]:
    return [size for size in shape if size != 1]


def our_trace(case: Case, keras: bool, maps: bool) -> Trace:
    asked = {"output_attentions": True} if maps else {}
    if keras:
        from tests.parity import ours_tf

        return ours_tf.trace(case, **asked)
    from tests.parity import ours_pt, torch_runs

    return torch_runs.trace(ours_pt.build(case), case, **asked)


def main(arguments: list[str] | None = None) -> int:
    """Print the comparison; 1 if there is a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", help="an architecture, or a case of tests/parity/cases.py")
    parser.add_argument("--tf", action="store_true", help="our Keras model instead of the PyTorch one")
    parser.add_argument("--maps", action="store_true", help="ask for attention maps, so the written-out attention runs")
    parser.add_argument("--all", action="store_true", help="go on after the first difference")
    parser.add_argument("--oracle", metavar="PYTHON", help="an interpreter with transformers, to record the case anew")
    options = parser.parse_args(arguments)
    name = options.case if options.case in CASES else f"{options.case}-padded"
    if name not in CASES:
        from hfquick.utils.errors import did_you_mean

        parser.error(f"no case {options.case!r}{did_you_mean(options.case, CASES)}; known: {', '.join(CASES)}")
    if options.oracle:
        subprocess.run([options.oracle, "-m", "tests.parity.record", name], cwd=ROOT, check=True)
    rows = compare(our_trace(CASES[name], options.tf, options.maps), reference.load(name).trace)
    first = next((module for status, module, _ in rows if status in ("DIFF", "SHAPE")), None)
    for status, module, remark in rows:
        print(f"{f'[{status}]':10} {module or '(the model)'}  {remark}")
        if module == first and not options.all:
            break
    if first is None:
        print(f"{name}: no difference in {sum(status == 'OK' for status, _, _ in rows)} modules")
        return 0
    print(f"{name}: the first difference is in {first or 'the model itself'}; what it was given was equal")
    return 1


if __name__ == "__main__":
    sys.exit(main())
