"""OpenML, with scikit-learn's fetcher in the place of the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
from sklearn.utils import Bunch

from kexp import datasets
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.testing import check_dataset
from kexp_plugins.datasets.openml import OpenML

N = 40


def fetched(**changes: Any) -> Bunch:
    towns = pd.Categorical(["Ulm", None, "Köln", "Ulm"] * (N // 4))
    frame = pd.DataFrame({"size": np.linspace(0, 1, N), "town": towns, "rank": range(N)})
    frame["kind"] = pd.Categorical(["a", "b"] * (N // 2))
    target = frame["kind"]
    return Bunch(**({"data": frame.drop(columns="kind"), "target": target, "frame": frame} | changes))


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Answers scikit-learn's fetch_openml with what it is given, an error if it is one; lists the calls."""
    calls: list[dict[str, Any]] = []

    def answer(result: Any) -> list[dict[str, Any]]:
        def fetch_openml(**arguments: Any) -> Any:
            calls.append(arguments)
            if isinstance(result, Exception):
                raise result
            return result()

        monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch_openml)
        return calls

    return answer


def test_categories_become_texts_and_missing_values_stay(fetch: Any) -> None:
    fetch(fetched)
    whole = OpenML("houses").load()["train"]
    assert whole.x["town"].isna().sum() == 10 and whole.x["town"].dtype != "category"
    assert whole.x["town"].iloc[0] == "Ulm" and whole.x["size"].dtype == np.float64
    assert whole.y.name == "kind" and whole.y.tolist() == ["a", "b"] * 20 and whole.y.dtype != "category"


def test_what_is_chosen_is_what_is_fetched_into_the_cache(fetch: Any, tmp_path: Path) -> None:
    calls = fetch(fetched)
    OpenML("houses", 3, "kind").load()
    OpenML(data_id=61, path=str(tmp_path / "mine")).load()
    common = {"as_frame": True}
    assert calls == [
        {"name": "houses", "version": 3, "target_column": "kind", "data_home": f"{tmp_path}/home/datasets/openml"}
        | common,
        {"data_id": 61, "target_column": "default-target", "data_home": f"{tmp_path}/mine"} | common,
    ]


def test_a_part_of_the_rows_tests(fetch: Any) -> None:
    fetch(fetched)
    splits = OpenML("houses", test_fraction=0.25, seed=2).load()
    order = np.random.RandomState(2).permutation(N)
    assert splits["test"].x["rank"].tolist() == order[:10].tolist()
    assert splits["train"].x["rank"].tolist() == order[10:].tolist()
    check_dataset(lambda: OpenML("houses", test_fraction=0.25))
    check_dataset(lambda: OpenML(data_id=61))
    assert datasets.openml.load_data(name="houses", test_fraction=0.25)[1][0].shape == (10, 3)


def test_without_a_network_the_error_says_where_it_would_be_kept(fetch: Any, tmp_path: Path) -> None:
    fetch(URLError("no network in tests"))
    with pytest.raises(MissingFileError) as caught:
        OpenML("houses", 2, path=str(tmp_path)).load()
    assert str(caught.value) == (
        f"OpenML's data set 'houses', version 2 is not in {tmp_path}, and the download from https://www.openml.org "
        "failed (<urlopen error no network in tests>).\n"
        f"Fetch it once with a network, or copy the folder {tmp_path}/openml from a computer that has it; another "
        "folder is chosen with dataset.path=FOLDER (in Python: path=)."
    )


@pytest.mark.parametrize("error", [ValueError("Dataset houses not found."), KeyError("Dataset houses not found.")])
def test_a_table_that_openml_has_not_is_an_error(fetch: Any, error: Exception) -> None:
    fetch(error)
    with pytest.raises(DataError) as caught:
        OpenML("houses").load()
    text = "OpenML's data set 'houses', version 1 cannot be had from https://www.openml.org: Dataset houses not found."
    assert str(caught.value) == text


@pytest.mark.parametrize("target", [None, fetched().frame[["rank", "size"]]])
def test_a_table_without_one_target_needs_one_named(fetch: Any, target: Any) -> None:
    fetch(lambda: fetched(target=target))
    with pytest.raises(DataError) as caught:
        OpenML(data_id=61).load()
    assert str(caught.value) == (
        "OpenML's data set 61 names not one column as its target: say which with target. It has size, town, rank, kind"
    )


def test_rows_without_a_target_are_an_error(fetch: Any) -> None:
    fetch(lambda: fetched(target=fetched().frame["town"]))
    with pytest.raises(DataError) as caught:
        OpenML(data_id=61).load()
    assert str(caught.value) == "OpenML's data set 61: 10 of 40 rows have no target ('town')"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "give either name or data_id. Received: name=None, data_id=None"),
        ({"name": "a", "data_id": 1}, "give either name or data_id. Received: name='a', data_id=1"),
        ({"name": "a", "version": 0}, "version must be a positive int. Received: 0"),
        ({"data_id": "61"}, "data_id must be a positive int. Received: '61'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        OpenML(**arguments)
    assert str(caught.value) == text
