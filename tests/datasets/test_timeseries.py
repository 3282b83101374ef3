"""The timeseries data set: columns, order, and what it says about times that cannot be used."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import datasets
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp_plugins.datasets.timeseries import TimeSeries

TEXT = "month,heat,sales\n2020-01,1.5,10\n2020-02,2.5,20\n2020-03,3.5,40\n"


@pytest.fixture
def series(tmp_path: Path) -> Any:
    def written(text: str) -> str:
        (tmp_path / "s.csv").write_text(text)
        return str(tmp_path / "s.csv")

    return written


def refusal(path: str, **arguments: Any) -> str:
    """What loading says, without the folder."""
    with pytest.raises(DataError) as caught:
        TimeSeries(path, "sales", **arguments).load()
    return str(caught.value).replace(f"{Path(path).parent}/", "")


def test_all_columns_but_the_time_are_inputs_the_target_among_them(series: Any) -> None:
    splits = TimeSeries(series(TEXT), "sales", time="month").load()
    assert list(splits) == ["train"]
    assert splits["train"].x.tolist() == [[1.5, 10], [2.5, 20], [3.5, 40]]
    assert splits["train"].y.tolist() == [10, 20, 40]
    assert splits["train"].x.dtype == splits["train"].y.dtype == np.float32


def test_inputs_can_be_chosen_and_kept_in_float64(series: Any) -> None:
    train = TimeSeries(series(TEXT), 2, features=["heat"], dtype="float64").load()["train"]
    assert train.x.tolist() == [[1.5], [2.5], [3.5]] and train.x.dtype == train.y.dtype == np.float64


@pytest.mark.parametrize(
    ("times", "how"),
    [
        (["3", "10", "20"], None),
        (["2020-09-01", "2020-10-01", "2021-01-01"], None),
        (["2020-01-01 09:00", "2020-01-01 10:00", "2020-01-02 01:00"], None),
        (["2020-01-01T00:30+02:00", "2019-12-31T23:00Z", "2020-01-01"], None),
        (["31.01.2020", "01.02.2020", "02.02.2020"], "%d.%m.%Y"),
    ],
)
def test_steps_are_sorted_by_their_times(times: list[str], how: str | None, series: Any) -> None:
    rows = [f"{time},{place}" for place, time in enumerate(times)]
    path = series("when,sales\n" + "\n".join([rows[2], rows[0], "", rows[1]]))
    train = TimeSeries(path, "sales", time="when", time_format=how).load()["train"]
    assert train.y.tolist() == [0, 1, 2] and train.x.tolist() == [[0], [1], [2]]


def test_without_a_time_the_order_is_the_files(series: Any) -> None:
    path = series("3,1\n1,2\n2,3\n")
    assert TimeSeries(path, 0, header=False).load()["train"].y.tolist() == [3, 1, 2]


def test_the_face_gives_inputs_and_target(tmp_path: Path) -> None:
    place = tmp_path / "s.csv.gz"
    place.write_bytes(gzip.compress(TEXT.encode()))
    x, y = datasets.timeseries(place, "sales", time="month")
    assert x.shape == (3, 2) and y.tolist() == [10, 20, 40]


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (
            TEXT.replace("2020-03", "2020-01"),
            {"time": "month"},
            "s.csv: column 'month': line 4 holds '2020-01', the time of line 2. Keep one row for each time",
        ),
        (
            TEXT.replace("2020-02", "soon"),
            {"time": "month"},
            "s.csv: column 'month': line 3 holds 'soon', neither number nor ISO date. "
            "Another spelling is said by `time_format`",
        ),
        (
            TEXT.replace("2020-02", ""),
            {"time": "month"},
            "s.csv: column 'month': line 3 has no value, neither number nor ISO date. "
            "Another spelling is said by `time_format`",
        ),
        (
            TEXT,
            {"time": "month", "time_format": "%d.%m.%Y"},
            "s.csv: column 'month': line 2 holds '2020-01', no time of the format '%d.%m.%Y'",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(text: str, arguments: Any, said: str, series: Any) -> None:
    assert refusal(series(text), **arguments) == said


def test_cells_that_are_no_numbers_are_refused_with_their_line(series: Any) -> None:
    told = refusal(series(TEXT.replace("2.5", "")), time="month").splitlines()
    assert told[:2] == ["s.csv: not all cells can be used:", "  column 'heat': line 3 has no value"]
    told = refusal(series(TEXT)).splitlines()
    assert told[1] == "  column 'month': line 2 holds the text '2020-01'; 3 such cells"
    assert told[-1] == "A column of dates is named with `time`."


def test_files_that_are_empty_or_missing_are_refused(series: Any, tmp_path: Path) -> None:
    assert refusal(series("")) == "s.csv: the file is empty"
    with pytest.raises(MissingFileError, match="no such file: "):
        TimeSeries(str(tmp_path / "none.csv"), "sales").load()


def test_a_column_is_not_both_target_and_time(series: Any) -> None:
    with pytest.raises(ArgumentError, match="^column 'sales' of .*s.csv is both target and time$"):
        TimeSeries(series(TEXT), "sales", time=-1).load()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"target": ["a"]}, "target must be one column's name or number. Received: ['a']"),
        ({"target": "a", "time": True}, "time must be a column's name or number. Received: True"),
        (
            {"target": "a", "time_format": "%Y"},
            "time_format needs `time`, the column that it is for. Received: '%Y'",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        TimeSeries("s.csv", **arguments)
    assert str(caught.value) == said
