"""What the tests of the contract suites share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

NUMBER = re.compile(r"-?\b(\d+\.\d+(e[+-]\d+)?|\d+e[+-]\d+|nan|inf)\b")


@pytest.fixture
def failure() -> Callable[..., tuple[str, str]]:
    """Calls a suite that must fail; gives the name of the check and its text.

    Fractional numbers, which may differ a little from machine to machine, are written as #.
    """

    def found(suite: Callable[..., None], *args: Any, **kwargs: Any) -> tuple[str, str]:
        with pytest.raises(AssertionError) as caught:
            suite(*args, **kwargs)
        note = caught.value.__notes__[-1]
        return note.split("'")[1], NUMBER.sub("#", str(caught.value))

    return found
