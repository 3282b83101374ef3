"""Checks component specs: the name, its arguments, their types, components inside components, and the values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kexp import plugins
from kexp.config.keys import Key, shown, suggestion
from kexp.config.sections import GROUPS, OPEN
from kexp.config.signature import Argument, arguments
from kexp.config.sources import Sources
from kexp.config.types import (
    allows_null,
    choices,
    fits,
    item_annotation,
    kind_in,
    plain_branches,
    with_article,
    words,
)
from kexp.core import keras2
from kexp.core.component import accepts_any_keyword
from kexp.errors import ArgumentError, DuplicateNameError, KexpError, Problem, UnknownNameError, plural

NULL_MEANS_NONE = ("activation", "regularizer", "constraint")
"""Kinds of which null is a value everywhere: no activation, no penalty, no projection."""


class Checker:
    """Collects the problems of one config."""

    def __init__(self, sources: Sources | None = None) -> None:
        self.sources = sources or Sources()
        self.problems: list[Problem] = []
        self.says_what_lacks = True
        """False where a misspelt `+experiment=...` explains why so much is not there."""

    def report(self, key: Key, message: str, at: Key | None = None) -> None:
        """Remember a problem of `key`; its place is that of `at` where the two differ."""
        problem = Problem(shown(key), message, self.sources.place(key if at is None else at))
        if problem not in self.problems:
            self.problems.append(problem)

    def lacks(self, key: str, message: str) -> None:
        """Remember that something is not there at all, and so has no place."""
        if self.says_what_lacks:
            self.problems.append(Problem(key, message))

    def component(
        self, kind: str, spec: Any, key: Key, *, implied: Mapping[str, Any] | None = None, type_key: Key | None = None
    ) -> Any:
        """Check the spec of a component and construct it; None if it has problems.

        `implied`: arguments that the config's structure gives (a layer's name). `type_key`: where the type's name
        stands, if not at `key`.type.
        """
        maker, given = self._maker(kind, spec, key, type_key)
        if maker is None:
            return None
        known, before = arguments(maker), len(self.problems)
        owner = f"{kind} {(spec if isinstance(spec, str) else spec['type'])!r}"
        try:
            given = keras2.translated({name: argument.default for name, argument in known.items()}, given, owner)
        except ArgumentError as error:
            self.report(key, str(error))
            return None
        good = {argument: value for argument, value in (implied or {}).items() if argument in known}
        meant: set[str | None] = set()
        for argument, value in given.items():
            count = len(self.problems)
            if argument in known:
                self.value(known[argument], value, (*key, argument))
            elif not accepts_any_keyword(maker):
                meant.add(self._unknown(argument, known, key, owner))
            if len(self.problems) == count:
                good[argument] = value
        missing = [argument for argument in known.values() if argument.required and argument.name not in good]
        for lacking in missing:
            if lacking.name not in given and lacking.name not in meant:
                hint = f" ({words(lacking.annotation)})" if lacking.annotation is not Any else ""
                self.report(key, f"missing required argument {lacking.name!r}{hint} of {owner}")
        made = None if missing else self.construct(maker, good, key, owner)
        return made if len(self.problems) == before else None

    def value(self, argument: Argument, value: Any, key: Key) -> None:
        """Check one argument's value against its annotation."""
        if _same(value, argument.default) or argument.annotation is Any:
            return
        self.typed(argument.annotation, value, key, default=argument.default)

    def typed(self, annotation: Any, value: Any, key: Key, default: Any = None) -> None:
        """Check a value against an annotation, components inside it as components."""
        kind = kind_in(annotation)
        if value == OPEN:
            self.report(key, "a value must be given here: the config leaves it open (???)")
        elif kind is not None:
            self._nested(kind, annotation, value, key, default)
        elif (item := item_annotation(annotation)) is not None and isinstance(value, list | dict):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            for part, inner in parts:
                self.typed(item, inner, (*key, part))
        elif not fits(annotation, value):
            self.report(key, mismatch(annotation, value))

    def _nested(self, kind: str, annotation: Any, value: Any, key: Key, default: Any) -> None:
        if value is None:
            if not (allows_null(annotation) or default is None or kind in NULL_MEANS_NONE):
                self.report(key, f"expected {words(annotation)}, got null")
            return
        others = plain_branches(annotation)
        registry = plugins.current()[kind]
        if isinstance(value, str) and others and value not in registry and str not in others:
            known = f"\nKnown {plural(kind)}: {', '.join(sorted(registry))}." if len(registry) else ""
            self.report(key, f"expected {words(annotation)}, got {plain(value)}{known}")
        elif isinstance(value, str | Mapping) and not (str in others and isinstance(value, str)):
            self.component(kind, value, key, type_key=key if isinstance(value, str) else None)
        elif not any(fits(branch, value) for branch in others):
            self.report(key, f"expected {words(annotation)}, got {plain(value)}")

    def _maker(
        self, kind: str, spec: Any, key: Key, type_key: Key | None
    ) -> tuple[Callable[..., Any] | None, dict[str, Any]]:
        """The maker that a spec names and the arguments that it gives."""
        if isinstance(spec, str):
            spec = {"type": spec}
        if not isinstance(spec, Mapping):
            self.report(key, f"expected {with_article(kind)}: a name, or a map with `type`. Got {plain(spec)}")
            return None, {}
        name = spec.get("type")
        if not isinstance(name, str) or not name:
            message = f"{with_article(kind)} needs a `type`, the name it is registered under. Received: {plain(spec)}"
            self.report((*key, "type") if "type" in spec else key, message)
            return None, {}
        given = {str(argument): value for argument, value in spec.items() if argument != "type"}
        type_key = type_key or (*key, "type")
        try:
            return plugins.current()[kind].get(name), given
        except UnknownNameError:
            self._unknown_name(kind, name, type_key, implied=type_key == key and name == str(key[-1]))
        except DuplicateNameError as error:
            self.report(type_key, str(error))
        return None, {}

    def _unknown_name(self, kind: str, name: str, key: Key, implied: bool) -> None:
        """Report a type that nobody registered; a group's options from files are known names too."""
        options = self.sources.options.get(str(key[0]), []) if GROUPS.get(str(key[0])) == kind != "callback" else []
        known = sorted({*plugins.current()[kind], *options})
        near = suggestion(name, known)
        lines = [
            f"no {kind} is called {name!r}.",
            f"Did you mean {near!r}?" if near else "",
            "Without a `type`, an entry's own name stands for it." if implied else "",
            f"Known {plural(kind)}: {', '.join(known) or 'none'}.",
            plugins.current()[kind].note,
        ]
        self.report(key, "\n".join(line for line in lines if line))

    def _unknown(self, argument: str, known: Mapping[str, Argument], key: Key, owner: str) -> str | None:
        """Report an argument that nobody knows; the one that was probably meant."""
        near = suggestion(argument, known)
        hint = f"; did you mean {near!r}?" if near else "."
        self.report(
            (*key, argument), f"{owner} has no argument {argument!r}{hint}\nKnown: {', '.join(known) or 'none'}"
        )
        return near

    def construct(self, maker: Callable[..., Any], given: dict[str, Any], key: Key, owner: str) -> Any:
        """The component, or None; a value that its constructor refuses is a problem of that argument.

        After each refusal the argument's default stands in, so that all bad values come up at once.
        """
        known, made, tries = arguments(maker), None, dict(given)
        for _ in range(len(given) + 1):
            try:
                made = maker(**tries)
                break
            except ArgumentError as error:
                blamed = _blamed(str(error), tries)
                self.report(key if blamed is None else (*key, blamed), str(error))
                if blamed is None or known.get(blamed, Argument("", None, Any)).required or blamed not in known:
                    return None
                del tries[blamed]
            except KexpError as error:
                self.report(key, str(error))
                return None
            except Exception as error:  # a constructor is its author's code and may fail in any way
                self.report(key, f"{owner} cannot be made: {type(error).__name__}: {error}")
                return None
        return made if tries == given else None


def mismatch(annotation: Any, value: Any) -> str:
    """What to say of a value that does not fit its annotation."""
    text = f"expected {words(annotation)}, got {plain(value)}"
    options = [option for option in choices(annotation) if isinstance(option, str)]
    near = suggestion(value, options) if isinstance(value, str) else None
    return f"{text}; did you mean {near!r}?" if near else text


def plain(value: Any) -> str:
    """A value as it stands in a config.

    >>> plain(None), plain(True), plain("8x"), plain([1, None])
    ('null', 'true', "'8x'", '[1, null]')
    """
    if isinstance(value, list):
        return f"[{', '.join(map(plain, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {plain(inner)}" for key, inner in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _same(value: Any, default: Any) -> bool:
    if isinstance(default, tuple):
        default = list(default)
    return type(value) is type(default) and bool(value == default)


def _blamed(message: str, given: Mapping[str, Any]) -> str | None:
    """The argument whose name a message starts with: 'units must be ...', 'tracking.wait_s must ...'."""
    first = message.split(maxsplit=1)[0].rstrip(":,").strip("`'\"") if message.strip() else ""
    name = first.rpartition(".")[2].partition("[")[0]
    return name if name in given else None
