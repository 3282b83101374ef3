"""categorical_hinge: by how much the best wrong class comes near the right one, averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.categorical_hinge import CategoricalHinge as CategoricalHingeLoss


class CategoricalHinge(LossMetric):
    """Mean of max(max((1 - y_true) y_pred) - sum(y_true y_pred) + 1, 0).

    Shapes: y_true (one-hot) and y_pred (n, ..., k).
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(CategoricalHingeLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"categorical_hinge": CategoricalHinge}
