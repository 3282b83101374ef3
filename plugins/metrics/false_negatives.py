"""false_negatives: the number of targets of 1 that were not predicted."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.confusion import ConfusionMetric


class FalseNegatives(ConfusionMetric):
    """Number of targets of 1 that were not predicted, or the sum of their weights.

    Shapes and `thresholds`: as in ConfusionMetric.
    """

    def __init__(
        self, thresholds: float | list[float] | None = None, name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(thresholds, None, None, name, dtype)

    def at_thresholds(self) -> np.ndarray[Any, Any]:
        return self.false_negatives


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"false_negatives": FalseNegatives}
