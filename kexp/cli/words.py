"""What the parts of the command line share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from kexp import plugins
from kexp.errors import KexpError


class CommandError(KexpError, ValueError):
    """A command line that cannot be understood."""


def debugging() -> bool:
    """Whether tracebacks are wanted: KEXP_DEBUG=1 or HYDRA_FULL_ERROR=1."""
    return any(os.environ.get(name, "") not in ("", "0") for name in ("KEXP_DEBUG", "HYDRA_FULL_ERROR"))


def words_of(error: Exception) -> str:
    """What to tell a person of an error; of one that is not ours, its kind and where its traceback is."""
    if isinstance(error, KexpError):
        return str(error)
    file = Path(getattr(error, "run_dir", "")) / "error.txt"
    where = f"The traceback is in {file}; " if file.is_file() else ""
    return f"{type(error).__name__}: {error}\n{where}KEXP_DEBUG=1 prints it."


def experiments() -> list[str]:
    """The names of the experiments in ./conf and in the plugins' folders."""
    folders = [Path.cwd() / "conf", *plugins.current().config_dirs]
    return sorted({file.stem for folder in folders for file in (folder / "experiment").glob("*.yaml")})


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of texts as lines with aligned columns.

    >>> columns([("a", "1"), ("long", "2")])
    ['a     1', 'long  2']
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]
