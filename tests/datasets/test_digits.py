"""The digits data set."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from kexp import datasets, plugins
from kexp.errors import ArgumentError
from kexp_plugins.datasets.digits import Digits


def test_the_split_is_that_of_scikit_learn_stratified() -> None:
    bunch = load_digits()
    expected = train_test_split(bunch.images, bunch.target, test_size=0.25, random_state=3, stratify=bunch.target)
    splits = Digits(test_fraction=0.25, seed=3, scale=False).load()
    found = splits["train"].x, splits["test"].x, splits["train"].y, splits["test"].y
    assert all(np.array_equal(got, want) for got, want in zip(found, expected, strict=True))
    assert [array.dtype for array in found] == [np.uint8] * 4


def test_by_default_images_are_scaled_to_one_and_a_fifth_of_each_digit_tests() -> None:
    splits = plugins.current()["dataset"].build("digits").load()
    train, test = splits["train"], splits["test"]
    assert (train.x.shape, test.x.shape) == ((1437, 8, 8), (360, 8, 8))
    assert train.x.dtype == np.float32 and (train.x.min(), train.x.max()) == (0, 1)
    assert set(np.unique(train.x * 16)) == set(range(17))
    assert np.abs(np.bincount(test.y) - np.bincount(np.r_[train.y, test.y]) / 5).max() <= 1


def test_the_seed_decides_the_rows() -> None:
    first, again, other = (Digits(seed=seed).load()["test"].x for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_image_is_in_both_splits_and_none_is_lost() -> None:
    splits = Digits(scale=False, flatten=True).load()
    together = np.concatenate([splits["train"].x, splits["test"].x])
    whole = load_digits().data
    assert sorted(map(bytes, together)) == sorted(map(bytes, whole.astype(np.uint8)))


def test_flatten_and_one_hot() -> None:
    plain, flat = Digits().load()["test"], Digits(flatten=True, one_hot=True).load()["test"]
    assert np.array_equal(flat.x, plain.x.reshape(360, 64))
    assert flat.y.shape == (360, 10) and flat.y.dtype == np.float32
    assert np.array_equal(flat.y.argmax(1), plain.y) and np.array_equal(flat.y.sum(1), np.ones(360))


def test_without_a_test_fraction_all_images_train_in_their_own_order() -> None:
    made = Digits(test_fraction=0, scale=False)
    splits = made.load()
    assert made.splits == tuple(splits) == ("train",)
    assert np.array_equal(splits["train"].x, load_digits().images)


def test_the_splits_are_known_before_loading() -> None:
    assert Digits().splits == ("train", "test")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"test_fraction": 1}, "test_fraction must be a number in [0, 1). Received: 1"),
        (
            {"test_fraction": 0.001},
            "test_fraction must be 0, or leave at least 10 of the 1797 images in both splits. Received: 0.001",
        ),
        (
            {"test_fraction": 0.999},
            "test_fraction must be 0, or leave at least 10 of the 1797 images in both splits. Received: 0.999",
        ),
        ({"seed": -1}, "seed must be an int from 0 to 2**32 - 1. Received: -1"),
        ({"seed": True}, "seed must be an int from 0 to 2**32 - 1. Received: True"),
        ({"seed": 2**32}, "seed must be an int from 0 to 2**32 - 1. Received: 4294967296"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Digits(**arguments)
    assert str(caught.value) == text


def test_the_face_gives_raw_pixels() -> None:
    (x_train, y_train), (x_test, y_test) = datasets.digits.load_data()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((1437, 8, 8), (1437,), (360, 8, 8), (360,))
    assert x_train.dtype == np.uint8 and x_train.max() == 16
    assert np.array_equal(x_test, Digits(scale=False).load()["test"].x)
