"""NPY, NPZ and Arrays: arrays of NumPy's own files, and those handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.layers import Dense
from kexp.models import Sequential
from kexp.testing import check_dataset
from kexp_plugins.datasets.arrays import Arrays
from kexp_plugins.datasets.npy import NPY
from kexp_plugins.datasets.npz import NPZ

RNG = np.random.default_rng(0)
X = RNG.random((150, 4), dtype="float32")
Y = RNG.integers(0, 2, 150)


def saved(folder: Path, x: Any = X, y: Any = Y) -> dict[str, str]:
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    return {"x": str(folder / "x.npy"), "y": str(folder / "y.npy")}


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", ">f8", "bool", "float16"])
def test_rows_of_a_file_come_in_any_order(tmp_path: Path, dtype: str) -> None:
    x = (X * 200).astype(dtype)
    source = NPY(**saved(tmp_path, x)).load()["train"].x
    rows = RNG.integers(0, 150, 60)
    assert np.array_equal(source.take(rows), x[rows])
    assert np.array_equal(source.take(slice(10, 99)), x[10:99])
    assert np.array_equal(source.take(np.array([-1])), x[-1:])
    with pytest.raises(IndexError, match="has 150 rows. Received the row 150"):
        source.take(np.array([3, 150]))


def test_they_keep_the_contract_of_data_sets(tmp_path: Path) -> None:
    files = saved(tmp_path)
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y)
    check_dataset(lambda: NPY(**files))
    check_dataset(lambda: NPZ(str(tmp_path / "data.npz")))
    check_dataset(lambda: Arrays(X, Y), skip=["config", "repeatable"])  # it hands over the very arrays


def test_a_file_trains_as_its_array_does(tmp_path: Path) -> None:
    train = NPY(**saved(tmp_path)).load()["train"]

    def trained(x: Any, y: Any) -> list[bytes]:
        model = Sequential([Dense(1, activation="sigmoid", input_dim=4)], seed=0)
        model.compile("adam", "binary_crossentropy")
        model.fit(x, y, epochs=2, shuffle=False, verbose=0)
        return [weight.tobytes() for weight in model.get_weights()]

    assert trained(train.x, train.y) == trained(X, Y)


def test_test_files_make_the_test_split(tmp_path: Path) -> None:
    files = saved(tmp_path)
    data = NPY(**files, x_test=files["x"], y_test=files["y"])
    assert data.splits == ("train", "test")
    assert len(data.load()["test"]) == 150


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.asfortranarray(X), "{x} lies in Fortran order, column by column. Save it row by row: np.save(file, "
         "np.ascontiguousarray(x))"),
        (np.array(["a"] * 150), "{x} holds values of dtype <U1, and numbers are needed"),
        (np.array(3.0), "{x} holds a single value, and rows are needed"),
        (X[:0], "{x} has no rows: shape (0, 4)"),
        (X[:100], "{x} has 100 rows and {y} has 150"),
    ],
)  # fmt: skip
def test_arrays_that_cannot_be_used_are_told(tmp_path: Path, x: Any, text: str) -> None:
    files = saved(tmp_path, x)
    with pytest.raises(DataError) as error:
        NPY(**files).load()
    assert str(error.value) == text.format(**files)


def test_damaged_files_are_told(tmp_path: Path) -> None:
    files = saved(tmp_path)
    whole = Path(files["x"]).read_bytes()
    Path(files["x"]).write_bytes(whole[:-100])
    with pytest.raises(DataError) as error:
        NPY(**files).load()
    size = len(whole)
    assert str(error.value) == (
        f"{files['x']} is cut off: an array (150, 4) needs {size} bytes, and the file has {size - 100}"
    )
    Path(files["x"]).write_bytes(b"1,2,3\n")
    with pytest.raises(DataError, match=r"x\.npy is not a \.npy file as numpy\.save writes it"):
        NPY(**files).load()
    Path(files["x"]).write_bytes(whole[:30])
    with pytest.raises(DataError, match=r"the header of the \.npy file is damaged"):
        NPY(**files).load()
    with pytest.raises(MissingFileError, match=r"the file .*none\.npy is not there"):
        NPY(str(tmp_path / "none.npy")).load()


def test_a_value_that_is_not_finite_is_told_with_its_row(tmp_path: Path) -> None:
    bad = X.copy()
    bad[77, 2] = np.nan
    source = NPY(**saved(tmp_path, bad)).load()["train"].x
    assert np.array_equal(source.take(slice(0, 77)), X[:77])
    with pytest.raises(DataError, match=r"x\.npy: row 77, place 2 holds nan, which is not finite. Repair"):
        source.take(np.array([140, 77, 3]))


def test_npz_reads_arrays_by_name(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "data.npz", x_train=X, y_train=Y, x_test=X[:5], y_test=Y[:5], other=X[:, :1])
    splits = NPZ(str(tmp_path / "data.npz")).load()
    assert {name: len(split) for name, split in splits.items()} == {"train": 150, "test": 5}
    assert NPZ(str(tmp_path / "data.npz"), "other", None, None).load()["train"].y is None
    with pytest.raises(DataError) as error:
        NPZ(str(tmp_path / "data.npz"), "images").load()
    assert str(error.value) == (
        f"{tmp_path / 'data.npz'} has no array 'images'. There are: x_train, y_train, x_test, y_test, other"
    )


def test_npz_reads_objects_only_when_it_is_told_to(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x_train=np.array([[1], [2, 3]], dtype=object), y_train=np.array([0, 1]))
    with pytest.raises(
        DataError, match="'x_train' holds Python objects, and to read them can run any code. If you trust"
    ):
        NPZ(str(tmp_path / "data.npz")).load()
    assert NPZ(str(tmp_path / "data.npz"), allow_pickle=True).load()["train"].x[1] == [2, 3]


def test_a_damaged_npz_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y)
    whole = (tmp_path / "data.npz").read_bytes()
    (tmp_path / "data.npz").write_bytes(whole[:-300])
    with pytest.raises(DataError, match="is not an .npz file, or it is damaged"):
        NPZ(str(tmp_path / "data.npz")).load()
    (tmp_path / "data.npz").write_bytes(whole[:500] + b"\x00\x01\x02" + whole[503:])
    with pytest.raises(DataError, match="the array 'x_train' is damaged"):
        NPZ(str(tmp_path / "data.npz")).load()


def test_arrays_are_made_in_python_only() -> None:
    assert Arrays(X, Y, X[:5], Y[:5]).splits == ("train", "test")
    with pytest.raises(ArgumentError) as error:
        Arrays()
    assert str(error.value) == (
        "the data set 'arrays' is made in Python, from arrays: Arrays(x, y). In a config name a file instead: "
        "dataset=npy, npz, hdf5, csv or parquet. Received: x=None"
    )
