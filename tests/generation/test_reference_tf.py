"""What our Keras models generate is token for token what transformers 4.57.6 generates."""

import numpy as np
import pytest

from tests.generation.cases import CASES
from tests.helpers.generation import check_found, keras_model, references

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("name", CASES)
def test_same_as_transformers(name: str) -> None:
    case = CASES[name]
    prompts = case.prompts(references()[name]["draw"])
    found = keras_model(case).generate(**prompts, **case.arguments(), return_dict_in_generate=True, output_scores=True)
    check_found(case, {key: np.asarray(value) for key, value in found.items()})
