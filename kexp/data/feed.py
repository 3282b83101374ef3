"""Feed: the samples of one fit or evaluation, in blocks of whole batches."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from kexp.backend import Array, Backend
from kexp.core.source import Source
from kexp.data.order import ChunkOrder, Order, batches_permuted
from kexp.data.prefetch import prefetched
from kexp.data.source import check_lengths
from kexp.errors import DataError

BLOCK_ROWS = 1024
BLOCK_BYTES = 1 << 22
READ_BYTES = 1 << 24
"""How much is read at once from sources whose rows lie in chunks."""

Host = np.ndarray[Any, Any]
Augment = Callable[[list[Host], np.random.Generator], list[Host]]
StreamOfBatch = Callable[[int], np.random.Generator]


@dataclass
class Block:
    """Neighbouring batches, gathered at once: inputs, targets and sample weights on the device.

    `weights` holds one array, or None, for each target; it is empty where nothing is weighted.
    """

    xs: list[Array]
    ys: list[Array]
    weights: list[Array | None]

    def __len__(self) -> int:
        return len(self.xs[0])

    def part(self, rows: slice) -> Block:
        """Some rows, as views."""
        weights = [None if weight is None else weight[rows] for weight in self.weights]
        return Block([x[rows] for x in self.xs], [y[rows] for y in self.ys], weights)


class Batched(Protocol):
    """What a trainer takes its batches from: a feed of sources, or batches that someone else has cut.

    n and `steps` are None where nobody can know them before the data have been seen.
    """

    backend: Backend
    augment: Augment | None
    workers: int | None

    @property
    def n(self) -> int | None: ...

    def steps(self, batch_size: int) -> int | None: ...

    def order(self, batch_size: int, shuffle: bool | str, stream: np.random.Generator) -> Order: ...

    def blocks(
        self,
        batch_size: int,
        order: Order = None,
        *,
        single: bool = False,
        start: int = 0,
        stop: int | None = None,
        epoch: int = 0,
        streams: StreamOfBatch | None = None,
    ) -> Generator[Block]: ...

    def end_epoch(self) -> None: ...


class Feed:
    """Sources of inputs, targets and sample weights, all of one length, read together.

    Batches are cut from blocks, so that gathering rows, and what the loop does once a block, costs little for small
    batches. A block is at most BLOCK_ROWS samples or BLOCK_BYTES of the first input, and at least one batch. Where
    rows lie in chunks (`chunk_rows` of the source with the longest rows), READ_BYTES are read at once, and blocks are
    cut from that.

    Attributes:
        augment: changes the inputs of each training batch on the host, with a stream that is the batch's own.
        workers: threads that read and augment ahead; None for 0 where all data lie in memory as they are, else 1.
    """

    def __init__(
        self, xs: Sequence[Source], ys: Sequence[Source], weights: Sequence[Source | None], backend: Backend
    ) -> None:
        self.xs, self.ys, self.weights = list(xs), list(ys), list(weights)
        self.backend = backend
        self.augment: Augment | None = None
        self.workers: int | None = None
        named: dict[str, Any] = {f"x[{i}]" if len(xs) > 1 else "x": source for i, source in enumerate(xs)}
        named |= {f"y[{i}]" if len(ys) > 1 else "y": source for i, source in enumerate(ys)}
        several = len({id(source) for source in weights if source is not None}) > 1
        for i, source in enumerate(weights):
            if source is not None:
                named[f"sample_weight[{i}]" if several else "sample_weight"] = source
        self._n = check_lengths(named)
        first = [x.take(slice(0, 1)) for x in self.xs]
        self._row_bytes = max(1, first[0].nbytes)
        self._dtypes, self._shapes = [x.dtype for x in first], [x.shape[1:] for x in first]
        sources = [source for source in (*self.xs, *self.ys, *self.weights) if source is not None]
        self._in_memory = all(getattr(source, "in_memory", False) for source in sources)
        self.chunk_rows = _chunk_rows(sources)
        self._read_bytes = 0
        if self.chunk_rows > 1:
            self._read_bytes = max(1, sum(source.take(slice(0, 1)).nbytes for source in (*self.xs, *self.ys)))

    def __len__(self) -> int:
        return self._n

    @property
    def n(self) -> int:
        """The number of samples."""
        return self._n

    def steps(self, batch_size: int) -> int:
        """The number of batches in one pass."""
        return -(-self.n // batch_size)

    def order(self, batch_size: int, shuffle: bool | str, stream: np.random.Generator) -> Order:
        """The rows of one pass in their order; a random one takes its numbers from `stream`."""
        if not shuffle:
            return None
        if shuffle == "batch":
            return batches_permuted(self.n, batch_size, stream)
        if self.chunk_rows > 1:
            return ChunkOrder(self.n, self.chunk_rows, self._rows_at_once(batch_size), stream)
        return stream.permutation(self.n)

    def blocks(
        self,
        batch_size: int,
        order: Order = None,
        *,
        single: bool = False,
        start: int = 0,
        stop: int | None = None,
        epoch: int = 0,
        streams: StreamOfBatch | None = None,
    ) -> Generator[Block]:
        """Blocks of whole batches (the last batch may be smaller), in the given order of rows.

        `single`: one batch a block, for callers that must look at every batch. start, stop: the part of the pass, in
        batches. `streams`: the random stream of each batch of the pass, if the inputs are to be augmented. Batches do
        not depend on `single`, `start` and the number of workers. Close the iterator when leaving it early: it may
        hold threads.
        """
        end = self._n if stop is None else min(stop * batch_size, self._n)
        start *= batch_size
        piece = self._block_rows(batch_size)
        size = self._rows_at_once(batch_size) if self._read_bytes else piece
        cuts = [start, *range((start // size + 1) * size, end, size)] if start < end else []
        augmented = self.augment is not None and streams is not None

        def read(at: int) -> tuple[list[Host], list[Host], list[Host | None]]:
            last = min((at // size + 1) * size, end)
            rows = slice(at, last) if order is None else order[at:last]
            xs, ys, weights = self._read(rows)
            if not self._in_memory:
                self._check_taken(last - at, [*xs, *ys, *weights], xs if not augmented else ())
            return self._augmented(xs, at // batch_size, batch_size, streams) if augmented else xs, ys, weights

        piece = batch_size if single else piece
        put = self.backend.asarray
        workers = self._workers(augmented)
        ahead = prefetched(cuts, read, workers) if workers else None
        try:
            for xs, ys, weights in map(read, cuts) if ahead is None else ahead:
                block = Block([put(x) for x in xs], [put(y) for y in ys], [w if w is None else put(w) for w in weights])
                if len(block) <= piece:
                    yield block
                    continue
                for first in range(0, len(block), piece):
                    yield block.part(slice(first, first + piece))
        finally:
            if ahead is not None:
                ahead.close()

    def end_epoch(self) -> None:
        """An epoch of training is over."""

    def take(self, rows: Any) -> Block:
        """The samples of these rows."""
        xs, ys, weights = self._read(rows)
        put = self.backend.asarray
        return Block([put(x) for x in xs], [put(y) for y in ys], [w if w is None else put(w) for w in weights])

    # --- inner ----------------------------------------------------------------------------------------------

    def _read(self, rows: Any) -> tuple[list[Host], list[Host], list[Host | None]]:
        weights = [None if weight is None else weight.take(rows) for weight in self.weights]
        return [x.take(rows) for x in self.xs], [y.take(rows) for y in self.ys], weights

    def _check_taken(self, n: int, taken: Sequence[Host | None], shaped: Sequence[Host]) -> None:
        """Refuse what a source gives that is not what it was asked for; NumPy might stretch it in silence."""
        wrong = next((place for place, array in enumerate(taken) if array is not None and len(array) != n), None)
        if wrong is not None:
            name = ("x", "y", "sample_weight")[(wrong >= len(self.xs)) + (wrong >= len(self.xs) + len(self.ys))]
            raise DataError(f"the source of {name} was asked for {n} rows, and gave {len(taken[wrong])}")  # type: ignore[arg-type]
        for array, shape in zip(shaped, self._shapes, strict=False):
            if array.shape[1:] != shape:
                raise DataError(f"the source of x gave samples of shape {array.shape[1:]}, and {shape} at first")

    def _augmented(self, xs: list[Host], batch: int, batch_size: int, streams: Any) -> list[Host]:
        assert self.augment is not None
        found = []
        for count, start in enumerate(range(0, len(xs[0]), batch_size)):
            some = [x[start : start + batch_size] for x in xs]
            found.append(self.augment(some, streams(batch + count)))
        whole = [np.concatenate(parts) if len(parts) > 1 else parts[0] for parts in zip(*found, strict=True)]
        return [x.astype(dtype, copy=False) for x, dtype in zip(whole, self._dtypes, strict=True)]

    def _workers(self, augmented: bool) -> int:
        if self.workers is not None:
            return self.workers
        return 0 if self._in_memory and not augmented else 1

    def _block_rows(self, batch_size: int) -> int:
        rows = min(BLOCK_ROWS, BLOCK_BYTES // self._row_bytes)
        return int(max(1, rows // batch_size) * batch_size)

    def _rows_at_once(self, batch_size: int) -> int:
        if not self._read_bytes:
            return self._block_rows(batch_size)
        return int(max(1, READ_BYTES // self._read_bytes // batch_size) * batch_size)


def _chunk_rows(sources: Sequence[Source]) -> int:
    """The chunks of the source with the longest rows: short ones, such as labels, are cheap to read in its chunks."""
    chunked: list[Any] = [source for source in sources if getattr(source, "chunk_rows", 1) > 1]
    if not chunked:
        return 1
    return max((int(source.take(slice(0, 1)).nbytes), int(source.chunk_rows)) for source in chunked)[1]
