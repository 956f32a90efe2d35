"""How much memory this machine has, so that an absurd configuration is refused before it is tried."""

import os

from ..i18n import spoken

# What libraries say when no memory is left, of the machine or of a GPU; their errors have several types.
SIGNS = ("out of memory", "can't allocate memory", "not enough memory", "OOM when allocating")


def is_out_of_memory(error: Exception) -> bool:
    """Whether an exception means that no memory is left."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in SIGNS)


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
        raise spoken(
            MemoryError,
            "{what} needs {size:,.0f} GB of memory, this machine has {memory:,.0f} GB; try smaller sizes",
            what=what,
            size=size / 1e9,
            memory=memory / 1e9,
        )
