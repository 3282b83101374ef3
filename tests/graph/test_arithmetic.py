"""Operators of symbolic tensors: numbers, shapes, gradients, configs, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError, ShapeError
from kexp.layers import Dense, Flatten, Input
from kexp.models import Model, model_from_json

RNG = np.random.default_rng(0)
A, B = RNG.uniform(0.5, 2, (3, 4, 2)).astype("f4"), RNG.uniform(0.5, 2, (3, 4, 2)).astype("f4")
ROW = np.array([1.5, -2.0])

CASES: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b / 3": lambda a, b: a * b / 3,
    "2 - a": lambda a, b: 2 - a,
    "1 / a": lambda a, b: 1 / a,
    "a ** 2": lambda a, b: a**2,
    "-a": lambda a, b: -a,
    "abs(a - b)": lambda a, b: abs(a - b),
    "row * a": lambda a, b: ROW * a,
    "a + row": lambda a, b: a + ROW,
    "np.float32(2) * a": lambda a, b: np.float32(2) * a,
    "a[:, -1]": lambda a, b: a[:, -1],
    "a[:, 1:3, ::-1]": lambda a, b: a[:, 1:3, ::-1],
    "a[..., None]": lambda a, b: a[..., None] + b[..., None],
    "broadcast": lambda a, b: a + b[:, :1],
}


@pytest.mark.parametrize("name", CASES)
def test_operators_give_what_they_give_for_arrays(name: str) -> None:
    a, b = Input((4, 2)), Input((4, 2))
    y = CASES[name](a, b)
    model = Model([a, b], [y, b + 0])
    got, want = model.predict([A, B])[0], CASES[name](A, B)
    assert y.shape[1:] == want.shape[1:]
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_gradients_flow_through_a_residual_connection() -> None:
    x = Input((3,))
    h = Dense(3, use_bias=False, kernel_initializer="ones")(x)
    model = Model(x, Flatten()((2 * x + h)[:, :2]))
    model.compile("sgd", "mse")
    before, batch, y = model.get_weights()[0], RNG.random((5, 3)).astype("f4"), RNG.random((5, 2)).astype("f4")
    error = 2 * batch[:, :2] + (batch @ before)[:, :2] - y
    want = before.copy()
    want[:, :2] -= 0.01 * batch.T @ error * 2 / error.size
    model.train_on_batch(batch, y)
    np.testing.assert_allclose(model.get_weights()[0], want, rtol=1e-5)


def test_a_model_with_operators_is_read_back_from_its_config() -> None:
    x = Input((4, 2))
    model = Model(x, Dense(1)((ROW - x)[:, -1, :] ** 2))
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(A), model.predict(A))


@pytest.mark.parametrize(
    ("made", "kind", "text"),
    [
        (lambda x: x[0], ArgumentError, "the batch axis stays: write x[:, ...]. Received: 0"),
        (lambda x: x[:, [1]], ArgumentError, "symbolic tensors are indexed by ints, slices, None and '...'. Received: [1]"),
        (lambda x: x + "a", TypeError, "unsupported operand"),
        (lambda x: x + Input((5, 2)), ShapeError, "add: operands could not be broadcast together"),
        (lambda x: x[:, 7], ShapeError, "get_item: index 7 is out of bounds"),
        (lambda x: list(x), TypeError, "a symbolic tensor cannot be iterated over"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(made: Callable[[Any], Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as error:
        made(Input((4, 2)))
    assert text in str(error.value)
