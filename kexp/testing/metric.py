"""check_metric: the contract of metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from kexp.core.metric import Metric
from kexp.testing.arrays import Host, Untouched, close
from kexp.testing.config import require_round_trip
from kexp.testing.device import FakeDeviceArray
from kexp.testing.report import Subject, run_checks

Inputs = Callable[[np.random.Generator], tuple[Host, Host]]
RTOL, ATOL = 1e-6, 1e-9


def one_hot(rng: np.random.Generator) -> tuple[Host, Host]:
    """Targets (12, 4) of which one in each row is 1, and predictions that are probabilities."""
    y_true = np.eye(4)[rng.integers(0, 4, 12)]
    scores = np.exp(rng.standard_normal((12, 4)))
    return y_true, scores / scores.sum(-1, keepdims=True)


@dataclass(frozen=True)
class MetricCase:
    """A metric under test, with targets y and predictions p of one epoch."""

    make: Callable[[], Metric]
    y: Host
    p: Host
    subject: Subject

    def metric(self, made: Metric | None = None) -> Metric:
        """A new metric, as a model would use it for these shapes."""
        with self.subject.running():
            return (made or self.make()).for_shapes(self.y.shape, (None, *self.p.shape[1:]))

    def after(self, metric: Metric, *parts: slice, weight: Host | None = None) -> float:
        """The result after some batches: rows of the epoch, all unless given."""
        with self.subject.running():
            for part in parts or (slice(None),):
                metric.update_state(self.y[part], self.p[part], None if weight is None else weight[part])
            result: float = metric.result()
            return result

    def require(self, what: str, got: float, want: float) -> None:
        """Fail unless two results agree."""
        self.subject.at(what).require(close(got, want, RTOL, ATOL), f"{got:.6g} instead of {want:.6g}")


def check_result(case: MetricCase) -> None:
    """The result is a finite float, also before anything was seen, and asking for it changes nothing."""
    metric = case.metric()
    with case.subject.at("result of nothing").running():
        nothing = metric.result()
    for what, result in (("result of nothing", nothing), ("result", case.after(metric))):
        subject = case.subject.at(what)
        subject.require(isinstance(result, float), f"a {type(result).__name__}, not a float")
        subject.require(math.isfinite(result), f"{result}")
    first = metric.result()
    case.require("result asked for twice", metric.result(), first)


def check_streaming(case: MetricCase) -> None:
    """An epoch's value does not depend on how it was cut into batches."""
    n = len(case.p)
    batches = (slice(0, n // 2), slice(n // 2, n // 2 + 1), slice(n // 2 + 1, n))
    case.require("three batches against one", case.after(case.metric(), *batches), case.after(case.metric()))


def check_reset(case: MetricCase) -> None:
    """reset_state forgets everything, and two metrics share nothing."""
    want, metric, other = case.after(case.metric()), case.metric(), case.metric()
    case.after(metric, slice(0, 1))
    case.require("beside another metric", case.after(other), want)
    with case.subject.at("reset_state").running():
        metric.reset_state()
    case.require("after reset_state", case.after(metric), want)


def check_weights(case: MetricCase) -> None:
    """Rows of weight 0 count for nothing, and weights of 1 change nothing."""
    n, weight = len(case.p), np.zeros(len(case.p))
    case.require("weights of 1", case.after(case.metric(), weight=np.ones(n)), case.after(case.metric()))
    weight[: n // 2] = 1
    half = case.after(case.metric(), slice(0, n // 2))
    case.require("weights of 0", case.after(case.metric(), weight=weight), half)


def check_untouched(case: MetricCase) -> None:
    """The arrays it is given are left alone, and are not needed later: they may be work arrays."""
    want, metric = case.after(case.metric()), case.metric()
    y, p, weight = case.y.copy(), case.p.copy(), np.ones(len(case.p))
    before = Untouched([("y_true", y), ("y_pred", p), ("sample_weight", weight)])
    with case.subject.running():
        metric.update_state(y, p, weight)
    before.require(case.subject, "update_state")
    y[...], p[...] = y[::-1].copy(), 0.5
    case.require("result after the arrays were written to", metric.result(), want)


def check_state(case: MetricCase) -> None:
    """A metric that is given the state of another goes on where that one was."""
    n = len(case.p)
    want, first, second = case.after(case.metric()), case.metric(), case.metric()
    case.after(first, slice(0, n // 2))
    with case.subject.at("get_state and set_state").running():
        state = first.get_state()
        case.after(first, slice(0, 1))
        second.set_state(state)
    case.require("state of another", case.after(second, slice(n // 2, n)), want)


def check_config(case: MetricCase) -> None:
    """get_config survives JSON and makes the same metric."""
    want = case.after(case.metric())

    def same(subject: Subject, twin: Metric) -> None:
        got = case.after(case.metric(twin))
        subject.at("result").require(close(got, want, RTOL, ATOL), f"{got:.6g} instead of {want:.6g}")

    require_round_trip(case.subject, case.make(), same)


def check_device(case: MetricCase) -> None:
    """It takes device arrays."""
    metric, want = case.metric(), case.after(case.metric(), weight=np.ones(len(case.p)))
    with case.subject.at("on the device").running():
        metric.update_state(*map(FakeDeviceArray, (case.y, case.p, np.ones(len(case.p)))))
        got = metric.result()
    case.require("on the device", got, want)


CHECKS: dict[str, Callable[[MetricCase], None]] = {
    "result": check_result,
    "streaming": check_streaming,
    "reset": check_reset,
    "weights": check_weights,
    "untouched": check_untouched,
    "state": check_state,
    "config": check_config,
    "device": check_device,
}
"""The checks of check_metric, by the names that `skip` takes."""


def check_metric(make: Callable[[], Metric], *, inputs: Inputs = one_hot, skip: Collection[str] = ()) -> None:
    """Fail unless the metrics that `make` gives keep the contract of metrics.

    `inputs(rng)`: the targets and predictions of one epoch, of at least 4 rows, where one-hot targets and
    probabilities will not do. `skip`: names of checks to leave out (see CHECKS).

    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the metric's maker").running():
        subject = Subject(type(make()).__name__)
    y, p = inputs(np.random.default_rng(0))
    run_checks("metrics", CHECKS, MetricCase(make, np.asarray(y), np.asarray(p), subject), skip)
