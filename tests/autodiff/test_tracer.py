"""What a traced array can do, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kexp.autodiff import TracingError, vjp

X = np.array([[1.1, 2.2, 3.3], [4.4, 5.6, 6.7]])

EXPRESSIONS = {
    "+": lambda x: x + 2 + (2 + x),
    "-": lambda x: x - 2 - (2 - x),
    "*": lambda x: x * 2 * (2 * x),
    "/": lambda x: x / 2 / (2 / x),
    "//": lambda x: x // 2 + 7 // x,
    "%": lambda x: x % 2 + 7 % x,
    "**": lambda x: x**2 + 2**x,
    "@": lambda x: x @ X.T + X @ X.T,
    "@-reflected": lambda x: X.T @ x,
    "neg": lambda x: -x + +x,
    "abs": lambda x: abs(x),
    "array-first": lambda x: X + x - X * x / X,
    "numpy-scalar-first": lambda x: np.float64(2) * x + np.float32(1),
    "numpy-int-first": lambda x: np.int64(2) * x,
    "comparisons": lambda x: (x < 3) + (x >= 5) * x,
    "sum": lambda x: x.sum() + x.sum(0) + x.sum(axis=1, keepdims=True),
    "mean": lambda x: x.mean() + x.mean(0),
    "max-min": lambda x: x.max() - x.min(axis=0) + x.max(axis=(0, 1)),
    "var-std": lambda x: x.var() + x.std(axis=0, ddof=1),
    "prod-cumsum": lambda x: x.prod(axis=0) + x.cumsum(axis=1),
    "reshape": lambda x: x.reshape(3, 2) + x.reshape((-1, 2)) + x.ravel().reshape(3, -1) + x.flatten().reshape([3, 2]),
    "transpose": lambda x: x.T + x.transpose() + x.transpose(1, 0) + x.transpose((1, 0)) + x.swapaxes(0, 1) + x.mT,
    "dot": lambda x: x.dot(x.T),
    "clip": lambda x: x.clip(2, 5) + x.clip(min=3) + x.clip(max=4),
    "astype": lambda x: x.astype(np.float64) * x.astype("float64", copy=False),
    "shape": lambda x: x * x.shape[0] + x.ndim + x.size + len(x) + x.nbytes + x.itemsize + (x.dtype == np.float64),
    "squeeze-copy": lambda x: x[None].squeeze(0) + x.copy(),
    "repeat-take": lambda x: x.repeat(2, axis=0)[:2] + x.take([0, 1, 1], axis=1),
    "diagonal-trace": lambda x: x.diagonal() + x.trace(),
    "argmax": lambda x: x[:, x.argmax(axis=1)] + x[x.argmin(axis=0)[0]][0] + x.ravel()[x.argsort(axis=None)][0],
    "any-all": lambda x: x * 2 if (x > 6).any() and not (x > 6).all() and x.any() and x.all() else x,
    "nonzero-round": lambda x: x[x.nonzero()].sum() + x.round() * x + x[0].searchsorted(3.0),
    "argpartition": lambda x: x[0][x[0].argpartition(1)],
    "iteration": lambda x: sum(row * k for k, row in enumerate(x)),
    "unpacking": lambda x: np.multiply(*x),
    "bool-of-scalar": lambda x: x * 2 if x[0, 0] else x,
    "bool-of-comparison": lambda x: x * 2 if x.sum() > 3 else x,
    "device": lambda x: x * len(x.device),
    "builtin-sum-max": lambda x: sum(x[0]) + max(x[0]),
}


@pytest.mark.parametrize("call", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_expression_is_as_without_tracing(call, derivative_of):
    y, _ = vjp(call, X)
    np.testing.assert_array_equal(y, call(X))
    derivative_of(call, (X,))


def _refused(call):
    with pytest.raises(TracingError) as error:
        vjp(call, X)
    assert isinstance(error.value, TypeError)
    return str(error.value)


def _store(x):
    plain = np.zeros((2, 3))
    plain[0] = x[0]


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (np.asarray, "np.asarray, np.array or storing into a plain array"),
        (lambda x: np.array([x, x]), "np.asarray, np.array or storing into a plain array"),
        (lambda x: np.array([x[0, 0], 1.0]), "np.asarray, np.array or storing into a plain array"),
        (_store, "np.asarray, np.array or storing into a plain array"),
        (lambda x: np.concatenate([x, [x[0]]]), "np.asarray, np.array or storing into a plain array"),
        (lambda x: float(x[0, 0]), "float()"),
        (lambda x: math.exp(x[0, 0]), "float()"),
        (lambda x: int(x.sum()), "int()"),
        (lambda x: x.sum().item(), ".item()"),
        (lambda x: x.tolist(), ".tolist()"),
        (lambda x: x.tobytes(), ".tobytes()"),
    ],
)
def test_leaving_the_traced_world_is_refused(call, what):
    assert _refused(call) == (
        f"{what} on a traced array would lose its derivative. Use NumPy functions and operators on the array itself "
        "(np.stack for np.array([...])), or take its plain value with kexp.autodiff.stop_gradient(x)."
    )


def _assign(x):
    x[0] = 1


def _add_in_place(x):
    x += 1


def _add_to_plain(x):
    plain = np.zeros((2, 3))
    plain += x


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (_assign, "x[index] = value"),
        (_add_in_place, "add(..., out=...), or an operator like +=,"),
        (_add_to_plain, "add(..., out=...), or an operator like +=,"),
        (lambda x: np.exp(X, out=x), "exp(..., out=...), or an operator like +=,"),
        (lambda x: np.exp(x, out=X), "exp(..., out=...), or an operator like +=,"),
        (lambda x: np.sum(x, axis=0, out=np.zeros(3)), "sum(..., out=...), or an operator like +=,"),
        (lambda x: np.sum(x, 0, None, np.zeros(3)), "sum(..., out=...), or an operator like +=,"),
        (lambda x: np.greater(x, 1, out=np.zeros((2, 3), bool)), "greater(..., out=...), or an operator like +=,"),
        (lambda x: np.stack([x, x], out=np.zeros((2, 2, 3))), "stack(..., out=...), or an operator like +=,"),
        (lambda x: np.dot(x, x.T, out=np.zeros((2, 2))), "dot(..., out=...), or an operator like +=,"),
        (lambda x: np.dot(x, x.T, np.zeros((2, 2))), "dot(..., out=...), or an operator like +=,"),
        (lambda x: np.add.at(x, [0], 1.0), "np.add.at"),
        (lambda x: x.sort(), ".sort()"),
        (lambda x: x.fill(0), ".fill()"),
    ],
)
def test_writing_into_an_array_is_refused(call, what):
    assert _refused(call) == (
        f"{what} changes an array in place, and that cannot be traced. "
        "Build a new array: x = x + y, np.where(...) or np.concatenate(...)."
    )


def test_out_of_none_is_no_out():
    y, _ = vjp(lambda x: np.sum(x, axis=0, out=None) + np.stack([x[0]], out=None), X)
    np.testing.assert_array_equal(y, X.sum(0) + X[:1])


@pytest.mark.parametrize(
    "name", ["__array_interface__", "__array_struct__", "__cuda_array_interface__", "flat", "real"]
)
def test_unknown_attribute_is_refused(name):
    with pytest.raises(AttributeError) as error:
        vjp(lambda x: getattr(x, name), X)
    assert str(error.value) == (
        f"a traced array has no attribute {name!r}; use a NumPy function or an operator instead."
    )


def test_bool_of_many_values_is_numpys_error():
    with pytest.raises(ValueError, match="The truth value of an array with more than one element is ambiguous"):
        vjp(lambda x: x if x else -x, X)


def test_iteration_over_a_0d_array_is_an_error():
    with pytest.raises(TypeError, match="len\\(\\) of unsized object"):
        vjp(lambda x: list(x), np.array(1.0))


def test_traced_array_shows_its_value():
    texts = []
    vjp(lambda x: texts.append(repr(x)) or x, X[0])
    assert texts == ["Tracer(array([1.1, 2.2, 3.3]))"]


def test_numpys_own_errors_pass_through():
    with pytest.raises(ValueError, match="could not be broadcast together"):
        vjp(lambda x: x + np.ones(5), X)


def test_function_of_a_device_array_never_leaves_the_device(strict):
    rng = np.random.default_rng(0)
    x, w, b = (strict(rng.standard_normal(shape).astype(np.float32)) for shape in ((5, 3), (3, 4), (4,)))
    labels = strict(np.array([0, 3, 1, 1, 2]))

    def loss(x, w, b):
        logits = np.maximum(x @ w + b, 0)
        shifted = logits - logits.max(-1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        return -log_p[np.arange(5, like=x), labels].mean() + 0.1 * (w**2).sum()

    y, pullback = vjp(loss, x, w, b)
    dargs = pullback(1.0)
    assert all(isinstance(d, strict) for d in (y, *dargs))
    assert [d.host.dtype for d in dargs] == [np.float32] * 3


def test_host_array_among_device_arrays_is_still_an_error(strict):
    with pytest.raises(TypeError, match=r"Unsupported type <class 'numpy\.ndarray'>"):
        vjp(lambda x: x + X, strict(X))


def test_device_array_on_the_left_is_traced(strict):
    y, pullback = vjp(lambda x: strict(X) * x, strict(X))
    np.testing.assert_allclose(pullback(y)[0].host, X**3)
