"""What our PyTorch models generate is token for token what transformers 4.57.6 generates."""

import numpy as np
import pytest

from tests.generation.cases import CASES
from tests.helpers.generation import check_found, references, torch_model

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", CASES)
def test_same_as_transformers(name: str) -> None:
    import torch

    case = CASES[name]
    prompts = {key: torch.from_numpy(array) for key, array in case.prompts(references()[name]["draw"]).items()}
    found = torch_model(case).generate(**prompts, **case.arguments(), return_dict_in_generate=True, output_scores=True)
    check_found(case, {key: np.asarray(value) for key, value in found.items()})
