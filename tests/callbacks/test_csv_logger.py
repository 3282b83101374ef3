"""CSVLogger: the file it writes, appended and resumed ones among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kexp.callbacks import CSVLogger
from kexp.errors import ArgumentError
from kexp_plugins.callbacks.csv_logger import LogFileError


def text(path: Path) -> str:
    return path.read_bytes().decode()


def test_lines_are_those_of_keras(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    first, second = {"loss": 0.5, "acc": 0.25}, {"loss": 0.125, "acc": 1 / 3, "val_loss": 2.0}
    model.fit(CSVLogger(path, separator=";"), [first, second])
    expected = "epoch;acc;loss;val_acc;val_loss\r\n0;0.25;0.5;NA;NA\r\n1;0.3333333333333333;0.125;NA;2.0\r\n"
    assert text(path) == expected
    model.fit(CSVLogger(path, separator=";", append=True), [{"loss": 1.0, "acc": 0.1}])
    assert text(path) == expected + "0;0.1;1.0;NA;NA\r\n"


def test_validated_logs_get_no_further_columns(model: Any, tmp_path: Path) -> None:
    model.fit(CSVLogger(tmp_path / "log.csv"), [{"val_loss": 2.0, "loss": 1.0}])
    assert text(tmp_path / "log.csv") == "epoch,loss,val_loss\r\n0,1.0,2.0\r\n"


def test_an_existing_file_is_written_anew(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    callback = CSVLogger(path)
    for loss in (1.0, 2.0):
        model.fit(callback, [{"loss": loss, "val_loss": loss}] * 2)
    assert text(path) == "epoch,loss,val_loss\r\n0,2.0,2.0\r\n1,2.0,2.0\r\n"


def test_appending_to_an_empty_file_writes_the_header(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.touch()
    model.fit(CSVLogger(path, append=True), [{"val_loss": 1.0}])
    assert text(path) == "epoch,val_loss\r\n0,1.0\r\n"


def test_appended_lines_keep_to_the_files_columns(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,val_loss,loss,acc\n0,1,2,3\n")
    model.fit(CSVLogger(path, append=True), [{"loss": 5.0, "val_loss": 4.0}], start=1)
    assert text(path) == "epoch,val_loss,loss,acc\n0,1,2,3\n1,4.0,5.0,NA\r\n"


def test_appending_without_a_column_for_a_value_is_refused(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n")
    with pytest.raises(LogFileError) as caught:
        model.fit(CSVLogger(path, append=True), [{"loss": 5.0, "mae": 4.0}])
    assert str(caught.value) == (
        f"csv_logger cannot append to {str(path)!r}: its columns are epoch, loss. Missing: mae. "
        "Choose another file, or append=False."
    )
    assert text(path) == "epoch,loss\n"


def test_each_line_is_in_the_file_when_its_epoch_ends(model: Any, tmp_path: Path) -> None:
    callback = CSVLogger(tmp_path / "log.csv")
    model.begin(callback)
    callback.on_epoch_end(0, {"val_loss": 1.0})
    assert text(tmp_path / "log.csv") == "epoch,val_loss\r\n0,1.0\r\n"


@pytest.mark.parametrize("append", [False, True])
def test_a_resumed_fit_cuts_off_the_epochs_that_it_repeats(model: Any, tmp_path: Path, append: bool) -> None:
    path = tmp_path / "log.csv"
    logs = [{"loss": float(epoch), "val_loss": 0.0} for epoch in range(4)]
    if append:
        path.write_text("epoch,loss,val_loss\r\n9,9.0,9.0\r\n", newline="")
    killed = CSVLogger(path, append=append)
    model.begin(killed)
    for epoch in range(2):
        killed.on_epoch_end(epoch, logs[epoch])
    state = killed.get_state()
    killed.on_epoch_end(2, {"loss": -1.0, "val_loss": -1.0})
    resumed = CSVLogger(path, append=append)
    model.begin(resumed)
    resumed.set_state(state)
    for epoch in range(2, 4):
        resumed.on_epoch_end(epoch, logs[epoch])
    resumed.on_train_end({})
    before = "9,9.0,9.0\r\n" if append else ""
    assert text(path) == f"epoch,loss,val_loss\r\n{before}0,0.0,0.0\r\n1,1.0,0.0\r\n2,2.0,0.0\r\n3,3.0,0.0\r\n"


@pytest.mark.parametrize("end", [lambda c: c.on_train_end({}), lambda c: c.on_train_error(RuntimeError())])
def test_the_file_is_closed_at_the_end_and_on_an_error(model: Any, tmp_path: Path, end: Any) -> None:
    callback = CSVLogger(tmp_path / "log.csv")
    model.begin(callback)
    callback.on_epoch_end(0, {"loss": 1.0})
    file = callback._file
    assert file is not None
    assert not file.closed
    end(callback)
    assert file.closed


def test_a_path_that_cannot_be_written_is_an_error_before_training(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "log.csv"
    with pytest.raises(LogFileError) as caught:
        model.begin(CSVLogger(path))
    assert str(caught.value) == f"csv_logger cannot write {str(path)!r}: No such file or directory."
    with pytest.raises(LogFileError) as caught:
        model.begin(CSVLogger(tmp_path))
    assert str(caught.value) == f"csv_logger cannot write {str(tmp_path)!r}: Is a directory."


def test_the_separator_is_a_single_character() -> None:
    with pytest.raises(ArgumentError) as caught:
        CSVLogger("log.csv", separator="||")
    assert str(caught.value) == "separator must be a single character. Received: '||'"
