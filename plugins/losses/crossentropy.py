"""crossentropy: binary, sparse categorical or categorical cross-entropy, whichever the shapes ask for."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.loss import FusedLoss, Loss
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.binary_crossentropy import BinaryCrossentropy
from kexp_plugins.losses.categorical_crossentropy import CategoricalCrossentropy
from kexp_plugins.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy


class Crossentropy(Loss):
    """The cross-entropy that fits targets and outputs, as 'accuracy' is for metrics.

    Outputs of one unit are binary; else targets with fewer axes than the outputs, or one value each, are class
    numbers; else they are one-hot.
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.chosen: Loss | None = None

    @property
    def takes_labels(self) -> bool:  # type: ignore[override]
        """Whether the targets last prepared are class numbers."""
        return self.chosen is not None and self.chosen.takes_labels

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        self.chosen = self._fitting(np.shape(y_true), output_shape)
        return self.chosen.prepare(y_true, output_shape)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self._fitting(y_true.shape, y_pred.shape).values(y_true, y_pred)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return self._fitting(y_true.shape, y_pred.shape).gradient(y_true, y_pred)

    def fused(self, activation: Activation) -> FusedLoss | None:
        return None if self.chosen is None else self.chosen.fused(activation)

    def _fitting(self, y: tuple[int, ...], p: tuple[int | None, ...]) -> Loss:
        if p[-1] == 1:
            return BinaryCrossentropy(reduction=self.reduction)
        if len(y) < len(p) or y[-1] == 1:
            return SparseCategoricalCrossentropy(reduction=self.reduction)
        return CategoricalCrossentropy(reduction=self.reduction)


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"crossentropy": Crossentropy, "ce": Crossentropy}
