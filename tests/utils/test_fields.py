"""Checking of fields: what is allowed, and the one sentence for all that is not."""

import pytest

from hfquick.utils.fields import PROBABILITY, Choice, Range, check_field, check_fields, wrong

SIDES = Choice("right", "left")


@pytest.mark.parametrize(
    ("value", "hint", "limit"),
    [
        (1, int, Range(1)),
        (3, int, Range(1, 3)),
        (2, float, None),  # a whole number is a number
        (None, int | None, Range(1)),
        (0.5, float, Range(above=0, below=1)),
        (1, float, PROBABILITY),
        (True, bool, None),
        (["a"], str | list[str], None),
        ({}, dict[str, int], None),
        ("left", str, SIDES),
        (False, bool | str, Choice(True, False, "never")),
    ],
)
def test_what_is_allowed(value, hint, limit):
    check_field("x", value, hint, limit)


@pytest.mark.parametrize(
    ("value", "hint", "limit", "expected"),
    [
        (0, int, Range(1), "0, expected a whole number from 1 on"),
        ("1", int, Range(1), "'1', expected a whole number from 1 on"),
        (1.0, int, Range(1), "1.0, expected a whole number from 1 on"),
        (True, int, Range(1), "True, expected a whole number from 1 on"),  # True is no number
        (True, float, None, "True, expected a number"),
        (1, bool, None, "1, expected True or False"),
        (None, int, Range(1), "None, expected a whole number from 1 on"),
        (0, int | None, Range(1), "0, expected a whole number from 1 on or None"),
        (10, int, Range(1, 9), "10, expected a whole number from 1 to 9"),
        (0, float, Range(above=0), "0, expected a number above 0"),
        (1, float, Range(0, below=1), "1, expected a number from 0 to below 1"),
        (1.5, float | None, PROBABILITY, "1.5, expected a probability from 0 to 1 or None"),
        (float("nan"), float, Range(0), "nan, expected a number from 0 on"),
        (0, int, Range(1, advice="; try 1"), "0, expected a whole number from 1 on; try 1"),
        (3, str | list[str] | None, None, "3, expected a text or a list or None"),
        ("rigt", str, SIDES, "'rigt', expected 'right' or 'left'; did you mean 'right'?"),
        (None, str, SIDES, "None, expected 'right' or 'left'"),
        (1, bool | str, Choice(True, False, "never"), "1, expected True, False or 'never'"),
    ],
)
def test_what_is_not(value, hint, limit, expected):
    with pytest.raises(ValueError) as error:
        check_field("x", value, hint, limit)
    assert str(error.value) == f"x is {expected}"


def test_advice_ends_the_sentence():
    with pytest.raises(ValueError) as error:
        check_field("top_k", 0, int, Range(1), ", or None for all")
    assert str(error.value) == "top_k is 0, expected a whole number from 1 on, or None for all"
    assert str(wrong("x", [1], "a token", "; try 2")) == "x is [1], expected a token; try 2"


def test_many_fields():
    hints, limits = {"size": int, "side": str}, {"size": Range(1), "side": SIDES}
    check_fields({"size": 1, "side": "left", "other": object()}, hints, limits)
    check_fields({}, hints, limits)  # what is not there is not checked
    with pytest.raises(ValueError) as error:
        check_fields({"size": 1, "side": "up"}, hints, limits)
    assert str(error.value) == "side is 'up', expected 'right' or 'left'"
