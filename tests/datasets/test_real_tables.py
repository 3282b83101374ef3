"""Real tables as they are found in the wild: gzipped, without header, with texts beside numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kexp.datasets import csv
from kexp.errors import DataError


def test_churn_is_gzipped_and_has_texts_beside_its_numbers(real_data: Path) -> None:
    path = real_data / "churn/Churn_Modelling.csv.gz"
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


def test_pima_has_no_header(real_data: Path) -> None:
    x, y = csv(real_data / "pima/pima-indians-diabetes.csv", target=8, header=False)
    assert x.shape == (768, 8)
    assert x[0].tolist() == [np.float32(v) for v in (6, 148, 72, 35, 0, 33.6, 0.627, 50)]
    assert np.bincount(y).tolist() == [500, 268]


def test_boston_housing_has_a_price_as_target(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "boston-housing/housing.csv"
    x, y = csv(path, target=-1, header=False)
    assert x.shape == (506, 13) and y.dtype == np.float32
    assert y[:3].tolist() == [np.float32(v) for v in (24.0, 21.6, 34.7)]
    columns = tmp_path / "columns.txt"  # as the UCI repository has it: blanks instead of commas
    columns.write_text(path.read_text().replace(",", "   "))
    x_again, y_again = csv(columns, target=13, header=False, separator="whitespace")
    assert np.array_equal(x, x_again) and np.array_equal(y, y_again)


def test_dates_are_texts(real_data: Path) -> None:
    path = real_data / "airline-passengers/airline-passengers.csv"
    with pytest.raises(DataError) as caught:
        csv(path, target="Passengers")
    assert "  column 'Month': line 2 holds the text '1949-01'; 144 such cells\n" in str(caught.value)
