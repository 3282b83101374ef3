"""accuracy: the share of predictions that are right, of the kind that the shapes ask for."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.binary_accuracy import BinaryAccuracy
from kexp_plugins.metrics.categorical_accuracy import CategoricalAccuracy
from kexp_plugins.metrics.sparse_categorical_accuracy import SparseCategoricalAccuracy


class Accuracy(MeanMetric):
    """In a model: binary, sparse categorical or categorical accuracy, under its own name.

    Outputs of one unit are binary; else targets with fewer axes than the outputs, or one value each, are class
    numbers; else they are one-hot. Used by hand, outside a model, it is the share of predictions equal to their target.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        return y_true == y_pred

    def for_shapes(self, y_true: tuple[int, ...], y_pred: tuple[int | None, ...]) -> Metric:
        if y_pred[-1] == 1:
            return BinaryAccuracy(self.name, self.dtype)
        if len(y_true) < len(y_pred) or y_true[-1] == 1:
            return SparseCategoricalAccuracy(self.name, self.dtype)
        return CategoricalAccuracy(self.name, self.dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"accuracy": Accuracy, "acc": Accuracy}
