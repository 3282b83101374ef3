"""r2_score: the share of the targets' variance that the predictions explain."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of
from kexp.core.metric import Metric, as_array, as_floats, same_shape
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl


class R2Score(Metric):
    """1 - sum((y_true - y_pred)²) / sum((y_true - mean(y_true))²) for each output; 0 where the targets do not vary.

    Shapes: y_true and y_pred (n, k); a last axis of length 1 may be missing in one of them.
    `class_aggregation`: 'uniform_average' gives the mean over the outputs, 'variance_weighted_average' the mean by
    their variance, None an array (k,). `num_regressors` p: adjusted R², with n k as the number of samples, as in Keras;
    plain R² where that number is at most p + 1.
    """

    squares: Any
    sums: Any
    residuals: Any
    count: Any
    samples: int

    def __init__(
        self,
        class_aggregation: Literal["uniform_average", "variance_weighted_average"] | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, dtype)
        kinds = ("uniform_average", "variance_weighted_average", None)
        self.class_aggregation = one_of("class_aggregation", class_aggregation, kinds)
        if isinstance(num_regressors, bool) or not isinstance(num_regressors, int) or num_regressors < 0:
            raise ArgumentError(f"num_regressors must be an int of at least 0. Received: {num_regressors!r}")
        self.num_regressors = num_regressors

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        y, p = same_shape(self.name, as_array(y_true), as_floats(y_pred))
        if y.ndim != 2:
            raise ShapeError(f"metric {self.name!r} needs targets and predictions (n, k). Received: {y.shape}")
        y, p = y.astype(np.float64), p.astype(np.float64)
        weight = np.ones_like(y)
        if sample_weight is not None:
            given = as_array(sample_weight)
            weight = weight * (given[:, None] if given.ndim == 1 else given)
        self.sums = self.sums + _summed(y * weight)
        self.squares = self.squares + _summed(y * y * weight)
        self.residuals = self.residuals + _summed((y - p) ** 2 * weight)
        self.count = self.count + _summed(weight)
        self.samples += y.size

    def result(self) -> float | np.ndarray[Any, Any]:
        if not self.samples:
            return 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            total = self.squares - self.sums * (self.sums / self.count)
            scores = 1 - self.residuals / total
        scores = np.where(np.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = scores.mean()
        elif self.class_aggregation is not None:
            with np.errstate(invalid="ignore"):
                scores = (total * scores).sum() / total.sum()
        n, p = self.samples, self.num_regressors
        if p and n - p - 1 > 0:
            scores = 1 - (1 - scores) * (n - 1) / (n - p - 1)
        return float(scores) if np.ndim(scores) == 0 else scores

    def reset_state(self) -> None:
        self.squares = self.sums = self.residuals = self.count = 0.0
        self.samples = 0


def _summed(values: Array) -> np.ndarray[Any, Any]:
    return np.asarray(values.sum(0).tolist())


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"r2_score": R2Score}
