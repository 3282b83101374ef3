"""Dataset: named splits of inputs and targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kexp.core.component import Component


@dataclass(frozen=True)
class Split:
    """One part of a data set.

    x: array (n, ...), table, array of texts, a source with `len` and `take(indices)`, or a list or map of these.
    y: targets (n, ...), or None. `rows`: which rows of the whole it holds, where a splitter chose them.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    rows: Any = None

    def __len__(self) -> int:
        x = next(iter(self.x.values())) if isinstance(self.x, Mapping) else self.x
        return len(x[0]) if isinstance(x, list) else len(x)


class Dataset(Component):
    """Contract of data sets: `load` returns the splits by name, 'train' always among them.

    The same arguments give the same data, whenever and wherever they are loaded.
    """

    kind: ClassVar[str] = "dataset"
    splits: tuple[str, ...] = ("train",)
    """The names of the splits, known before anything is read."""

    def load(self) -> dict[str, Split]:
        """Read the data."""
        raise NotImplementedError

    def load_data(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """The data as Keras gives them: (x_train, y_train), (x_test, y_test)."""
        splits = self.load()
        train = splits["train"]
        test = splits["test"] if "test" in splits else Split(train.x[:0], train.y[:0])
        return (train.x, train.y), (test.x, test.y)
