"""Larger models from trained ones, which compute the same at first: more subwords, wider feed-forward layers.

A wider layer starts with output weights of zero (Chen et al. 2016, Net2Net, https://arxiv.org/abs/1511.05641); the
embedding of a new subword is the mean of those it was cut into.
"""

from typing import Any

import torch

NEW = 0.7  # share of the usual standard deviation for the input weights of new units


@torch.no_grad()
def wider(small: Any, config: Any) -> Any:
    """A T5 of `config`, which may have more subwords and a larger d_ff, with the weights of a small one."""
    from hfquick import AutoModelForSeq2SeqLM

    large = AutoModelForSeq2SeqLM.from_config(config)
    known = small.state_dict()
    for name, weight in large.state_dict().items():
        old = known[name]
        if name.endswith("wo.weight"):
            weight.zero_()
        elif name.endswith("wi.weight"):
            weight.mul_(NEW)
        weight[tuple(slice(size) for size in old.shape)] = old
    return large


@torch.no_grad()
def embed_new(model: Any, small: Any, large: Any) -> None:
    """Subwords that only the `large` tokenizer has get the mean embedding of their pieces in the `small` one."""
    table = model.get_input_embeddings().weight
    for number in range(len(small), len(large)):
        piece = large.convert_ids_to_tokens(number)
        text = piece.replace("▁", " ").strip()
        ids = small(text, add_special_tokens=False)["input_ids"]
        if not piece.startswith("▁") and len(ids) > 1 and small.convert_ids_to_tokens(ids[0]) == "▁":
            ids = ids[1:]
        table[number] = table[torch.tensor(ids)].mean(0)
