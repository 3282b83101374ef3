"""churn, pima, airline_passengers, boston_housing: on the real files, damaged ones, and without any."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import datasets, plugins
from kexp.core.files import DataFile
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp_plugins.datasets import airline_passengers, boston_housing, churn, pima
from kexp_plugins.datasets.airline_passengers import AirlinePassengers
from kexp_plugins.datasets.boston_housing import BostonHousing
from kexp_plugins.datasets.churn import Churn
from kexp_plugins.datasets.pima import NEVER_ZERO, Pima


@pytest.fixture
def found(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real files, where KEXP_DATA says."""
    monkeypatch.setenv("KEXP_DATA", str(real_data))
    return real_data


def build(name: str, **arguments: Any) -> Any:
    return plugins.current()["dataset"].build({"type": name, **arguments})


def test_churn_has_the_raw_columns_in_the_file_s_order(found: Path) -> None:
    whole = build("churn", test_fraction=0).load()["train"]
    assert whole.x.shape == (10000, 13) and list(whole.x.columns) == list(Churn.features)
    first = [1, 15634602, "Hargrave", 619, "France", "Female", 42, 2, 0.0, 1, 1, 1, 101348.88]
    assert whole.x.iloc[0].tolist() == first
    assert whole.y.name == "Exited" and whole.y.dtype == np.int64 and whole.y.sum() == 2037
    assert not whole.x.isna().any().any()
    assert sorted(whole.x["Geography"].unique()) == ["France", "Germany", "Spain"]


def test_churn_tests_a_fifth_with_classes_in_proportion_and_keeps_row_numbers(found: Path) -> None:
    splits = Churn().load()
    train, test = splits["train"], splits["test"]
    assert (train.x.shape, test.x.shape) == ((8000, 13), (2000, 13))
    assert (train.y.sum(), test.y.sum()) == (1630, 407)
    assert test.x.index.tolist() == test.y.index.tolist() == (test.x["RowNumber"] - 1).tolist()
    assert not set(train.x.index) & set(test.x.index)


def test_churn_s_file_may_be_named_plain_or_gzipped(found: Path, tmp_path: Path) -> None:
    packed = found / "churn/Churn_Modelling.csv.gz"
    plain = tmp_path / "bank.csv"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    from_plain, from_packed = (Churn(str(path)).load()["test"] for path in (plain, packed))
    assert from_plain.x.equals(from_packed.x) and from_plain.y.equals(from_packed.y)
    assert plain.stat().st_size == churn.TABLE.size_bytes
    assert hashlib.sha256(plain.read_bytes()).hexdigest() == churn.TABLE.sha256


def test_pima_has_768_rows_of_8_and_268_positives(found: Path) -> None:
    whole = build("pima", test_fraction=0).load()["train"]
    assert whole.x.shape == (768, 8) and whole.x.dtype == np.float32
    assert whole.x[0].tolist() == [np.float32(v) for v in (6, 148, 72, 35, 0, 33.6, 0.627, 50)]
    assert whole.y.dtype == np.int64 and np.bincount(whole.y).tolist() == [500, 268]
    assert whole.x.flags.writeable and whole.y.flags.writeable


def test_pima_s_impossible_zeros_are_missing_where_asked(found: Path) -> None:
    raw = Pima(test_fraction=0, as_frame=True).load()["train"].x
    whole = Pima(test_fraction=0, as_frame=True, zeros_are_missing=True).load()["train"]
    assert list(whole.x.columns) == list(Pima.features) and whole.y.name == "diabetes"
    assert whole.x.isna().sum().to_dict() == dict.fromkeys(Pima.features, 0) | {
        "glucose": 5, "blood_pressure": 35, "skin_thickness": 227, "insulin": 374, "bmi": 11,
    }  # fmt: skip
    assert whole.x.fillna(0).equals(raw) and (raw["pregnancies"] == 0).sum() == 111
    assert set(NEVER_ZERO) < set(Pima.features)


def test_pima_s_missing_values_do_not_get_into_arrays() -> None:
    with pytest.raises(ArgumentError) as caught:
        Pima(zeros_are_missing=True)
    text = "zeros_are_missing needs as_frame: true: missing values stand in tables, not in arrays"
    assert str(caught.value) == text


def test_airline_passengers_is_one_series_in_order(found: Path) -> None:
    splits = build("airline_passengers").load()
    assert tuple(splits) == AirlinePassengers.splits == ("train",)
    x, y = splits["train"].x, splits["train"].y
    assert x.shape == (144, 1) and x.dtype == y.dtype == np.float32
    assert np.array_equal(x[:, 0], y)
    assert y[:3].tolist() == [112, 118, 132] and y[-1] == 432 and y.max() == 622
    x[0] = 0
    assert y[0] == 112 and x.flags.writeable


def test_airline_passengers_as_a_table_know_their_months(found: Path) -> None:
    x = AirlinePassengers(as_frame=True).load()["train"].x
    assert list(x.columns) == ["Passengers"]
    assert (str(x.index[0].date()), str(x.index[-1].date())) == ("1949-01-01", "1960-12-01")


def test_the_face_of_airline_passengers_gives_the_numbers(found: Path) -> None:
    assert datasets.airline_passengers.load_data().shape == (144,)


# As Keras prints them: its first training row, the first targets and the last ones of the 404.
KERAS_FIRST_ROW = [1.23247, 0.0, 8.14, 0.0, 0.538, 6.142, 91.7, 3.9769, 4.0, 307.0, 21.0, 396.9, 18.72]
KERAS_FIRST_TARGETS = [
    15.2, 42.3, 50.0, 21.1, 17.7, 18.5, 11.3, 15.6, 15.6, 14.4, 12.1, 17.9, 23.1, 19.9, 15.7, 8.8, 50.0, 22.5, 24.1, 27.5
]  # fmt: skip
KERAS_LAST_TARGETS = [17.8, 7.0, 11.8, 24.4, 13.8, 19.4, 25.2, 19.4, 19.4, 29.1]


def test_boston_housing_has_keras_rows_in_keras_order(found: Path) -> None:
    (x_train, y_train), (x_test, y_test) = datasets.boston_housing.load_data()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((404, 13), (404,), (102, 13), (102,))
    assert x_train.dtype == y_test.dtype == np.float64
    assert x_train[0].tolist() == KERAS_FIRST_ROW
    assert y_train[:20].tolist() == KERAS_FIRST_TARGETS and y_train[-10:].tolist() == KERAS_LAST_TARGETS


def test_boston_housing_from_keras_file_and_from_the_text_are_the_same(
    found: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.loadtxt(found / "boston-housing/housing.csv", delimiter=",")
    place = tmp_path / "kept.npz"
    np.savez(place, x=rows[:, :-1], y=rows[:, -1])
    sha = hashlib.sha256(place.read_bytes()).hexdigest()
    monkeypatch.setattr(boston_housing, "ARCHIVE", DataFile("boston_housing.npz", "http://127.0.0.1:9/x", sha, 1))
    by_text = BostonHousing(str(found / "boston-housing/housing.csv")).load()
    (tmp_path / "folder").mkdir()
    shutil.copy(place, tmp_path / "folder/boston_housing.npz")
    for path in (place, tmp_path / "folder"):
        splits = BostonHousing(str(path)).load()
        for name in ("train", "test"):
            assert np.array_equal(splits[name].x, by_text[name].x)
            assert np.array_equal(splits[name].y, by_text[name].y)
            assert splits[name].x.dtype == np.float32


def test_boston_housing_as_a_table_and_with_another_split(found: Path) -> None:
    made = BostonHousing(test_split=0, seed=1, as_frame=True, dtype="float64")
    whole = made.load()["train"]
    assert made.splits == ("train",)
    assert list(whole.x.columns) == list(BostonHousing.features) and whole.y.name == "MEDV"
    assert whole.x.index.tolist() == np.random.RandomState(1).permutation(506).tolist()
    assert (whole.x.loc[0, "CRIM"], whole.x.loc[0, "LSTAT"], whole.y.loc[0]) == (0.00632, 4.98, 24.0)
    assert len(BostonHousing(test_split=0.5).load()["test"]) == 253


@pytest.mark.parametrize(
    ("test_split", "text"),
    [
        (1, "test_split must be a number in [0, 1). Received: 1"),
        (0.999, "test_split must be 0, or leave at least 1 of the 506 rows in both splits. Received: 0.999"),
        (1e-20, "test_split must be 0, or leave at least 1 of the 506 rows in both splits. Received: 1e-20"),
    ],
)
def test_a_test_split_that_leaves_nothing_is_refused(test_split: float, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        BostonHousing(test_split=test_split)
    assert str(caught.value) == text


PUBLISHED = [
    pytest.param(Churn, churn.TABLE, id="churn"),
    pytest.param(Pima, pima.TABLE, id="pima"),
    pytest.param(AirlinePassengers, airline_passengers.TABLE, id="airline_passengers"),
    pytest.param(BostonHousing, boston_housing.TABLE, id="boston_housing"),
]


@pytest.mark.parametrize(("maker", "file"), PUBLISHED)
def test_another_file_of_that_name_is_refused(maker: Any, file: DataFile, tmp_path: Path) -> None:
    content = b"one column\n1\n2\n"
    (tmp_path / file.name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        maker(path=str(tmp_path)).load()
    assert str(caught.value) == (
        f"{tmp_path / file.name}: this is not the published file.\nsha256 expected: {file.content_sha256}\n"
        f"sha256 found:    {hashlib.sha256(content).hexdigest()}\nRemove it or put a sound copy in its place."
    )


def test_a_web_page_in_place_of_the_file_is_called_one(tmp_path: Path) -> None:
    place = tmp_path / "Churn_Modelling.csv"
    place.write_text("\n<!DOCTYPE HTML><html>404</html>")
    with pytest.raises(DataError) as caught:
        Churn(str(place)).load()
    assert str(caught.value).splitlines()[0] == f"{place}: this is not the published file but a web page."


@pytest.mark.parametrize("kept", [10, 1000, 100_000])
def test_a_gzip_file_that_is_cut_off_is_an_error(kept: int, found: Path, tmp_path: Path) -> None:
    place = tmp_path / "Churn_Modelling.csv.gz"
    place.write_bytes((found / "churn/Churn_Modelling.csv.gz").read_bytes()[:kept])
    with pytest.raises(DataError) as caught:
        Churn(str(tmp_path)).load()
    assert str(caught.value).startswith(f"{place}: the gzip file is damaged or cut off: ")


@pytest.mark.parametrize(("maker", "file"), PUBLISHED)
def test_a_missing_file_is_named_with_url_hash_size_and_folder(maker: Any, file: DataFile, monkeypatch) -> None:
    def refuse(file: DataFile, folder: Path) -> Path:
        raise ConnectionRefusedError("no network in tests")

    monkeypatch.setattr("kexp.core.files.download", refuse)
    with pytest.raises(MissingFileError) as caught:
        maker().load()
    name = plugins.current()["dataset"].name_of(maker)
    wanted = boston_housing.ARCHIVE if maker is BostonHousing else file  # Keras' own file is what is fetched
    lines = str(caught.value).splitlines()
    assert lines[:4] == [
        f"1 file of the data set {name!r} not found, and the download failed (no network in tests):",
        f"  {wanted.name} ({wanted.size_bytes} bytes)",
        f"    from   {wanted.url}",
        f"    sha256 {wanted.sha256}",
    ]
    assert f"/home/datasets/{name}, or name a folder" in lines[4]
