"""LossMetric: a loss that is watched, averaged over samples."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.core.metric import MeanMetric, misfit, same_shape


class LossMetric(MeanMetric):
    """Mean over all samples of what they lose; a subclass hands its loss to the constructor.

    Shapes: as the loss wants them; a last axis of length 1 may be missing in targets or predictions.
    """

    def __init__(self, loss: Loss, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(name, dtype)
        self.loss = loss

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if self.loss.takes_labels:
            return self.loss.values(self.labels(y_true, y_pred), y_pred)
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        return self.loss.values(y_true.astype(y_pred.dtype, copy=False), y_pred)

    def labels(self, y_true: Array, y_pred: Array) -> Array:
        """Class numbers (n, ...) for predictions (n, ..., k), a superfluous last axis of length 1 dropped.

        Raises: ShapeError if they do not fit.
        """
        labels = y_true[..., 0] if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 else y_true
        if labels.shape != y_pred.shape[:-1]:
            raise misfit(self.name, y_true, y_pred)
        return labels
