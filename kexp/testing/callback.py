"""check_callback: the contract of callbacks."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.core.callback import HOOKS, Callback, overridden
from kexp.errors import ArgumentError
from kexp.testing.config import require_round_trip
from kexp.testing.fake_fit import SCRIPT, FakeFit, FakeModel, FitFailed, Script
from kexp.testing.report import Subject, run_checks


@dataclass(frozen=True)
class CallbackCase:
    """A callback under test."""

    make: Callable[[], Callback]
    script: Script
    model: Callable[[], Any]
    subject: Subject

    def fit(self, callback: Callback, subject: Subject, fails_in: int | None = None) -> list[dict[str, Any]]:
        """A whole fit with a new model; what was noted."""
        with subject.running():
            return FakeFit(callback, self.model(), self.script, fails_in).begin().epochs().end().noted


def check_hooks(case: CallbackCase) -> None:
    """It overrides hooks that exist, and only those."""
    callback = case.make()
    try:
        found = overridden(callback)
    except ArgumentError as error:
        case.subject.fail(str(error))
    case.subject.require(bool(found), f"overrides none of {', '.join(HOOKS)}")


def check_stages(case: CallbackCase) -> None:
    """It stands evaluations and predictions of their own, outside of a fit."""
    with case.subject.at("evaluate and predict").running():
        fit = FakeFit(case.make(), case.model(), case.script)
        fit.hooks = set(overridden(fit.callback))
        fit.callback.set_model(fit.model)
        for stage in ("test", "predict"):
            fit.callback.set_params({"steps": 1, "verbose": 0})
            fit.call(f"on_{stage}_begin", {})
            fit.call(f"on_{stage}_batch_begin", 0, {})
            fit.call(f"on_{stage}_batch_end", 0, {})
            fit.call(f"on_{stage}_end", {})


def check_two_fits(case: CallbackCase) -> None:
    """One object serves many fits: the second goes like the first."""
    callback = case.make()
    first = case.fit(callback, case.subject.at("first fit"))
    _require_same(case.subject.at("second fit with one object"), case.fit(callback, case.subject), first)
    _require_closed(case.subject.at("after a fit"), callback)


def check_error(case: CallbackCase) -> None:
    """An error in a fit reaches on_train_error, which stands it and closes what is open; the next fit is as ever."""
    want = case.fit(case.make(), case.subject)
    for epoch in (0, len(want) // 2 if len(want) > 2 else 0):
        callback, error = case.make(), None
        fit = FakeFit(callback, case.model(), case.script, fails_in=epoch)
        try:
            with case.subject.at("a fit that fails").running():
                fit.begin().epochs()
        except AssertionError as failure:
            if not isinstance(failure.__cause__, FitFailed):
                raise
            error = failure.__cause__
        if error is None:
            continue  # it had stopped training before that epoch
        with case.subject.at("on_train_error").running():
            callback.on_train_error(error)
        _require_closed(case.subject.at("after a fit that failed"), callback)
        _require_same(case.subject.at("a fit after one that failed"), case.fit(callback, case.subject), want)


def check_state(case: CallbackCase) -> None:
    """get_state gives plain values and arrays, which later epochs leave alone."""
    callback = case.make()
    fit = FakeFit(callback, case.model(), case.script)
    with case.subject.running():
        fit.begin()
    for epoch in range(len(case.script)):
        with case.subject.at("get_state").running():
            state = callback.get_state()
        _require_plain(case.subject, "get_state()", state)
        before = copy.deepcopy(state)
        with case.subject.running():
            fit.epochs(epoch, epoch + 1)
        case.subject.require(
            _equal(state, before), "what get_state gave is changed by the next epoch; it must be a copy"
        )


def check_resume(case: CallbackCase) -> None:
    """A new callback that is given the state after any epoch decides as the first one would have gone on to."""
    want = case.fit(case.make(), case.subject)
    for epoch in range(1, len(want) - 1):
        subject = case.subject.at(f"resumed after epoch {epoch - 1}")
        with subject.running():
            first = FakeFit(case.make(), case.model(), case.script).begin().epochs(0, epoch)
            state = copy.deepcopy(first.callback.get_state())
            second = FakeFit(case.make(), copy.deepcopy(first.model), case.script).begin()
            second.model.stop_training = first.model.stop_training
            second.callback.set_state(state)
            second.epochs(epoch).end()
        _require_same(subject, second.noted, want[epoch:])


def check_config(case: CallbackCase) -> None:
    """get_config survives JSON and makes a callback that decides the same."""
    want = case.fit(case.make(), case.subject)

    def same(subject: Subject, twin: Callback) -> None:
        _require_same(subject, case.fit(twin, subject), want)

    require_round_trip(case.subject, case.make(), same)


def _require_same(subject: Subject, got: list[dict[str, Any]], want: list[dict[str, Any]]) -> None:
    for mine, other in zip(got, want, strict=False):
        near = subject.at(f"epoch {other['epoch']}")
        for key, value in other.items():
            said = "the weights are others" if key == "weights" else f"{key} {mine.get(key)!r} instead of {value!r}"
            near.require(mine.get(key) == value, said)


def _require_closed(subject: Subject, callback: Callback) -> None:
    for name, value in vars(callback).items():
        if isinstance(value, io.IOBase):
            subject.require(value.closed, f"the file {name!r} is still open")


def _require_plain(subject: Subject, where: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            subject.require(isinstance(key, str), f"{where} has the key {key!r}, which is no text")
            _require_plain(subject, f"{where}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _require_plain(subject, f"{where}[{index}]", item)
    elif value is not None and not isinstance(value, bool | int | float | str | np.ndarray | np.number):
        subject.fail(f"{where} is a {type(value).__name__}, neither a plain value nor an array")


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return bool(a == b) or (a != a and b != b)


CHECKS: dict[str, Callable[[CallbackCase], None]] = {
    "hooks": check_hooks,
    "stages": check_stages,
    "two fits": check_two_fits,
    "error": check_error,
    "state": check_state,
    "resume": check_resume,
    "config": check_config,
}
"""The checks of check_callback, by the names that `skip` takes."""


def check_callback(
    make: Callable[[], Callback],
    *,
    logs: Script = SCRIPT,
    model: Callable[[], Any] = FakeModel,
    skip: Collection[str] = (),
) -> None:
    """Fail unless the callbacks that `make` gives keep the contract of callbacks.

    They are driven through pretended fits, whose `logs` are given: one map of numbers for each epoch. `model`
    makes the pretended model, where a callback needs more than FakeModel has.

    Raises: AssertionError that names the class, the epoch and what differs.
    """
    with Subject("the callback's maker").running():
        subject = Subject(type(make()).__name__)
    run_checks("callbacks", CHECKS, CallbackCase(make, tuple(logs), model, subject), skip)
