"""Checks of a loss that takes the last activation upon itself."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp import plugins
from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.component import REQUIRED, parameters
from kexp.core.context import Context
from kexp.core.loss import FusedLoss, Loss
from kexp.testing.arrays import Host, Untouched, is_float, require_close, require_finite
from kexp.testing.device import FakeDevice, FakeDeviceArray
from kexp.testing.gradient import Along, compare
from kexp.testing.report import Subject

FAR = 1e4


def activations() -> list[Activation]:
    """One object of each registered activation that needs no arguments."""
    registry = plugins.current()["activation"]
    makers: set[Any] = {registry.get(name) for name in registry}
    classes: list[Any] = [maker for maker in makers if inspect.isclass(maker) and issubclass(maker, Activation)]
    plain = [maker for maker in classes if REQUIRED not in parameters(maker).values()]
    return [maker() for maker in sorted(plain, key=lambda maker: maker.__name__)]


@dataclass(frozen=True)
class FusedCase:
    """A loss fused with an activation, and the targets y it is tried on."""

    loss: Loss
    fused: FusedLoss
    activation: Activation
    y: Host
    shape: tuple[int, ...]
    subject: Subject

    def z(self, draw: int = 0, dtype: str = "float64") -> Host:
        """Random inputs of the activation."""
        return np.asarray(np.random.default_rng([5, draw]).standard_normal(self.shape), dtype=dtype)

    def targets(self, z: Array) -> Array:
        """The targets in the dtype and on the device of z."""
        y = self.y.astype(z.dtype) if is_float(self.y) else self.y
        return FakeDeviceArray(y) if isinstance(z, FakeDeviceArray) else y

    def values(self, z: Array, subject: Subject) -> Array:
        """The loss of each sample."""
        with subject.at("values").running():
            return self.fused.values(self.targets(z), z)

    def gradient(self, z: Array, subject: Subject) -> Array:
        """The derivative of their sum by z."""
        backend = FakeDevice() if isinstance(z, FakeDeviceArray) else None
        ctx = Context(backend=backend, wants_pullback=False)
        p = self.activation.forward(z, ctx=ctx)[0] * 1  # a copy, which may be overwritten
        with subject.at("gradient").running():
            return self.fused.gradient(self.targets(z), z, p)


def require_fused(case: FusedCase, rtol: float) -> None:
    """Fail unless the fused loss of z is the loss of activation(z), with its derivative, wherever z is."""
    _require_same_function(case, rtol)
    for dtype in ("float32", "float64"):
        for found in (case.values(case.z(0, dtype), case.subject), case.gradient(case.z(0, dtype), case.subject)):
            case.subject.require(found.dtype == dtype, f"gives {found.dtype} for z of {dtype}")
        far = np.where(case.z(1) > 0, FAR, -FAR)
        for z in (far, np.full(case.shape, FAR), np.full(case.shape, -FAR)):
            subject = case.subject.at(dtype, f"z=±{FAR:g}")
            with np.errstate(all="ignore"):
                require_finite(subject.at("values"), case.values(z.astype(dtype), subject))
                require_finite(subject.at("gradient"), case.gradient(z.astype(dtype), subject))
    subject = case.subject.at("on the device")
    for name, function in (("values", case.values), ("gradient", case.gradient)):
        got = function(FakeDeviceArray(case.z()), subject)
        subject.require(isinstance(got, FakeDeviceArray), f"{name}: a {type(got).__name__}, not a device array")
        require_close(subject.at(name), got, function(case.z(), subject), 1e-9)


def _require_same_function(case: FusedCase, rtol: float) -> None:
    z, subject = case.z(), case.subject
    before = Untouched([("y_true", case.y), ("z", z)])
    values = case.values(z, subject)
    before.require(subject, "values")
    want = case.loss.values(case.targets(z), case.activation(z))
    require_close(subject.at("values against those of activation(z)"), values, want, 1e-6)
    gradient = case.gradient(z, subject)
    subject.at("gradient").require(gradient.shape == z.shape, f"shape {gradient.shape}, not {z.shape}")
    before.require(subject, "gradient")

    def draw(attempt: int) -> tuple[float, Along]:
        z = case.z(attempt)
        direction = np.random.default_rng([6, attempt]).standard_normal(case.shape)
        given = float((case.gradient(z, subject) * direction).sum())
        return given, lambda t: float(case.values(z + t * direction, subject).sum())

    compare(subject, draw, rtol, name="gradient")
