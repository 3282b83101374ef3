"""HDF5: what is read, how, and what is refused."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.layers import Concatenate, Dense, Input
from kexp.models import Model, Sequential
from kexp.testing import check_dataset
from kexp_plugins.datasets.hdf5 import HDF5

RNG = np.random.default_rng(0)
X = RNG.random((200, 5), dtype="float32")
Y = RNG.integers(0, 3, 200).astype("uint8")


def written(folder: Path, **options: Any) -> str:
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_dataset("x", data=X, **options)
        file.create_dataset("y", data=Y)
    return str(folder / "data.h5")


@pytest.mark.parametrize(
    "options",
    [{}, {"chunks": (7, 5)}, {"chunks": (7, 2), "compression": "gzip"}, {"dtype": ">f4"}],
    ids=["contiguous", "chunked", "compressed", "big-endian"],
)
def test_rows_come_in_any_order_from_any_layout(tmp_path: Path, options: dict[str, Any]) -> None:
    train = HDF5(written(tmp_path, **options)).load()["train"]
    rows = RNG.integers(0, 200, 77)
    assert np.array_equal(train.x.take(rows), X[rows])
    assert np.array_equal(train.x.take(slice(3, 90)), X[3:90])
    assert np.array_equal(train.y.take(np.array([199, 0, 0])), Y[[199, 0, 0]])
    assert train.x.take(rows).dtype == np.float32
    assert train.x.take(np.array([], dtype=int)).shape == (0, 5)


def test_it_keeps_the_contract_of_data_sets(tmp_path: Path) -> None:
    path = written(tmp_path)
    check_dataset(lambda: HDF5(path))


def test_neighbours_are_read_together(tmp_path: Path) -> None:
    source = HDF5(written(tmp_path)).load()["train"].x
    calls: list[tuple[int, int]] = []
    read = source.read
    source.read = lambda start, stop, out: calls.append((start, stop)) or read(start, stop, out)
    source.take(np.array([12, 3, 10, 4, 11, 5]))
    assert calls == [(3, 6), (10, 13)]


def test_several_threads_read_at_once(tmp_path: Path) -> None:
    source = HDF5(written(tmp_path)).load()["train"].x
    wrong: list[int] = []

    def read(seed: int) -> None:
        rows = np.random.default_rng(seed).integers(0, 200, 50)
        wrong.extend([seed] if not np.array_equal(source.take(rows), X[rows]) else [])

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_groups_are_splits(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        for name, part in (("train", slice(0, 150)), ("test", slice(150, 200))):
            file[f"{name}/x"], file[f"{name}/y"] = X[part], Y[part]
    splits = HDF5(str(tmp_path / "data.h5")).load()
    assert {name: len(split) for name, split in splits.items()} == {"train": 150, "test": 50}
    assert np.array_equal(splits["test"].x.take(slice(0, 50)), X[150:])


def test_a_model_trains_evaluates_and_predicts_from_a_file(tmp_path: Path) -> None:
    train = HDF5(written(tmp_path)).load()["train"]
    model = Sequential([Dense(3, activation="softmax", input_dim=5)], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train.x, train.y, batch_size=20, epochs=2, verbose=0, validation_split=0.25)
    assert np.allclose(model.evaluate(train.x, train.y), model.evaluate(X, Y), rtol=1e-5)
    assert np.array_equal(model.predict(train.x, batch_size=32), model.predict(X, batch_size=32))


def test_a_list_of_names_feeds_several_inputs(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["a"], file["b/c"], file["y"] = X[:, :2].astype("float64"), X[:, 2:], X.sum(1)
    train = HDF5(str(tmp_path / "data.h5"), ["a", "b/c"]).load()["train"]
    a, b = Input((2,)), Input((3,))
    model = Model([a, b], Dense(1)(Concatenate()([a, b])), seed=0)
    model.compile("adam", "mse")
    history = model.fit(train.x, train.y, epochs=2, verbose=0).history["loss"]
    assert history[1] < history[0]


def test_a_value_that_is_not_finite_is_told_with_its_row(tmp_path: Path) -> None:
    bad = X.copy()
    bad[[120, 130], 3] = np.nan, np.inf
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = bad, Y
    train = HDF5(str(tmp_path / "data.h5")).load()["train"]
    model = Sequential([Dense(3, activation="softmax", input_dim=5)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(DataError) as error:
        model.fit(train.x, train.y, verbose=0)
    assert str(error.value) == (
        f"{tmp_path / 'data.h5'}, dataset 'x': row 120, place 3 holds nan, which is not finite (one of 2 such values "
        "in 200 rows). Repair or leave out these rows"
    )


def test_large_finite_values_are_no_error(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = np.full((4, 2), 3e38, "float32"), Y[:4]
    assert HDF5(str(tmp_path / "data.h5")).load()["train"].x.take(slice(0, 4)).max() == np.float32(3e38)


@pytest.mark.parametrize(
    ("make", "arguments", "text"),
    [
        (lambda p: p.write_bytes(b"x,y\n1,2\n"), {}, "{p} is not an HDF5 file"),
        (lambda p: p.write_bytes(b""), {}, "{p}: the file is empty"),
        (lambda p: None, {"x": "images"}, "{p} has no dataset 'images'. There are: more/z, text, x, y"),
        (lambda p: None, {"x": "more"}, "{p} holds a group 'more', and a dataset is needed. There are: more/z, text, x, y"),
        (lambda p: None, {"x": "more/z"}, "{p}: all datasets must have the same number of rows: 'more/z' has 3, 'y' has 200"),
        (lambda p: None, {"y": "text"}, "{p}, dataset 'text' holds texts, and numbers are needed"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path: Path, make: Any, arguments: dict[str, Any], text: str) -> None:
    path = Path(written(tmp_path))
    with h5py.File(path, "a") as file:
        file["more/z"], file["text"] = np.zeros(3), np.array([b"a"] * 200)
    make(path)
    with pytest.raises(DataError) as error:
        HDF5(str(path), **arguments).load()
    assert str(error.value) == text.format(p=path)


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = Path(written(tmp_path))
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DataError, match=f"{re.escape(str(path))}: the HDF5 file is damaged or cut off: "):
        HDF5(str(path)).load()


def test_a_missing_file_and_wrong_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError) as error:
        HDF5(str(tmp_path / "none.h5")).load()
    assert str(error.value) == f"the HDF5 file {tmp_path / 'none.h5'} is not there"
    with pytest.raises(ArgumentError, match="x must name a dataset of the file, or be a list of names. Received: 3"):
        HDF5("a.h5", x=3)  # type: ignore[arg-type]


def test_groups_are_splits_that_are_known_before_the_file_is_read(tmp_path: Path) -> None:
    assert HDF5(written(tmp_path)).splits == ("train",)
    with h5py.File(tmp_path / "split.h5", "w") as file:
        for name in ("test", "train"):
            file.create_dataset(f"{name}/x", data=X)
            file.create_dataset(f"{name}/y", data=Y)
    made = HDF5(str(tmp_path / "split.h5"))
    assert made.splits == tuple(made.load()) == ("train", "test")
    assert HDF5(str(tmp_path / "nowhere.h5")).splits == ("train",)
