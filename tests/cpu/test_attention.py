"""Attention is torch's fused one, for one query in bfloat16 as well, whichever way is chosen."""

import pytest

torch = pytest.importorskip("torch")
import torch.nn.functional as F  # noqa: E402

from hfquick.cpu import choice  # noqa: E402
from hfquick.cpu.attention import scaled_dot_product_attention  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("queries", [1, 3])
@pytest.mark.parametrize("mask", [None, "added", "read", "causal"])
@pytest.mark.parametrize("scale", [None, 1.0])
@pytest.mark.parametrize("widens", [True, False])
def test_the_same_as_torch(monkeypatch, dtype, queries, mask, scale, widens):
    monkeypatch.setattr(choice, "widens_attention", lambda: widens)
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, tokens, 8, dtype=dtype) for tokens in (queries, 7, 7))
    is_read = torch.rand(2, 1, queries, 7) > 0.4
    is_read[..., 0] = True
    low = torch.finfo(dtype).min / 2  # as padding is marked
    given = {
        None: {},
        "added": {"attn_mask": torch.zeros(is_read.shape, dtype=dtype).masked_fill(~is_read, low)},
        "read": {"attn_mask": is_read},
        "causal": {"is_causal": True},
    }[mask]
    found = scaled_dot_product_attention(q, k, v, scale=scale, **given)
    assert found.dtype is dtype
    wide = {name: value.float() if name == "attn_mask" and mask == "added" else value for name, value in given.items()}
    expected = F.scaled_dot_product_attention(q.float(), k.float(), v.float(), scale=scale, **wide)
    tolerance = 1e-5 if dtype is torch.float32 else 0.03
    torch.testing.assert_close(found.float(), expected, rtol=tolerance, atol=tolerance)
