"""Counting hits and misses on both sides of one or many thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import one_of, positive_int
from kexp.core.metric import Metric, as_array, as_floats, same_shape
from kexp.errors import ArgumentError, ShapeError

Host = np.ndarray[Any, Any]
NOTHING = -1e10  # what counts as no prediction: all but the top k


class Thresholds:
    """Thresholds, ascending, and the way Keras compares with them: evenly spread ones by rounding up."""

    def __init__(self, values: Sequence[float], dtype: str) -> None:
        self.order = np.argsort(np.asarray(values, dtype=np.float64), kind="stable")
        self.values = [float(values[i]) for i in self.order]
        self.dtype = dtype
        last = len(values) - 1
        even = np.arange(len(values)) / max(last, 1)
        self.even = last > 1 and np.allclose(values, even, atol=settings.epsilon())
        self.padded = self.values[0] < 0 or self.values[-1] > 1

    def __len__(self) -> int:
        return len(self.values)

    def passed(self, p: Array) -> Array:
        """How many of the thresholds each prediction exceeds."""
        p = np.where(p == p, p, NOTHING).astype(self.dtype)
        if self.even:
            count = np.ceil(np.clip(p, 0, 1) * (len(self) - 1)).astype(np.int64)
            return np.maximum(count, 1) if self.padded else count
        if len(self) == 1:
            return (p > self.values[0]).astype(np.int64)
        limits = np.asarray(self.values, dtype=self.dtype, like=p)
        return np.searchsorted(limits, p, side="left")


class Counts(NamedTuple):
    """Weights of true and false positives and negatives: (thresholds,), or (thresholds, labels)."""

    tp: Host
    fp: Host
    tn: Host
    fn: Host


def confusion(thresholds: Thresholds, y_true: Array, y_pred: Array, weight: Array | None, labels: int = 0) -> Counts:
    """Counts of a batch; y_true, y_pred and weight of one shape. `labels`: keep this many columns apart."""
    size, columns = len(thresholds) + 1, labels or 1
    index = thresholds.passed(y_pred).reshape(-1, columns)
    index = (index + size * np.arange(columns, like=index)).reshape(-1)
    positive = (y_true != 0).reshape(-1)
    weights = positive.astype(np.float64) * 0 + 1 if weight is None else weight.reshape(-1).astype(np.float64)
    found = []
    for kind in (weights * positive, weights * ~positive):
        binned = np.bincount(index, weights=kind, minlength=size * columns)
        above = np.asarray(binned.tolist()).reshape(columns, size)[:, ::-1].cumsum(1)[:, ::-1]
        passed = np.empty((len(thresholds), columns))
        passed[thresholds.order] = above[:, 1:].T
        found += [passed, above[:, 0] - passed]
    tp, fn, fp, tn = found if labels else [array[:, 0] for array in found]
    return Counts(tp, fp, tn, fn)


def spread(weight: Any, like: Array) -> Array | None:
    """sample_weight (n,) or (n, ...) in the shape of predictions."""
    if weight is None:
        return None
    array = as_array(weight)
    while array.ndim > like.ndim and array.shape[-1] == 1:
        array = array[..., 0]
    return np.broadcast_to(array.reshape(array.shape + (1,) * (like.ndim - array.ndim)), like.shape)


def keep_top(p: Array, k: int) -> Array:
    """The k largest predictions of the last axis, the first of equal ones; all else counts as no prediction."""
    places = np.argsort(np.argsort(-p, axis=-1, kind="stable"), axis=-1, kind="stable")
    return np.where(places < k, p, np.full_like(p, NOTHING))


class ConfusionMetric(Metric):
    """Base of metrics made of counts of hits and misses at thresholds.

    Shapes: y_true, 0 or 1, and y_pred (n, ..., k); all their entries count alike. With several thresholds the result
    is an array, one number for each.
    `thresholds`: a number in [0, 1] or a list of them, 0.5 unless given; a prediction of just that is negative.
    `top_k`: only the k largest predictions of a sample may be positive. `class_id`: only this class is looked at.
    """

    true_positives: Host
    false_positives: Host
    true_negatives: Host
    false_negatives: Host

    def __init__(
        self,
        thresholds: float | list[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.top_k = None if top_k is None else positive_int("top_k", top_k)
        if class_id is not None:
            one_of("class_id", type(class_id), (int,))
        self.class_id = class_id
        default = 0.5 if top_k is None else NOTHING
        self.thresholds = checked(thresholds) or [default]
        self.limits = Thresholds(self.thresholds, dtype or settings.floatx())
        super().__init__(name, dtype)

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        y, p = same_shape(self.name, as_array(y_true), as_floats(y_pred))
        if self.top_k is not None:
            p = keep_top(p, self.top_k)
        weight = spread(sample_weight, p)
        if self.class_id is not None:
            if p.ndim < 2:
                raise ShapeError(f"metric {self.name!r} needs predictions (n, k) for a class_id. Received: {p.shape}")
            y, p = y[..., self.class_id], p[..., self.class_id]
            weight = None if weight is None else weight[..., self.class_id]
        counts = confusion(self.limits, y, p, weight)
        self.true_positives, self.false_positives = self.true_positives + counts.tp, self.false_positives + counts.fp
        self.true_negatives, self.false_negatives = self.true_negatives + counts.tn, self.false_negatives + counts.fn

    def reset_state(self) -> None:
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = (
            np.zeros(len(self.limits)) for _ in range(4)
        )

    def result(self) -> float | Host:
        found = self.at_thresholds()
        return float(found[0]) if len(found) == 1 else found

    def at_thresholds(self) -> Host:
        """The result at each threshold."""
        raise NotImplementedError


def checked(thresholds: float | Sequence[float] | None) -> list[float]:
    """Thresholds as a list, in the order they were given."""
    if thresholds is None:
        return []
    found: list[Any] = list(thresholds) if isinstance(thresholds, list | tuple) else [thresholds]
    bad = [t for t in found if isinstance(t, bool) or not isinstance(t, int | float) or not 0 <= t <= 1]
    if bad or not found:
        raise ArgumentError(f"thresholds must be numbers from 0 to 1. Received: {thresholds!r}")
    return [float(t) for t in found]


def share(part: Host, rest: Host) -> Host:
    """part / (part + rest), 0 where both are 0."""
    whole = part + rest
    ratio: Host = np.divide(part, whole, out=np.zeros_like(whole), where=whole != 0)
    return ratio
