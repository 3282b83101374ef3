"""LambdaCallback, and how the loop finds out which hooks a callback has."""

from __future__ import annotations

from typing import Any

import pytest

from kexp.callbacks import Callback, LambdaCallback
from kexp.core.callback import HOOKS, overridden
from kexp.errors import ArgumentError


def test_only_the_functions_given_are_hooks() -> None:
    callback = LambdaCallback(on_epoch_end=print, on_test_begin=print, on_train_end=None)
    assert overridden(callback) == ["on_epoch_end", "on_test_begin"]
    assert overridden(LambdaCallback()) == []


def test_functions_are_called_with_the_hooks_arguments(model: Any) -> None:
    seen: list[Any] = []
    callback = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs)))
    model.fit(callback, [{"loss": 2.0}, {"loss": 1.0}])
    assert seen == [(0, {"loss": 2.0}), (1, {"loss": 1.0})]


def test_every_hook_may_be_given() -> None:
    assert overridden(LambdaCallback(**dict.fromkeys(HOOKS, print))) == sorted(HOOKS)


def test_a_name_that_is_no_hook_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        LambdaCallback(on_epoch_ends=print)
    assert str(caught.value) == "lambda_callback: 'on_epoch_ends' is no hook. Did you mean 'on_epoch_end'?"
    with pytest.raises(ArgumentError) as caught:
        LambdaCallback(after=None)
    assert str(caught.value) == f"lambda_callback: 'after' is no hook. Known: {', '.join(HOOKS)}."


def test_a_value_that_is_no_function_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        LambdaCallback(on_epoch_end="print")
    assert str(caught.value) == (
        "lambda_callback.on_epoch_end must be a function. Received: 'print'. A config cannot hold one: "
        "write a Callback class in a plugin and name it instead."
    )


def test_a_method_that_nobody_calls_is_an_error() -> None:
    class Misspelt(Callback):
        def on_epoch_finish(self, epoch: int, logs: Any = None) -> None: ...

    with pytest.raises(ArgumentError) as caught:
        overridden(Misspelt())
    assert str(caught.value) == (
        "callback Misspelt defines 'on_epoch_finish', which is never called. Did you mean 'on_epoch_begin'?"
    )


def test_attributes_that_only_look_like_hooks_are_left_alone() -> None:
    class Placed(Callback):
        on_device = True

    assert overridden(Placed()) == []
