"""Mean, Sum and MeanMetricWrapper: metrics of values that one has already, for loops of one's own.

A model gives metrics targets and predictions, so Mean and Sum have no name in configs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, as_array, as_floats


class Mean(MeanMetric):
    """Mean of the values it is given; a row (n, ...) counts by the mean of what is in it."""

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values (n, ...) or one number; sample_weight (n,) or of the values' shape."""
        super().update_state(values, values, sample_weight)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return y_pred

    def __call__(self, values: Any, sample_weight: Any = None) -> float:  # type: ignore[override]
        """Take in values, and return the mean of everything so far."""
        self.update_state(values, sample_weight)
        return self.result()


class Sum(Metric):
    """Sum of the values it is given, weighted where weights are given."""

    total: float

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values (n, ...) or one number; sample_weight (n,) or of the values' shape."""
        array = as_floats(values)
        if sample_weight is not None:
            weight = as_array(sample_weight)
            if weight.ndim == array.ndim + 1 and weight.shape[-1] == 1:
                weight = weight[..., 0]
            array = array * weight.reshape(weight.shape + (1,) * (array.ndim - weight.ndim))
        self.total += float(array.sum(dtype=np.float64))

    def result(self) -> float:
        return self.total

    def reset_state(self) -> None:
        self.total = 0.0

    def __call__(self, values: Any, sample_weight: Any = None) -> float:  # type: ignore[override]
        """Take in values, and return the sum of everything so far."""
        self.update_state(values, sample_weight)
        return self.result()


class MeanMetricWrapper(MeanMetric):
    """Mean over all samples of `fn(y_true, y_pred, **kwargs)`, one number a sample."""

    def __init__(self, fn: Any, name: str | None = None, dtype: str | None = None, **kwargs: Any) -> None:
        super().__init__(name or getattr(fn, "__name__", None), dtype)
        self.fn = fn
        self.kwargs = kwargs

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return as_array(self.fn(y_true, y_pred, **self.kwargs))
