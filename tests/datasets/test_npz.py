"""NPZ: arrays by name, splits, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kexp.errors import DataError, MissingFileError
from kexp_plugins.datasets.npz import NPZ

X, Y = np.arange(12.0).reshape(6, 2), np.arange(6)


def written(folder: Path, **arrays: np.ndarray) -> str:
    np.savez(folder / "data.npz", **arrays)
    return str(folder / "data.npz")


def test_train_and_test_arrays_are_splits(tmp_path: Path) -> None:
    made = NPZ(written(tmp_path, x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2]))
    splits = made.load()
    assert made.splits == tuple(splits) == ("train", "test")
    assert np.array_equal(splits["test"].x, X[:2])
    assert np.array_equal(splits["train"].y, Y)


def test_other_names_can_be_given(tmp_path: Path) -> None:
    made = NPZ(written(tmp_path, a=X, b=Y), x="a", y="b")
    assert made.splits == ("train",)
    assert np.array_equal(made.load()["train"].x, X)


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ({"x_train": X}, "{path} has no array 'y_train'. There are: x_train"),
        ({"x_train": X, "y_train": Y[:3]}, "{path}: 'x_train' has 6 rows and 'y_train' has 3"),
        ({"x_train": np.where(X == 7, np.nan, X), "y_train": Y}, "{path}: 'x_train' holds a value that is not finite, the first in row 3"),
        ({"x_train": np.array(3.0), "y_train": Y}, "{path}: 'x_train' is a single value, and rows are needed"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(arrays: dict[str, np.ndarray], text: str, tmp_path: Path) -> None:
    path = written(tmp_path, **arrays)
    with pytest.raises(DataError) as error:
        NPZ(path).load()
    assert str(error.value) == text.format(path=path)


def test_a_damaged_file_and_none_at_all(tmp_path: Path) -> None:
    path = Path(written(tmp_path, x_train=X, y_train=Y))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="is not an .npz file, or it is damaged"):
        NPZ(str(path)).load()
    with pytest.raises(MissingFileError, match="nowhere.npz is not there"):
        NPZ(str(tmp_path / "nowhere.npz")).load()


def test_objects_are_read_only_when_asked(tmp_path: Path) -> None:
    ragged = np.array([[1], [1, 2]], dtype=object)
    path = written(tmp_path, x_train=ragged, y_train=Y[:2])
    with pytest.raises(DataError, match="'x_train' holds Python objects, .* set allow_pickle: true"):
        NPZ(path).load()
    assert NPZ(path, allow_pickle=True).load()["train"].x.tolist() == [[1], [1, 2]]
