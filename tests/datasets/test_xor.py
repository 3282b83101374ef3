"""The XOR data set."""

from __future__ import annotations

import numpy as np

from kexp import datasets, plugins


def test_xor_has_the_four_rows_in_the_order_of_the_tutorial() -> None:
    splits = plugins.current()["dataset"].build("xor").load()
    assert list(splits) == ["train"]
    train = splits["train"]
    assert train.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert train.y.tolist() == [[0], [1], [1], [0]]
    assert train.x.dtype == train.y.dtype == np.float32


def test_every_load_gives_arrays_of_its_own() -> None:
    made = plugins.current()["dataset"].build("xor")
    made.load()["train"].x[:] = 7
    assert made.load()["train"].x.max() == 1


def test_the_face_gives_arrays_by_call_and_by_load_data() -> None:
    x, y = datasets.xor()
    (x_train, y_train), (x_test, y_test) = datasets.xor.load_data()
    assert np.array_equal(x, x_train) and np.array_equal(y, y_train)
    assert x_test.shape == (0, 2) and y_test.shape == (0, 1)
