"""Feed: the samples of one fit or evaluation, in blocks of whole batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.data.source import Source, check_lengths

BLOCK_ROWS = 1024
BLOCK_BYTES = 1 << 22


@dataclass
class Block:
    """Neighbouring batches, gathered at once: inputs, targets and sample weights on the device."""

    xs: list[Array]
    ys: list[Array]
    weight: Array | None

    def __len__(self) -> int:
        return len(self.xs[0])


class Feed:
    """Sources of inputs, targets and sample weights, all of one length, read together.

    Batches are cut from blocks, so that gathering rows, and what the loop does once a block, costs little for small
    batches. A block is at most BLOCK_ROWS samples or BLOCK_BYTES of the first input, and at least one batch.
    """

    def __init__(self, xs: Sequence[Source], ys: Sequence[Source], weight: Source | None, backend: Backend) -> None:
        self.xs, self.ys, self.weight = list(xs), list(ys), weight
        self.backend = backend
        named: dict[str, Any] = {f"x[{i}]" if len(xs) > 1 else "x": source for i, source in enumerate(xs)}
        named |= {f"y[{i}]" if len(ys) > 1 else "y": source for i, source in enumerate(ys)}
        if weight is not None:
            named["sample_weight"] = weight
        self.n = check_lengths(named)
        self._row_bytes = max(1, self.xs[0].take(slice(0, 1)).nbytes)

    def __len__(self) -> int:
        return self.n

    def blocks(
        self, batch_size: int, order: np.ndarray[Any, Any] | None = None, *, single: bool = False
    ) -> Iterator[Block]:
        """Blocks of whole batches (the last batch may be smaller), in the given order of rows.

        `single`: one batch a block, for callers that must look at every batch.
        """
        size = batch_size if single else self._block_rows(batch_size)
        n = self.n if order is None else len(order)
        for start in range(0, n, size):
            yield self.take(slice(start, min(start + size, n)) if order is None else order[start : start + size])

    def take(self, rows: Any) -> Block:
        """The samples of these rows."""
        put = self.backend.asarray
        weight = None if self.weight is None else put(self.weight.take(rows))
        return Block([put(x.take(rows)) for x in self.xs], [put(y.take(rows)) for y in self.ys], weight)

    def _block_rows(self, batch_size: int) -> int:
        rows = min(BLOCK_ROWS, BLOCK_BYTES // self._row_bytes)
        return int(max(1, rows // batch_size) * batch_size)


def part(feed: Feed, start: int, stop: int) -> Feed:
    """The rows start..stop of a feed, as a feed that reads from the same sources."""
    cut = [Cut(source, start, stop) for source in (*feed.xs, *feed.ys)]
    weight = None if feed.weight is None else Cut(feed.weight, start, stop)
    return Feed(cut[: len(feed.xs)], cut[len(feed.xs) :], weight, feed.backend)


class Cut:
    """The rows start..stop of a source."""

    def __init__(self, source: Source, start: int, stop: int) -> None:
        self.source, self.start, self.stop = source, start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def take(self, rows: Any) -> Any:
        if isinstance(rows, slice):
            first, last, _ = rows.indices(len(self))
            return self.source.take(slice(self.start + first, self.start + last))
        return self.source.take(rows + self.start)
