"""check_loss: the contract of losses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.component import parameters
from kexp.core.loss import REDUCTIONS, Loss
from kexp.testing.arrays import Host, Untouched, close, host, is_float, require_close, require_finite
from kexp.testing.config import require_round_trip
from kexp.testing.device import FakeDeviceArray
from kexp.testing.gradient import Along, compare
from kexp.testing.loss_fused import FAR, FusedCase, activations, require_fused
from kexp.testing.report import Subject, run_checks

Inputs = Callable[[np.random.Generator], tuple[Host, Host]]


def one_hot(rng: np.random.Generator) -> tuple[Host, Host]:
    """Targets (6, 4) of which one in each row is 1, and predictions that are probabilities."""
    y_true = np.eye(4)[rng.integers(0, 4, 6)]
    scores = np.exp(0.5 * rng.standard_normal((6, 4)))
    return y_true, scores / scores.sum(-1, keepdims=True)


@dataclass(frozen=True)
class LossCase:
    """A loss under test."""

    loss: Loss
    inputs: Inputs
    activations: Collection[Activation]
    rtol: float
    subject: Subject = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", Subject(type(self.loss).__name__))

    def batch(self, draw: int = 0, dtype: str = "float64") -> tuple[Host, Host]:
        """Targets as `prepare` gives them, and predictions."""
        y_true, y_pred = self.inputs(np.random.default_rng([1, draw]))
        y_pred = np.asarray(y_pred, dtype=dtype)
        return self.targets(y_true, y_pred), y_pred

    def targets(self, y_true: Host, y_pred: Host) -> Host:
        """What the training loop makes of targets."""
        with self.subject.at("prepare").running():
            y = self.loss.prepare(np.asarray(y_true), (None, *y_pred.shape[1:]))
        return y if self.loss.takes_labels else y.astype(y_pred.dtype)

    def values(self, y: Array, p: Array, subject: Subject | None = None) -> Array:
        """The loss of each sample."""
        with (subject or self.subject).at("values").running():
            return self.loss.values(y, p)

    def gradient(self, y: Array, p: Array, subject: Subject | None = None) -> Array:
        """The derivative of their sum."""
        with (subject or self.subject).at("gradient").running():
            return self.loss.gradient(y, p)

    def extremes(self, y_pred: Host) -> Iterator[tuple[str, Host]]:
        """Predictions as extreme as they come: 0 and 1, and for logits ±1e4."""
        k = y_pred.shape[self.loss.axis]
        for column in range(max(k, 2)):
            hit = np.zeros_like(y_pred)
            if column < k:
                np.moveaxis(hit, self.loss.axis, -1)[..., column] = 1
            yield "predictions 0 and 1", hit
            if getattr(self.loss, "from_logits", False):
                yield f"logits ±{FAR:g}", (2 * hit - 1) * FAR


def check_form(case: LossCase) -> None:
    """Values (n, ...) and gradient (n, ..., k) keep the dtype; the gradient is a new array."""
    for dtype in ("float32", "float64"):
        (y, p), subject = case.batch(dtype=dtype), case.subject.at(dtype)
        samples = tuple(np.delete(p.shape, case.loss.axis).tolist())
        found = {"values": (case.values(y, p), samples), "gradient": (case.gradient(y, p), p.shape)}
        for name, (array, shape) in found.items():
            got = tuple(np.shape(array))
            subject.at(name).require(got == shape, f"shape {got}, not {shape}, for predictions {p.shape}")
            subject.at(name).require(array.dtype == p.dtype, f"is {array.dtype} for predictions of {p.dtype}")
        new = not np.shares_memory(found["gradient"][0], p) and not np.shares_memory(found["gradient"][0], y)
        subject.at("gradient").require(new, "is no new array, but shares memory with targets or predictions")


def check_untouched(case: LossCase) -> None:
    """Targets and predictions are left alone, and a second call gives the same."""
    y, p = case.batch()
    before = Untouched([("y_true", y), ("y_pred", p)])
    for name, function in (("values", case.values), ("gradient", case.gradient)):
        first = host(function(y, p))
        before.require(case.subject, name)
        require_close(case.subject.at(name, "called twice"), function(y, p), first)


def check_gradients(case: LossCase) -> None:
    """The gradient is that of finite differences, in float64."""

    def draw(attempt: int) -> tuple[float, Along]:
        y, p = case.batch(attempt)
        direction = 0.1 * np.random.default_rng([2, attempt]).standard_normal(p.shape)
        given = float((case.gradient(y, p) * direction).sum())
        return given, lambda t: float(case.values(y, p + t * direction).sum())

    compare(case.subject, draw, case.rtol, name="gradient")


def check_rows(case: LossCase) -> None:
    """What a sample loses, and its gradient, do not depend on the other rows."""
    if case.loss.depends_on_batch:
        return
    y, p = case.batch()
    for name, function in (("values", case.values), ("gradient", case.gradient)):
        together = function(y, p)
        for row in (0, len(p) - 1):
            part = slice(row, row + 1)
            subject = case.subject.at(name, f"row {row} alone and in a batch")
            require_close(subject, function(y[part], p[part]), together[part], 1e-9)


def check_extremes(case: LossCase) -> None:
    """Values and gradient are finite for predictions of exactly 0 and 1, and for logits of ±1e4."""
    for dtype in ("float32", "float64"):
        y, p = case.batch(dtype=dtype)
        for name, extreme in case.extremes(p):
            subject = case.subject.at(dtype, name)
            with np.errstate(all="ignore"):
                require_finite(subject.at("values"), case.values(y, extreme, subject))
                require_finite(subject.at("gradient"), case.gradient(y, extreme, subject))


def check_reduction(case: LossCase) -> None:
    """Called, it reduces the (weighted) values as its `reduction` says, whichever it is made with."""
    reduction = case.loss.reduction
    known = ", ".join(map(repr, REDUCTIONS))
    case.subject.require(reduction in REDUCTIONS, f"reduction is {reduction!r}, not one of {known}")
    _require_reduced(case, case.loss)
    if "reduction" in parameters(cast(Any, type(case.loss))):
        for other in REDUCTIONS:
            with case.subject.at(f"reduction={other!r}").running():
                twin = type(case.loss).from_config(case.loss.get_config() | {"reduction": other})
            _require_reduced(case, twin)


def _require_reduced(case: LossCase, loss: Loss) -> None:
    rng = np.random.default_rng(3)
    y_true, y_pred = case.inputs(rng)
    values = host(loss.values(case.targets(y_true, y_pred), y_pred))
    weight = rng.uniform(0.0, 2.0, len(y_pred))
    spread = np.broadcast_to(weight.reshape(-1, *[1] * (values.ndim - 1)), values.shape)
    for name, given, factors in (("no weights", None, np.ones(values.shape)), ("sample_weight", weight, spread)):
        subject = case.subject.at(f"reduction={loss.reduction!r}", name)
        with subject.running():
            got = loss(y_true, y_pred, given)
        if loss.reduction in ("none", None):
            require_close(subject, np.asarray(got), values * factors, 1e-6)
            continue
        total = float(values.size if given is None else weight.sum())
        parts = {"sum": 1.0, "mean_with_sample_weight": total}.get(loss.reduction, float(values.size))
        want = float((values * factors).sum()) / parts
        subject.require(close(got, want, 1e-6, 1e-9), f"the values come to {want:.6g}, the call gives {got:.6g}")


def check_config(case: LossCase) -> None:
    """get_config survives JSON and makes the same loss, with the reduction that it names."""
    y, p = case.batch()
    want = case.values(y, p)

    def same(subject: Subject, twin: Loss) -> None:
        said = f"reduction {twin.reduction!r} instead of {case.loss.reduction!r}"
        subject.require(twin.reduction == case.loss.reduction, said)
        require_close(subject.at("values"), twin.values(y, p), want)

    require_round_trip(case.subject, case.loss, same)


def check_device(case: LossCase) -> None:
    """On a device that refuses host arrays it runs, gives device arrays, and the same numbers."""
    y, p = case.batch()
    subject = case.subject.at("on the device")
    for name, function in (("values", case.values), ("gradient", case.gradient)):
        got = function(FakeDeviceArray(y), FakeDeviceArray(p), subject)
        subject.require(isinstance(got, FakeDeviceArray), f"{name}: a {type(got).__name__}, not a device array")
        require_close(subject.at(name), got, function(y, p), 1e-9)


def check_fused(case: LossCase) -> None:
    """Where the loss takes an activation upon itself, it is the same function, and finite everywhere."""
    y_true, y_pred = case.inputs(np.random.default_rng(4))
    for activation in case.activations:
        with case.subject.at("fused").running():
            fused = case.loss.fused(activation)
        if fused is not None:
            subject = case.subject.at(f"fused with {type(activation).__name__}")
            y = case.targets(y_true, y_pred)
            require_fused(FusedCase(case.loss, fused, activation, y, y_pred.shape, subject), case.rtol)


CHECKS: dict[str, Callable[[LossCase], None]] = {
    "form": check_form,
    "untouched": check_untouched,
    "gradients": check_gradients,
    "rows": check_rows,
    "extremes": check_extremes,
    "reduction": check_reduction,
    "config": check_config,
    "device": check_device,
    "fused": check_fused,
}
"""The checks of check_loss, by the names that `skip` takes."""


def check_loss(
    make: Callable[[], Loss],
    *,
    inputs: Inputs = one_hot,
    fused_with: Collection[Activation] | None = None,
    rtol: float = 1e-5,
    skip: Collection[str] = (),
) -> None:
    """Fail unless the loss that `make` gives keeps the contract of losses.

    `inputs(rng)`: targets (n, ...) and predictions (n, ..., k), where one-hot targets and probabilities will not
    do. `fused_with`: the activations that it may take upon itself; all that are registered, unless given.
    `rtol`: of gradients against finite differences. `skip`: names of checks to leave out (see CHECKS).

    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the loss's maker").running():
        made = make()
    found = activations() if fused_with is None else fused_with
    case = LossCase(made, inputs, found, rtol)
    predictions = np.asarray(inputs(np.random.default_rng(0))[1])
    case.subject.require(
        is_float(predictions), f"inputs must give predictions that are floats, not {predictions.dtype}"
    )
    run_checks("losses", CHECKS, case, skip)
