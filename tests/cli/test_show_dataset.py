"""`show dataset`: what is told of tables, rows, images, texts and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from kexp.cli.dataset import dataset_of, lines_of
from kexp.cli.show import show
from kexp.core.dataset import Split
from kexp.errors import ConfigError


def told(x: Any, y: Any = None, **names: Any) -> list[str]:
    return list(lines_of({"train": Split(x, y)}, **names))


def test_a_table_is_told_column_by_column_with_what_is_missing() -> None:
    x = pandas.DataFrame({"age": [20.0, None, 40.0], "city": ["Rome", None, "Rome"], "sold": [True, False, True]})
    assert told(x, pandas.Series(["no", "yes", "no"])) == [
        "train  3 rows  x table of 3 columns  y (3,) object",
        "",
        "train: inputs",
        "  column  type     missing  distinct  values",
        "  age     float64  1        2         20 to 40, mean 30, std 10",
        f"  city    {x['city'].dtype!s:7}  1        1         Rome (2)",
        "  sold    bool     0        2         False to True",
        "",
        "train: targets",
        "  2 classes",
        "  class  rows  share",
        "  no     2     66.67%",
        "  yes    1     33.33%",
        "",
        "first rows:",
        "  age  city  sold   -> target",
        "  20   Rome  True   -> no",
        "  nan  nan   False  -> yes",
        "  40   Rome  True   -> no",
    ]  # fmt: skip


def test_rows_of_an_array_take_the_data_sets_names() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    lines = told(x, np.array([0.5, 1.5]), features=("heat", "wind"))
    assert lines[3:6] == [
        "  column  type     missing  distinct  values",
        "  heat    float32  0        2         1 to 3, mean 2, std 1",
        "  wind    float32  0        2         2 to 4, mean 3, std 1",
    ]
    assert lines[8:10] == [
        "  type     missing  distinct  values",
        "  float64  0        2         0.5 to 1.5, mean 1, std 0.5",
    ]
    assert lines[12:] == ["  heat  wind  -> target", "  1     2     -> 0.5", "  3     4     -> 1.5"]
    assert told(x, features=("heat",))[4].startswith("  0       float32")


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.array([0, 1, 1]), ["0 cat  1     33.33%", "1 dog  2     66.67%"]),
        (np.array([1, 2, 2]), ["1 cat  1     33.33%", "2 dog  2     66.67%"]),
        (np.array([[1, 0], [0, 1], [0, 1]]), ["0 cat  1     33.33%", "1 dog  2     66.67%"]),
        (np.array([[0.0], [1.0], [1.0]]), ["0 cat  1     33.33%", "1 dog  2     66.67%"]),
        (np.array([0, 5, 5]), ["0      1     33.33%", "5      2     66.67%"]),
    ],
)
def test_labels_are_told_with_what_they_stand_for(y: Any, said: list[str]) -> None:
    lines = told(np.zeros((3, 1)), y, classes=("cat", "dog"))
    start = lines.index("train: targets")
    assert [line.strip() for line in lines[start + 3 : start + 5]] == said


def test_of_images_the_middle_is_shown_and_of_many_columns_the_first_ones() -> None:
    lines = told(np.arange(2 * 64, dtype=np.uint8).reshape(2, 8, 8))
    assert lines[-3].strip() == "values 26 to 37 of 8x8"
    assert lines[-2].strip() == " ".join(map(str, range(26, 38)))
    lines = told(np.arange(200.0).reshape(2, 100))
    assert lines[3:5] == ["  type     missing  distinct  values", "  float64  0        200       0 to 199, mean 99.5, std 57.73"]  # fmt: skip
    assert lines[-2].split() == [*map(str, range(12)), "..."]


def test_texts_and_sources_can_be_told() -> None:
    lines = told(np.array(["good film", "bad  film", "good film"], dtype=object), np.array([1, 0, 1]))
    assert lines[4].split(maxsplit=3) == ["object", "0", "2", "good film (2), bad film (1)"]
    assert lines[-2:] == ["  bad film   -> 0", "  good film  -> 1"]


def test_of_what_is_read_as_needed_the_first_rows_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stored:
        def __len__(self) -> int:
            return 50_000

        def take(self, rows: Any) -> Any:
            return np.arange(50_000)[rows][:, None]

    lines = told(Stored(), np.zeros(50_000, int))
    assert lines[0] == "train  50000 rows  x (50000, 1) int64, read as needed  y (50000,) int64"
    assert lines[2] == "train, first 10000 rows: inputs"
    assert lines[4].split()[:6] == ["0", "int64", "0", "10000", "0", "to"]


def test_an_argument_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ConfigError) as caught:
        dataset_of("synthetic", ["knd=moons"])
    assert str(caught.value).splitlines()[1].strip() == (
        "dataset.knd: dataset 'synthetic' has no argument 'knd'; did you mean 'kind'?"
    )


def test_the_command_shows_a_data_set_with_its_arguments(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert show(["dataset", "synthetic", "kind=spirals", "n=20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "dataset synthetic"
    assert "train  16 rows  x (16, 2) float32  y (16,) int64" in lines
    assert show(["dataset", "timeseries"]) == 0
    assert "python -m kexp show dataset timeseries path=... target=..." in capsys.readouterr().out
