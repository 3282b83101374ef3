"""What the parts of the command line share."""

from __future__ import annotations

import os

from kexp.errors import KexpError


class CommandError(KexpError, ValueError):
    """A command line that cannot be understood."""


def debugging() -> bool:
    """Whether tracebacks are wanted: KEXP_DEBUG=1 or HYDRA_FULL_ERROR=1."""
    return any(os.environ.get(name, "") not in ("", "0") for name in ("KEXP_DEBUG", "HYDRA_FULL_ERROR"))
