"""What random brightness and contrast have in common: the range of values, and cutting off what leaves it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import number
from kexp.errors import ArgumentError
from kexp_plugins.transforms.image_transform import Pull


def checked_range(value_range: Any) -> tuple[float, float]:
    """(low, high), if `value_range` is a pair of two different numbers."""
    if not isinstance(value_range, list | tuple) or len(value_range) != 2 or value_range[0] == value_range[1]:
        raise ArgumentError(f"value_range must be a pair of different numbers (low, high). Received: {value_range!r}")
    low, high = sorted(number("value_range", value) for value in value_range)
    return low, high


def kept_within(y: Array, value_range: tuple[float, float]) -> tuple[Array, Pull]:
    """y cut off at the range's ends; and dy -> the cotangent of y."""
    low, high = value_range
    return y.clip(low, high), lambda dy: np.where((y >= low) & (y <= high), dy, 0.0)
