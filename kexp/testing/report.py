"""How a contract check says what is wrong, and how a suite of checks is run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NoReturn, TypeVar

from kexp.errors import UnknownNameError

C = TypeVar("C")


class Subject:
    """What is being checked, in the words that begin a failure: 'Dense, training=False, weight 'bias''."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def at(self, *words: str) -> Subject:
        """The same subject, said more closely."""
        return Subject(*self.words, *words)

    def fail(self, what: str) -> NoReturn:
        """Raise AssertionError: the subject, then what is wrong with it."""
        raise AssertionError(f"{self}: {what}")

    def require(self, holds: bool, what: str) -> None:
        """Fail unless `holds`."""
        if not holds:
            self.fail(what)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """An error that the component raises inside the `with` becomes a failure of the subject."""
        try:
            yield
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(f"{self}: {type(error).__name__}: {error}") from error

    def __str__(self) -> str:
        return ", ".join(self.words)


def run_checks(kind: str, checks: Mapping[str, Callable[[C], None]], case: C, skip: Collection[str]) -> None:
    """Run all checks but those named by `skip` on `case`.

    Raises: UnknownNameError for a name in `skip` that is not a check; AssertionError by the first check that fails,
    with a note that says which one it was.
    """
    for name in skip:
        if name not in checks:
            raise UnknownNameError(f"check of {kind}", name, checks, where="skip")
    for name, check in checks.items():
        if name in skip:
            continue
        try:
            check(case)
        except AssertionError as error:
            error.add_note(f"This is the check {name!r}; skip=({name!r},) leaves it out.")
            raise
