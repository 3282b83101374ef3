"""`python -m kexp show [KIND [NAME]]`: the registered components, and the arguments of one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from kexp import plugins
from kexp.cli.dataset import dataset_of, lines_of
from kexp.cli.words import CommandError, columns
from kexp.config.components import plain
from kexp.config.keys import suggestion
from kexp.config.sections import GROUPS
from kexp.config.signature import Argument, arguments, first_line
from kexp.config.types import words
from kexp.core.component import accepts_any_keyword, to_plain
from kexp.errors import KexpError, plural
from kexp.hookspecs import KINDS
from kexp.registry import Registry


def show(arguments: Sequence[str]) -> int:
    """Print all kinds, the components of one kind, or one component.

    Raises: CommandError for an unknown kind or component.
    """
    settings = [text for text in arguments if "=" in text]
    parts = [part for text in arguments if "=" not in text for part in text.split("/") if part]
    if len(parts) > 2:
        raise CommandError(f"show takes a kind and a name. Received: {' '.join(parts)}")
    if not parts:
        print("\n".join(all_kinds()))
        return 0
    registry = plugins.current()[kind_called(parts[0])]
    if len(parts) == 2 and registry.kind == "dataset":
        return show_dataset(registry, parts[1], settings)
    if settings:
        raise CommandError(f"only a data set is shown with arguments. Received: {' '.join(settings)}")
    print("\n".join(one_kind(registry) if len(parts) == 1 else one_component(registry, parts[1])))
    return 0


def show_dataset(registry: Registry, name: str, settings: Sequence[str]) -> int:
    """Print what a data set is, and, where it can be loaded, what is in it."""
    print("\n".join(one_component(registry, name)))
    needed = [a.name for a in arguments(registry.get(name)).values() if a.required]
    if needed and not settings:
        example = " ".join(f"{argument}=..." for argument in needed)
        print(f"\nTo see what is in it: python -m kexp show dataset {name} {example}")
        return 0
    dataset = dataset_of(name, settings)
    splits = dataset.load()
    print()
    for line in lines_of(splits, getattr(dataset, "classes", ()), getattr(dataset, "features", None) or ()):
        print(line)
    return 0


def kind_called(word: str) -> str:
    """The kind that a person calls `word`: its name, its plural, or the config group it is chosen in."""
    known = {kind: kind for kind in KINDS} | {hook.removeprefix("kexp_"): kind for kind, hook in KINDS.items()}
    known |= {plural(kind): kind for kind in KINDS} | GROUPS
    if word not in known:
        near = suggestion(word, known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise CommandError(f"no kind of component is called {word!r}.{hint}\nKnown: {', '.join(KINDS)}")
    return known[word]


def all_kinds() -> list[str]:
    """A line for each kind, with its names."""
    rows = [
        (kind, str(len(registry)), ", ".join(sorted(registry)))
        for kind, registry in plugins.current().registries.items()
    ]
    return [*columns(rows), "", "python -m kexp show KIND [NAME] says more."]


def one_kind(registry: Registry) -> list[str]:
    """A line for each component of a kind: its name, what it is, and where it comes from if not built in."""
    rows, first_names = [], dict[int, str]()
    for name in registry:
        owners = [owner for owner in registry.owners(name) if not owner.startswith(f"{plugins.BUILTIN}.")]
        origin = f"[{', '.join(registry.owners(name))}]" if owners else ""
        if name in registry.clashes():
            rows.append((name, "registered more than once; nobody can use it", origin))
            continue
        maker = registry.get(name)
        first = first_names.setdefault(id(maker), name)
        rows.append((name, first_line(maker) if first == name else f"the same as {first}", origin))
    return columns(sorted(rows)) or [f"no {registry.kind} is registered"]


def one_component(registry: Registry, name: str) -> list[str]:
    """What a component is, its arguments with types and defaults, and its docstring."""
    try:
        maker = registry.get(name)
    except KexpError as error:
        raise CommandError(str(error)) from error
    rows = [
        (a.name, _default(a), words(a.annotation) if a.annotation is not Any else "") for a in arguments(maker).values()
    ]
    lines = [f"{registry.kind} {name}", "", *(inspect.getdoc(maker) or "").splitlines(), ""]
    lines += [f"Arguments ({', '.join(registry.owners(name))}):", *(f"  {line}" for line in columns(rows))]
    return [*lines, *_any_more(maker)]


def _any_more(maker: Callable[..., Any]) -> list[str]:
    return ["  ... and any other"] if accepts_any_keyword(maker) else []


def _default(argument: Argument) -> str:
    if argument.required:
        return "required"
    try:
        return plain(to_plain(argument.default))
    except KexpError:
        return repr(argument.default)
