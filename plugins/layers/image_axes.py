"""Axes of images and sequences: data formats, pairs of sizes, and what a layer says of a shape it cannot take."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import one_of
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, ShapeError

Pair = tuple[int, int]
NAMES = {1: ("t",), 2: ("h", "w")}


def chosen_format(data_format: Any) -> str:
    """'channels_last' or 'channels_first'; that of the settings for None."""
    chosen = settings.image_data_format() if data_format is None else data_format
    chosen = chosen.lower() if isinstance(chosen, str) else chosen
    return str(one_of("data_format", chosen, settings.IMAGE_DATA_FORMATS))


def chosen_padding(padding: Any, allowed: tuple[str, ...] = ("valid", "same")) -> str:
    """One of the paddings allowed; case does not matter, as in Keras."""
    return str(one_of("padding", padding.lower() if isinstance(padding, str) else padding, allowed))


def sizes(name: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """`count` ints of at least `least`, from one int for all or from a sequence."""
    items = (value,) * count if isinstance(value, int | np.integer) else value
    good = isinstance(items, list | tuple) and len(items) == count
    if not good or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < least for n in items):
        many = f" or {count} ints" if count > 1 else ""
        raise ArgumentError(f"{name} must be an int{many}, of at least {least}. Received: {value!r}")
    return tuple(int(n) for n in items)


def margins(name: str, value: Any) -> tuple[Pair, Pair]:
    """((top, bottom), (left, right)) from an int for all, two ints for height and width, or two pairs."""
    pair = [value, value] if isinstance(value, int | np.integer) else value
    try:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise ArgumentError(name)
        (top, bottom), (left, right) = (sizes(name, part, 2, 0) for part in pair)
    except ArgumentError:
        raise ArgumentError(
            f"{name} must be an int, two ints (height, width) or two pairs ((top, bottom), (left, right)), "
            f"none below 0. Received: {value!r}"
        ) from None
    return (top, bottom), (left, right)


def layout(rank: int, data_format: str) -> str:
    """The axes by letter: '(n, h, w, c)'."""
    inner = (*NAMES[rank], "c") if data_format == "channels_last" else ("c", *NAMES[rank])
    return f"({', '.join(('n', *inner))})"


def require_rank(layer: Layer, shape: Any, rank: int, data_format: str) -> None:
    """Raise ShapeError unless `shape` has a batch axis, a channel axis and `rank` more."""
    if isinstance(shape, tuple | list) and len(shape) == rank + 2 and not isinstance(shape[0], tuple | list):
        return
    text = (
        f"layer {layer.name!r} ({type(layer).__name__}) needs inputs {layout(rank, data_format)}: "
        f"{rank + 1} axes without the batch's. Received: {shape}"
    )
    if isinstance(shape, tuple | list) and len(shape) == rank + 1:
        axis = len(shape) if data_format == "channels_last" else 1
        text += f". If it is the channel axis that is missing: {(*shape[:axis], 1, *shape[axis:])}"
    raise ShapeError(text)


def spatial(shape: Any, data_format: str) -> tuple[Any, ...]:
    """The sizes along the axes that are neither batch nor channels."""
    return tuple(shape[1:-1] if data_format == "channels_last" else shape[2:])


def channels(shape: Any, data_format: str) -> Any:
    """The number of channels."""
    return shape[-1] if data_format == "channels_last" else shape[1]


def with_axes(batch: Any, inner: Any, depth: Any, data_format: str) -> tuple[Any, ...]:
    """The shape of `depth` channels and inner sizes, in the data format's order."""
    return (batch, *inner, depth) if data_format == "channels_last" else (batch, depth, *inner)


def other_order(shape: Any, expected: int | None, data_format: str) -> str:
    """A hint where `shape` looks like the other data format: its channels (as many as expected) stand there."""
    here, there = (-1, 1) if data_format == "channels_last" else (1, -1)
    likely = (1, 3, 4) if expected is None else (expected,)
    if shape[there] not in likely or shape[here] in likely:
        return ""
    other = "channels_first" if data_format == "channels_last" else "channels_last"
    return (
        f"\nThis looks like {other}, and the layer has data_format={data_format!r}: "
        f"set data_format={other!r} or move the channel axis."
    )


def along(parts: list[slice], data_format: str) -> tuple[slice, ...]:
    """An index that takes `parts` along the inner axes."""
    every = slice(None)
    return (every, *parts, every) if data_format == "channels_last" else (every, every, *parts)


def to_last(x: Array, data_format: str) -> Array:
    """A view with the channels last."""
    return x if data_format == "channels_last" else np.moveaxis(x, 1, -1)


def from_last(x: Array, data_format: str) -> Array:
    """A view in the data format's order of an array with the channels last."""
    return x if data_format == "channels_last" else np.moveaxis(x, -1, 1)
