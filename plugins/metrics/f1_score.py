"""f1_score: the harmonic mean of precision and recall."""

from __future__ import annotations

from typing import Literal

from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.fbeta_score import FBetaScore


class F1Score(FBetaScore):
    """2 precision recall / (precision + recall), for each class; shapes and arguments as in FBetaScore."""

    def __init__(
        self,
        average: Literal["micro", "macro", "weighted"] | None = None,
        threshold: float | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"f1_score": F1Score}
