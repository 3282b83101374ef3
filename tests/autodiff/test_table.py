"""The table as a whole: every line is tested, a wrong line is noticed, and anyone can add one."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
import scipy.special

from kexp.autodiff import NoDerivativeError, rule, vjp
from kexp.autodiff.backward import Scatter
from kexp.autodiff.rules import Rule
from kexp.autodiff.tracer import TABLE, TracingError
from kexp.errors import KexpError, ShapeError

HERE = Path(__file__).parent
TESTED = [runpy.run_path(str(path)) for path in sorted(HERE.glob("test_rules_*.py"))]
CASES = [case for tested in TESTED for case in tested.get("CASES", {}).values()]
CONSTANTS = [case for tested in TESTED for case in tested.get("CONSTANTS", {}).values()]
IN_PLACE = (np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask)


def _module(entry):
    return getattr(entry, "make", entry).__module__


# Without what examples and other tests have registered in this process.
OURS = {key: entry for key, entry in TABLE.items() if _module(entry).startswith("kexp.autodiff.rules")}
OURS = {key: entry for key, entry in OURS.items() if not (isinstance(entry, Rule) and _module(entry).endswith("rules"))}
RULES = {key: entry for key, entry in OURS.items() if isinstance(entry, Rule)}


@pytest.fixture
def clean_table():
    """The table may be changed: what was there is put back."""
    before = dict(TABLE)
    yield TABLE
    TABLE.clear()
    TABLE.update(before)


@pytest.fixture(scope="module")
def cases_by_line():
    """Line of the table -> the numbers of the cases that use it."""
    found = {key: set() for key in OURS}

    def spied(key, number):
        return lambda fn, args, kwargs: found[key].add(number) or OURS[key](fn, args, kwargs)

    try:
        for number, (call, args) in enumerate(CASES):
            TABLE.update({key: spied(key, number) for key in OURS})
            vjp(call, *args)
        for call in CONSTANTS:
            TABLE.update({key: spied(key, None) for key in OURS})
            vjp(lambda x, call=call: call(x) is None or x, np.ones((2, 3)))
    finally:
        TABLE.update(OURS)
    return found


def test_every_line_of_the_table_is_tested(cases_by_line):
    assert {key for key, numbers in cases_by_line.items() if not numbers} == set(IN_PLACE)


def _with_backs(entry, change):
    """The rule, with its pullbacks changed: `change(list of pullbacks)` gives the new list."""
    rule_ = Rule(lambda y, *args, **kwargs: change(list(entry.make(y, *args, **kwargs))), skip=1)
    rule_.names, rule_.out, rule_.open, rule_.signature = entry.names, entry.out, entry.open, entry.signature
    return rule_


def _enlarged(back):
    if isinstance(back, list):
        return [_enlarged(b) for b in back]
    if type(back) is Scatter:
        return lambda dy: 1.01 * _scattered(back, dy)
    return back and (lambda dy: 1.01 * back(dy))


def _scattered(back, dy):
    total = back.buffer()
    back.add(total, dy)
    return total


@pytest.mark.parametrize("key", RULES, ids=lambda key: getattr(key, "__name__", key))
def test_a_wrong_derivative_by_any_argument_is_noticed(key, clean_table, cases_by_line, derivative_of):
    places = set()
    entry = RULES[key]
    clean_table[key] = _with_backs(entry, lambda backs: places.update(i for i, b in enumerate(backs) if b) or backs)
    for number in cases_by_line[key] - {None}:
        vjp(CASES[number][0], *CASES[number][1])
    assert places
    for place in places:
        clean_table[key] = _with_backs(
            entry, lambda backs, k=place: [_enlarged(b) if i == k else b for i, b in enumerate(backs)]
        )
        with pytest.raises(AssertionError):
            for number in cases_by_line[key] - {None}:
                derivative_of(*CASES[number])


IN_PLACE_ARGUMENTS = {np.fill_diagonal: (0,), np.put_along_axis: (np.array([0]), 1, 0)}


@pytest.mark.parametrize("fn", IN_PLACE)
def test_function_that_writes_into_an_array_is_refused(fn):
    with pytest.raises(TracingError) as error:
        vjp(lambda x: fn(x, *IN_PLACE_ARGUMENTS.get(fn, (np.array([0]), 1))), np.ones(2))
    assert str(error.value) == (
        f"np.{fn.__name__} changes an array in place, and that cannot be traced. "
        "Build a new array: x = x + y, np.where(...) or np.concatenate(...)."
    )


def test_missing_rule_says_how_to_add_one():
    with pytest.raises(NoDerivativeError) as error:
        vjp(np.i0, np.ones(2))
    assert str(error.value) == (
        "no derivative is written for 'i0'. Add one with @rule(np.i0), or give the layer its own pullback."
    )
    assert isinstance(error.value, KexpError)
    assert isinstance(error.value, NotImplementedError)


def test_missing_rule_of_a_submodule_is_named_by_its_path():
    with pytest.raises(NoDerivativeError) as error:
        vjp(np.linalg.cholesky, np.eye(2))
    assert str(error.value) == (
        "no derivative is written for 'cholesky'. "
        "Add one with @rule(np.linalg.cholesky), or give the layer its own pullback."
    )


@pytest.mark.parametrize(
    ("call", "name", "path"),
    [
        (lambda x: np.add(x, 1, where=x > 0), "add with where=", "np.add"),
        (lambda x: np.mean(x, where=x > 0), "mean with where=", "np.mean"),
        (lambda x: np.linalg.norm(x, 3, axis=0), "norm with ord=3", "np.linalg.norm"),
        (lambda x: np.linalg.norm(x, 2), "norm with ord=2", "np.linalg.norm"),
        (lambda x: np.pad(x, 1, mode="mean"), "pad with mode='mean'", "np.pad"),
        (lambda x: np.pad(x, 1, mode="reflect", reflect_type="odd"), "pad with reflect_type=", "np.pad"),
        (lambda x: np.take(x, [0], mode="clip"), "take with mode='clip'", "np.take"),
        (lambda x: x.ravel("K"), "reshape with order='K'", "np.reshape"),
        (lambda x: np.einsum(x, [0, 1], [1, 0]), "einsum with lists of axes", "np.einsum"),
        (lambda x: np.concatenate(x), "concatenate of one array instead of a list of arrays", "np.concatenate"),
        (lambda x: np.sum(x, where=x), "sum by its argument 'where'", "np.sum"),
        (lambda x: np.add.reduceat(x, [0]), "add.reduceat", "np.add"),
        (lambda x: np.stack(x), "stack of one array instead of a list of arrays", "np.stack"),
    ],
)
def test_option_without_a_derivative_is_refused_by_name(call, name, path):
    with pytest.raises(NoDerivativeError) as error:
        vjp(call, np.ones((2, 2)))
    assert str(error.value) == (
        f"no derivative is written for {name!r}. Add one with @rule({path}), or give the layer its own pullback."
    )


def test_rule_of_a_plugin_is_used_with_its_options(clean_table):
    @rule(np.cumprod)
    def _(y, a, axis=None):
        return (lambda dy: np.flip(np.cumsum(np.flip(dy * y, axis), axis), axis) / a,)

    x = np.array([[1.0, 2.0, 3.0]])
    _, pullback = vjp(lambda x: np.cumprod(x, axis=1)[:, -1], x)
    assert pullback(np.ones(1))[0].tolist() == [[6.0, 3.0, 2.0]]


def test_rule_by_name_serves_a_ufunc_that_is_not_imported(clean_table):
    @rule("exprel")
    def _(y, x):
        return (lambda dy: dy * (np.exp(x) - y) / x,)

    _, pullback = vjp(scipy.special.exprel, np.array([1.0]))
    assert pullback(np.ones(1))[0][0] == pytest.approx(1.0)


def test_argument_that_the_rule_leaves_out_is_refused_when_traced(clean_table):
    rule(np.heaviside)(lambda y, x, at_zero: (None,))
    y, _ = vjp(lambda x: np.heaviside(x, 0.5), np.zeros(1))
    assert y.tolist() == [0.5]
    with pytest.raises(NoDerivativeError) as error:
        vjp(lambda x: np.heaviside(0.0, x), np.zeros(1))
    assert str(error.value) == (
        "no derivative is written for \"heaviside by its argument 'at_zero'\". "
        "Add one with @rule(np.heaviside), or give the layer its own pullback."
    )


def test_a_later_rule_replaces_the_earlier_one(clean_table):
    rule(np.exp)(lambda y, x: (lambda dy: dy * 0 + 5,))
    _, pullback = vjp(np.exp, np.zeros(1))
    assert pullback(np.ones(1))[0].tolist() == [5]


def test_rule_that_gives_a_wrong_shape_is_named(clean_table):
    rule(np.exp)(lambda y, x: (lambda dy: np.ones(3),))
    _, pullback = vjp(np.exp, np.zeros(2))
    with pytest.raises(ShapeError) as error:
        pullback(np.ones(2))
    assert str(error.value) == "the rule of 'exp' gave a cotangent of shape (3,) for an argument of shape (2,)."
