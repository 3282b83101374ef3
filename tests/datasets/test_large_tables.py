"""covtype and california_housing, on small files of their formats."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import _california_housing, _covtype

from kexp import datasets
from kexp.core.files import DataFile
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.testing import check_dataset
from kexp_plugins.datasets import california_housing, covtype
from kexp_plugins.datasets.california_housing import CaliforniaHousing
from kexp_plugins.datasets.covtype import Covtype

RNG = np.random.default_rng(0)
PATCHES = np.c_[RNG.integers(0, 4000, (140, 10)), RNG.integers(0, 2, (140, 44)), np.repeat(np.arange(1, 8), 20)]


@pytest.fixture
def forest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """covtype.data.gz with 140 patches, its hash taken for the published one."""
    place = tmp_path / "covtype.data.gz"
    place.write_bytes(gzip.compress("".join(",".join(map(str, row)) + "\n" for row in PATCHES).encode()))
    sha = hashlib.sha256(place.read_bytes()).hexdigest()
    monkeypatch.setattr(covtype, "ARCHIVE", DataFile(place.name, "http://127.0.0.1:9/x", sha, 1))
    return place


def test_covtype_keeps_numbers_and_labels_as_published(forest: Path) -> None:
    whole = Covtype(str(forest), test_fraction=0).load()["train"]
    assert whole.x.dtype == np.float32 and np.array_equal(whole.x, PATCHES[:, :54])
    assert whole.y.dtype == np.int64 and np.array_equal(whole.y, PATCHES[:, 54])
    assert whole.x.flags.writeable and whole.y.flags.writeable


def test_covtype_tests_a_fifth_with_classes_in_proportion(forest: Path) -> None:
    splits = Covtype(str(forest.parent)).load()
    assert np.bincount(splits["test"].y).tolist() == [0] + [4] * 7
    assert np.bincount(splits["train"].y).tolist() == [0] + [16] * 7


def test_covtype_keeps_the_contract(forest: Path) -> None:
    check_dataset(lambda: Covtype(str(forest)))
    check_dataset(lambda: Covtype(str(forest), as_frame=True))


def test_covtype_as_a_table_has_scikit_learn_s_names(forest: Path) -> None:
    whole = Covtype(str(forest), test_fraction=0, as_frame=True).load()["train"]
    assert list(whole.x.columns) == _covtype.FEATURE_NAMES and whole.y.name == "Cover_Type"
    assert len(Covtype.classes) == 7 and datasets.covtype.classes == Covtype.classes


def test_covtype_is_the_file_that_scikit_learn_fetches() -> None:
    assert (covtype.ARCHIVE.url, covtype.ARCHIVE.sha256) == (_covtype.ARCHIVE.url, _covtype.ARCHIVE.checksum)
    assert covtype.N_ROWS == 581012


def test_a_damaged_covtype_is_refused(forest: Path) -> None:
    forest.write_bytes(forest.read_bytes()[:500])
    with pytest.raises(DataError) as caught:
        Covtype(str(forest)).load()
    assert str(caught.value).splitlines()[0] == f"{forest}: this is not the published file."


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """california_housing.npz with 700 districts, its hash taken for the published one."""
    place = tmp_path / "california_housing.npz"
    x = np.arange(5600, dtype=np.float32).reshape(700, 8)
    np.savez(place, x=x, y=np.arange(700, dtype=np.float32))
    sha = hashlib.sha256(place.read_bytes()).hexdigest()
    monkeypatch.setattr(california_housing, "ARCHIVE", DataFile(place.name, "http://127.0.0.1:9/x", sha, 1))
    return place


def test_california_housing_is_shuffled_and_cut_as_keras_does_it(houses: Path) -> None:
    for version, n in (("large", 700), ("small", 600)):
        rows = np.arange(n)
        np.random.RandomState(113).shuffle(rows)
        (x_train, y_train), (x_test, y_test) = datasets.california_housing.load_data(version, houses)
        n_train = int(n * 0.8)
        assert np.array_equal(y_train, rows[:n_train]) and np.array_equal(y_test, rows[n_train:])
        assert np.array_equal(x_train[:, 0], 8 * rows[:n_train]) and np.array_equal(
            x_test[:, 7], 8 * rows[n_train:] + 7
        )
        assert x_train.dtype == y_test.dtype == np.float32


def test_california_housing_keeps_the_contract(houses: Path) -> None:
    check_dataset(lambda: CaliforniaHousing(path=str(houses), test_split=0.5, seed=1))
    assert tuple(CaliforniaHousing(path=str(houses), test_split=0).load()) == ("train",)


def test_california_housing_has_the_size_of_nine_columns_of_float32() -> None:
    """The published file is an uncompressed npz: headers aside, its size is that of x and y in float32."""
    assert 0 < california_housing.ARCHIVE.size_bytes - 4 * 9 * 20640 < 1000
    assert _california_housing.ARCHIVE.checksum != california_housing.ARCHIVE.sha256  # it is another file


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"version": "medium"}, "version must be one of 'small', 'large'. Received: 'medium'"),
        ({"test_split": -0.1}, "test_split must be a number in [0, 1). Received: -0.1"),
        (
            {"version": "small", "test_split": 0.9999},
            "test_split must be 0, or leave at least 1 of the 600 rows in both splits. Received: 0.9999",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        CaliforniaHousing(**arguments)
    assert str(caught.value) == text


def test_a_given_folder_without_the_file_is_no_reason_to_download(tmp_path: Path) -> None:
    for maker, name in ((Covtype, "covtype.data.gz"), (CaliforniaHousing, "california_housing.npz")):
        with pytest.raises(MissingFileError) as caught:
            maker(path=str(tmp_path / "none")).load()
        lines = str(caught.value).splitlines()
        assert lines[0].endswith(f"not found in {tmp_path / 'none'}:") and lines[1].split()[0] == name
