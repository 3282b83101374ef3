"""sparse_categorical_crossentropy: -log p[label], averaged."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric, as_array
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.sparse_categorical_crossentropy import (
    SparseCategoricalCrossentropy as SparseCategoricalCrossentropyLoss,
)


class SparseCategoricalCrossentropy(LossMetric):
    """Mean cross-entropy of a choice between k classes, in nats, for class numbers.

    Shapes: y_true (n, ...) or (n, ..., 1), class numbers; y_pred (n, ..., k).
    Samples labelled `ignore_class` lose nothing, but count; with sample weights they do not count, both as in Keras.
    """

    def __init__(
        self,
        name: str | None = None,
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(SparseCategoricalCrossentropyLoss(from_logits, ignore_class, "sum", axis), name, dtype)
        self.ignore_class = ignore_class

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        if sample_weight is not None and self.ignore_class is not None:
            counts = self.labels(as_array(y_true), as_array(y_pred)) != self.ignore_class
            weight = as_array(sample_weight)
            sample_weight = counts * weight.reshape(weight.shape + (1,) * (counts.ndim - weight.ndim))
        super().update_state(y_true, y_pred, sample_weight)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"sparse_categorical_crossentropy": SparseCategoricalCrossentropy}
