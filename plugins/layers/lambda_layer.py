"""Lambda: a function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation, get_activation
from kexp.core.component import ActivationSpec
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class Lambda(Layer):
    """y = function(x, **arguments), with `training` and `mask` if the function takes them; it gets a list of inputs
    if there are several. Its gradient is worked out by `kexp.autodiff`.

    In a config `function` is the name of a registered activation: code is never read from a config. A function that
    nobody registered works from Python, and cannot be saved. `output_shape` is one sample's, or a function of the
    input's shape; it need not be given. `mask` is the output's mask, or a function of inputs and masks.

    Raises: ArgumentError from `get_config` for a function that has no name.
    """

    def __init__(
        self,
        function: ActivationSpec,
        output_shape: Sequence[int] | Callable[[Any], Any] | None = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(function, str | Mapping):
            function = get_activation(function)
        if not callable(function):
            raise ArgumentError(f"function must be a function or a registered name. Received: {function!r}")
        self.function: Callable[..., Any] = function
        self.sample_shape = output_shape
        self.mask = mask
        if arguments is not None and not isinstance(arguments, Mapping):
            raise ArgumentError(f"arguments must map names to values. Received: {arguments!r}")
        self.arguments = dict(arguments or {})
        self.supports_masking = self.makes_mask = mask is not None
        self._takes = _keywords(function)

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self.sample_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self.sample_shape):
            return self.sample_shape(input_shape)
        batch = input_shape[0][0] if isinstance(input_shape, list) else input_shape[0]
        return (batch, *self.sample_shape)

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def call(self, *inputs: Array, ctx: Context) -> Any:  # type: ignore[override]
        options = dict(self.arguments)
        if "training" in self._takes:
            options["training"] = ctx.training
        if "mask" in self._takes:
            masks = ctx.masks if ctx.masks is not None else (None,) * len(inputs)
            options["mask"] = masks[0] if len(inputs) == 1 else list(masks)
        return self.function(inputs[0] if len(inputs) == 1 else list(inputs), **options)


def _keywords(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's parameters; those of NumPy's are not known."""
    if isinstance(function, Activation | np.ufunc):
        return frozenset()
    return frozenset(inspect.signature(function).parameters)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"lambda": Lambda}
