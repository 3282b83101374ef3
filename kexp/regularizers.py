"""Regularizers, under the class names and the lower-case names that Keras has for them: `regularizers.l2(0.01)`."""

from __future__ import annotations

from typing import Any

from kexp.core.regularizer import Regularizer, get_regularizer
from kexp_plugins.regularizers.l1 import L1
from kexp_plugins.regularizers.l1_l2 import L1L2
from kexp_plugins.regularizers.l2 import L2

__all__ = ["L1", "L1L2", "L2", "Regularizer", "WeightRegularizer", "get", "l1", "l1_l2", "l2"]

l1 = L1
l1_l2 = L1L2
WeightRegularizer = L1L2  # its name in Keras 1
l2 = L2


def get(identifier: Any) -> Regularizer | None:
    """The regularizer that a name, a mapping with `type`, a class or an object stands for; None stays None.

    >>> get("l2")
    L2()
    """
    return get_regularizer(identifier)
