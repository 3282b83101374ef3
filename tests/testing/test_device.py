"""The stand-in device refuses what CuPy refuses, and computes what NumPy computes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexp.backend import Kernels
from kexp.testing import FakeDevice, FakeDeviceArray
from kexp.testing.cupy_surface import METHODS, MISSING_FUNCTIONS, MISSING_KEYWORDS, MISSING_UFUNCS, UFUNC_METHODS

device = FakeDevice()
xp = device.xp
HOST = np.arange(12.0).reshape(3, 4)
MIXING = "Unsupported type <class 'numpy.ndarray'>"
CONVERTING = (
    "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly."
)


@pytest.fixture
def x():
    return FakeDeviceArray(HOST)


@pytest.mark.parametrize(
    "mix",
    [
        lambda x: x + HOST,
        lambda x: HOST + x,
        lambda x: x @ HOST.T,
        lambda x: x > HOST,
        lambda x: x + np.array(1.0),
        lambda x: np.array(1.0) * x,
        lambda x: HOST.copy().__iadd__(x),
        lambda x: x.__iadd__(HOST),
        lambda x: np.add(x, x, out=HOST.copy()),
        lambda x: x.dot(HOST.T),
        lambda x: np.dot(x, HOST.T),
        lambda x: np.dot(HOST.T, x),
        lambda x: np.where(x > 1, x, HOST),
        lambda x: np.where(HOST > 1, x, x),
        lambda x: np.concatenate([x, HOST]),
        lambda x: np.stack([HOST, x]),
        lambda x: np.clip(x, HOST, 3.0),
        lambda x: x.clip(HOST),
        lambda x: np.full_like(x, np.array(1.0)),
        lambda x: x.__setitem__(slice(None), HOST),
        lambda x: x.__setitem__(0, np.array(1.0)),
        lambda x: x[np.array([0, 1])],
        lambda x: x[HOST > 3],
        lambda x: x.__setitem__(HOST > 3, 0.0),
        lambda x: np.take(x, np.array([0, 1]), axis=0),
        lambda x: np.add.at(x, np.array([0]), 1.0),
        lambda x: xp.sum(HOST),
        lambda x: xp.zeros_like(HOST),
    ],
)
def test_host_arrays_are_refused(x, mix):
    with pytest.raises(TypeError) as caught:
        mix(x)
    assert str(caught.value) == MIXING


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        np.array,
        np.ascontiguousarray,
        lambda x: np.array([x[0, 0], x[0, 1]]),
        lambda x: HOST.copy().__setitem__(slice(None), x),
        lambda x: HOST[x[:2, 0]],
        lambda x: np.testing.assert_allclose(x, x),
        lambda x: np.random.default_rng(0).shuffle(np.asarray(x)),
    ],
)
def test_nothing_converts_in_silence(x, convert):
    with pytest.raises(TypeError) as caught:
        convert(x)
    assert str(caught.value) == CONVERTING


@pytest.mark.parametrize("operand", [2, 2.5, True, np.float32(2), np.int64(3), 1j])
def test_numbers_mix(x, operand):
    for result, want in ((x * operand, HOST * operand), (operand * x, operand * HOST)):
        assert isinstance(result, FakeDeviceArray)
        assert np.array_equal(result.get(), want)
        assert result.dtype == want.dtype


@pytest.mark.parametrize("other", [[1.0, 2.0, 3.0, 4.0], None, "a"])
def test_other_objects_do_not(x, other):
    with pytest.raises(TypeError, match=rf"^Unsupported type {type(other)}$"):
        x + other


def test_another_array_class_may_answer_instead(x):
    class Other:
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return f"{ufunc.__name__} by Other"

    assert x - Other() == "subtract by Other"
    assert np.multiply(x, Other()) == "multiply by Other"


@pytest.mark.parametrize(
    "compute",
    [
        lambda a, m: (a * 2 + a / 3 - a**2) % 5,
        lambda a, m: m.exp(-a),
        lambda a, m: a.sum(0) + a.mean(0) - a.max(0),
        lambda a, m: a[1:, ::2].T,
        lambda a, m: a[a > 4],
        lambda a, m: a[[0, 2]],
        lambda a, m: a[:, None, 1],
        lambda a, m: m.einsum("ij,kj->ik", a, a),
        lambda a, m: m.concatenate([a, a], axis=1),
        lambda a, m: m.pad(a, 1),
        lambda a, m: m.take_along_axis(a, a.argmax(1)[:, None], axis=1),
        lambda a, m: m.add.reduce(a, axis=1),
        lambda a, m: m.linalg.norm(a, axis=0),
        lambda a, m: m.lib.stride_tricks.sliding_window_view(a, 2, axis=1),
        lambda a, m: a.reshape(-1).cumsum().astype("float32"),
    ],
)
def test_it_computes_what_numpy_computes(x, compute):
    got, want = compute(x, np), compute(HOST, np)
    assert isinstance(got, FakeDeviceArray)
    assert got.dtype == want.dtype
    assert np.array_equal(got.get(), want)


@given(st.integers(0, 5), st.integers(1, 4), st.sampled_from(["float32", "float64", "int64", "bool"]))
def test_arrays_go_in_and_come_out_as_they_were(n, k, dtype):
    values = np.arange(n * k).reshape(n, k).astype(dtype)
    there = device.asarray(values)
    back = device.to_host(there)
    assert type(back) is np.ndarray
    assert back.dtype == values.dtype
    assert np.array_equal(back, values)
    assert (there.shape, there.ndim, there.size, len(there)) == (values.shape, 2, n * k, n)


def test_reductions_and_elements_stay_on_the_device(x):
    for part in (x.sum(), x.max(), x[0, 0], next(iter(x[0])), np.sum(x), np.add.reduce(x, axis=None)):
        assert isinstance(part, FakeDeviceArray)
        assert part.shape == ()


def test_results_are_written_into_out_and_it_is_returned(x):
    out, square = xp.empty((3, 4)), xp.empty((3, 3))
    assert np.multiply(x, 2, out=out) is out
    assert np.array_equal(out.get(), HOST * 2)
    assert np.dot(x, x.T, square) is square
    assert x.dot(x.T, square) is square
    assert np.array_equal(square.get(), HOST @ HOST.T)
    row = xp.empty(4)
    assert np.add.reduce(x, axis=0, out=row) is row
    assert x.sum(0, out=row) is row
    assert np.array_equal(row.get(), HOST.sum(0))


def test_parts_are_views_and_copies_are_not(x):
    x[0][...] = 7.0
    x[1, 1:3] = x[0, :2] * 2
    x.T[3, 2] = -1.0
    x.copy()[...] = 0.0
    x.get()[...] = 0.0
    want = HOST.copy()
    want[0], want[1, 1:3], want[2, 3] = 7.0, 14.0, -1.0
    assert np.array_equal(x.get(), want)


def test_data_are_copied_to_the_device():
    values = np.zeros(3)
    there = device.asarray(values)
    there += 1
    assert not values.any()
    assert device.asarray(there) is there
    assert device.asarray(there, dtype="float32").dtype == np.float32
    assert xp.array(there) is not there


def test_in_place_operators_keep_the_object(x):
    same = x
    x += 1
    x *= x
    assert x is same
    assert np.array_equal(x.get(), (HOST + 1) ** 2)


def test_a_single_number_can_be_read(x):
    assert (float(x[0, 1]), int(x[0, 2]), bool(x[0, 0]), complex(x[0, 3])) == (1.0, 2, False, 3 + 0j)
    assert x[:1, 0].item() == 0.0
    assert x[0].tolist() == [0.0, 1.0, 2.0, 3.0]
    with pytest.raises(TypeError, match="only length-1 arrays can be converted to Python scalars"):
        float(x)
    with pytest.raises(ValueError, match="truth value"):
        bool(x)


@pytest.mark.parametrize("name", ["__array_interface__", "__array_struct__", "__dlpack__", "mT", "ctypes", "setflags"])
def test_what_cupy_arrays_have_not_is_not_there(x, name):
    with pytest.raises(AttributeError) as caught:
        getattr(x, name)
    assert str(caught.value) == f"'FakeDeviceArray' object has no attribute {name!r}"


def test_functions_that_cupy_lacks_are_refused(x):
    with pytest.raises(TypeError, match="no implementation found for 'numpy.put_along_axis'"):
        np.put_along_axis(x, x.argmax(1)[:, None], 0.0, axis=1)
    with pytest.raises(AttributeError, match="^module 'cupy' has no attribute 'trapezoid'$"):
        xp.trapezoid(x)
    with pytest.raises(TypeError, match="all returned NotImplemented"):
        np.spacing(x)


def test_ufunc_methods_that_cupy_lacks_are_refused(x):
    with pytest.raises(NotImplementedError) as caught:
        np.maximum.reduce(x)
    assert str(caught.value) == "`cupy_maximum.reduce` is not supported yet"
    np.add.at(x, [0, 0], 1.0)
    assert np.array_equal(x.get()[0], HOST[0] + 2)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.sum(x, where=x > 1), "sum() got an unexpected keyword argument 'where'"),
        (lambda x: x.max(initial=0.0), "max() got an unexpected keyword argument 'initial'"),
        (lambda x: np.clip(x, min=0.0), "clip() got an unexpected keyword argument 'min'"),
        (lambda x: np.var(x, correction=1), "var() got an unexpected keyword argument 'correction'"),
    ],
)
def test_keywords_that_cupy_lacks_are_refused(x, call, text):
    with pytest.raises(TypeError) as caught:
        call(x)
    assert str(caught.value) == text


def test_it_can_be_copied_and_pickled(x):
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert isinstance(twin, FakeDeviceArray)
        assert np.array_equal(twin.get(), HOST)


def test_it_cannot_be_a_key(x):
    with pytest.raises(TypeError, match="unhashable type"):
        hash(x)


def test_it_shows_itself():
    assert repr(FakeDeviceArray([1.0, 2.0], "float32")) == "FakeDeviceArray([1., 2.], dtype=float32)"


def test_the_reference_kernels_run_on_it():
    w, g = device.asarray(np.ones(3)), device.asarray(np.ones(3))
    Kernels().sgd(w, g, lr=0.25)
    assert np.array_equal(w.get(), np.full(3, 0.75))


def test_the_names_of_its_surface_are_numpys():
    for name in MISSING_FUNCTIONS | set(MISSING_KEYWORDS):
        module = np
        for part in name.split("."):
            assert hasattr(module, part), name
            module = getattr(module, part)
    for name in MISSING_UFUNCS | frozenset().union(*UFUNC_METHODS.values()):
        assert isinstance(getattr(np, name), np.ufunc), name
    assert all(hasattr(np.ndarray, name) for name in METHODS)


@pytest.mark.gpu
def test_its_surface_is_that_of_cupy():
    cupy = pytest.importorskip("cupy", reason="cupy is not installed")
    for name in MISSING_FUNCTIONS | MISSING_UFUNCS:
        module = cupy.linalg if name.startswith("linalg.") else cupy
        assert not hasattr(module, name.split(".")[-1]), f"cupy {cupy.__version__} has {name}"
    assert all(hasattr(cupy.ndarray, name) for name in METHODS)
