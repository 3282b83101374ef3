"""Recurrent layers for any shape, mask and option: masked steps count for nothing, wrappers equal loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexp.core.context import Context
from kexp.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    TimeDistributed,
)
from kexp.testing import check_layer

CLASSES = {"simple_rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}
CELLS = {"simple_rnn": SimpleRNNCell, "lstm": LSTMCell, "gru": GRUCell}
kinds = st.sampled_from(sorted(CLASSES))
sizes = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 3))
batches = st.tuples(st.integers(2, 3), st.integers(1, 4), st.integers(1, 3))
few = settings(max_examples=25, deadline=None)
fewer = settings(max_examples=8, deadline=None)


def numbers(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def masks(shape: tuple[int, ...], data: Any) -> Any:
    """A mask of any kind: from the right, from the left, holes, everything."""
    n, steps = shape[:2]
    kind = data.draw(st.sampled_from(["right", "left", "holes", "all masked"]))
    if kind == "holes":
        rows = data.draw(st.lists(st.lists(st.booleans(), min_size=steps, max_size=steps), min_size=n, max_size=n))
        return np.array(rows)
    lengths = np.array(data.draw(st.lists(st.integers(0, steps), min_size=n, max_size=n)))[:, None]
    if kind == "all masked":
        lengths[:] = 0
    places = np.arange(steps) if kind != "left" else np.arange(steps)[::-1]
    return places < lengths


def outputs(layer: Any, x: Any, mask: Any = None) -> list[Any]:
    y = layer(x, mask=mask)
    return list(y) if isinstance(y, list) else [y]


@fewer
@given(kind=kinds, shape=batches, units=st.integers(1, 3), data=st.data(), flags=st.tuples(*[st.booleans()] * 3))
def test_options_keep_the_contract_for_any_shape_and_mask(
    kind: str, shape: Any, units: int, data: Any, flags: tuple[bool, bool, bool]
) -> None:
    mask = masks(shape, data) if data.draw(st.booleans()) else None
    options = dict(zip(("return_sequences", "return_state", "go_backwards"), flags, strict=True))
    if mask is None:
        check_layer(lambda: CLASSES[kind](units, **options), shape)
    else:
        check_layer(
            lambda: CLASSES[kind](units, **options), shape, inputs=lambda rng: [(rng.standard_normal(shape), mask)]
        )


@few
@given(kind=kinds, shape=sizes, data=st.data(), backwards=st.booleans())
def test_masked_steps_are_as_good_as_absent(kind: str, shape: Any, data: Any, backwards: bool) -> None:
    x, mask = numbers(1, *shape), masks(shape, data)
    layer = CLASSES[kind](2, return_state=True, go_backwards=backwards, dtype="float64")
    got = outputs(layer, x, mask)
    for row, counts in enumerate(mask):
        want = outputs(layer, x[row : row + 1, counts]) if counts.any() else [np.zeros((1, 2))] * len(got)
        for a, b in zip(got, want, strict=True):
            np.testing.assert_allclose(a[row], b[0], atol=1e-12)


@few
@given(kind=kinds, shape=sizes, data=st.data())
def test_masked_inputs_have_no_gradient_and_no_influence(kind: str, shape: Any, data: Any) -> None:
    x, mask = numbers(1, *shape), masks(shape, data)
    layer = CLASSES[kind](2, return_sequences=True, dtype="float64")
    layer.ensure_built((None, *shape[1:]))
    ctx = Context()
    ctx.masks = (mask,)
    y, pullback = layer.forward(x, ctx=ctx)
    (dx,), _ = pullback(numbers(2, *y.shape))
    assert not dx[~mask].any()
    other = np.where(mask[..., None], x, 99.0)
    assert np.array_equal(layer.forward(other, ctx=ctx)[0], y)


@few
@given(kind=kinds, shape=sizes, data=st.data(), sequences=st.booleans(), backwards=st.booleans())
def test_unroll_changes_nothing(kind: str, shape: Any, data: Any, sequences: bool, backwards: bool) -> None:
    x, mask = numbers(1, *shape), masks(shape, data)
    options = {"return_sequences": sequences, "go_backwards": backwards, "return_state": True}
    rolled, unrolled = CLASSES[kind](3, **options), CLASSES[kind](3, unroll=True, **options)
    unrolled.ensure_built((None, *shape[1:]))
    rolled.ensure_built((None, *shape[1:]))
    unrolled.set_weights(rolled.get_weights())
    for a, b in zip(outputs(rolled, x, mask), outputs(unrolled, x, mask), strict=True):
        assert np.array_equal(a, b)


@few
@given(kind=kinds, shape=sizes, sequences=st.booleans())
def test_go_backwards_is_the_reversed_sequence(kind: str, shape: Any, sequences: bool) -> None:
    x = numbers(1, *shape)
    ahead = CLASSES[kind](2, return_sequences=sequences)
    behind = CLASSES[kind](2, return_sequences=sequences, go_backwards=True)
    behind.ensure_built((None, *shape[1:]))
    ahead.ensure_built((None, *shape[1:]))
    behind.set_weights(ahead.get_weights())
    assert np.array_equal(behind(x), ahead(x[:, ::-1]))


@few
@given(kind=kinds, shape=sizes, data=st.data(), cut=st.integers(0, 6))
def test_last_states_go_on_as_first_states(kind: str, shape: Any, data: Any, cut: int) -> None:
    n, steps, width = shape
    x, mask, cut = numbers(1, n, steps + 1, width), masks((n, steps + 1), data), 1 + cut % steps
    layer = CLASSES[kind](2, return_sequences=True, return_state=True, dtype="float64")
    whole, *final = outputs(layer, x, mask)
    first, *states = outputs(layer, x[:, :cut], mask[:, :cut])
    second, *last = layer([x[:, cut:], *states], mask=mask[:, cut:])
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, atol=1e-12)
    for a, b in zip(last, final, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


@few
@given(kind=kinds, shape=sizes, data=st.data())
def test_a_cell_step_by_step_is_the_layer(kind: str, shape: Any, data: Any) -> None:
    x = numbers(1, *shape)
    cell = CELLS[kind](3, dtype="float64")
    layer = RNN(cell, return_sequences=True, dtype="float64")
    whole = layer(x)
    states = [np.zeros((shape[0], 3))] * (2 if kind == "lstm" else 1)
    for step in range(shape[1]):
        y, states = cell(x[:, step], states)
        np.testing.assert_allclose(y, whole[:, step], atol=1e-12)


@few
@given(
    kind=kinds, shape=sizes, data=st.data(), sequences=st.booleans(),
    mode=st.sampled_from(["sum", "mul", "ave", "concat", None]),
)  # fmt: skip
def test_bidirectional_merges_a_layer_and_its_twin(
    kind: str, shape: Any, data: Any, sequences: bool, mode: Any
) -> None:
    x, mask = numbers(1, *shape), masks(shape, data)
    both = Bidirectional(CLASSES[kind](2, return_sequences=sequences), merge_mode=mode, dtype="float64")
    got = outputs(both, x, mask)
    ahead = both.forward_layer(x, mask=mask)
    behind = both.backward_layer(x, mask=mask)
    behind = behind[:, ::-1] if sequences else behind
    want = {
        "sum": lambda: [ahead + behind],
        "mul": lambda: [ahead * behind],
        "ave": lambda: [(ahead + behind) / 2],
        "concat": lambda: [np.concatenate([ahead, behind], axis=-1)],
        None: lambda: [ahead, behind],
    }[mode]()
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


@few
@given(shape=st.tuples(*[st.integers(1, 4)] * 4), kind=kinds, dense=st.booleans())
def test_time_distributed_is_the_layer_for_each_step(shape: Any, kind: str, dense: bool) -> None:
    x = numbers(1, *shape)
    inner = Dense(3, dtype="float64") if dense else CLASSES[kind](2, return_sequences=True, dtype="float64")
    y = TimeDistributed(inner, dtype="float64")(x)  # an inner layer takes the dtype of its wrapper
    for step in range(shape[1]):
        np.testing.assert_allclose(y[:, step], inner(x[:, step]), atol=1e-12)


@fewer
@given(shape=st.tuples(st.integers(2, 3), *[st.integers(1, 3)] * 3), units=st.integers(1, 2))
def test_wrappers_within_wrappers_keep_the_contract(shape: Any, units: int) -> None:
    check_layer(lambda: TimeDistributed(Bidirectional(LSTM(units))), shape)


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_a_stateful_layer_over_three_batches_is_one_long_sequence(kind: str) -> None:
    x = numbers(1, 2, 6, 3)
    memory = CLASSES[kind](2, stateful=True, return_sequences=True, dtype="float64")
    plain = CLASSES[kind](2, return_sequences=True, dtype="float64")
    plain.ensure_built((None, 6, 3))
    memory.ensure_built((None, None, 3))
    memory.set_weights(plain.get_weights())
    parts = [memory(x[:, at : at + 2]) for at in (0, 2, 4)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), plain(x), atol=1e-12)
