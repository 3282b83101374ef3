"""RunSource: rows of a file that are read in runs of neighbours."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from kexp.core.source import Rows
from kexp.errors import DataError

CHUNK_BYTES = 1 << 20
"""How much is read in one go: a disk's, and a file library's, time for a call then hardly counts."""

SCRATCH_BYTES = 1 << 25
"""The most that a thread keeps for its next reading."""

_threads = threading.local()


class RunSource:
    """Samples in a file, with the shape and the dtype they are `kept_as` known, and read when they are taken.

    A subclass writes `read(start, stop, out)`. Index arrays are sorted and read in runs of neighbours. Floats are
    checked: `where` names the place in an error.
    """

    where: str
    shape: tuple[int, ...]
    kept_as: np.dtype[Any]
    chunk_rows: int = 1

    def read(self, start: int, stop: int, out: np.ndarray[Any, Any]) -> None:
        """Read the rows start..stop into `out`, from any thread."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, rows: Rows) -> np.ndarray[Any, Any]:
        """The samples of these rows.

        Raises: DataError that names the first row with a value that is not finite; IndexError beyond the end.
        """
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step == 1:
                found = self._room(max(0, stop - start))
                if len(found):
                    self._read(start, stop, found)
                    if not self._sound(found):
                        self._check(found, lambda place: start + place)
                return found
            rows = np.arange(start, stop, step)
        rows = self._as_places(rows)
        order = np.argsort(rows, kind="stable") if (rows[1:] < rows[:-1]).any() else None
        wanted = rows if order is None else rows[order]
        found = self._room(len(wanted)) if order is None else self._scratch(len(wanted))
        ends = np.flatnonzero(np.diff(wanted) != 1) + 1
        sound = True
        for first, last in zip([0, *ends.tolist()], [*ends.tolist(), len(wanted)], strict=True):
            if first < last:
                self._read(int(wanted[first]), int(wanted[last - 1]) + 1, found[first:last])
                sound = sound and self._sound(found[first:last])  # while it is in the cache
        if not sound:
            self._check(found, lambda place: int(wanted[place]))
        if order is None:
            return found
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return found.take(back, 0)

    @property
    def nbytes_per_row(self) -> int:
        """The size of one sample, in bytes."""
        return max(1, int(np.prod(self.shape[1:], dtype=np.int64)) * self.kept_as.itemsize)

    def rows_per_chunk(self, multiple_of: int = 1) -> int:
        """The rows of about CHUNK_BYTES, whole chunks of the file of `multiple_of` rows."""
        rows = max(1, CHUNK_BYTES // self.nbytes_per_row)
        return max(1, min(len(self), max(1, rows // multiple_of) * multiple_of))

    # --- inner ----------------------------------------------------------------------------------------------

    def _room(self, n: int) -> np.ndarray[Any, Any]:
        return np.empty((n, *self.shape[1:]), dtype=self.kept_as)

    def _read(self, start: int, stop: int, out: np.ndarray[Any, Any]) -> None:
        try:
            self.read(start, stop, out)
        except (OSError, EOFError) as error:
            raise DataError(f"{self.where}: rows {start} to {stop - 1} cannot be read: {error}") from error

    def _as_places(self, rows: Any) -> np.ndarray[Any, Any]:
        places = np.asarray(rows)
        if places.dtype == bool:
            places = np.flatnonzero(places)
        n = len(self)
        if places.size and (places.min() < -n or places.max() >= n):
            raise IndexError(
                f"{self.where} has {n} rows. Received the row {int(places[(places < -n) | (places >= n)][0])}"
            )
        places = places.astype(np.int64, copy=False)
        return np.where(places < 0, places + n, places) if places.size and places.min() < 0 else places

    def _scratch(self, n: int) -> np.ndarray[Any, Any]:
        """Room that stays with the thread: fresh memory costs more time than what is read into it."""
        size = n * self.nbytes_per_row
        if size > SCRATCH_BYTES:
            return self._room(n)
        kept = getattr(_threads, "room", None)
        if kept is None or len(kept) < size:
            kept = _threads.room = np.empty(size, dtype=np.uint8)
        return kept[:size].view(self.kept_as).reshape(n, *self.shape[1:])

    def _sound(self, found: np.ndarray[Any, Any]) -> bool:
        """Whether all is finite; a sum tells so in one pass, but for sums beyond all bounds."""
        if self.kept_as.kind != "f":
            return True
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.isfinite(np.add.reduce(found, axis=None)))

    def _check(self, found: np.ndarray[Any, Any], row_of: Any) -> None:
        """Refuse what is not finite."""
        flat = found.reshape(len(found), -1)
        bad = np.argwhere(~np.isfinite(flat))
        if len(bad):
            place, column = (int(number) for number in bad[0])
            inside = f", place {column}" if flat.shape[1] > 1 else ""
            more = f" (one of {len(bad)} such values in {len(found)} rows)" if len(bad) > 1 else ""
            raise DataError(
                f"{self.where}: row {row_of(place)}{inside} holds {flat[place, column]}, which is not finite{more}. "
                "Repair or leave out these rows"
            )


def read_bytes(file: int, place: int, out: np.ndarray[Any, Any]) -> None:
    """Fill `out` with the bytes from `place` on of an open file.

    Raises: EOFError if the file ends before.
    """
    left = memoryview(out.reshape(-1).view(np.uint8).data)
    while left:
        got = os.preadv(file, [left], place)
        if not got:
            raise EOFError("the file ends before")
        left, place = left[got:], place + got
