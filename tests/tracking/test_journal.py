"""The journal keeps every whole event, whatever a kill left behind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kexp.tracking.journal import JournalReader, JournalWriter, SendReport, exclusive, number_to_json


def events_of(path: Path) -> list[tuple[int, str]]:
    return [(event.n, event.op) for event in JournalReader(path).read_new()]


def test_journal_gives_events_back_in_order(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "j")
    journal.append("start", journal=journal.id)
    journal.append("tags", tags={"größe": "ja\nnein"})
    first, second = JournalReader(tmp_path / "j").read_new()
    assert (first.n, first.op, first.data) == (0, "start", {"journal": journal.id})
    assert (second.n, second.data) == (1, {"tags": {"größe": "ja\nnein"}})


def test_journal_reader_gives_only_what_is_new(tmp_path: Path) -> None:
    journal, reader = JournalWriter(tmp_path / "j"), JournalReader(tmp_path / "j")
    journal.append("start")
    assert [event.op for event in reader.read_new()] == ["start"]
    journal.append("tags")
    assert [event.op for event in reader.read_new()] == ["tags"]


def test_journal_reader_waits_for_the_rest_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"n": 0, "op": "start", "t": 1}\n{"n": 1, "op": "ta')
    reader = JournalReader(path)
    assert [event.op for event in reader.read_new()] == ["start"]
    with path.open("ab") as file:
        file.write(b'gs", "t": 2}\n')
    assert [event.op for event in reader.read_new()] == ["tags"]


def test_journal_is_carried_on_after_a_line_that_a_kill_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"n": 0, "op": "start", "t": 1, "journal": "abc"}\n{"n": 1, "op": "ta')
    journal = JournalWriter(path)
    journal.append("finish")
    assert journal.id == "abc"
    assert events_of(path) == [(0, "start"), (1, "finish")]


@pytest.mark.parametrize("line", [b"", b"garbage", b"[1]", b'{"n": 7}', b'{"n": 0, "op": "again", "t": 1}', b"\xff"])
def test_journal_reader_passes_over_lines_that_are_no_new_events(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"n": 0, "op": "start", "t": 1}\n' + line + b'\n{"n": 1, "op": "finish", "t": 1}\n')
    assert events_of(path) == [(0, "start"), (1, "finish")]


def test_journal_lines_are_plain_json(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "j")
    journal.append("metrics", metrics={name: number_to_json(float(name)) for name in ("1.5", "nan", "inf", "-inf")})
    line = json.loads((tmp_path / "j").read_text(), parse_constant=pytest.fail)
    assert line["metrics"] == {"1.5": 1.5, "nan": "nan", "inf": "inf", "-inf": "-inf"}


@pytest.mark.parametrize(
    ("value", "written"), [(np.float32(0.5), 0.5), (np.array(2), 2.0), (True, 1.0), (None, "nan"), ("three", "nan")]
)
def test_number_to_json_takes_whatever_a_metric_returns(value: object, written: object) -> None:
    assert number_to_json(value) == written


def test_exclusive_lets_one_in(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock") as first, exclusive(tmp_path / "lock", wait=False) as second:
        assert first
        assert not second
    with exclusive(tmp_path / "lock", wait=False) as third:
        assert third


def test_send_report_survives_its_line() -> None:
    report = SendReport(ok=True, error="", run_id="r", experiment_id="1", refused=("a: ü", "b"))
    assert SendReport.from_line(report.to_line()) == report
