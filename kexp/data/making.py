"""Keras' makers of batch data sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import positive_int
from kexp.data.batches import Batches
from kexp.errors import ArgumentError, DataError


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> Batches:
    """Windows of a series as batches: data (t, ...) -> x (n, sequence_length, ...), with y = targets at their starts.

    Window i holds the steps i * sequence_stride + j * sampling_rate for j below sequence_length. targets None: no y.
    start_index (from it on) and end_index (before it) limit the steps that are used. batch_size None: single windows.
    Raises: ArgumentError for numbers that do not fit; DataError if the series is too short for one window.
    """
    series = np.asarray(data)
    for name, value in (("sequence_length", sequence_length), ("sequence_stride", sequence_stride)):
        positive_int(name, value)
    positive_int("sampling_rate", sampling_rate)
    start, end = start_index or 0, len(series) if end_index is None else end_index
    if not 0 <= start < end <= len(series):
        raise ArgumentError(
            f"start_index and end_index must lie in order in the {len(series)} steps. "
            f"Received: start_index={start_index}, end_index={end_index}"
        )
    span = (sequence_length - 1) * sampling_rate
    last = end - start - span
    if targets is not None:
        targets = np.asarray(targets)
        last = min(last, len(targets) - start)
    starts = np.arange(start, start + max(0, last), sequence_stride)
    if not len(starts):
        raise DataError(
            f"{end - start} steps are too few for a window of {sequence_length} steps at a sampling rate of "
            f"{sampling_rate}, which needs {span + 1}"
        )
    inside = np.arange(sequence_length) * sampling_rate
    windows = Batches(
        len(starts),
        lambda epoch, rows: (
            series[starts[rows][:, None] + inside],
            *(() if targets is None else (targets[starts[rows]],)),
        ),
    )
    if shuffle:
        windows = windows.shuffle(0 if seed is None else seed)
    return windows if batch_size is None else windows.batch(batch_size)


def split_dataset(
    dataset: Any,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Batches, Batches]:
    """An array, a tuple of arrays, or Batches, in two; the sizes are shares or numbers of elements.

    Raises: ArgumentError if no size is given, or they do not fit the data.
    """
    whole = dataset
    if not isinstance(dataset, Batches):
        whole = Batches.from_arrays(*dataset) if isinstance(dataset, tuple) else Batches.from_arrays(dataset)
    n = len(whole)
    if left_size is None and right_size is None:
        raise ArgumentError("give left_size or right_size: a share in (0, 1), or a number of elements")
    left, right = _size("left_size", left_size, n), _size("right_size", right_size, n)
    left = n - right if left is None and right is not None else left
    right = n - left if right is None and left is not None else right
    assert left is not None and right is not None
    if left + right > n or left < 1 or right < 1:
        raise ArgumentError(f"left_size={left_size} and right_size={right_size} do not fit {n} elements")
    if shuffle:
        order = np.random.default_rng(seed).permutation(n)
        read = whole._read
        whole = Batches(n, lambda epoch, rows: read(epoch, order[rows]), batched=whole.batched, ahead=whole.ahead)
    return whole.take(left), whole.skip(n - right)


def _size(name: str, size: float | int | None, n: int) -> int | None:
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, int | float) or (isinstance(size, float) and not 0 < size < 1):
        raise ArgumentError(f"{name} must be a share in (0, 1) or a number of elements. Received: {size!r}")
    return round(size * n) if isinstance(size, float) else size
