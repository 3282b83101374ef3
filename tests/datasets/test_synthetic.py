"""The synthetic data set: four kinds of points, what their arguments mean, and which go together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_moons, make_regression
from sklearn.model_selection import train_test_split

from kexp import datasets, plugins
from kexp.errors import ArgumentError
from kexp_plugins.datasets.synthetic import Synthetic


def whole(kind: Any, **arguments: Any) -> Any:
    """All rows, in the order in which they are drawn."""
    return Synthetic(kind, test_fraction=0.0, **arguments).load()["train"]


def test_blobs_moons_and_regression_are_scikit_learn_s() -> None:
    for found, (x, y) in (
        (whole("blobs", n=50, n_features=4, n_classes=5, noise=0.5, seed=3), make_blobs(50, 4, centers=5, cluster_std=0.5, random_state=3)),
        (whole("moons", n=50, noise=0.3, seed=3), make_moons(50, noise=0.3, random_state=3)),
        (whole("regression", n=50, n_features=4, noise=2.0, seed=3), make_regression(50, 4, n_informative=4, noise=2.0, random_state=3)),
    ):  # fmt: skip
        np.testing.assert_array_equal(found.x, x.astype(np.float32))
        np.testing.assert_array_equal(found.y, y.astype(found.y.dtype))


def test_labels_are_whole_numbers_and_a_regression_has_floats() -> None:
    assert [whole(kind).y.dtype for kind in ("blobs", "moons", "spirals", "regression")] == [
        np.int64, np.int64, np.int64, np.float32,
    ]  # fmt: skip


@pytest.mark.parametrize("n_classes", [2, 5])
def test_each_arm_of_the_spirals_is_the_first_one_turned(n_classes: int) -> None:
    points = whole("spirals", n=500, n_classes=n_classes, noise=0.0)
    r = np.hypot(*points.x.T)
    assert 0 < r.min() < 0.2 and 0.95 < r.max() <= 1
    turns = np.arctan2(points.x[:, 1], points.x[:, 0]) / (2 * np.pi) - 1.5 * r
    off = (turns - points.y / n_classes + 0.5) % 1 - 0.5
    assert np.abs(off).max() < 1e-5


def test_noise_moves_the_spirals_points() -> None:
    still, moved = whole("spirals", noise=0.0).x, whole("spirals", noise=0.1).x
    assert 0.09 < (moved - still).std() < 0.11


def test_a_test_fraction_keeps_the_classes_shares() -> None:
    data = Synthetic("blobs", n=100, n_classes=4, test_fraction=0.2, seed=5)
    splits = data.load()
    assert data.splits == ("train", "test")
    assert np.bincount(splits["test"].y).tolist() == [5] * 4
    every = whole("blobs", n=100, n_classes=4, seed=5)
    want, _ = train_test_split(every.x, test_size=0.2, random_state=5, stratify=every.y)
    np.testing.assert_array_equal(splits["train"].x, want)


def test_another_seed_gives_other_points() -> None:
    assert not np.array_equal(whole("moons", seed=1).x, whole("moons", seed=2).x)


def test_it_is_chosen_by_name_and_has_a_face() -> None:
    built = plugins.current()["dataset"].build({"type": "synthetic", "kind": "moons", "n": 40})
    (x, y), (x_test, _) = datasets.synthetic.load_data(kind="moons", n=40)
    np.testing.assert_array_equal(built.load()["train"].x, x)
    assert x.shape == (32, 2) and y.shape == (32,) and x_test.shape == (8, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kind": "rings"}, "kind must be one of 'blobs', 'moons', 'spirals', 'regression'. Received: 'rings'"),
        ({"kind": "moons", "n_features": 3}, "n_features of moons must be 2. Received: 3"),
        ({"kind": "moons", "n_classes": 3}, "n_classes of moons must be 2. Received: 3"),
        ({"kind": "regression", "n_classes": 2}, "n_classes of regression must be left out. Received: 2"),
        ({"kind": "blobs", "n_classes": 1}, "n_classes must be at least 2. Received: 1"),
        ({"kind": "blobs", "n": 5}, "n must be at least 6 for blobs, 2 of each class. Received: 5"),
        (
            {"n": 10, "test_fraction": 0.1},
            "test_fraction must be 0, or leave at least 3 of the 10 rows in both splits. Received: 0.1",
        ),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Synthetic(**arguments)
    assert str(caught.value) == said
