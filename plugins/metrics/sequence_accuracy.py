"""sequence_accuracy: the share of sequences that are right at every step."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, as_array, as_floats
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.accuracy import Accuracy


class SequenceAccuracy(MeanMetric):
    """Share of sequences of which every step is predicted right, as `accuracy` counts a step.

    Shapes: y_true (n, t), (n, t, 1), or one-hot (n, t, k); y_pred (n, t, k). Steps that are masked, or weigh 0, are
    left out, and so is a sequence without any other; a sequence counts as its heaviest step.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        right = self._steps(y_true, y_pred)
        return right.reshape(len(right), -1).all(-1)

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        weight = None if sample_weight is None else as_array(sample_weight)
        if weight is None or weight.ndim < 2:
            super().update_state(y_true, y_pred, weight)
            return
        right = self._steps(as_array(y_true), as_floats(y_pred))
        if weight.ndim > right.ndim:
            weight = weight[..., 0]
        weight = np.broadcast_to(weight, right.shape)
        heaviest = weight.reshape(len(weight), -1).max(-1)
        all_right = (right | (weight == 0)).reshape(len(right), -1).all(-1)
        self.total += float((all_right * heaviest).sum(dtype=np.float64))
        self.count += float(heaviest.sum(dtype=np.float64))

    def _steps(self, y_true: Array, y_pred: Array) -> Array:
        """Whether each step is right, (n, t)."""
        metric = Accuracy(self.name).for_shapes(y_true.shape, y_pred.shape)
        assert isinstance(metric, MeanMetric)
        right = metric.values(y_true, y_pred)
        return right[..., 0] if right.ndim == y_pred.ndim and right.shape[-1] == 1 else right


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"sequence_accuracy": SequenceAccuracy}
