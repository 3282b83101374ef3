"""csv_logger: writes each epoch's logs as a line of a CSV file."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any, TextIO

from kexp.core.callback import Callback, Logs
from kexp.errors import ArgumentError, KexpError
from kexp.hookspecs import hookimpl


class LogFileError(KexpError, OSError):
    """A log file that cannot be written, or not with these columns."""


class CSVLogger(Callback):
    """One line an epoch: `epoch` (from 0), then the logs sorted by name; what is missing later reads NA.

    Where the first epoch was not validated, columns val_... are added for later ones, as in Keras. With `append`, an
    existing file goes on, in its own columns. A resumed run cuts off the lines of epochs that it repeats. Each line is
    on the disk when its epoch ends.
    Raises: LogFileError if the file cannot be opened, or has no column for a value.
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        if not isinstance(separator, str) or len(separator) != 1:
            raise ArgumentError(f"separator must be a single character. Received: {separator!r}")
        self.filename = os.fspath(filename)
        self.separator = separator
        self.append = append
        self._file: TextIO | None = None
        self._position = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._close()
        try:
            # nothing is cut off before the first line: until then `set_state` may say how much is to stay
            self._file = Path(self.filename).open("a", newline="", encoding="utf-8")  # noqa: SIM115  (open for the fit)
        except OSError as error:
            raise LogFileError(f"csv_logger cannot write {self.filename!r}: {error.strerror}.") from error
        self._position = self._size() if self.append else 0
        self._writer: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._file is None:
            return
        logs = logs or {}
        if self._writer is None:
            self._start(logs)
        self._writer.writerow({"epoch": epoch} | {key: logs.get(key, "NA") for key in self._keys})
        self._file.flush()
        self._position = self._size()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def on_train_error(self, error: BaseException) -> None:
        self._close()

    def get_state(self) -> dict[str, Any]:
        return {"position": self._position}

    def set_state(self, state: dict[str, Any]) -> None:
        self._position = state["position"]

    def _start(self, logs: Logs) -> None:
        """Cut the file off where this training's lines begin, and settle the columns."""
        assert self._file is not None
        self._file.truncate(min(self._position, self._size()))
        header = self._header()
        self._keys = self._columns(logs, header)
        self._writer = csv.DictWriter(self._file, ["epoch", *self._keys], delimiter=self.separator)
        if not header:
            self._writer.writeheader()

    def _columns(self, logs: Logs, header: list[str]) -> list[str]:
        if header:
            missing = sorted(set(logs) - set(header))
            if missing or header[0] != "epoch":
                raise LogFileError(
                    f"csv_logger cannot append to {self.filename!r}: its columns are {', '.join(header)}. "
                    f"Missing: {', '.join(missing) or 'epoch'}. Choose another file, or append=False."
                )
            return header[1:]
        keys = sorted(logs)
        validated = any(key.startswith("val_") for key in keys)
        return keys if validated else keys + [f"val_{key}" for key in keys]

    def _header(self) -> list[str]:
        with Path(self.filename).open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file, delimiter=self.separator), [])

    def _size(self) -> int:
        assert self._file is not None
        return os.fstat(self._file.fileno()).st_size

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"csv_logger": CSVLogger}
