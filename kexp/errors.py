"""Every deliberate error of kexp: it names the place, the value, what was allowed and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


class KexpError(Exception):
    """Base of all errors that kexp raises on purpose; its text is meant to be read by a person."""

    def __str__(self) -> str:  # KeyError's own would print a repr, \n and all
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:  # a subclass's constructor takes other arguments than the text in `args`
        return _unpickled, (type(self), self.args, self.__dict__)


def _unpickled(kind: type[KexpError], args: tuple[Any, ...], attributes: dict[str, Any]) -> KexpError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class ArgumentError(KexpError, ValueError):
    """A component was given a value that it cannot use."""


class ShapeError(KexpError, ValueError):
    """An array, or a layer's input, does not have the shape that was expected."""


class StateError(KexpError, RuntimeError):
    """A call came too early or in the wrong order (fit before compile, weights before build)."""


class DataError(KexpError, ValueError):
    """Data that cannot be used as they are; the text names file, row and column where there are such."""


class MissingFileError(KexpError, FileNotFoundError):
    """A file that was needed is not there; the text says which and where to put it."""


class PluginError(KexpError, ImportError):
    """A plugin, or the library that a feature needs, could not be loaded."""


class UnknownNameError(KexpError, KeyError):
    """A config or a call names something that nobody registered."""

    def __init__(self, kind: str, name: object, known: Iterable[str], where: str = "", note: str = "") -> None:
        known = sorted(known)
        near = nearest(str(name), known)
        text = f"no {kind} is called {name!r}{f' (at {where})' if where else ''}.\n"
        text += f"Did you mean {near!r}?\n" if near else ""
        text += f"Known {plural(kind)}: {', '.join(known) or 'none'}."
        super().__init__(text + (f"\n{note}" if note else ""))


class DuplicateNameError(KexpError, ValueError):
    """Two plugins registered one name, and the name is needed."""

    def __init__(self, kind: str, name: str, plugins: Sequence[str]) -> None:
        super().__init__(
            f"the {kind} name {name!r} is registered by {len(plugins)} plugins: {', '.join(plugins)}.\n"
            "Uninstall all but one of them, or ask an author to rename."
        )


@dataclass(frozen=True)
class Problem:
    """One mistake in a config: where it stands, which key, what is wrong."""

    key: str
    message: str
    place: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.key, self.message) if part)


class ConfigError(KexpError, ValueError):
    """A config that cannot run; holds all its mistakes."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} mistake{'s' if len(self.problems) != 1 else ''} in the config"
        super().__init__(
            "\n".join([f"{count}:", *(f"  {problem}".replace("\n", "\n    ") for problem in self.problems)])
        )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, or None."""
    known = list(known)
    lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    return lower[close[0]] if close else None


def plural(kind: str) -> str:
    """The kind's plural: loss -> losses, data set -> data sets."""
    return kind + ("es" if kind.endswith("s") else "s")
