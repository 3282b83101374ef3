"""Component: what everything with a registered name has in common, and the look-up of specs."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, cast

import numpy as np

from kexp import plugins
from kexp.core import keras2
from kexp.core.engine_arguments import without_engine
from kexp.errors import ArgumentError, nearest

REQUIRED = inspect.Parameter.empty


class _Translating(type):
    """Takes Keras 2's names of arguments, wherever a component is constructed."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if kwargs:
            args = keras2.rows_and_columns(positional(cls), args, kwargs)
            names = positional(cls)[: len(args)]
            kwargs = keras2.translated(parameters(cls), kwargs, cls.__name__, names)
        try:
            return super().__call__(*args, **kwargs)
        except TypeError as error:
            _explain_unknown(cls, kwargs, str(error))
            raise

    @property
    def __signature__(cls) -> inspect.Signature:
        """The constructor's, which `inspect` would not look for behind `__call__`."""
        return inspect.signature(functools.partial(cls.__init__, None))  # type: ignore[misc]


if TYPE_CHECKING:
    _Meta = type  # so that a type checker sees the constructors' own signatures
else:
    _Meta = _Translating


def _explain_unknown(cls: Any, kwargs: Mapping[str, Any], error: str) -> None:
    """Raise ArgumentError if `error` is that of an argument which no constructor of the class takes."""
    known = parameters(cls)
    wrong = next((name for name in kwargs if name not in known and f"keyword argument {name!r}" in error), None)
    if wrong is None:
        return
    near = nearest(wrong, known)
    hint = f" Did you mean {near!r}?" if near else ""
    text = f"{cls.__name__} takes no argument {wrong!r}.{hint} It takes: {', '.join(known) or 'none'}"
    raise ArgumentError(text) from None


class Component(metaclass=_Meta):
    """Base of layers, losses, optimizers and all other registered classes.

    It remembers the arguments it was constructed with, untouched, so that `get_config` and `from_config` work in
    every subclass without a line written for them.
    """

    kind: ClassVar[str] = ""
    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = object.__new__(cls)
        made._arguments = (args, kwargs)
        return made

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain values: `type(self).from_config(self.get_config())` is its twin."""
        args, kwargs = self._arguments
        given = dict(zip(positional(cast(Any, type(self))), args, strict=False)) | kwargs
        config = {name: given.get(name, default) for name, default in parameters(cast(Any, type(self))).items()}
        config |= {name: value for name, value in given.items() if name not in config}
        return {name: to_plain(value, name) for name, value in config.items() if value is not REQUIRED}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The component that `get_config`, ours or Keras', described."""
        return cls(**without_engine(config, parameters(cast(Any, cls))))

    @classmethod
    def registered_name(cls) -> str:
        """The name under which the class is registered, else its own in snake_case."""
        known = plugins.current()[cls.kind].name_of(cls) if cls.kind else None
        return known or snake_case(cls.__name__)

    def __repr__(self) -> str:
        args, kwargs = self._arguments
        shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
        return f"{type(self).__name__}({', '.join(shown)})"


@cache
def parameters(maker: Callable[..., Any]) -> dict[str, Any]:
    """Names a maker accepts, with their defaults (`REQUIRED` where there is none).

    A class whose constructor takes **kwargs accepts those of its base class besides.
    """
    found: dict[str, Any] = {}
    for function in constructors(maker):
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or parameter.name == "self":
                continue
            found.setdefault(parameter.name, parameter.default)
    return found


@cache
def positional(maker: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a maker's positional arguments, in order."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = inspect.signature(constructors(maker)[0]) if constructors(maker) else inspect.Signature()
    return tuple(p.name for p in signature.parameters.values() if p.kind in kinds and p.name != "self")


def accepts_any_keyword(maker: Callable[..., Any]) -> bool:
    """Whether every name is accepted: the last constructor of the chain takes **kwargs too."""
    chain = constructors(maker)
    return bool(chain) and _takes_kwargs(chain[-1])


def constructors(maker: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The constructor and those of the base classes that its **kwargs go to, or the function itself."""
    if not inspect.isclass(maker):
        return [maker]
    chain: list[Callable[..., Any]] = []
    for base in maker.__mro__:
        constructor = base.__dict__.get("__init__")
        if constructor is None or base is object:
            continue
        chain.append(constructor)
        if not _takes_kwargs(constructor):
            break
    return chain


def _takes_kwargs(function: Callable[..., Any]) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())


def to_plain(value: Any, where: str = "value") -> Any:
    """`value` as what a config can hold: numbers, texts, lists, maps; components as {type: name, ...}."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [to_plain(item, where) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, Component):
        return {"type": value.registered_name(), **value.get_config()}
    if hasattr(value, "form"):
        return {"type": "model", "config": value.get_config()}
    name = getattr(value, "config_name", None) or _name_of_function(value)
    if name is not None:
        return name
    raise ArgumentError(
        f"{where}: {value!r} cannot be written to a config. Register it by a plugin hook and give its name instead."
    )


def _name_of_function(value: Any) -> str | None:
    registries = plugins.current().registries.values()
    return next((name for registry in registries if (name := registry.name_of(value)) is not None), None)


def resolve(kind: str, spec: Any, where: str = "") -> Any:
    """The component that `spec` stands for: an object itself, a name, or a mapping with `type`.

    Classes are called without arguments; None stays None.
    """
    if spec is None:
        return None
    if isinstance(spec, str | Mapping):
        return plugins.current()[kind].build(_keras_form(kind, spec), where)
    if inspect.isclass(spec):
        return spec()
    return spec


def _keras_form(kind: str, spec: str | Mapping[str, Any]) -> str | Mapping[str, Any]:
    """Keras writes {"class_name": ..., "config": {...}} where we write {"type": ..., ...}."""
    if isinstance(spec, str) or "class_name" not in spec:
        return spec
    name, known = spec["class_name"], plugins.current()[kind]
    accepted = parameters(known.get(name)) if name in known else {}
    return {"type": name, **without_engine(spec.get("config", {}), accepted)}


def snake_case(name: str) -> str:
    """MaxPooling2D -> max_pooling2d, as Keras names layers.

    >>> snake_case("EarlyStopping"), snake_case("MaxPooling2D"), snake_case("LSTM")
    ('early_stopping', 'max_pooling2d', 'lstm')
    """
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def standing_for(maker: type[Component], function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, named and documented as the component it stands for, and found again by configs as that."""
    function.__name__ = function.__qualname__ = snake_case(maker.__name__)
    function.__doc__ = maker.__doc__
    function.component = maker  # type: ignore[attr-defined]
    function.config_name = function.__name__  # type: ignore[attr-defined]
    return function


class OfKind:
    """Marks an annotation: the value is a spec of this kind of component, and is checked as one in configs."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"OfKind({self.kind!r})"


ActivationSpec = Annotated[Any, OfKind("activation")]
InitializerSpec = Annotated[Any, OfKind("initializer")]
RegularizerSpec = Annotated[Any, OfKind("regularizer")]
ConstraintSpec = Annotated[Any, OfKind("constraint")]
LayerSpec = Annotated[Any, OfKind("layer")]
ScheduleSpec = Annotated[float | Any, OfKind("schedule")]


def positive_int(name: str, value: Any) -> int:
    """`value`, if it is an int above 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value <= 0:
        raise ArgumentError(f"{name} must be a positive int. Received: {value!r}")
    return int(value)


def fraction(name: str, value: Any, *, or_one: bool = False) -> float:
    """`value`, if it is a number in [0, 1), or in [0, 1] with `or_one`."""
    bad = isinstance(value, bool) or not isinstance(value, int | float | np.number)
    if bad or not (0 <= value < 1 or (or_one and value == 1)):
        raise ArgumentError(f"{name} must be a number in [0, 1{']' if or_one else ')'}. Received: {value!r}")
    return float(value)


def number(name: str, value: Any, *, above: float | None = None, least: float | None = None) -> float:
    """`value`, if it is a finite number, above `above` and at least `least` where they are given."""
    bad = isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value)
    if bad or (above is not None and value <= above) or (least is not None and value < least):
        bound = f" above {above:g}" if above is not None else f" of at least {least:g}" if least is not None else ""
        raise ArgumentError(f"{name} must be a finite number{bound}. Received: {value!r}")
    return float(value)


def one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """`value`, if it is one of `allowed`."""
    if isinstance(value, np.ndarray) or value not in allowed:
        raise ArgumentError(f"{name} must be one of {', '.join(map(repr, allowed))}. Received: {value!r}")
    return value
