"""Spellings of Keras 1 and 2: the one table that translates them.

An old spelling is taken where the class does not know it and does know its successor; a note, once for each
spelling, names the new one.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from typing import Any

from kexp.errors import ArgumentError

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "output_dim": ("units",),
    "init": ("kernel_initializer", "embeddings_initializer"),
    "inner_init": ("recurrent_initializer",),
    "inner_activation": ("recurrent_activation",),
    "bias": ("use_bias",),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": ("recurrent_regularizer",),
    "b_regularizer": ("bias_regularizer",),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "U_constraint": ("recurrent_constraint",),
    "b_constraint": ("bias_constraint",),
    "dropout_W": ("dropout",),
    "dropout_U": ("recurrent_dropout",),
    "gamma_init": ("gamma_initializer",),
    "beta_init": ("beta_initializer",),
    "nb_filter": ("filters",),
    "filter_length": ("kernel_size",),
    "border_mode": ("padding",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "stride": ("strides",),
    "pool_length": ("pool_size",),
    "dim_ordering": ("data_format",),
    "atrous_rate": ("dilation_rate",),
    "p": ("rate",),
    "sigma": ("stddev",),
    "dims": ("target_shape",),
    "nb_epoch": ("epochs",),
    "lr": ("learning_rate",),
    "l": ("l1", "l2"),
    "samples_per_epoch": ("steps_per_epoch",),
    "show_accuracy": (),
}
"""Old argument -> its successors; the first that the class knows is meant."""

VALUES: dict[str, dict[Any, Any]] = {"dim_ordering": {"tf": "channels_last", "th": "channels_first"}}
"""Values that changed together with the argument's name."""


class Keras2Note(UserWarning):
    """Says the new name of an old spelling that was taken."""


_noted: set[str] = set()


def note(old: str, new: str) -> None:
    """Say once in a program that `old` is now `new`."""
    _say(old, f"{old!r} is Keras 2's spelling; it is now {new!r}")


def say_without_effect(old: str) -> None:
    """Say once in a program that `old` is taken and does nothing."""
    _say(old, f"{old!r} is Keras 2's, and has no effect here")


def _say(old: str, text: str) -> None:
    if old not in _noted:
        _noted.add(old)
        warnings.warn(text, Keras2Note, stacklevel=depth_of_caller())


def depth_of_caller() -> int:
    """How many frames above the function that asks the code stands that is not kexp's own: the line to point at."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "kexp":
        depth, frame = depth + 1, frame.f_back
    return depth


def translated(
    known: Mapping[str, Any], given: Mapping[str, Any], owner: str, taken: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The arguments `given` under the names that are `known` (with their defaults) today.

    `taken`: names that positional arguments fill.
    Raises: ArgumentError if an old and a new spelling are given side by side.
    """
    if all(name in known for name in given):
        return dict(given)
    found: dict[str, Any] = {}
    for name, value in given.items():
        new = None if name in known else next((new for new in ARGUMENTS.get(name, ()) if new in known), None)
        if new is None:
            found[name] = value
            continue
        if new in given or new in taken or new in found:
            raise ArgumentError(f"{owner}: {name!r} is Keras 2's spelling of {new!r}; give one of the two")
        found[new] = VALUES.get(name, {}).get(value, value) if isinstance(value, str) else value
        note(name, new)
    for special in (_kernel_size, _decay, _input_length, _batch_input_shape, _recurrent):
        special(known, found, owner, taken)
    return found


def fit_arguments(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `fit` that it does not know by today's names.

    Raises: ArgumentError for those that nobody knows, and for metrics, which belong to compile.
    """
    if "metrics" in given:
        raise ArgumentError("metrics belong to compile: model.compile(optimizer=..., loss=..., metrics=[...])")
    found = translated(known, given, "fit")
    unknown = [name for name in found if name not in known]
    if unknown:
        raise ArgumentError(f"fit has no argument {unknown[0]!r}. Known: {', '.join(known)}")
    return found


def _kernel_size(known: Mapping[str, Any], found: dict[str, Any], owner: str, taken: tuple[str, ...]) -> None:
    if "kernel_size" in known and "nb_row" in found and "nb_col" in found:
        if "kernel_size" in found or "kernel_size" in taken:
            text = "'nb_row' and 'nb_col' are Keras 2's spelling of 'kernel_size'; give one of the two"
            raise ArgumentError(f"{owner}: {text}")
        found["kernel_size"] = (found.pop("nb_row"), found.pop("nb_col"))
        note("nb_row, nb_col", "kernel_size")


KERAS_1 = ("border_mode", "subsample", "dim_ordering", "init", "bias", "W_regularizer", "b_regularizer", "W_constraint")


def rows_and_columns(names: tuple[str, ...], args: tuple[Any, ...], given: Mapping[str, Any]) -> tuple[Any, ...]:
    """Positional arguments with Keras 1's (filters, rows, columns) as (filters, kernel size).

    Another old spelling must stand beside them, for layer(32, 3, 3) alone means strides of 3 today.
    """
    old = names[1:3] == ("kernel_size", "strides") and any(name in given for name in KERAS_1)
    if len(args) != 3 or not old or not all(isinstance(n, int) for n in args[1:]):
        return args
    note("rows, columns", "kernel_size")
    return args[0], args[1:]


def _decay(known: Mapping[str, Any], found: dict[str, Any], owner: str, taken: tuple[str, ...]) -> None:
    """Keras 2's lr / (1 + decay * steps) as the schedule that it is."""
    if "decay" not in found or "decay" in known or "learning_rate" not in known or "weight_decay" not in known:
        return
    decay, rate = found.pop("decay"), found.get("learning_rate", known["learning_rate"])
    note("decay", "learning_rate: {type: inverse_time_decay, decay_steps: 1, decay_rate: ...}")
    if not decay:
        return
    if "learning_rate" in taken or not isinstance(rate, int | float):
        text = "with 'decay', the learning rate must be a number, given by name"
        raise ArgumentError(f"{owner}: {text}. Received: {rate!r}")
    schedule = {"type": "inverse_time_decay", "initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay}
    found["learning_rate"] = schedule


def _input_length(known: Mapping[str, Any], found: dict[str, Any], owner: str, taken: tuple[str, ...]) -> None:
    """The number of time steps, which stood beside `input_dim`."""
    if "input_length" not in found or "input_length" in known or "input_shape" not in known:
        return
    if "input_shape" in found:
        raise ArgumentError(f"{owner}: 'input_length' is part of 'input_shape'; give one of the two")
    length, own = found.pop("input_length"), known.get("input_dim", 0) is not None  # Embedding's input_dim is its own
    width = None if own else found.pop("input_dim", None)
    found["input_shape"] = (length,) if width is None else (length, width)
    note("input_length", "input_shape")


def _batch_input_shape(known: Mapping[str, Any], found: dict[str, Any], owner: str, taken: tuple[str, ...]) -> None:
    """The input's shape with the batch axis, which stateful layers were given; any batch size will do."""
    if "batch_input_shape" not in found or "batch_input_shape" in known or "input_shape" not in known:
        return
    if "input_shape" in found:
        raise ArgumentError(f"{owner}: 'batch_input_shape' is Keras 2's spelling of 'input_shape'; give one of the two")
    found["input_shape"] = tuple(found.pop("batch_input_shape"))[1:]
    note("batch_input_shape", "input_shape")


def _recurrent(known: Mapping[str, Any], found: dict[str, Any], owner: str, taken: tuple[str, ...]) -> None:
    """What recurrent layers took: choices between ways to compute the same, and the order of axes."""
    if "return_sequences" not in known:
        return
    for name in ("implementation", "consume_less", "time_major"):
        if name not in found or name in known:
            continue
        value = found.pop(name)
        if name == "time_major" and value:
            text = "sequences have the shape (n, t, d): swap the first two axes"
            raise ArgumentError(f"{owner}: time_major must be False; {text}. Received: {value!r}")
        say_without_effect(name)
