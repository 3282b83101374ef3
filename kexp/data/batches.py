"""Batches: a chain of steps from samples to batches, such as from_arrays(x, y).map(f).shuffle(seed).batch(100)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Self

import numpy as np

from kexp.core.component import positive_int
from kexp.core.source import is_source
from kexp.core.streams import stream
from kexp.data.rows import count_rows
from kexp.errors import ArgumentError, DataError

Element = tuple[Any, ...]
Read = Callable[[int, np.ndarray[Any, Any]], Element]


class Batches:
    """Samples, or batches of them, that are made when they are asked for; each step gives a new, longer chain.

    Before `batch` an element is one sample (x, y) or (x, y, sample_weight), after it a batch of them. `len` counts
    elements. Iterating gives those of epoch 0, every time; `fit` goes through epochs 0, 1, 2, ..., which differ in
    what `shuffle` does, and in nothing else. The same seed gives the same batches, whoever reads them.

    >>> import numpy as np
    >>> batches = Batches.from_arrays(np.arange(5), np.arange(5) * 10).map(lambda x, y: (x + 1, y)).batch(2)
    >>> [(x.tolist(), y.tolist()) for x, y in batches]
    [([1, 2], [0, 10]), ([3, 4], [20, 30]), ([5], [40])]
    """

    def __init__(self, count: int, read: Read, *, batched: bool = False, ahead: int = 0) -> None:
        self._count, self._read = count, read
        self.batched, self.ahead = batched, ahead

    @classmethod
    def from_arrays(cls, x: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """The samples of arrays (n, ...) or sources, or of lists or dicts of them.

        Raises: DataError if they differ in length, or are empty.
        """
        parts = [x, *(part for part in (y, sample_weight) if part is not None)]
        if y is None and sample_weight is not None:
            raise ArgumentError("sample_weight needs y")
        lengths = [count_rows(part) for part in parts]
        if len(set(lengths)) > 1 or not lengths[0]:
            raise DataError(f"all data must have the same number of samples, and some. Received: {lengths}")
        return cls(lengths[0], lambda epoch, rows: tuple(_taken(part, rows) for part in parts))

    def map(self, function: Callable[..., Any]) -> Self:
        """function(x, y) -> (x, y) of each element: of each sample before `batch`, of each batch after it."""
        if not callable(function):
            raise ArgumentError(f"map needs a function of x and y. Received: {function!r}")
        read = self._read

        def mapped(epoch: int, places: np.ndarray[Any, Any]) -> Element:
            if self.batched:
                return _as_element(function(*read(epoch, places)))
            whole = read(epoch, places)
            found: Element = _stacked([_as_element(function(*_sample(whole, i))) for i in range(len(places))])
            return found

        return self._next(mapped)

    def shuffle(self, seed: int = 0) -> Self:
        """The elements in an order drawn anew for each epoch, from (seed, epoch) alone."""
        seed, read, count = not_negative("seed", seed), self._read, self._count

        @lru_cache(2)
        def order(epoch: int) -> np.ndarray[Any, Any]:
            drawn: np.ndarray[Any, Any] = stream(seed, "data", f"batches/{epoch}").permutation(count)
            return drawn

        return self._next(lambda epoch, places: read(epoch, order(epoch)[places]))

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Self:
        """Neighbouring samples as batches; the last one may be smaller, or is left out."""
        size, read, n = positive_int("batch_size", batch_size), self._read, self._count
        if self.batched:
            raise ArgumentError("batch was called already; a batch cannot be cut again")
        count = n // size if drop_remainder else -(-n // size)

        def batched(epoch: int, places: np.ndarray[Any, Any]) -> Element:
            start = int(places[0]) * size
            return read(epoch, np.arange(start, min(start + size, n)))

        return type(self)(count, batched, batched=True, ahead=self.ahead)

    def cache(self) -> Self:
        """Elements are made once and kept in memory: later epochs see the same ones in the same order."""
        read, kept, lock = self._read, dict[int, Element](), threading.Lock()

        def cached(epoch: int, places: np.ndarray[Any, Any]) -> Element:
            found = []
            for place in places.tolist():
                element = kept.get(place)
                if element is None:
                    element = read(0, np.array([place]))
                    with lock:
                        kept[place] = element
                found.append(element)
            return found[0] if self.batched else _stacked([_sample(element, 0) for element in found])

        return self._next(cached)

    def prefetch(self, ahead: int = 1) -> Self:
        """Let a thread make elements ahead of their use, in `fit`; the batches are the same."""
        return type(self)(self._count, self._read, batched=self.batched, ahead=positive_int("ahead", ahead))

    def take(self, count: int) -> Self:
        """The first `count` elements."""
        return type(self)(
            min(not_negative("count", count), self._count), self._read, batched=self.batched, ahead=self.ahead
        )

    def skip(self, count: int) -> Self:
        """All but the first `count` elements."""
        first, read = min(not_negative("count", count), self._count), self._read
        return type(self)(
            self._count - first,
            lambda epoch, places: read(epoch, places + first),
            batched=self.batched,
            ahead=self.ahead,
        )

    def get_batch(self, epoch: int, index: int) -> Element:
        """The batch of this number (from 0) in this epoch.

        Raises: DataError if the samples were not put together to batches.
        """
        if not self.batched:
            raise DataError("a model takes batches, and these are single samples: call .batch(batch_size) first")
        return self._read(epoch, np.array([index]))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Element]:
        for place in range(self._count):
            element = self._read(0, np.array([place]))
            yield element if self.batched else _sample(element, 0)

    # --- inner ----------------------------------------------------------------------------------------------

    def _next(self, read: Read) -> Self:
        return type(self)(self._count, read, batched=self.batched, ahead=self.ahead)


def not_negative(name: str, value: Any) -> int:
    """`value`, if it is an int from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ArgumentError(f"{name} must be an int from 0 on. Received: {value!r}")
    return int(value)


def _taken(part: Any, rows: np.ndarray[Any, Any]) -> Any:
    if isinstance(part, Mapping):
        return {name: _taken(inner, rows) for name, inner in part.items()}
    if is_source(part):
        return part.take(rows)
    if isinstance(part, list | tuple) and any(hasattr(inner, "shape") or is_source(inner) for inner in part):
        return [_taken(inner, rows) for inner in part]
    return part.iloc[rows] if hasattr(part, "iloc") else np.asarray(part)[rows]


def _sample(whole: Any, place: int) -> Any:
    if isinstance(whole, Mapping):
        return {name: _sample(inner, place) for name, inner in whole.items()}
    if isinstance(whole, tuple | list):
        return type(whole)(_sample(inner, place) for inner in whole)
    return whole.iloc[place] if hasattr(whole, "iloc") else whole[place]


def _stacked(elements: list[Any]) -> Any:
    first = elements[0]
    if isinstance(first, Mapping):
        return {name: _stacked([element[name] for element in elements]) for name in first}
    if isinstance(first, tuple | list):
        return type(first)(_stacked(list(parts)) for parts in zip(*elements, strict=True))
    try:
        return np.stack([np.asarray(element) for element in elements])
    except ValueError as error:
        shapes = sorted({np.shape(element) for element in elements})
        raise DataError(f"samples of one batch must have one shape. Received: {shapes}") from error


def _as_element(result: Any) -> Element:
    return result if isinstance(result, tuple) else (result,)
