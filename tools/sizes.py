"""Size is a feature: lines of every room, the largest files, megabytes of models. CI fails above the budgets."""

import subprocess
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Lines of code in hfquick/: 16,200 after the rooms were put in order; 150 for a Playground that is used by keyboard and
# by ear and can be stopped, and for a chart that draws a run from its first steps on; 1,400 for errors in the learner's
# language, whose values are named, a line each; 450 for a stick that a class installs from; 250 for CamemBERT and
# XLM-RoBERTa with their SentencePiece files; 200 for displays of an evaluation and the picture a saved notebook keeps;
# 3,100 for faults that gave wrong numbers in silence: 900 for files of others (limits, one writer, templates, the Hub),
# 800 for what models are called with, 600 for losses weighed by labels and losses of Keras that fit, 500 for names
# that scripts for other libraries use, 300 for resuming with other rows.
# Of text alone 21,800; pictures brought 6,700: three models in two frameworks, their processors and pipelines; sound
# 3,500: one model, a room that reads sounds, columns of them, two pipelines, drawings, a recorder, faster convolutions.
CODE = 32_000
ZOO = 85  # MB of embedded models and datasets
LONGEST = 500  # lines; a file that outgrows its screenfuls is split by meaning


def code_lines(path: Path) -> int:
    """Lines that hold code: no blank lines, comments or docstrings."""
    lines: set[int] = set()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    skipped.add(tokenize.ENDMARKER)
    with tokenize.open(path) as file:
        before = tokenize.NEWLINE
        for token in tokenize.generate_tokens(file.readline):
            is_docstring = token.type == tokenize.STRING and before in (tokenize.NEWLINE, tokenize.INDENT)
            if token.type not in skipped and not is_docstring:
                lines.update(range(token.start[0], token.end[0] + 1))
            if token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.DEDENT, tokenize.ENCODING):
                before = token.type
    return len(lines)


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    sizes = []
    for path in (path for path in files if path.suffix == ".py"):
        parts = path.relative_to(ROOT).parts
        room = "/".join(parts[:2]) if parts[0] == "hfquick" and len(parts) > 2 else parts[0]
        total = len(path.read_text(encoding="utf-8").splitlines())
        for position, value in enumerate((1, total, code_lines(path))):
            rooms[room][position] += value
        sizes.append((total, path.relative_to(ROOT).as_posix()))
    print(f"{'room':24} {'files':>5} {'lines':>7} {'code':>7}")
    for room, (count, total, code) in sorted(rooms.items()):
        print(f"{room:24} {count:5} {total:7} {code:7}")
    sizes.sort(reverse=True)
    lengths = sorted(total for total, _ in sizes)
    print(f"median {lengths[len(lengths) // 2]} lines; longest:", ", ".join(f"{name} {n}" for n, name in sizes[:5]))
    zoo = sum(path.stat().st_size for path in files if "hfquick/zoo/" in path.as_posix()) / 1e6
    package = sum(code for room, (_, _, code) in rooms.items() if room.partition("/")[0] == "hfquick")
    print(f"hfquick: {package} lines of code of {CODE}; embedded models: {zoo:.1f} MB of {ZOO}")
    for total, name in sizes:
        if total > LONGEST:
            print(f"longer than {LONGEST} lines: {name}")
    return over_budget(package, zoo)


def over_budget(package: int, zoo: float) -> int:
    """0, or 1 and a sentence for what has grown too large."""
    if package > CODE:
        print(f"hfquick/ has {package} lines of code, more than {CODE}: take something out, or say why CODE must grow")
    if zoo > ZOO:
        print(f"the embedded models have {zoo:.1f} MB, more than {ZOO}: the wheel is what every learner downloads")
    return int(package > CODE or zoo > ZOO)


if __name__ == "__main__":
    sys.exit(main())
