"""Arrays of the batches of an evaluation, put together; without a framework, for both."""

import numpy as np

IGNORED = -100  # label that no loss counts, and padding where a row is shorter than the longest


def joined(batches: list[np.ndarray], pad_value: int = IGNORED) -> np.ndarray:
    """Arrays of each batch -> one array, rows padded to the longest.

    >>> joined([np.array([[1, 2]]), np.array([[3]])]).tolist()
    [[1, 2], [3, -100]]
    """
    shapes = [batch.shape[1:] for batch in batches]
    if len(set(shapes)) == 1:
        return np.concatenate(batches)
    longest = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
    whole = np.full((sum(map(len, batches)), *longest), pad_value, dtype=batches[0].dtype)
    start = 0
    for batch in batches:
        columns = tuple(slice(size) for size in batch.shape[1:])
        whole[(slice(start, start + len(batch)), *columns)] = batch
        start += len(batch)
    return whole
