"""Metric: a number that is watched and not trained on, gathered over many batches."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array
from kexp.core.component import Component


class Metric(Component):
    """Contract of metrics: `update_state` for each batch, `result` at any time, `reset_state` at an epoch's start.

    Streaming: an epoch's value weights every sample equally, whatever the batches were.
    """

    kind: ClassVar[str] = "metric"

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        self.name = name or self.registered_name()
        self.dtype = dtype
        self.reset_state()

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        """Take in a batch: y_true and y_pred as the loss gets them, sample_weight (n,) or None."""
        raise NotImplementedError

    def result(self) -> float:
        """The value over everything since `reset_state`."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def for_shapes(self, y_true: tuple[int, ...], y_pred: tuple[int | None, ...]) -> Metric:
        """The metric to use for targets and outputs of these shapes; itself, unless the name stands for several."""
        return self


class MeanMetric(Metric):
    """Mean over all samples of `values(y_true, y_pred)`; a subclass writes that one method."""

    total: float
    count: float

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """One number for each sample, (n,) or (n, ...)."""
        raise NotImplementedError

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        values = self.values(y_true, y_pred)
        if sample_weight is None:
            self.total += float(values.sum(dtype=np.float64))
            self.count += values.size
            return
        weight = sample_weight.reshape(sample_weight.shape + (1,) * (values.ndim - sample_weight.ndim))
        weight = np.broadcast_to(weight, values.shape)
        self.total += float((values * weight).sum(dtype=np.float64))
        self.count += float(weight.sum(dtype=np.float64))

    def result(self) -> float:
        return self.total / self.count if self.count else 0.0

    def reset_state(self) -> None:
        self.total, self.count = 0.0, 0.0


class FunctionMetric(MeanMetric):
    """A plain function (y_true, y_pred) -> one number a sample, averaged."""

    def __init__(self, function: Any, name: str | None = None) -> None:
        self.function = function
        super().__init__(name or getattr(function, "__name__", "metric"))


    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(self.function(y_true, y_pred))
