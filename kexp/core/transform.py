"""Transform: one step from raw data to what a model is fed with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from kexp.core.component import Component
from kexp.errors import ArgumentError, StateError


class Transform(Component):
    """Contract of transforms: `fit` learns from the training part alone, `transform` is applied to all data.

    Data are tables (DataFrame), arrays of numbers (n, ...) or arrays of texts (n,); a transform says which it takes,
    returns new data and leaves what it is given alone. Rows keep their number and order unless `keeps_rows` is False.
    What `fit` learns are attributes with a trailing underscore (numbers, texts, lists, dicts with keys of text,
    arrays of numbers): they are the state that is saved with a model. Constructor arguments stay untouched.
    """

    kind: ClassVar[str] = "transform"
    learns: ClassVar[bool] = False
    """Whether `fit` must come before `transform`."""
    random: ClassVar[bool] = False
    """Whether it draws random numbers (augmentation). Then training batches come with a `stream`, each time anew;
    without one it does what belongs to inference, mostly nothing."""
    keeps_rows: ClassVar[bool] = True
    """Whether row i of the result comes from row i alone; else (windows, lags) data cannot be read batch by batch."""

    def fit(self, chunks: Iterable[Any]) -> None:
        """Learn from the training data, given in one or several chunks of rows; forgets what it learned before."""

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        """The transformed data; `stream` is given to random transforms alone, and in training alone."""
        raise NotImplementedError(f"{type(self).__name__} must define transform(x)")

    def needed(self, columns: list[str]) -> list[str]:
        """Which of a table's columns must be there for `transform`; asked of a pipeline's first step."""
        return columns

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Inputs and targets transformed together, for transforms that change the number of rows."""
        return self.transform(x), y

    def merged(self, following: Transform) -> Transform | None:
        """One transform that does what this one and the one after it do in training, faster; None if there is none."""
        return None

    def inverse(self, x: Any) -> Any:
        """Undo `transform`, where that is possible: predictions in the targets' own units and labels."""
        raise ArgumentError(f"{self.registered_name()} cannot be undone")

    @property
    def fitted(self) -> bool:
        """Whether `transform` can be used."""
        return not self.learns or bool(self.get_state())

    def check_fitted(self) -> None:
        """Raise StateError if `fit` must come first and has not."""
        if not self.fitted:
            raise StateError(f"{self.registered_name()} must be fitted on training data first")

    def get_state(self) -> dict[str, Any]:
        """What was learned, by attribute."""
        return {name: value for name, value in vars(self).items() if name.endswith("_") and not name.startswith("_")}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to where `get_state` was."""
        for name, value in state.items():
            setattr(self, name, value)
