"""Arithmetic: operators of symbolic tensors, each of which makes a node."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.operation import Operation, as_key


class Arithmetic:
    """+ - * / ** and [] between symbolic tensors, numbers and arrays without a batch axis."""

    __array_ufunc__ = None  # so that an array on the left leaves the operation to the tensor

    def __add__(self, other: Any) -> Any:
        return _made("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _made("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _made("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _made("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return _made("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _made("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _made("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _made("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return _made("power", self, other)

    def __neg__(self) -> Any:
        return Operation("negative")(self)

    def __abs__(self) -> Any:
        return Operation("absolute")(self)

    def __getitem__(self, index: Any) -> Any:
        return Operation("get_item", key=as_key(index))(self)

    def __iter__(self) -> Any:
        raise TypeError("a symbolic tensor cannot be iterated over")


def _made(function: Any, left: Any, right: Any) -> Any:
    tensors = [operand for operand in (left, right) if isinstance(operand, Arithmetic)]
    constant = next((operand for operand in (left, right) if not isinstance(operand, Arithmetic)), None)
    if constant is None:
        return Operation(function)(*tensors)
    if not isinstance(constant, bool | int | float | np.number | np.ndarray | list):
        return NotImplemented
    plain = constant.tolist() if isinstance(constant, np.number | np.ndarray) else constant
    made = Operation(function, left=plain) if constant is left else Operation(function, right=plain)
    return made(*tensors)
