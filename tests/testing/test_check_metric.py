"""check_metric passes good metrics, and each check fails on a metric that is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.metric import MeanMetric, Metric
from kexp.testing import check_metric
from kexp.testing.metric import CHECKS


class AbsoluteError(MeanMetric):
    """A good metric."""

    def __init__(self, factor: float = 1.0, name: str | None = None, dtype: str | None = None) -> None:
        self.factor = factor
        super().__init__(name, dtype)

    def values(self, y_true, y_pred):
        return np.abs(y_true - y_pred).mean(-1) * self.factor


class Largest(Metric):
    """A good metric that is no mean."""

    def reset_state(self):
        self.largest = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        errors = np.abs(y_true - y_pred).max(-1)
        if sample_weight is not None:
            errors = errors * (sample_weight > 0)
        self.largest = max(self.largest, float(errors.max()))

    def result(self):
        return self.largest


@pytest.mark.parametrize("make", [AbsoluteError, lambda: AbsoluteError(2.0, name="far"), Largest])
def test_good_metrics_pass(make):
    check_metric(make)


class NumberOfArray(AbsoluteError):
    def result(self):
        return np.asarray(super().result())


class NothingDividesByZero(AbsoluteError):
    def result(self):
        return self.total / self.count if self.count else float("nan")


class ForgetsWhenAsked(AbsoluteError):
    def result(self):
        result = super().result()
        self.total /= 2
        return result


class MeanOfMeans(AbsoluteError):
    def update_state(self, y_true, y_pred, sample_weight=None):
        weight = np.ones(len(y_pred)) if sample_weight is None else sample_weight
        self.total += float((self.values(y_true, y_pred) * weight).sum() / weight.sum())
        self.count += 1


class LastBatch(AbsoluteError):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.reset_state()
        super().update_state(y_true, y_pred, sample_weight)


class NeverForgets(AbsoluteError):
    def reset_state(self):
        if not hasattr(self, "total"):
            super().reset_state()


class SharesItsState(Largest):
    state = [0.0]  # noqa: RUF012  (the mistake that is shown)

    def reset_state(self):
        pass

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.state[0] += 1.0
        super().reset_state()
        super().update_state(y_true, y_pred, sample_weight)

    def result(self):
        return self.state[0]


class SharesItsStore(AbsoluteError):
    store = {}  # noqa: RUF012  (the mistake that is shown)

    def reset_state(self):
        super().reset_state()
        self.store.update(total=0.0, count=0.0)

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total, self.count = self.store["total"], self.store["count"]
        super().update_state(y_true, y_pred, sample_weight)
        self.store.update(total=self.total, count=self.count)


class OtherwiseOnTheDevice(AbsoluteError):
    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred) * (1 if isinstance(y_pred, np.ndarray) else 2)


class IgnoresWeights(AbsoluteError):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred)


class OtherwiseWithWeights(AbsoluteError):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred, sample_weight)
        self.total += 1.0 if sample_weight is not None else 0.0


class ChangesPredictions(AbsoluteError):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred, sample_weight)
        if isinstance(y_pred, np.ndarray) and y_pred.base is None:
            y_pred *= 2


class ComputesLater(Metric):
    def reset_state(self):
        self.seen = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.append((y_true, y_pred, np.ones(len(y_pred)) if sample_weight is None else sample_weight))

    def result(self):
        total = sum(float((np.abs(y - p).mean(-1) * w).sum()) for y, p, w in self.seen)
        return total / sum(float(w.sum()) for _, _, w in self.seen) if self.seen else 0.0


class ForgetsItsCount(AbsoluteError):
    def get_state(self):
        return super().get_state() | {"count": 0.0}


class LateState(AbsoluteError):
    def reset_state(self):
        super().reset_state()
        vars(self).pop("rows", None)

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred, sample_weight)
        self.rows = getattr(self, "rows", 0.0) + float(len(y_pred) if sample_weight is None else sample_weight.sum())

    def result(self):
        return self.rows if hasattr(self, "rows") else 0.0


class ForgetsItsFactor(AbsoluteError):
    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}


class MakesHostArrays(AbsoluteError):
    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred) + np.zeros(len(y_pred))


BROKEN: list[tuple[type[Metric], dict[str, Any], str, str]] = [
    (NumberOfArray, {}, "result", ", result of nothing: a ndarray, not a float"),
    (NothingDividesByZero, {}, "result", ", result of nothing: #"),
    (ForgetsWhenAsked, {}, "result", ", result asked for twice: # instead of #"),
    (MeanOfMeans, {}, "streaming", ", three batches against one: # instead of #"),
    (LastBatch, {}, "streaming", ", three batches against one: # instead of #"),
    (NeverForgets, {}, "reset", ", after reset_state: # instead of #"),
    (SharesItsState, {}, "streaming", ", three batches against one: 4 instead of 5"),
    (SharesItsStore, {}, "reset", ", beside another metric: # instead of #"),
    (OtherwiseOnTheDevice, {}, "device", ", on the device: # instead of #"),
    (IgnoresWeights, {}, "weights", ", weights of 0: # instead of #"),
    (OtherwiseWithWeights, {}, "weights", ", weights of 1: # instead of #"),
    (ChangesPredictions, {}, "untouched", ": y_pred is changed by update_state"),
    (ComputesLater, {}, "untouched", ", result after the arrays were written to: # instead of #"),
    (ForgetsItsCount, {}, "state", ", state of another: # instead of #"),
    (LateState, {}, "state", ", state of another: 6 instead of 12"),
    (ForgetsItsFactor, {"factor": 2.0}, "config", ", from_config, result: # instead of #"),
    (MakesHostArrays, {}, "device", ", on the device: TypeError: Unsupported type <class 'numpy.ndarray'>"),
]


def attempt(broken, options):
    check_metric(lambda: broken(**options))


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_metrics_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_a_metric_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_a_metric_is_checked_as_the_one_that_stands_for_its_shapes():
    class Stands(Metric):
        def reset_state(self):
            pass

        def for_shapes(self, y_true, y_pred):
            assert (y_true, y_pred) == ((12, 4), (None, 4))
            return Largest(self.name)

    check_metric(Stands)
