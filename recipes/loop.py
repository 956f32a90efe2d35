"""The training loop of the recipes: batches of similar length, AdamW, warm-up and a straight line to zero.

It is here because the first models were made before the package had a Trainer.
"""

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

THREADS = int(os.environ.get("OMP_NUM_THREADS") or 2)


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(THREADS)


def without_dropout(model: torch.nn.Module) -> torch.nn.Module:
    """The same model with every dropout at 0: a tiny model on much data does not need it, and runs faster."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


def encode(tokenizer, texts: Sequence[str], max_length: int) -> list[list[int]]:
    """Texts -> lists of token ids with [CLS] and [SEP], cut to max_length, by a `tokenizers.Tokenizer`."""
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()
    slices = (list(texts[start : start + 5000]) for start in range(0, len(texts), 5000))  # an encoding is much larger
    return [encoding.ids for some in slices for encoding in tokenizer.encode_batch(some)]


def sprinkle(ids: list[list[int]], seed: int, unknown: int = 1) -> list[list[int]]:
    """One row in twelve gets an unknown piece somewhere, so that an emoji does not upset the model."""
    draw = random.Random(seed)
    found = []
    for row in ids:
        place = draw.randrange(1, len(row))
        found.append([*row[:place], unknown, *row[place:]] if draw.random() < 1 / 12 else row)
    return found


def pad(ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Lists of ids -> (ids (B, T), mask (B, T)), padded on the right with 0 to a multiple of 8.

    Few different shapes matter: the CPU's kernels are compiled, and kept in memory, for each.
    """
    length = -max(map(len, ids)) // 8 * -8
    padded = torch.zeros(len(ids), length, dtype=torch.long)
    mask = torch.zeros(len(ids), length, dtype=torch.long)
    for row, items in enumerate(ids):
        padded[row, : len(items)] = torch.as_tensor(items)
        mask[row, : len(items)] = 1
    return padded, mask


def batches(lengths: Sequence[int], tokens: int, draw: random.Random | None) -> list[list[int]]:
    """Row numbers in groups of about `tokens` tokens after padding; rows of a group have nearly the same length.

    With `draw`, rows and groups come in a random order; without it, shortest first.
    """
    order = list(range(len(lengths)))
    pool = len(order)
    if draw:
        draw.shuffle(order)
        pool = 20_000
    groups: list[list[int]] = []
    for start in range(0, len(order), pool):
        group: list[int] = []
        for row in sorted(order[start : start + pool], key=lengths.__getitem__):
            length = -lengths[row] // 8 * -8
            if group and ((len(group) + 1) * length > tokens or length != -lengths[group[0]] // 8 * -8):
                groups.append(group)
                group = []
            group.append(row)
        groups.append(group)
    if draw:
        draw.shuffle(groups)
    return groups


@contextlib.contextmanager
def fast_cpu() -> Iterator[None]:
    """bfloat16 matrix products; plain attention, because the fused one has a slow backward pass on a CPU."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)  # for CPUs too, whatever its name says
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        yield


def train(
    model: torch.nn.Module,
    lengths: Sequence[int],
    loss_of: Callable[[list[int]], torch.Tensor],
    *,
    epochs: float,
    tokens: int,
    lr: float,
    seed: int,
    weight_decay: float = 0.01,
    after: Callable[[int], None] = lambda step: None,
    every: int = 500,
) -> None:
    """Train `model` so that `loss_of(rows)` becomes small; `after(step)` is called now and then."""
    draw = random.Random(seed)
    plan: list[list[int]] = []
    while len(plan) == 0 or epochs > 0:
        groups = batches(lengths, tokens, draw)
        plan += groups[: max(1, round(len(groups) * min(1.0, epochs)))]
        epochs -= 1
    decayed = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
    others = [p for p in model.parameters() if p.requires_grad and p.dim() <= 1]
    groups_of = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups_of, lr=lr, betas=(0.9, 0.98), fused=True)
    warm_up = max(1, len(plan) // 20)

    def factor(step: int) -> float:
        return min((step + 1) / warm_up, max(0.0, (len(plan) - step) / (len(plan) - warm_up + 1)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    model.train()
    start, mean = time.time(), None
    for step, rows in enumerate(plan, 1):
        with fast_cpu():
            loss = loss_of(rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        schedule.step()

        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % every == 0 or step == len(plan):
            print(f"step {step}/{len(plan)}  loss {mean:.4f}  {(time.time() - start) / 60:.1f} min", flush=True)
            after(step)
            model.train()
    model.eval()


@torch.inference_mode()
def logits(model: torch.nn.Module, ids: Sequence[Sequence[int]], tokens: int = 8192, half: bool = False) -> np.ndarray:
    """Logits of a sequence classifier for every row, in the order given; `half` computes in bfloat16."""
    model.eval()
    rows: list[np.ndarray | None] = [None] * len(ids)
    context = torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext()
    with context:
        for group in batches([len(row) for row in ids], tokens, None):
            padded, mask = pad([ids[row] for row in group])
            for row, values in zip(
                group, model(input_ids=padded, attention_mask=mask).logits.float().numpy(), strict=True
            ):
                rows[row] = values
    return np.stack(rows)


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
