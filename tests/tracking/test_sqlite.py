"""A store is made whole or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from kexp.errors import DataError
from kexp.tracking.sqlite import open_store
from kexp.tracking.uri import sqlite_path, sqlite_uri


def connect(uri: str) -> str:
    database = sqlite_path(uri)
    assert database is not None
    sqlite3.connect(database).execute("create table if not exists runs (id)")
    return uri


def test_open_store_makes_folders_tables_and_leaves_no_draft(tmp_path: Path) -> None:
    database = tmp_path / "a b" / "mlflow.db"
    assert open_store(database, sqlite_uri(database), connect) == sqlite_uri(database)
    assert sorted(path.name for path in database.parent.iterdir()) == ["mlflow.db", "mlflow.db.lock"]


def test_open_store_that_fails_leaves_no_store(tmp_path: Path) -> None:
    def fail(uri: str) -> None:
        connect(uri)
        raise RuntimeError("killed in the midst of it")

    database = tmp_path / "mlflow.db"
    with pytest.raises(RuntimeError):
        open_store(database, sqlite_uri(database), fail)
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db.lock"]


def test_open_store_keeps_a_store_that_another_program_made_meanwhile(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"

    def late(uri: str) -> str:
        connect(uri)
        if not database.exists():
            sqlite3.connect(database).execute("create table theirs (id)")
        return uri

    open_store(database, sqlite_uri(database), late)
    assert ("theirs",) in sqlite3.connect(database).execute("select name from sqlite_master").fetchall()


def test_open_store_clears_up_after_a_kill(tmp_path: Path) -> None:
    draft = tmp_path / ".mlflow.db.123.new"
    draft.touch()
    os.utime(draft, (0, 0))
    open_store(tmp_path / "mlflow.db", sqlite_uri(tmp_path / "mlflow.db"), connect)
    assert not draft.exists()


def test_open_store_is_done_in_the_folder_of_the_database(tmp_path: Path) -> None:
    before, seen = Path.cwd(), []
    (tmp_path / "mlflow.db").touch()
    open_store(tmp_path / "mlflow.db", sqlite_uri(tmp_path / "mlflow.db"), lambda uri: seen.append(Path.cwd()))
    assert set(seen) == {tmp_path}
    assert Path.cwd() == before


def test_open_store_names_a_file_that_is_no_database(tmp_path: Path, empty_store: Path) -> None:
    database = tmp_path / "mlflow.db"
    shutil.copy(empty_store, database)
    with database.open("r+b") as file:
        file.write(b"x" * 100)
    with pytest.raises(DataError) as caught:
        open_store(database, sqlite_uri(database), connect)
    assert str(caught.value) == (
        f"{database} is no SQLite database (file is not a database). Move it away, or name another store."
    )
