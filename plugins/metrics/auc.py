"""auc: the area under the ROC or the precision-recall curve, by a sum over thresholds."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import one_of
from kexp.core.metric import Metric, as_array, as_floats, same_shape
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.sigmoid import Sigmoid
from kexp_plugins.metrics.confusion import Thresholds, checked, confusion, share, spread

Host = np.ndarray[Any, Any]
CURVES = ("ROC", "PR", "PRGAIN")
HEIGHTS = ("interpolation", "majoring", "minoring")


class AUC(Metric):
    """Area under the ROC curve (recall over false-positive rate) or the PR curve (precision over recall).

    Shapes: y_true, 0 or 1, and y_pred (n, ..., k), chances in [0, 1]; all their entries count alike. With `multi_label`
    they are (n, k), and the result is the mean of the columns' areas, by `label_weights` if given.
    A Riemann sum over `num_thresholds` evenly spread thresholds, or over `thresholds`, so not the exact area;
    `summation_method`: how heights are taken between them. Source of the interpolated PR curve: Davis & Goadrich 2006.
    """

    true_positives: Any
    false_positives: Any
    true_negatives: Any
    false_negatives: Any

    def __init__(
        self,
        num_thresholds: int | None = 200,
        curve: Literal["ROC", "PR", "PRGAIN"] = "ROC",
        summation_method: Literal["interpolation", "majoring", "minoring"] = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: list[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: list[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        if num_labels and not multi_label:
            raise ArgumentError(f"num_labels is for multi_label=True alone. Received: {num_labels!r}")
        inner = spread_evenly(num_thresholds) if thresholds is None else sorted(checked(thresholds))
        self.limits = Thresholds([0.0, *inner, 1.0], dtype or settings.floatx())
        self.limits.padded = True
        self.limits.values[0] -= settings.epsilon()
        self.limits.values[-1] += settings.epsilon()
        self.num_thresholds = len(self.limits)
        self.curve = one_of("curve", curve, (*CURVES, *map(str.lower, CURVES))).upper()
        self.heights = one_of("summation_method", summation_method, (*HEIGHTS, *map(str.title, HEIGHTS))).lower()
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights, self.from_logits = label_weights, from_logits
        super().__init__(name, dtype)

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, ascending, the outermost a little beyond 0 and 1."""
        return list(self.limits.values)

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        y, p = same_shape(self.name, as_array(y_true), as_floats(y_pred))
        if self.multi_label and (p.ndim != 2 or self.num_labels not in (None, p.shape[-1])):
            labels = self.num_labels or "k"
            raise ShapeError(f"metric {self.name!r} needs predictions of shape (n, {labels}). Received: {p.shape}")
        if self.from_logits:
            p = Sigmoid()(p)
        weight = spread(sample_weight, p)
        if self.label_weights is not None and not self.multi_label:
            own = np.broadcast_to(np.asarray(self.label_weights, like=p), p.shape)
            weight = own if weight is None else weight * own
        counts = confusion(self.limits, y, p, weight, p.shape[-1] if self.multi_label else 0)
        self.true_positives, self.false_positives = self.true_positives + counts.tp, self.false_positives + counts.fp
        self.true_negatives, self.false_negatives = self.true_negatives + counts.tn, self.false_negatives + counts.fn

    def result(self) -> float:
        if self.curve == "PR" and self.heights == "interpolation":
            areas = self._interpolated()
        else:
            x, y = self._curve()
            between = {"interpolation": (y[:-1] + y[1:]) / 2, "minoring": np.minimum(y[:-1], y[1:])}
            areas = ((x[:-1] - x[1:]) * between.get(self.heights, np.maximum(y[:-1], y[1:]))).sum(0)
        if self.multi_label and self.label_weights is not None:
            weights = np.asarray(self.label_weights, dtype=np.float64)
            return float(_ratio(np.asarray((areas * weights).sum()), weights.sum()))
        return float(np.mean(areas))

    def _curve(self) -> tuple[Host, Host]:
        recall = share(self.true_positives, self.false_negatives)
        if self.curve == "ROC":
            return share(self.false_positives, self.true_negatives), recall
        if self.curve == "PR":
            return recall, share(self.true_positives, self.false_positives)
        scale = _ratio(self.true_positives + self.false_negatives, self.true_negatives + self.false_positives)
        recall_gain = np.where(
            self.true_positives == 0, 0.0, 1 - scale * _ratio(self.false_negatives, self.true_positives)
        )
        precision_gain = np.where(
            self.true_positives == 0, 1.0, 1 - scale * _ratio(self.false_positives, self.true_positives)
        )
        return np.maximum(recall_gain, 0), precision_gain

    def _interpolated(self) -> Host:
        hits, positives = self.true_positives[:-1] - self.true_positives[1:], self.true_positives + self.false_positives
        slope = _ratio(hits, np.maximum(positives[:-1] - positives[1:], 0))
        intercept = self.true_positives[1:] - slope * positives[1:]
        both = (positives[:-1] > 0) & (positives[1:] > 0)
        ratio = np.where(both, _ratio(positives[:-1], np.maximum(positives[1:], 0)), 1.0)
        steps = _ratio(
            slope * (hits + intercept * np.log(ratio)),
            np.maximum(self.true_positives[1:] + self.false_negatives[1:], 0),
        )
        areas: Host = steps.sum(0)
        return areas

    def reset_state(self) -> None:
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = (
            np.zeros(self._state_shape()) for _ in range(4)
        )

    def _state_shape(self) -> tuple[int, ...]:
        return (len(self.limits), self.num_labels or 1) if self.multi_label else (len(self.limits),)


def spread_evenly(count: int | None) -> list[float]:
    """The `count` thresholds from 0 to 1 without these two."""
    if isinstance(count, bool) or not isinstance(count, int) or count <= 1:
        raise ArgumentError(f"num_thresholds must be an int above 1. Received: {count!r}")
    return [i / (count - 1) for i in range(1, count - 1)]


def _ratio(a: Host, b: Any) -> Host:
    """a / b, 0 where b is 0."""
    a, b = np.broadcast_arrays(a, b)
    ratio: Host = np.divide(a, b, out=np.zeros(a.shape), where=b != 0)
    return ratio


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"auc": AUC}
