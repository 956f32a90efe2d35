"""Which way is faster on this processor: known by a rule, or measured once and kept in the cache folder.

torch multiplies float32 matrices with Intel's MKL. On Intel's processors that is the fastest; on those of AMD it takes
a slow code path, and oneDNN, which is in torch as well, needs half the time (benchmarks/README.md). How much is gained
there depends on the processor and on the kind of product, so each kind is measured: a quarter of a second, once for
each processor, version of torch and number of threads. Attention of a single query in bfloat16 is measured everywhere:
torch's kernel for it is three times as fast as a way in float32 on one processor, and three times as slow on another.

Another way is taken only where it needs at most nine tenths of torch's time, since a busy machine measures badly.
HFQUICK_ONEDNN=0 leaves everything to torch, 1 takes oneDNN wherever it can be taken; neither measures.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..i18n import gettext as _
from ..utils.files import hugging_face_home, write_text
from . import kernels

GAIN = 0.9  # of torch's time at most
ROUNDS = 5
TORCH, ONEDNN, TURNED = "torch", "onednn", "turned"  # by torch's own library; by oneDNN; see kernels.turned


@dataclass(frozen=True)
class Ways:
    """How each kind of float32 product is computed."""

    many_rows: str = TORCH
    few_rows: str = TORCH  # up to linear.FEW_ROWS vectors: reading the weight is nearly all there is to do
    training: str = TORCH  # forward, and the two products of the backward pass


def gains(dtype: torch.dtype) -> bool:
    """Whether anything is to be gained for a model whose weights have this dtype."""
    if dtype is torch.bfloat16:
        return packs() or widens_attention()
    return dtype is torch.float32 and ways() != Ways()


@cache
def ways() -> Ways:
    """The ways for float32, by variable, by rule, or as they were measured."""
    asked = os.environ.get("HFQUICK_ONEDNN")
    if not kernels.has_onednn() or asked == "0":
        return Ways()
    if asked == "1":
        return Ways(ONEDNN, TURNED, ONEDNN)
    if vendor() != "AuthenticAMD":
        return Ways()
    kept = _kept("products in float32", lambda: asdict(_measured_ways()))
    return Ways(**{name: kept.get(name, TORCH) for name in asdict(Ways())})


@cache
def widens_attention() -> bool:
    """Whether attention of one query in bfloat16 is faster with 32-bit copies."""
    if os.environ.get("HFQUICK_ONEDNN") == "0":
        return False
    return bool(_kept("attention of one query in bfloat16", lambda: {"in_float32": _attention_gains()})["in_float32"])


@cache
def packs() -> bool:
    """Whether this torch and this processor multiply in bfloat16 by oneDNN, and weights can be packed for it."""
    names = ("_reorder_linear_weight", "_is_mkldnn_bf16_supported")
    return (
        os.environ.get("HFQUICK_ONEDNN") != "0"
        and kernels.has_onednn()
        and all(hasattr(torch.ops.mkldnn, name) for name in names)
        and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


@cache
def fuses() -> bool:
    """Whether convolutions are computed with what follows them, by oneDNN: it takes no other than torch's own way."""
    return os.environ.get("HFQUICK_ONEDNN") != "0" and kernels.has_fused_convolution()


def described() -> str:
    """What was chosen, for `hfquick doctor`."""
    libraries = {TORCH: _("torch's own library"), ONEDNN: "oneDNN", TURNED: _("torch's own library, operands turned")}
    kinds = {"many_rows": _("many rows"), "few_rows": _("few rows"), "training": _("training")}
    chosen = asdict(ways())
    if len(set(chosen.values())) == 1:
        return libraries[chosen["many_rows"]]
    return _("; ").join(_("{label}: {value}", label=kinds[kind], value=libraries[way]) for kind, way in chosen.items())


def reset() -> None:
    """Forget what this process chose, as after a restart."""
    for chosen in (ways, widens_attention, packs, fuses):
        chosen.cache_clear()


def _measured_ways() -> Ways:
    x, grad = torch.full((128, 768), 0.5), torch.full((128, 3072), 0.5)
    step, tall = torch.full((4, 768), 0.5), torch.full((4, 3072, 768), 0.5)  # 38 MB: a cache does not hold a model
    by: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        TORCH: F.linear,
        ONEDNN: kernels.onednn,
        TURNED: kernels.turned,
    }

    def few_rows(product: Callable[[Tensor, Tensor], Tensor]) -> None:
        for weight in tall:
            product(step, weight)

    def training(product: Callable[[Tensor, Tensor], Tensor]) -> None:
        """The gradients' products read one or both of their matrices the other way round."""
        product(x, tall[0])
        product(grad, tall[0].t())
        product(grad.t(), x.t())

    with torch.inference_mode():
        return Ways(
            many_rows=_fastest({name: partial(by[name], x, tall[0]) for name in (TORCH, ONEDNN)}),
            few_rows=_fastest({name: partial(few_rows, by[name]) for name in by}),
            training=_fastest({name: partial(training, by[name]) for name in (TORCH, ONEDNN)}),
        )


def _attention_gains() -> bool:
    from .attention import in_float32

    query, keys = torch.full((1, 12, 1, 64), 0.5).bfloat16(), torch.full((1, 12, 128, 64), 0.5).bfloat16()

    def ten_steps(attention: Callable[..., Tensor]) -> None:
        for _step in range(10):
            attention(query, keys, keys)

    ways: dict[str, Callable[..., Tensor]] = {TORCH: F.scaled_dot_product_attention, "wide": in_float32}
    with torch.inference_mode():
        return _fastest({name: partial(ten_steps, attention) for name, attention in ways.items()}) == "wide"


def _fastest(ways: dict[str, Callable[[], object]]) -> str:
    """The name of the fastest; the first is torch's own, which the others must beat clearly."""
    seconds = dict.fromkeys(ways, float("inf"))
    for _round in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    own = next(iter(ways))
    best = min(seconds, key=lambda name: seconds[name])
    return best if seconds[best] <= GAIN * seconds[own] else own


def _kept(what: str, measure: Callable[[], dict]) -> dict:
    """What was measured on this processor before, or is measured now and kept."""
    key = f"{what}; {processor()}; torch {torch.__version__}; {torch.get_num_threads()} threads"
    path = cache_file()
    known: dict = {}
    with suppress(OSError, ValueError):  # there is none yet, or it is damaged
        read = json.loads(path.read_text(encoding="utf-8"))
        known = read if isinstance(read, dict) else {}
    if isinstance(known.get(key), dict):
        return known[key]
    found = measure()
    with suppress(OSError):  # a cache that cannot be written: the next process measures again
        write_text(path, json.dumps({**known, key: found}, indent=1))
    return found


def cache_file() -> Path:
    """Where measurements are kept: in the folder of all Hugging Face caches."""
    return hugging_face_home() / "hfquick" / "processor.json"


@cache
def _cpuinfo() -> dict[str, str]:
    """The first processor in Linux's list, {} elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _colon, value in (line.partition(":") for line in text.splitlines())}


def vendor() -> str:
    return _cpuinfo().get("vendor_id", "AuthenticAMD" if "AuthenticAMD" in platform.processor() else "")


def processor() -> str:
    """Its name and the instructions that torch uses of it."""
    name = _cpuinfo().get("model name") or platform.processor() or platform.machine()
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"
