"""Parquet: tables by row groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.layers import Dense
from kexp.models import Sequential
from kexp.testing import check_dataset
from kexp_plugins.datasets.parquet import Parquet

pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra 'parquet')")

RNG = np.random.default_rng(0)
TABLE = pandas.DataFrame(
    {"a": RNG.random(95), "b": RNG.integers(0, 9, 95), "city": ["Rome", "Oslo", None, "Bonn", "Kiel"] * 19,
     "y": RNG.integers(0, 2, 95)}
)  # fmt: skip


def written(folder: Path, table: Any = TABLE) -> str:
    table.to_parquet(folder / "table.parquet", row_group_size=20)
    return str(folder / "table.parquet")


def test_numbers_come_from_any_row_groups_in_any_order(tmp_path: Path) -> None:
    train = Parquet(written(tmp_path), "y", ["a", "b"], dtype="float64").load()["train"]
    rows = RNG.integers(0, 95, 50)
    assert train.x.chunk_rows == 20
    assert np.array_equal(train.x.take(rows), TABLE[["a", "b"]].to_numpy("float64")[rows])
    assert np.array_equal(train.y.take(rows), TABLE["y"].to_numpy()[rows])
    assert np.array_equal(train.y.take(slice(15, 70)), TABLE["y"].to_numpy()[15:70])
    assert train.x.take(np.array([], dtype=int)).shape == (0, 2)


def test_tables_keep_texts_and_gaps(tmp_path: Path) -> None:
    train = Parquet(written(tmp_path), "y", as_table=True).load()["train"]
    found = train.x.take(np.array([94, 2, 41]))
    assert list(found.columns) == ["a", "b", "city"]
    assert found["city"].isna().tolist() == [False, True, False]
    assert found["a"].tolist() == TABLE["a"].iloc[[94, 2, 41]].tolist()
    assert found.index.tolist() == [94, 2, 41]


def test_it_keeps_the_contract_of_data_sets(tmp_path: Path) -> None:
    path = written(tmp_path)
    check_dataset(lambda: Parquet(path, "y", ["a", "b"]))


def test_a_model_trains_from_a_file_whatever_the_workers(tmp_path: Path) -> None:
    train = Parquet(written(tmp_path), "y", ["a", "b"]).load()["train"]

    def trained(workers: int) -> list[bytes]:
        model = Sequential([Dense(1, activation="sigmoid", input_dim=2)], seed=0)
        model.compile("adam", "binary_crossentropy")
        model.fit(train.x, train.y, batch_size=8, epochs=2, verbose=0, workers=workers)
        return [weight.tobytes() for weight in model.get_weights()]

    assert trained(0) == trained(3)


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"target": "price"}, f"{path} has no column 'price', asked for as target. It has: a, b, city, y"),
        ({"target": "y"}, f"{path}: column 'city' holds values of type large_string, and numbers are needed. Leave it "
         "out of `features`, or set as_table: true and turn it into numbers in a pipeline"),
    ]  # fmt: skip
    for arguments, text in cases:
        with pytest.raises(DataError) as error:
            Parquet(path, **arguments).load()
        assert str(error.value) == text
    with pytest.raises(ArgumentError, match="column 'y' is both target and feature"):
        Parquet(path, "y", ["a", "y"]).load()


def test_gaps_and_infinities_are_told_with_row_and_column(tmp_path: Path) -> None:
    table = TABLE[["a", "b"]].copy()
    table.loc[33, "a"] = np.nan
    source = Parquet(written(tmp_path, table), "b").load()["train"].x
    assert len(source.take(slice(0, 20))) == 20
    with pytest.raises(DataError, match=r"row 33, column 'a' is missing. Fill it or leave the row out"):
        source.take(np.array([25]))
    table.loc[33, "a"] = np.inf
    source = Parquet(written(tmp_path, table), "b").load()["train"].x
    with pytest.raises(DataError, match=r"row 33, column 'a' holds inf"):
        source.take(np.array([25]))


def test_damaged_and_missing_files_are_told(tmp_path: Path) -> None:
    path = Path(written(tmp_path))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match="is not a Parquet file, or it is damaged or cut off"):
        Parquet(str(path), "y").load()
    with pytest.raises(MissingFileError, match="the Parquet file .* is not there"):
        Parquet(str(tmp_path / "none.parquet"), "y").load()


def test_row_groups_that_all_stay_in_memory_are_shuffled_as_one(tmp_path: Path) -> None:
    TABLE.to_parquet(tmp_path / "few.parquet", row_group_size=40)
    train = Parquet(str(tmp_path / "few.parquet"), "y", ["a"]).load()["train"]
    assert train.x.chunk_rows == 1
    assert np.array_equal(train.y.take(np.array([94, 0, 50])), TABLE["y"].to_numpy()[[94, 0, 50]])
