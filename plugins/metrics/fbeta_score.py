"""fbeta_score: the weighted harmonic mean of precision and recall."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import number, one_of
from kexp.core.metric import Metric, as_array, as_floats
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl


class FBetaScore(Metric):
    """(1 + beta²) precision recall / (beta² precision + recall), for each class; recall counts beta times.

    Shapes: y_true (0 or 1) and y_pred (n, k).
    `average`: None gives an array (k,), 'macro' its mean, 'weighted' its mean by the number of targets, 'micro'
    counts all classes as one. `threshold`: predictions above it are positive; None: the largest of a row is.
    Source: van Rijsbergen 1979, chapter 7.
    """

    tp: Any
    fp: Any
    fn: Any
    targets: Any

    def __init__(
        self,
        average: Literal["micro", "macro", "weighted"] | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name, dtype)
        self.average = one_of("average", average, (None, "micro", "macro", "weighted"))
        self.beta = number("beta", beta, above=0)
        if threshold is not None and not 0 < number("threshold", threshold) <= 1:
            raise ArgumentError(f"threshold must be None or a number above 0, at most 1. Received: {threshold!r}")
        self.threshold = threshold
        self.epsilon = settings.epsilon()

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        y, p = as_array(y_true), as_floats(y_pred)
        if p.ndim != 2 or y.shape != p.shape:
            raise ShapeError(
                f"metric {self.name!r} needs targets and predictions (n, k). Received: {y.shape} and {p.shape}"
            )
        largest = self.threshold is None
        hit = (p >= p.max(-1, keepdims=True)) & (np.abs(p) > 1e-9) if largest else p > self.threshold
        y, hit = y.astype(np.float64), hit.astype(np.float64)
        weight = 1.0 if sample_weight is None else as_array(sample_weight).reshape(-1, 1)
        self.tp = self.tp + self._summed(hit * y * weight)
        self.fp = self.fp + self._summed(hit * (1 - y) * weight)
        self.fn = self.fn + self._summed((1 - hit) * y * weight)
        self.targets = self.targets + self._summed(y * weight)

    def _summed(self, counts: Array) -> Any:
        return np.asarray(counts.sum(None if self.average == "micro" else 0).tolist())

    def result(self) -> float | np.ndarray[Any, Any]:
        precision = self.tp / (self.tp + self.fp + self.epsilon)
        recall = self.tp / (self.tp + self.fn + self.epsilon)
        mean = precision * recall / (self.beta**2 * precision + recall + self.epsilon)
        score = np.asarray(mean * (1 + self.beta**2))
        if self.average == "weighted":
            score = (score * (self.targets / (np.sum(self.targets) + self.epsilon))).sum()
        elif self.average is not None:
            score = score.mean()
        return float(score) if score.ndim == 0 else score

    def reset_state(self) -> None:
        self.tp = self.fp = self.fn = self.targets = 0.0


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"fbeta_score": FBetaScore}
