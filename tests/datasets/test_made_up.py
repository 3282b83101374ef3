"""The data sets of sequences and films that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from kexp.datasets import cumulative_sum, echo_sequence, moving_square, reverse_sequence
from kexp.errors import ArgumentError


def test_echo_asks_for_the_symbol_at_the_place() -> None:
    (x, y), (x_test, y_test) = echo_sequence.load_data(place=-2)
    assert x.shape == (2000, 5, 10) and y_test.shape == (500,)
    assert np.array_equal(x[:, 3].argmax(axis=-1), y)
    assert np.array_equal(x_test.sum(axis=-1), np.ones((500, 5)))


def test_reverse_asks_for_the_sequence_backwards() -> None:
    (x, y), _ = reverse_sequence.load_data(n_train=50)
    assert np.array_equal(x.argmax(axis=-1)[:, ::-1], y)


def test_the_sum_passes_half_of_the_total_or_the_limit() -> None:
    (x, y), _ = cumulative_sum.load_data(n_train=50)
    assert np.array_equal(y, x.cumsum(axis=1) > x.sum(axis=1, keepdims=True) / 2)
    (x, y), _ = cumulative_sum.load_data(n_train=50, limit=2.5)
    assert np.array_equal(y, x.cumsum(axis=1) > 2.5)


def test_the_square_goes_one_column_a_frame() -> None:
    (x, y), _ = moving_square.load_data(n_train=50)
    columns = x[..., 0].sum(axis=2).argmax(axis=-1)
    assert np.array_equal(np.diff(columns, axis=1), np.repeat(np.where(y == 1, 1, -1), 7, axis=1))


def test_what_cannot_be_made_up_is_refused() -> None:
    with pytest.raises(ArgumentError, match="40 sequences of 5 steps need more than 2 symbols to be all different"):
        reverse_sequence.load_data(n_train=20, n_test=20, n_symbols=2)
    with pytest.raises(ArgumentError, match=r"place must be a step from -5 to 4\. Received: 5"):
        echo_sequence.load_data(place=5)
    with pytest.raises(ArgumentError, match=r"frames must be at most size, 4, so that none leaves\. Received: 5"):
        moving_square.load_data(frames=5, size=4)
