"""Window: a series cut into overlapping pieces of equal length."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import positive_int
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, column_values
from kexp_plugins.transforms.steps import cut, paired, steps_of


class Window(Transform):
    """A series (t, d), in the order of time, as windows (n, length, d); a series (t,) has d = 1.

    A window takes `length` steps that are `sampling` apart, and the next one begins `stride` steps later. Its target
    is the y of the step that lies `horizon` after its last one: 1 is the next step, 0 the last one itself. With
    `target`, a column's name or number, that column takes the place of y, as the steps before have left it: so a
    difference can be predicted. Inputs alone, as in predict, give one
    window more for every target that would lie beyond the end, so the last prediction is that of a step to come.
    Cut a series by time (split=time) before it goes to windows, as a run does: then no window reaches across.
    Raises: DataError if the series is shorter than a window and its target, or a value is missing or no number.

    >>> import numpy as np
    >>> x, y = Window(3).pair(np.arange(6.0), np.arange(6))
    >>> x[..., 0].tolist(), y.tolist()
    ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]], [3, 4, 5])
    """

    keeps_rows = False

    def __init__(
        self,
        length: int,
        horizon: int = 1,
        stride: int = 1,
        sampling: int = 1,
        target: str | int | None = None,
    ) -> None:
        self.length = positive_int("length", length)
        if isinstance(horizon, bool) or not isinstance(horizon, int) or horizon < 0:
            raise ArgumentError(f"horizon must be a whole number of steps, 0 or more. Received: {horizon!r}")
        self.horizon = horizon
        self.stride = positive_int("stride", stride)
        self.sampling = positive_int("sampling", sampling)
        if target is not None and (isinstance(target, bool) or not isinstance(target, str | int)):
            raise ArgumentError(f"target must be a column's name or number. Received: {target!r}")
        self.target = target

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        return self._windows(steps_of(x), 0)

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        x = as_data(x)
        if self.target is not None:
            y = self._column(x)
        if y is None:
            return self.transform(x), None
        y = paired(x, y)
        windows = self._windows(steps_of(x), self.horizon)
        first = self._span - 1 + self.horizon
        return windows, cut(y, slice(first, first + len(windows) * self.stride, self.stride))

    @property
    def _span(self) -> int:
        """The steps from a window's first to its last one, both counted."""
        return (self.length - 1) * self.sampling + 1

    def _windows(self, values: Any, horizon: int) -> Any:
        needed = self._span + horizon
        if len(values) < needed:
            what = f"a window of {self.length} steps" + (f", {self.sampling} apart," if self.sampling > 1 else "")
            more = f" and its target {horizon} after it" if horizon else ""
            raise DataError(f"{what}{more} needs a series of at least {needed} steps. Received: {len(values)}")
        usable = values[: len(values) - horizon]
        views = np.lib.stride_tricks.sliding_window_view(usable, self._span, axis=0)
        return np.moveaxis(views[:: self.stride, ..., :: self.sampling], -1, 1).copy()

    def _column(self, x: Any) -> Any:
        """The column that is predicted."""
        (name,) = chosen(x, checked_columns(self.target, "target"), "all")
        return column_values(x, name)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"window": Window}
