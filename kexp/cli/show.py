"""`python -m kexp show [KIND [NAME]]`."""

from __future__ import annotations

from collections.abc import Sequence


def show(arguments: Sequence[str]) -> int:
    """Print components."""
    return 0
