"""Real tables, from the folder KEXP_TEST_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from kexp.datasets import csv
from kexp.errors import DataError


def place(name: str) -> Path:
    """The file below KEXP_TEST_DATA; without it the test is skipped."""
    found = Path(os.environ.get("KEXP_TEST_DATA") or "no-folder") / name
    if not found.is_file():
        pytest.skip(f"KEXP_TEST_DATA names no folder with {name}")
    return found


def test_churn_is_gzipped_and_has_texts_beside_its_numbers() -> None:
    path = place("churn/Churn_Modelling.csv.gz")
    x, y = csv(path, target="Exited", features=["CreditScore", "Age", "Balance", "EstimatedSalary"])
    assert x.shape == (10000, 4)
    assert x[1].tolist() == [np.float32(v) for v in (608, 41, 83807.86, 112542.58)]
    assert np.bincount(y).tolist() == [7963, 2037]
    with pytest.raises(DataError) as caught:
        csv(path, target="Exited")
    assert str(caught.value).splitlines()[1:4] == [
        "  column 'Surname': line 2 holds the text 'Hargrave'; 10000 such cells",
        "  column 'Geography': line 2 holds the text 'France'; 10000 such cells",
        "  column 'Gender': line 2 holds the text 'Female'; 10000 such cells",
    ]


def test_pima_has_no_header() -> None:
    x, y = csv(place("pima/pima-indians-diabetes.csv"), target=8, header=False)
    assert x.shape == (768, 8)
    assert x[0].tolist() == [np.float32(v) for v in (6, 148, 72, 35, 0, 33.6, 0.627, 50)]
    assert np.bincount(y).tolist() == [500, 268]


def test_boston_housing_has_a_price_as_target() -> None:
    path = place("boston-housing/housing.csv")
    separator = "," if "," in path.read_text()[:200] else "whitespace"
    x, y = csv(path, target=-1, header=False, separator=separator)
    assert x.shape == (506, 13) and y.dtype == np.float32
    assert y[:3].tolist() == [24.0, np.float32(21.6), np.float32(34.7)]


def test_airline_passengers_are_integers() -> None:
    path = place("airline-passengers/airline-passengers.csv")
    x, y = csv(path, target="Passengers", features=["Passengers"]) if False else csv(path, target=["Passengers"])
    assert x.shape == (144, 1) and y.dtype == np.int64
