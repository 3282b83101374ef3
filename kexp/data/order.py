"""Orders: which rows an epoch takes, and when."""

from __future__ import annotations

from typing import Any

import numpy as np

Order = Any
"""None for the data's own order, an index array, or a ChunkOrder: whatever gives rows when it is sliced."""


class ChunkOrder:
    """A random order of n rows that lie in chunks, in which neighbouring rows are read together.

    The chunks are permuted; the rows, taken chunk by chunk, are cut into blocks of `block_rows`, and shuffled
    inside each block. Nothing of the size of the data is kept. The same state of `stream` gives the same order.
    """

    def __init__(self, n: int, chunk_rows: int, block_rows: int, stream: np.random.Generator) -> None:
        self.n, self.chunk_rows, self.block_rows = n, chunk_rows, block_rows
        count = -(-n // chunk_rows)
        self._chunks = stream.permutation(np.arange(count, dtype=np.int32 if count < 1 << 31 else np.int64))
        self._seed = int(stream.integers(1 << 63))
        self._short = int(np.flatnonzero(self._chunks == count - 1)[0])  # where the last chunk stands, the short one
        self._lacking = count * chunk_rows - n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, rows: slice) -> np.ndarray[Any, Any]:
        start, stop, _ = rows.indices(self.n)
        if stop <= start:
            return np.empty(0, dtype=np.int64)
        first = start // self.block_rows
        found = np.concatenate([self._block(block) for block in range(first, -(-stop // self.block_rows))])
        return found[start - first * self.block_rows : stop - first * self.block_rows]

    def _block(self, block: int) -> np.ndarray[Any, Any]:
        places = np.arange(block * self.block_rows, min((block + 1) * self.block_rows, self.n))
        places[places >= (self._short + 1) * self.chunk_rows - self._lacking] += self._lacking
        chunk, inside = np.divmod(places, self.chunk_rows)
        rows = self._chunks[chunk].astype(np.int64) * self.chunk_rows + inside
        np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, block]))).shuffle(rows)
        return rows


def batches_permuted(n: int, batch_size: int, stream: np.random.Generator) -> np.ndarray[Any, Any]:
    """All rows in batches of neighbours, the batches in random order."""
    starts = np.arange(0, n, batch_size)
    return np.concatenate([np.arange(start, min(start + batch_size, n)) for start in stream.permutation(starts)])
