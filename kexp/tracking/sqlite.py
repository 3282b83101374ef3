"""Opens an SQLite store so that several first starts at once, or a kill in the midst of one, do no harm."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from kexp.errors import DataError
from kexp.tracking.journal import exclusive
from kexp.tracking.uri import sqlite_uri

T = TypeVar("T")

DRAFT_LIFE_S = 60.0


def open_store(database: Path, uri: str, connect: Callable[[str], T]) -> T:
    """`connect(uri)`, which creates or migrates the tables, by one process at a time.

    Raises: DataError if the file is there and is no SQLite database.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    # MLflow puts artifacts into ./mlruns as seen at this moment: it belongs beside the database, wherever we run.
    with exclusive(database.with_name(f"{database.name}.lock")), _inside(database.parent):
        if not database.exists():
            _create(database, connect)
        check_database(database)
        return connect(uri)


def check_database(database: Path) -> None:
    """Read the file's header.

    MLflow would try to open a broken file for 100 seconds.
    Raises: DataError if it is no SQLite database.
    """
    try:
        with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError:  # locked, or not to be opened just now
        raise
    except sqlite3.DatabaseError as error:
        raise DataError(f"{database} is no SQLite database ({error}). Move it away, or name another store.") from error


def _create(database: Path, connect: Callable[[str], T]) -> None:
    """Make the tables under another name first: a kill during the dozens of migrations would leave a broken store."""
    for old in database.parent.glob(f".{database.name}.*.new*"):  # left by such a kill
        if time.time() - old.stat().st_mtime > DRAFT_LIFE_S:
            old.unlink(missing_ok=True)
    draft = database.with_name(f".{database.name}.{os.getpid()}.new")
    try:
        connect(sqlite_uri(draft))
        try:
            os.link(draft, database)  # unlike a rename, this never replaces a store that another program has just made
        except FileExistsError:
            pass
        except OSError:
            draft.rename(database)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
