"""What the parts of the command line share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from kexp.errors import KexpError


class CommandError(KexpError, ValueError):
    """A command line that cannot be understood."""


def debugging() -> bool:
    """Whether tracebacks are wanted: KEXP_DEBUG=1 or HYDRA_FULL_ERROR=1."""
    return any(os.environ.get(name, "") not in ("", "0") for name in ("KEXP_DEBUG", "HYDRA_FULL_ERROR"))


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of texts as lines with aligned columns.

    >>> columns([("a", "1"), ("long", "2")])
    ['a     1', 'long  2']
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]
