"""InputSpec: what a layer's input must be like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kexp.errors import ArgumentError, ShapeError


class InputSpec:
    """Rank, shape and single axes that a layer's input must have; a layer sets it as its `input_spec`.

    `shape` has the batch axis first, None where any size will do. `axes` maps axes to sizes.
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional
        bound = max((n for n in (self.ndim, self.max_ndim) if n is not None), default=None)
        if bound is not None and self.axes and max(self.axes) >= bound:
            raise ArgumentError(f"Axis {max(self.axes)} is greater than the maximum allowed value: {bound - 1}")

    def get_config(self) -> dict[str, Any]:
        """The arguments, as plain values."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        said = [f"{name}={value!r}" for name, value in self.get_config().items() if value]
        return f"InputSpec({', '.join(said)})"

    def check(self, shape: Sequence[int | None], layer: str) -> None:
        """Raise ShapeError, in Keras' words, if an input of `shape` does not fit."""
        start = f'Input 0 of layer "{layer}" is incompatible with the layer: '
        full = f"Full shape received: {tuple(shape)}"
        n = len(shape)
        if self.ndim is not None and n != self.ndim and not self._squeezed(shape):
            raise ShapeError(f"{start}expected ndim={self.ndim}, found ndim={n}. {full}")
        if self.max_ndim is not None and n > self.max_ndim:
            raise ShapeError(f"{start}expected max_ndim={self.max_ndim}, found ndim={n}")
        if self.min_ndim is not None and n < self.min_ndim:
            raise ShapeError(f"{start}expected min_ndim={self.min_ndim}, found ndim={n}. {full}")
        for axis, size in self.axes.items():
            if size is not None and -n <= axis < n and shape[axis] not in (size, None):
                raise ShapeError(
                    f"{start}expected axis {axis} of input shape to have value {size}, but received input with shape "
                    f"{tuple(shape)}"
                )
        for want, got in zip(self.shape or (), shape, strict=False):
            if want is not None and got is not None and want != got:
                raise ShapeError(f"{start}expected shape={self.shape}, found shape={tuple(shape)}")

    def _squeezed(self, shape: Sequence[int | None]) -> bool:
        wanted = self.ndim or 0
        one = bool(self.shape and self.shape[-1] == 1) or (bool(shape) and shape[-1] == 1)
        return self.allow_last_axis_squeeze and one and abs(len(shape) - wanted) == 1


def check_specs(layer: Any, shapes: Sequence[Sequence[int | None]]) -> None:
    """Check the shapes of a layer's inputs against its `input_spec`, one or a list of them.

    Raises: ShapeError if one does not fit, or their number does not.
    """
    given = layer.input_spec
    specs = list(given) if isinstance(given, list | tuple) else [given]
    if len(specs) != len(shapes):
        raise ShapeError(f'Layer "{layer.name}" expects {len(specs)} input(s), but it received {len(shapes)}')
    for spec, shape in zip(specs, shapes, strict=True):
        if spec is not None:
            spec.check(shape, layer.name)
