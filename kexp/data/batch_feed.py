"""BatchFeed: batches that someone else has cut, as a trainer takes them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from kexp.backend import Backend
from kexp.data.feed import Augment, Block, StreamOfBatch
from kexp.data.order import Order
from kexp.data.prefetch import prefetched
from kexp.errors import DataError

ToBlock = Callable[[Any, np.random.Generator | None], Block]
END = object()


def is_batches(x: Any) -> bool:
    """Whether `x` gives whole batches: a batch data set, a generator, or an iterator."""
    if hasattr(x, "get_batch") or hasattr(x, "__next__"):
        return True
    return hasattr(x, "__getitem__") and hasattr(x, "on_epoch_end") and hasattr(x, "__len__")


class BatchFeed:
    """Batches from `batches`: a batch data set (`get_batch(epoch, index)`), a sequence of batches, or an iterator.

    `to_block` makes a block of what they give; its second argument is the batch's random stream in training.
    An iterator goes on from one epoch to the next; the other two can be read by several workers, and resumed.
    """

    augment: Augment | None = None

    def __init__(self, batches: Any, to_block: ToBlock, backend: Backend) -> None:
        self.batches, self.to_block, self.backend = batches, to_block, backend
        self.workers: int | None = None
        self._iterator: Iterator[Any] | None = iter(batches) if hasattr(batches, "__next__") else None
        self._peeked: list[Any] = []
        self._used = False

    @property
    def n(self) -> None:
        """Unknown: batches may differ in size."""
        return None

    def steps(self, batch_size: int) -> int | None:
        """The number of batches in one pass; None for an iterator."""
        return None if self._iterator is not None else len(self.batches)

    def first(self) -> Any:
        """The first batch as it is given, which is not lost by that.

        Raises: DataError if there is none.
        """
        if self._iterator is None:
            if not len(self.batches):
                raise DataError("the data hold no batch")
            return self._get(0, 0)
        if not self._peeked:
            found = next(self._iterator, END)
            if found is END:
                raise DataError("the generator gives no batch. One that was used up must be made anew")
            self._peeked.append(found)
        return self._peeked[0]

    def order(self, batch_size: int, shuffle: bool | str, stream: np.random.Generator) -> Order:
        """None: whoever cuts the batches shuffles them."""
        return None

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
        """One block a batch, from batch `start` up to `stop`."""

        def block(number: int) -> Any:
            batch = self._next() if self._iterator is not None else self._get(epoch, number)
            return END if batch is END else self.to_block(batch, None if streams is None else streams(number))

        total = self.steps(batch_size)
        end = total if stop is None else stop if total is None else min(stop, total)
        if self._iterator is not None:
            self._check_unused(end)
            if epoch == 0 or not self._used:
                for _ in range(start):  # done before the fit was cut off
                    self._next()
            self._used = True
        numbers = iter(range(start, end)) if end is not None else iter(_count(start))
        with closing(prefetched(numbers, block, self._threads())) as found:
            for done, item in enumerate(found, start):
                if item is END:
                    if stop is not None or done == start:
                        wanted = f"{stop} batches were asked for" if stop is not None else "a batch was asked for"
                        raise DataError(
                            f"the generator ended after {done} batches of epoch {epoch + 1}, where {wanted}. Make it "
                            "endless, give a smaller steps_per_epoch, or use kexp.data.Batches"
                        )
                    return
                yield item

    def end_epoch(self) -> None:
        """Tell the data that an epoch is over, where they want to know."""
        tell = getattr(self.batches, "on_epoch_end", None)
        if callable(tell):
            tell()

    # --- inner ----------------------------------------------------------------------------------------------

    def _get(self, epoch: int, number: int) -> Any:
        get = getattr(self.batches, "get_batch", None)
        return self.batches[number] if get is None else get(epoch, number)

    def _next(self) -> Any:
        assert self._iterator is not None
        return self._peeked.pop() if self._peeked else next(self._iterator, END)

    def _threads(self) -> int:
        ahead = getattr(self.batches, "ahead", 0)
        workers = (1 if ahead else 0) if self.workers is None else self.workers
        return min(workers, 1) if self._iterator is not None else workers  # an iterator has one end

    def _check_unused(self, end: int | None) -> None:
        if self._used and end is None:
            raise DataError(
                "a generator gives its batches once, and they are needed again for a further epoch. Give an endless "
                "generator with steps_per_epoch (to validate, validation_steps), or use kexp.data.Batches"
            )


def _count(start: int) -> Iterator[int]:
    number = start
    while True:
        yield number
        number += 1
