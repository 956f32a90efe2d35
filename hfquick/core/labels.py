"""Names of labels: id2label and label2id are one table, num_labels is its size.

Configurations keep id2label, index -> name; the other two are read from it. In JSON its indices are texts.
"""

from typing import Any

from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.fields import Range, check_field, wrong
from ..utils.notices import say_once

MOST_LABELS = 100_000  # each of them gets a name as soon as a configuration is made
SPELLINGS = ("num_labels", "id2label", "label2id")


def numbered(count: Any) -> dict[int, str]:
    """Names for so many labels that have none, or ValueError."""
    check_field("num_labels", count, int, Range(1, MOST_LABELS))
    return {index: f"LABEL_{index}" for index in range(count)}


def names_of(table: Any) -> dict[int, str]:
    """id2label as JSON has it, with its indices as texts -> index and name of each label, or ValueError."""
    try:
        names = {int(index): str(name) for index, name in table.items()}
    except (AttributeError, TypeError, ValueError):
        names = {}
    if sorted(names) != list(range(len(names))) or not names:
        advice = said("; try dict(enumerate(names))") if isinstance(table, list | tuple) else ""
        raise wrong("id2label", table, said("a table from 0, 1, 2 ... to names"), advice)
    return dict(sorted(names.items()))


def inverse(table: Any) -> dict[int, str]:
    """label2id -> id2label, or ValueError."""
    try:
        names = {int(index): str(name) for name, index in table.items()}
    except (AttributeError, TypeError, ValueError):
        names = {}
    if sorted(names) != list(range(len(names))) or not names or len(names) != len(table):
        raise wrong("label2id", table, said("a table from names to 0, 1, 2 ..."))
    return dict(sorted(names.items()))


def check_spellings(names: dict[int, str], count: Any = None, label2id: Any = None) -> None:
    """Raise ValueError where num_labels or label2id, if given, say another thing than id2label."""
    if label2id and _contradict(label2id, names):
        raise spoken(
            ValueError,
            "id2label is {names} and label2id {label2id}, which contradict each other; give one of them",
            names=names,
            label2id=label2id,
        )
    if count is not None and count != len(names):
        raise spoken(
            ValueError,
            "num_labels is {count!r}, but id2label has {named} names: {names}; give a name for each, or leave "
            "num_labels out",
            count=count,
            named=len(names),
            names=", ".join(names.values()),
        )


def take_from_file(values: dict[str, Any], repo: str) -> dict[int, str] | None:
    """Take the labels out of a config.json (which is changed); None where it says nothing about them.

    Where its tables contradict each other, id2label counts, as in transformers, and one line says so.
    """
    count, table, label2id = (values.pop(name, None) for name in SPELLINGS)
    if table is None:
        return inverse(label2id) if label2id else None if count is None else numbered(count)
    names = names_of(table)
    wrong_ones = ["label2id"] if label2id and _contradict(label2id, names) else []
    wrong_ones += ["num_labels"] if count not in (None, len(names)) else []
    for name in wrong_ones:
        say_once(
            _(
                "config.json of {repo!r}: {name} contradicts id2label, whose {count} labels are taken",
                repo=repo,
                name=name,
                count=len(names),
            )
        )
    return names


def _contradict(label2id: Any, names: dict[int, str]) -> bool:
    """Whether label2id has another name for an index than id2label; two labels may have one name."""
    if not isinstance(label2id, dict):
        return True
    by_text = {str(index): name for index, name in names.items()}
    return any(by_text.get(str(index)) != name for name, index in label2id.items())
