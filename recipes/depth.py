"""A deeper DistilBERT from a trained one, which computes nearly the same at first.

Every layer is followed by a new one (progressive stacking, Gong et al. 2019, https://proceedings.mlr.press/v97/gong19a.html)
that reads as the layer before it does, but adds nothing yet: its two output projections are zero. Nearly, not quite:
its layer norms normalise once more what was normalised already.
"""

from typing import Any

import torch

OUTPUTS = ("attention.out_lin", "ffn.lin2")


@torch.no_grad()
def deeper(small: Any) -> Any:
    """A DistilBERT for question answering with twice the layers of `small`, in float32."""
    from hfquick import AutoModelForQuestionAnswering

    config = type(small.config)(**{**small.config.to_dict(), "n_layers": 2 * small.config.n_layers})
    large, known = AutoModelForQuestionAnswering.from_config(config), small.float().state_dict()
    marked = "distilbert.transformer.layer."
    for name, weight in large.state_dict().items():
        if not name.startswith(marked):
            weight.copy_(known[name])
            continue
        number, inside = name.removeprefix(marked).split(".", 1)
        before = f"{marked}{int(number) // 2}."
        if int(number) % 2 == 0:
            weight.copy_(known[before + inside])
        elif inside.startswith(OUTPUTS):
            weight.zero_()
        else:  # its norms scale as the last norm of the layer before it, so that they change next to nothing
            weight.copy_(known[before + inside.replace("sa_layer_norm", "output_layer_norm")])
    return large
