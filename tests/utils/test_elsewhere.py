"""Names of elsewhere: accepted where they ask for what happens here anyway, else a sentence."""

from enum import Enum

import numpy as np
import pytest

from hfquick.utils.elsewhere import Other, knows_its_names, only_known


class Strategy(str, Enum):
    NO, STEPS = "no", "steps"


OTHERS = {
    "strategy": Other("when=...", same=("no", {})),
    "anything": Other(same=(...,)),
    "gone": Other(words="leave it out"),
}


@pytest.mark.parametrize(
    "given",
    [{"strategy": "no"}, {"strategy": Strategy.NO}, {"strategy": {}}, {"anything": np.ones(3)}, {"gone": None}],
)
def test_what_happens_anyway_is_accepted(given):
    assert only_known({**given, "when": 3}, ["when"], OTHERS, "walk") == {"when": 3}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"strategy": Strategy.STEPS}, "walk does not take strategy='steps'; here it is when=..."),
        ({"gone": np.zeros(2)}, "walk has no argument 'gone'; leave it out"),
        ({"wehn": 3}, "walk has no argument 'wehn'; did you mean 'when'?"),
        ({"colour": 3}, "walk has no argument 'colour'; it has when, where"),
    ],
)
def test_all_else_is_a_sentence(given, sentence):
    with pytest.raises(KeyError) as caught:
        only_known(given, ["when", "where"], OTHERS, "walk", KeyError)
    assert caught.value.args == (sentence,)


def test_an_array_is_compared_with_nothing():
    with pytest.raises(TypeError, match="does not take strategy=array"):
        only_known({"strategy": np.array(["no", "no"])}, [], OTHERS, "walk")


def test_two_names_of_one_argument():
    @knows_its_names
    class Plain:
        def __init__(self, when=1):
            self.when = when

    class Walk:
        def __init__(self, when=1):
            self.when = when

    knows_its_names(Walk, {"at": "when"}, OTHERS)
    assert (Walk(at=2).when, Walk(at=None).when, Walk(gone=None).when, Plain(3).when) == (2, 1, 1, 3)
    with pytest.raises(TypeError, match="at= and when= are two names of one argument; give one of them"):
        Walk(at=2, when=3)
    with pytest.raises(TypeError, match="Plain has no argument 'at'; it has when"):
        Plain(at=2)
