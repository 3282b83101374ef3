"""What the image layers have in common: the work is that of the transform of the same name."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, settings
from kexp.core.calling import running_within
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp_plugins.layers.image_axes import channels, from_last, require_rank, spatial, to_last, with_axes
from kexp_plugins.transforms.image_transform import ImageTransform, rounded


class ImageLayer(Layer):
    """A layer that does to images what its transform does; it has no weights.

    Shapes: x (n, h, w, c), channels second with data_format 'channels_first'. Called by itself on an array it takes
    one image (h, w, c) too, and a random layer is then in training unless told otherwise, as in Keras.
    Raises: ShapeError for inputs of another rank.
    """

    casts_ints = True
    random: ClassVar[bool] = False
    data_format: str
    seed: int | None = None

    def _do(self, step: ImageTransform, seed: int | None = None) -> None:
        self.step, self.data_format, self.seed = step, step.data_format, seed

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}

    def __call__(self, *inputs: Any, training: bool | None = None, **options: Any) -> Any:
        if len(inputs) != 1 or hasattr(inputs[0], "apply_layer") or running_within() is not None:
            return super().__call__(*inputs, training=training, **options)
        x = inputs[0] if hasattr(inputs[0], "dtype") else np.asarray(inputs[0])
        training = self.random if training is None else training
        if x.ndim == 3:
            return super().__call__(x[None], training=training, **options)[0]
        return super().__call__(x, training=training, **options)

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        return 0 if self.random else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_rank(self, input_shape, 2, self.data_format)
        size = self.step.output_size(*spatial(input_shape, self.data_format))
        return with_axes(input_shape[0], size, channels(input_shape, self.data_format), self.data_format)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        require_rank(self, x.shape, 2, self.data_format)
        whole = x.dtype.kind in "iub"
        images = to_last(x.astype(settings.floatx()) if whole else x, self.data_format)
        y, pull = self.step.applied(images, ctx.stream if ctx.training else None, ctx.backend.asarray)
        y = from_last(y, self.data_format)

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            if not ctx.wants_dx:  # mostly it stands first
                return (None,), {}
            return (from_last(pull(to_last(dy, self.data_format)), self.data_format),), {}

        return (rounded(y, x.dtype) if whole else y), pullback
