"""Scaling: the base of transforms that move and divide each column by numbers learned in the fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp_plugins.transforms.columns import as_data, matrix, with_columns


class Scaling(Transform):
    """y = (x - center) / scale in float64, given back in the dtype of x (float32 or float64).

    `fit` sets `columns_`; `center` and `scale` (k,) are one number for each of these columns.
    """

    learns = True

    columns_: list[Any]

    @property
    def center(self) -> Any:
        """What becomes 0 (k,)."""
        raise NotImplementedError

    @property
    def scale(self) -> Any:
        """The distance that becomes 1 (k,)."""
        raise NotImplementedError

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        x = as_data(x)
        values = matrix(x, self.columns_)
        scaled = self.limited((values - self.center) / self.scale)
        return with_columns(x, self.columns_, scaled.astype(values.dtype, copy=False))

    def inverse(self, x: Any) -> Any:
        self.check_fitted()
        x = as_data(x)
        values = matrix(x, self.columns_)
        return with_columns(x, self.columns_, (values * self.scale + self.center).astype(values.dtype, copy=False))

    def limited(self, scaled: Any) -> Any:
        """The scaled values, kept within limits where there are some."""
        return scaled
