"""How far a trained model's percentages may be from those in the notebook.

A model that is trained in a cell ends a little different on each processor, so its accuracy is printed in whole percent
and compared with a margin. Everything else a cell prints has to be equal, on the same line too.
"""

import re
from copy import copy
from typing import Any

MARGIN = 6  # points; twice what was seen between processors, and a model that has learnt nothing is 20 away
PERCENTAGE = re.compile(r"(?<![\d.,])\d{1,3}(?=%)")


def near(text: str, kept: str) -> bool:
    """Whether two texts differ in percentages only, and in none by more than `MARGIN` points."""
    if PERCENTAGE.sub("", text) != PERCENTAGE.sub("", kept):
        return False
    both = zip(PERCENTAGE.findall(text), PERCENTAGE.findall(kept), strict=True)
    return all(abs(int(one) - int(other)) <= MARGIN for one, other in both)


def settle(outputs: list[dict[str, Any]], kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outputs of a cell and those in the notebook -> the former, with the latter's text where it is near."""
    if len(outputs) != len(kept):
        return outputs
    settled = [copy(output) for output in outputs]  # nbval's own kind of dictionary
    for output, other in zip(settled, kept, strict=True):
        if "text" in output and near(output["text"], other.get("text", "")):
            output["text"] = other["text"]
    return settled
