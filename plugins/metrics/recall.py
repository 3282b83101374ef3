"""recall: share of the positive targets that were predicted: tp / (tp + fn), 0 where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.confusion import ConfusionMetric, share


class Recall(ConfusionMetric):
    """Share of the positive targets that were predicted: tp / (tp + fn), 0 where there are none.

    Shapes, `thresholds`, `top_k` and `class_id`: as in ConfusionMetric.
    """

    def at_thresholds(self) -> np.ndarray[Any, Any]:
        return share(self.true_positives, self.false_negatives)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"recall": Recall}
