"""check_kernels and check_backend: the reference passes, and each check fails on what is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.backend import Backend, Kernels, NumpyBackend
from kexp.testing import FakeDevice, FakeDeviceArray, check_backend, check_kernels
from kexp.testing.backend import CHECKS as BACKEND_CHECKS
from kexp.testing.kernel_calls import CALLS
from kexp.testing.kernels import CHECKS, HELPERS


@pytest.mark.parametrize("backend", [NumpyBackend, FakeDevice])
def test_the_reference_passes(backend):
    check_backend(backend)


def test_another_version_of_a_kernel_passes():
    class Plain(Kernels):
        def sgd(self, w, g, *, lr):
            w -= lr * g

    check_kernels(Plain)


class AnotherSign(Kernels):
    def sgd(self, w, g, *, lr):
        w += lr * g


class OnlyTheFirstBlock(Kernels):
    def momentum(self, w, g, v, *, lr, momentum, nesterov):
        first = slice(0, 32768)
        super().momentum(w[first], g[first], v[first], lr=lr, momentum=momentum, nesterov=nesterov)


class ForgetsNesterov(Kernels):
    def momentum(self, w, g, v, *, lr, momentum, nesterov):
        super().momentum(w, g, v, lr=lr, momentum=momentum, nesterov=False)


class ForgetsAmsgrad(Kernels):
    def adam(self, w, g, m, v, vhat, **numbers):
        super().adam(w, g, m, v, None, **numbers)


class ForgetsTheBias(Kernels):
    def affine(self, x, kernel, bias, out=None):
        return super().affine(x, kernel, None, out)


class NothingReturned(Kernels):
    def sum_rows(self, x, out=None):
        super().sum_rows(x, out)


class DoubleSum(Kernels):
    def sum_rows(self, x, out=None):
        return x.sum(0, out=out) * 1.001


class NeverFlushes(Kernels):
    def flush_tiny(self, state, step):
        pass


class WritesBeyond(Kernels):
    def adam(self, w, g, m, v, vhat, **numbers):
        super().adam(w, g, m, v, vhat, **numbers)
        m.base[-1] = 0.0


class ChangesItsKernel(Kernels):
    def affine(self, x, kernel, bias, out=None):
        out = super().affine(x, kernel, bias, out)
        kernel *= 2
        return out


class ReturnsACopy(Kernels):
    def affine(self, x, kernel, bias, out=None):
        return super().affine(x, kernel, bias, out).copy()


class DoubleResult(Kernels):
    def affine(self, x, kernel, bias, out=None):
        result = super().affine(x, kernel, bias, out)
        return result if out is not None else result.astype("float64")


class DoubleConstant(Kernels):
    def constant(self, value, like):
        return np.asarray(value)


class HalfConstant(Kernels):
    def constant(self, value, like):
        return super().constant(value / 2 if value == 0.25 else value, like)


class OneWorkArray(Kernels):
    def work(self, name, like):
        return super().work("all", like)


class Short:
    """Has only one kernel."""

    sgd = Kernels.sgd
    constant = Kernels.constant
    work = Kernels.work


BROKEN: list[tuple[type, dict[str, Any], str, str]] = [
    (Short, {}, "complete", ": has no kernel 'adam'"),
    (AnotherSign, {}, "results", ", sgd(w=(1,), g=(1,), lr=#), float32, w: # instead of # at [0] (1 of 1 differ)"),
    (
        OnlyTheFirstBlock,
        {},
        "results",
        ", momentum(w=(32771,), g=(32771,), v=(32771,), lr=#, momentum=#, nesterov=False), float32, w: # instead of # at [32768] (3 of 32771 differ)",
    ),
    (
        ForgetsNesterov,
        {},
        "results",
        ", momentum(w=(1,), g=(1,), v=(1,), lr=#, momentum=#, nesterov=True), float32, w: # instead of # at [0] (1 of 1 differ)",
    ),
    (
        ForgetsAmsgrad,
        {},
        "results",
        ", adam(w=(1,), g=(1,), m=(1,), v=(1,), vhat=(1,), alpha=#, beta_1=#, beta_2=#, epsilon=#), float32, vhat: # instead of # at [0] (1 of 1 differ)",
    ),
    (
        ForgetsTheBias,
        {},
        "results",
        ", affine(x=(5, 3), kernel=(3, 4), bias=(4,)), float32, result: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (NothingReturned, {}, "results", ", sum_rows(x=(5, 4)), float32: returns None"),
    (DoubleSum, {}, "results", ", sum_rows(x=(5, 4)), float32, result: # instead of # at [0] (4 of 4 differ)"),
    (
        NeverFlushes,
        {},
        "results",
        ", flush_tiny(state=(1,), step=32), float32, state: # instead of 0 at [0] (1 of 1 differ)",
    ),
    (
        WritesBeyond,
        {},
        "bounds",
        ", adam(w=(1,), g=(1,), m=(1,), v=(1,), vhat=(1,), alpha=#, beta_1=#, beta_2=#, epsilon=#), float32: writes beyond the ends of m",
    ),
    (ChangesItsKernel, {}, "bounds", ", affine(x=(5, 3), kernel=(3, 4), bias=(4,)), float32: changes kernel"),
    (
        ReturnsACopy,
        {},
        "out",
        ", affine(x=(5, 3), kernel=(3, 4), bias=(4,), out=(5, 4)), float32: does not return `out` itself",
    ),
    (DoubleResult, {}, "results", ", affine(x=(5, 3), kernel=(3, 4), bias=(4,)), float32, result: is float64"),
    (HalfConstant, {}, "helpers", ", constant: # instead of # at [0] (1 of 1 differ)"),
    (DoubleConstant, {}, "helpers", ", constant: gives () float64 for float32"),
    (OneWorkArray, {}, "helpers", ", work: two names share memory"),
]


def attempt(broken, options):
    check_kernels(broken)


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_kernels_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_kernels_that_break_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_every_kernel_is_tried():
    public = {name for name in vars(Kernels) if not name.startswith("_")}
    assert set(CALLS) | set(HELPERS) == public


def test_a_kernel_of_the_reference_that_no_call_tries_fails(failure, monkeypatch):
    monkeypatch.setattr(Kernels, "brand_new", lambda self: None, raising=False)
    assert failure(check_kernels, Kernels) == (
        "complete", "Kernels: no call tries the kernel 'brand_new'; add some to kexp/testing/kernel_calls.py",
    )  # fmt: skip


class NoName(NumpyBackend):
    name = ""


class DescribesNumbers(NumpyBackend):
    def describe(self):
        return {"backend": self.name, "devices": 1}


class DoublesEverything(NumpyBackend):
    def asarray(self, values, dtype=None):
        return np.asarray(values, dtype="float64")


class IgnoresDtype(NumpyBackend):
    def asarray(self, values, dtype=None):
        return np.asarray(values)


class StaysOnTheDevice(FakeDevice):
    def to_host(self, array):
        return array


class HostLibrary(FakeDevice):
    xp = np

    def asarray(self, values, dtype=None):
        return FakeDevice.xp.asarray(values, dtype)

    def to_host(self, array):
        return FakeDevice.xp.asnumpy(array)


class WrapsAgain(FakeDevice):
    class Wrapped(FakeDeviceArray):
        """Another class of arrays."""

    def asarray(self, values, dtype=None):
        made = super().asarray(values, dtype)
        return self.Wrapped(made.get()) if isinstance(values, FakeDeviceArray) else made


class DoubleLibrary(FakeDevice):
    class xp:
        """A library that knows one dtype."""

        __name__, __version__ = "doubles", "1"
        asarray, asnumpy = FakeDevice.xp.asarray, FakeDevice.xp.asnumpy

        @staticmethod
        def empty(shape, dtype):
            return FakeDevice.xp.empty(shape)

        zeros = empty


class BrokenKernels(NumpyBackend):
    def __init__(self):
        super().__init__()
        self.kernels = AnotherSign()


BROKEN_BACKENDS: list[tuple[type[Backend], str, str]] = [
    (NoName, "form", "NoName: name is ''"),
    (DescribesNumbers, "form", "DescribesNumbers: describe gives {'backend': 'numpy', 'devices': 1}"),
    (
        DoublesEverything,
        "transfer",
        "DoublesEverything, float32: to_host(asarray(x)) gives [[#, #, #], [#, #, #]] float64",
    ),
    (IgnoresDtype, "transfer", "IgnoresDtype, float64: asarray(x, dtype='float32') gives float64"),
    (StaysOnTheDevice, "transfer", "StaysOnTheDevice, float32: to_host gives a FakeDeviceArray, not a NumPy array"),
    (HostLibrary, "dispatch", "HostLibrary, xp.empty((2, 3), dtype=x.dtype): gives a ndarray"),
    (WrapsAgain, "transfer", "WrapsAgain, float32: asarray of a device array gives a Wrapped"),
    (DoubleLibrary, "dispatch", "DoubleLibrary, xp.empty((2, 3), dtype=x.dtype): gives float64 for float32"),
    (
        BrokenKernels,
        "kernels",
        "AnotherSign, sgd(w=(1,), g=(1,), lr=#), float32, w: # instead of # at [0] (1 of 1 differ)",
    ),
]


@pytest.mark.parametrize(("broken", "check", "text"), BROKEN_BACKENDS, ids=[row[0].__name__ for row in BROKEN_BACKENDS])
def test_broken_backends_fail(failure, broken, check, text):
    assert failure(check_backend, broken) == (check, text)


def test_every_check_has_a_backend_that_breaks_it():
    assert set(BACKEND_CHECKS) == {check for _, check, _ in BROKEN_BACKENDS}
