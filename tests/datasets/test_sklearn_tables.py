"""The tables of scikit-learn's own files: iris, wine, breast_cancer, diabetes."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.datasets
from sklearn.model_selection import train_test_split

from kexp import datasets, plugins
from kexp.errors import ArgumentError
from kexp_plugins.datasets.breast_cancer import BreastCancer
from kexp_plugins.datasets.diabetes import Diabetes
from kexp_plugins.datasets.iris import Iris
from kexp_plugins.datasets.wine import Wine

TABLES = {"iris": Iris, "wine": Wine, "breast_cancer": BreastCancer, "diabetes": Diabetes}


@pytest.mark.parametrize("name", TABLES)
def test_what_the_class_says_is_what_scikit_learn_has(name: str) -> None:
    bunch = getattr(sklearn.datasets, f"load_{name}")()
    made = plugins.current()["dataset"].build(name)
    assert isinstance(made, TABLES[name])
    assert made.n_rows == len(bunch.data)
    assert list(made.features) == list(bunch.feature_names)
    assert list(made.classes) == list(getattr(bunch, "target_names", []))


@pytest.mark.parametrize("name", TABLES)
def test_the_split_is_that_of_scikit_learn(name: str) -> None:
    bunch = getattr(sklearn.datasets, f"load_{name}")()
    stratify = bunch.target if name != "diabetes" else None
    expected = train_test_split(bunch.data, bunch.target, test_size=0.3, random_state=5, stratify=stratify)
    splits = TABLES[name](test_fraction=0.3, seed=5).load()
    found = splits["train"].x, splits["test"].x, splits["train"].y, splits["test"].y
    for got, want in zip(found, expected, strict=True):
        assert np.array_equal(got, want.astype(got.dtype))
    assert found[0].dtype == np.float32
    assert found[2].dtype == (np.float32 if name == "diabetes" else np.int64)


def test_a_table_has_named_columns_and_the_published_numbers() -> None:
    whole = Iris(test_fraction=0, as_frame=True).load()["train"]
    assert list(whole.x.columns) == list(Iris.features)
    assert whole.x.iloc[0].tolist() == [5.1, 3.5, 1.4, 0.2]
    assert whole.y.name == "species" and whole.y.tolist() == [0] * 50 + [1] * 50 + [2] * 50


def test_tables_and_arrays_have_the_same_rows() -> None:
    table, array = Wine(as_frame=True).load()["test"], Wine().load()["test"]
    assert np.array_equal(table.x.to_numpy(np.float32), array.x) and np.array_equal(table.y, array.y)
    assert np.array_equal(table.x, sklearn.datasets.load_wine().data[table.x.index])


def test_diabetes_can_be_had_as_measured() -> None:
    whole = Diabetes(test_fraction=0, scaled=False).load()["train"]
    assert whole.x[0].tolist() == [np.float32(v) for v in (59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87)]
    assert whole.y[:2].tolist() == [151, 75]
    assert Diabetes().load()["train"].x.max() < 1


def test_without_a_test_fraction_there_is_one_split() -> None:
    made = BreastCancer(test_fraction=0)
    assert made.splits == tuple(made.load()) == ("train",)
    assert BreastCancer().splits == ("train", "test")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"test_fraction": 0.01},
            "test_fraction must be 0, or leave at least 3 of the 150 rows in both splits. Received: 0.01",
        ),
        (
            {"test_fraction": 0.99},
            "test_fraction must be 0, or leave at least 3 of the 150 rows in both splits. Received: 0.99",
        ),
        ({"seed": "a"}, "seed must be an int from 0 to 2**32 - 1. Received: 'a'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Iris(**arguments)
    assert str(caught.value) == text


def test_the_face_takes_the_arguments_of_the_config_and_knows_names() -> None:
    (x_train, y_train), (x_test, y_test) = datasets.iris.load_data()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((120, 4), (120,), (30, 4), (30,))
    assert datasets.iris.classes == ("setosa", "versicolor", "virginica")
    assert datasets.breast_cancer.classes[0] == "malignant" and datasets.wine.features[0] == "alcohol"
    assert datasets.diabetes.classes == ()
    (whole, _), (none, _) = datasets.diabetes.load_data(test_fraction=0, as_frame=True)
    assert list(whole.columns) == list(Diabetes.features) and len(whole) == 442 and len(none) == 0
