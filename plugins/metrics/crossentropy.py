"""crossentropy: binary, sparse categorical or categorical cross-entropy, whichever the shapes ask for."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, as_array, as_floats
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.binary_crossentropy import BinaryCrossentropy
from kexp_plugins.metrics.categorical_crossentropy import CategoricalCrossentropy
from kexp_plugins.metrics.sparse_categorical_crossentropy import SparseCategoricalCrossentropy


class Crossentropy(MeanMetric):
    """The mean cross-entropy that fits targets and outputs, under its own name.

    Outputs of one unit are binary; else targets with fewer axes than the outputs, or one value each, are class
    numbers; else they are one-hot.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self.for_shapes(y_true.shape, y_pred.shape).values(as_array(y_true), as_floats(y_pred))

    def for_shapes(self, y_true: tuple[int, ...], y_pred: tuple[int | None, ...]) -> MeanMetric:
        if y_pred[-1] == 1:
            return BinaryCrossentropy(self.name, self.dtype)
        if len(y_true) < len(y_pred) or y_true[-1] == 1:
            return SparseCategoricalCrossentropy(self.name, self.dtype)
        return CategoricalCrossentropy(self.name, self.dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"crossentropy": Crossentropy, "ce": Crossentropy}
