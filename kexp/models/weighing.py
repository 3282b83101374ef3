"""From sample_weight and class_weight to the weights of each output's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.loss import Loss
from kexp.core.source import Rows, is_source
from kexp.data import ArraySource, ConvertedSource, Source, as_array
from kexp.errors import ArgumentError, DataError
from kexp.training import class_weights

Shape = tuple[int, ...]


def weight_sources(
    names: Sequence[str],
    losses: Sequence[Loss | None],
    targets: Sequence[tuple[Any, Shape]],
    sample_weight: Any,
    class_weight: Mapping[int, float] | None,
) -> list[Source | None]:
    """The weights of each output's samples, or no entry at all where nothing is weighted.

    `targets`: the source of each output's targets, and the targets' shape. `sample_weight`: numbers (n,), or (n, t)
    for outputs in time, for all outputs; or a list or dict with some for each output; arrays or sources.
    Raises: DataError for weights that do not fit the targets.
    """
    if sample_weight is None and not class_weight:
        return []
    found = [
        None if given is None else _source(given, _of_values(loss, shape))
        for given, loss, (_, shape) in zip(_for_each(sample_weight, names), losses, targets, strict=True)
    ]
    if class_weight:
        if len(names) != 1:
            raise ArgumentError("class_weight can be used with a model of one output only")
        return [_by_class(found[0], targets[0][0], class_weight)]
    return [_cast(source) for source in found]


def _source(given: Any, values: Shape) -> Source:
    if is_source(given):
        return ConvertedSource(given, lambda block: _fitted(as_array(block, "sample_weight"), values))
    return ArraySource(_fitted(as_array(given, "sample_weight"), values), None, "sample_weight")


def _cast(source: Source | None) -> Source | None:
    if source is None:
        return None
    if isinstance(source, ArraySource):
        return ArraySource(source.array, settings.floatx(), "sample_weight")
    return ConvertedSource(source, lambda block: block.astype(settings.floatx(), copy=False))


def _by_class(own: Source | None, targets: Source, weights: Mapping[int, float]) -> Source | None:
    """The weights of each sample's class, times its own."""
    if isinstance(targets, ArraySource) and (own is None or isinstance(own, ArraySource)):
        by_class = class_weights(targets.array, weights)
        return _cast(ArraySource(by_class if own is None else _times(own.array, by_class), None, "sample_weight"))
    return _cast(Weighed(own, targets, weights))


def _times(own: np.ndarray[Any, Any], by_class: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(own * by_class.reshape(-1, *[1] * (own.ndim - 1)))


class Weighed:
    """Weights by class, times the samples' own, from targets that are read when they are needed."""

    def __init__(self, own: Source | None, targets: Source, weights: Mapping[int, float]) -> None:
        self.own, self.targets, self.weights = own, targets, weights
        self.chunk_rows = int(getattr(targets, "chunk_rows", 1))

    def __len__(self) -> int:
        return len(self.targets if self.own is None else self.own)

    def take(self, rows: Rows) -> np.ndarray[Any, Any]:
        by_class = class_weights(self.targets.take(rows), self.weights)
        return by_class if self.own is None else _times(self.own.take(rows), by_class)


def _for_each(given: Any, names: Sequence[str]) -> list[Any]:
    if isinstance(given, Mapping):
        unknown = [str(key) for key in given if key not in names]
        if unknown:
            text = f"sample_weight: no output is called {', '.join(unknown)}. Outputs: {', '.join(names)}"
            raise ArgumentError(text)
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple) and any(one is None or np.ndim(one) for one in given):
        if len(given) == len(names) and (len(names) > 1 or hasattr(given[0], "shape")):
            return list(given)
        if len(names) > 1:
            raise ArgumentError(f"sample_weight: the model has {len(names)} outputs. Received: {len(given)}")
    return [given] * len(names)


def _of_values(loss: Loss | None, shape: Shape) -> Shape:
    """The shape of what an output's loss gives for targets of `shape`."""
    if loss is None or loss.takes_labels or len(shape) < 2:
        return shape
    axis = loss.axis % len(shape)
    return shape[:axis] + shape[axis + 1 :]


def _fitted(weight: np.ndarray[Any, Any], values: Shape) -> np.ndarray[Any, Any]:
    """The weight with at most as many axes as the loss's values.

    Raises: DataError if it does not fit them.
    """
    given = weight.shape
    while weight.ndim > max(len(values), 1) and weight.shape[-1] == 1:
        weight = weight[..., 0]
    pairs = zip(weight.shape[1:], values[1:], strict=False)
    if weight.ndim > len(values) or any(size not in (1, want) for size, want in pairs):
        text = "sample_weight must have one number a sample, shape (n,)"
        if len(values) > 1:
            text += f", or one for each value, (n, {', '.join(map(str, values[1:]))})"
        raise DataError(f"{text}. Received: {given}")
    return weight
