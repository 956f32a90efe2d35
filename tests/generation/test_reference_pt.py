"""What our PyTorch models write is token for token what transformers 4.57.6 writes."""

import numpy as np
import pytest

from tests.generation.cases import CASES
from tests.generation.helpers import references, torch_model, written

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", CASES)
def test_same_as_transformers(name: str) -> None:
    import torch

    case, reference = CASES[name], references()[name]
    model = torch_model(case)
    prompts = {name: torch.from_numpy(array) for name, array in case.prompts(reference["draw"]).items()}
    found = model.generate(**prompts, **case.arguments(), return_dict_in_generate=True, output_scores=True)

    expected = np.array(reference["sequences"])
    assert found.sequences.shape == expected.shape
    ends, start = case.arguments().get("eos_token_id", [2]), max(case.lengths) if case.writes_after else 1
    assert written(found.sequences, start, ends) == written(expected, start, ends)
    alive = np.array(reference["best"])
    assert len(found.scores) == len(alive)
    best = np.array([scores.max(-1)[0].numpy() for scores in found.scores])
    if "beam_indices" in reference:
        np.testing.assert_allclose(found.sequences_scores, reference["sequences_scores"], atol=2e-4)
        assert found.beam_indices.tolist() == reference["beam_indices"]
    np.testing.assert_allclose(best, alive, atol=2e-4)
