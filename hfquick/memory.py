"""How much memory this machine has, so that an absurd configuration is refused before it is tried, and how to keep hold
of what a training step takes and gives back.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def machine_memory() -> int | None:
    """Bytes of memory, or None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def check_memory(size: int, what: str) -> None:
    """Raise MemoryError if `size` bytes cannot fit into this machine."""
    memory = machine_memory()
    if memory is not None and size > memory:
        raise MemoryError(
            f"{what} needs {size / 1e9:,.0f} GB of memory, this machine has {memory / 1e9:,.0f} GB; try smaller sizes"
        )


# Numbers of the settings in glibc's malloc.h, and what they are when a program has run for a while.
TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4
USUAL = {MMAP_MAX: 65536, MMAP_THRESHOLD: 32 * 2**20, TRIM_THRESHOLD: 64 * 2**20}
KEEPING = {MMAP_MAX: 0, TRIM_THRESHOLD: 2**31 - 1}


@contextmanager
def kept_memory() -> Iterator[None]:
    """In this block, memory that is freed stays with the process, for the next time it is needed; then it is returned.

    A training step frees all its gradients. glibc gives blocks over 32 MB back to the system at once, and the next step
    gets them anew, page by page, each filled with zeros first: for the embeddings of a DistilBERT a tenth of the time.
    Elsewhere (macOS, Windows, musl) nothing is changed.
    """
    malloc = _glibc()
    if malloc is None:
        yield
        return
    _set(malloc, KEEPING)
    try:
        yield
    finally:
        _set(malloc, USUAL)
        malloc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None


def _set(malloc: ctypes.CDLL, settings: dict[int, int]) -> None:
    for name, value in settings.items():
        malloc.mallopt(name, value)
