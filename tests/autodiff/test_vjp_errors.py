"""What vjp refuses, word for word."""

from __future__ import annotations

import numpy as np
import pytest

from kexp.autodiff import TracingError, vjp
from kexp.errors import KexpError, ShapeError

A, B = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])


def _text(call):
    with pytest.raises(KexpError) as error:
        call()
    return type(error.value), str(error.value)


def test_wrong_cotangent_shape_is_an_error():
    assert _text(lambda: vjp(np.exp, A)[1](np.ones(2))) == (
        ShapeError,
        "y has shape (3,), so its cotangent must have it too; it has shape (2,).",
    )
    assert _text(lambda: vjp(np.exp, A)[1](1.0)) == (
        ShapeError,
        "y has shape (3,), so its cotangent must have it too; it is of type float.",
    )


def test_wrong_number_of_cotangents_is_an_error():
    pullback = vjp(lambda a: (a, a), A)[1]
    assert _text(lambda: pullback([A])) == (
        ShapeError,
        "fn returned 2 arrays, so its pullback takes 2 cotangents; it was given 1.",
    )
    assert _text(lambda: pullback(A)) == (
        ShapeError,
        "fn returned 2 arrays, so its pullback takes 2 cotangents; it was given one ndarray.",
    )


@pytest.mark.parametrize("arg", [2.0, [1.0, 2.0], None])
def test_argument_that_is_no_array_is_an_error(arg):
    assert _text(lambda: vjp(lambda a, b: a, A, arg)) == (
        TracingError,
        f"vjp differentiates by arrays, but argument 1 is of type {type(arg).__name__}. "
        "Make it an array, or let fn take it from around it.",
    )


def test_complex_numbers_are_an_error():
    assert _text(lambda: vjp(lambda a: a, A * 1j)) == (
        TracingError,
        "argument 0 of vjp is complex; vjp differentiates real arrays only.",
    )
    assert _text(lambda: vjp(lambda a: a * 1j, A)) == (
        TracingError,
        "'multiply' gave complex numbers; vjp differentiates real ones only.",
    )


@pytest.mark.parametrize("result", [None, {"y": 1}, "text"])
def test_result_that_is_no_array_is_an_error(result):
    assert _text(lambda: vjp(lambda a: result, A)) == (
        TracingError,
        f"the function given to vjp must return an array or a tuple of arrays, not {type(result).__name__}.",
    )


def test_vjp_inside_vjp_is_an_error():
    assert _text(lambda: vjp(lambda a: vjp(np.exp, a)[0], A)) == (
        TracingError,
        "vjp was called on a traced array; vjp inside vjp is not supported.",
    )
    assert _text(lambda: vjp(lambda a: vjp(lambda b: a * b, B)[0], A)) == (
        TracingError,
        "arrays of two vjp calls met in one expression; vjp inside vjp is not supported.",
    )
    assert _text(lambda: vjp(lambda a: vjp(lambda b: a, B)[0], A)) == (
        TracingError,
        "the function given to vjp returned a traced array of another vjp call.",
    )
