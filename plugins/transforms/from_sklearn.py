"""FromSklearn: a transformer of scikit-learn as a step of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError, StateError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, is_table


class FromSklearn(Transform):
    """Anything with scikit-learn's `fit` and `transform`, in Python; the object that is given is itself fitted.

    Tables come out as tables where the transformer can name its columns, with their index kept. All training data go
    to one `fit`. What it learned cannot be written as plain values, so a pipeline with it cannot be saved: for that,
    use a transform of kexp's own (standardize, min_max, one_hot ...).
    Raises: ArgumentError if the object is no transformer, and when it is to be saved.
    """

    learns = True

    def __init__(self, transformer: Any) -> None:
        if not self.adopts(transformer):
            raise ArgumentError(f"transformer must have the methods fit and transform. Received: {transformer!r}")
        self.transformer = transformer
        self._done = False

    @staticmethod
    def adopts(thing: Any) -> bool:
        """Whether `thing` is a transformer of another library that this class makes a step of."""
        methods = all(callable(getattr(thing, name, None)) for name in ("fit", "transform"))
        return methods and not isinstance(thing, type | Transform)

    def fit(self, chunks: Iterable[Any]) -> None:
        parts = [as_data(chunk) for chunk in chunks]
        if not parts:
            raise DataError(f"{self.transformer!r} needs data to fit on")
        whole = parts[0] if len(parts) == 1 else _together(parts)
        self._guarded(self.transformer.fit, whole)
        self._done = True

    @property
    def fitted(self) -> bool:
        return self._done

    def check_fitted(self) -> None:
        if not self._done:
            raise StateError(f"{self.transformer!r} must be fitted on training data first")

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        x = as_data(x)
        made = self._guarded(self.transformer.transform, x)
        made = made.toarray() if hasattr(made, "toarray") else made
        if not is_table(x) or is_table(made) or not hasattr(self.transformer, "get_feature_names_out"):
            return made
        import pandas  # at the door: slow to import

        return pandas.DataFrame(made, index=x.index, columns=self.transformer.get_feature_names_out())

    def inverse(self, x: Any) -> Any:
        self.check_fitted()
        if not hasattr(self.transformer, "inverse_transform"):
            raise ArgumentError(f"{self.transformer!r} cannot be undone")
        return self._guarded(self.transformer.inverse_transform, as_data(x))

    def get_config(self) -> dict[str, Any]:
        raise ArgumentError(
            f"{self.transformer!r}, an object of Python, cannot be written to a config or saved with a model. "
            "Use kexp's own transforms (standardize, min_max, one_hot ...) for that, or register one by a plugin hook"
        )

    def get_state(self) -> dict[str, Any]:
        return self.get_config()

    def _guarded(self, method: Any, x: Any) -> Any:
        try:
            return method(x)
        except (TypeError, ValueError) as error:
            raise DataError(f"{self.transformer!r}: {error}") from error


def _together(parts: list[Any]) -> Any:
    if not is_table(parts[0]):
        return np.concatenate(parts)
    import pandas  # at the door: slow to import

    return pandas.concat(parts)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"from_sklearn": FromSklearn}
