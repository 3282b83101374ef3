"""Symbolic inputs and outputs as a person hands them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kexp.errors import ArgumentError
from kexp.graph import Tensor


def as_tensors(tensors: Any) -> list[Tensor]:
    """The symbolic tensors of a model's inputs or outputs: one, a list or a dict of them, by sorted keys as in Keras.

    Raises: ArgumentError for anything else.
    """
    named = [tensors[key] for key in sorted(tensors)] if isinstance(tensors, Mapping) else None
    values = named if named is not None else [tensors] if isinstance(tensors, Tensor) else tensors
    found = list(values) if isinstance(values, Iterable) else [values]
    wrong = next((x for x in found if not isinstance(x, Tensor)), None)
    if wrong is not None or not found:
        received = repr(wrong) if found else "none"
        text = "inputs and outputs of a model must be symbolic tensors (Input(...))"
        raise ArgumentError(f"{text}. Received: {received}")
    return found


def keys_of(tensors: Any) -> list[str] | None:
    """The names of a dict of tensors, sorted; None for what is no dict."""
    return [str(key) for key in sorted(tensors)] if isinstance(tensors, Mapping) else None
