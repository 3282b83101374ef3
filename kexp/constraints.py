"""Constraints, under the class names and the lower-case names that Keras has for them."""

from __future__ import annotations

from typing import Any

from kexp.core.constraint import Constraint, get_constraint
from kexp_plugins.constraints.max_norm import MaxNorm
from kexp_plugins.constraints.min_max_norm import MinMaxNorm
from kexp_plugins.constraints.non_neg import NonNeg
from kexp_plugins.constraints.unit_norm import UnitNorm

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "unit_norm",
]

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm


def get(identifier: Any) -> Constraint | None:
    """The constraint that a name, a mapping with `type`, a class or an object stands for; None stays None.

    >>> get({"type": "max_norm", "max_value": 3})
    MaxNorm(max_value=3)
    """
    return get_constraint(identifier)
