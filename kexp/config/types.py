"""Whether a plain config value fits an annotation, and the annotation in a person's words.

The check is pydantic's, strict and as if the value came from JSON: "8" and true are no ints, 8 is a float, a list
may stand for a tuple.
"""

from __future__ import annotations

import inspect
import json
import os
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError

from kexp.core.component import OfKind

_WORDS: dict[Any, str] = {
    int: "int",
    float: "float",
    bool: "bool (true or false)",
    str: "a text",
    type(None): "null",
    list: "a list",
    tuple: "a list",
    dict: "a map",
    Any: "anything",
    Path: "a path",
}

_PLURALS: dict[Any, str] = {
    int: "ints",
    float: "floats",
    bool: "bools",
    str: "texts",
    dict: "maps",
    type(None): "nulls",
}


def fits(annotation: Any, value: Any) -> bool:
    """Whether `value` (plain: numbers, texts, lists, maps, null) is one that `annotation` allows."""
    if _is_union(annotation):
        return any(fits(branch, value) for branch in typing.get_args(annotation) if not _only_in_python(branch))
    adapter = _adapter(annotation)
    if adapter is None:
        return True
    try:
        adapter.validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError:
        return False
    return True


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any] | None:
    """None where the annotation says nothing that can be checked."""
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError, NameError):
        return None


def kind_in(annotation: Any) -> str | None:
    """The kind of component that a value of this annotation may be (directly, not in a list)."""
    if typing.get_origin(annotation) is typing.Annotated:
        marks = [mark for mark in annotation.__metadata__ if isinstance(mark, OfKind)]
        return marks[0].kind if marks else kind_in(annotation.__origin__)
    if _is_union(annotation):
        return next((kind for branch in typing.get_args(annotation) if (kind := kind_in(branch))), None)
    return None


def plain_branches(annotation: Any) -> list[Any]:
    """What a value of a component's annotation may be besides a component: float for a learning rate."""
    if typing.get_origin(annotation) is typing.Annotated:
        return plain_branches(annotation.__origin__)
    if _is_union(annotation):
        return [found for branch in typing.get_args(annotation) for found in plain_branches(branch)]
    return [] if annotation is Any or annotation is type(None) else [annotation]


def allows_null(annotation: Any) -> bool:
    """Whether null is among the alternatives."""
    if typing.get_origin(annotation) is typing.Annotated:
        return allows_null(annotation.__origin__)
    if _is_union(annotation):
        return any(allows_null(branch) for branch in typing.get_args(annotation))
    return annotation is type(None) or annotation is None


def item_annotation(annotation: Any) -> Any:
    """The annotation of a list's or map's items if they may be components, else None."""
    if _is_union(annotation):
        return next((found for branch in typing.get_args(annotation) if (found := item_annotation(branch))), None)
    arguments = [argument for argument in typing.get_args(annotation) if argument is not Ellipsis]
    if not arguments or typing.get_origin(annotation) in (Literal, typing.Annotated):
        return None
    item = arguments[-1]
    return item if kind_in(item) or item_annotation(item) else None


def choices(annotation: Any) -> list[Any]:
    """The values that a Literal, or a union with one, lists."""
    if typing.get_origin(annotation) is Literal:
        return list(typing.get_args(annotation))
    if typing.get_origin(annotation) is typing.Annotated:
        return choices(annotation.__origin__)
    if _is_union(annotation):
        return [value for branch in typing.get_args(annotation) for value in choices(branch)]
    return []


def words(annotation: Any) -> str:
    """The annotation as a person would say it.

    >>> words(int | None), words(tuple[int, int]), words(Literal["valid", "same"])
    ('int or null', 'a list of 2 ints', "one of 'valid', 'same'")
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        kind = kind_in(annotation)
        return _component_words(kind, annotation.__origin__) if kind else words(annotation.__origin__)
    if _is_union(annotation):
        branches = [branch for branch in arguments if not _only_in_python(branch)] or arguments
        return _joined(words(branch) for branch in sorted(branches, key=lambda branch: branch is type(None)))
    if origin is Literal:
        return f"one of {', '.join(map(repr, arguments))}"
    if origin is tuple and Ellipsis not in arguments:
        return f"a list of {len(arguments)} {_joined(map(_plural, arguments))}"
    if origin in (list, tuple, set, frozenset, Sequence, Iterable) or _is_sequence(origin):
        return f"a list of {_plural(arguments[0])}"
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return f"a map from {words(arguments[0])} to {words(arguments[1])}"
    return _WORDS.get(annotation) or str(getattr(annotation, "__name__", annotation))


def with_article(kind: str) -> str:
    """an activation, a layer."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _plural(annotation: Any) -> str:
    if _is_union(annotation):
        return " and ".join(map(_plural, typing.get_args(annotation)))
    return _PLURALS.get(annotation) or words(annotation)


def _only_in_python(annotation: Any) -> bool:
    """Whether no config value can be of this type: functions, arrays, objects of a class."""
    origin = typing.get_origin(annotation) or annotation
    if origin is Callable or origin is np.ndarray or origin is os.PathLike:
        return True
    return inspect.isclass(origin) and _adapter(annotation) is None


def _component_words(kind: str, plain: Any) -> str:
    others = [words(branch) for branch in plain_branches(plain)]
    return _joined([*others, f"{with_article(kind)} (its name, or a map with `type`)"])


def _joined(parts: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(parts))


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _is_sequence(origin: Any) -> bool:
    return inspect.isclass(origin) and issubclass(origin, Sequence) and not issubclass(origin, str)
