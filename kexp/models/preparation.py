"""From raw data (tables, labels, sources) to what the graph is fed with, by the model's pipelines."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.core.component import fraction
from kexp.core.keras2 import depth_of_caller
from kexp.core.source import is_source
from kexp.data import (
    ArraySource,
    ConvertedSource,
    Feed,
    Pipeline,
    as_table,
    columns_of,
    count_rows,
    is_table,
    take_rows,
    with_index,
)
from kexp.data.rows import read_chunks
from kexp.data.tables import table_numbers
from kexp.errors import ArgumentError, DataError, StateError
from kexp.models.labels import are_labels, column_of, numbered, numbers_of, texts_of

Augment = Callable[[list[np.ndarray[Any, Any]], np.random.Generator], list[np.ndarray[Any, Any]]]


class SortedLabelsWarning(UserWarning):
    """validation_split takes the last rows, and the labels are sorted, so validation sees other classes."""


@dataclass
class Prepared:
    """What one fit trains and validates on.

    `augment`: what is done anew to each training batch, or None. `validation_rows`: which rows validate, in words,
    where they were taken from the training data.
    """

    x: Any
    y: Any
    sample_weight: Any = None
    validation_data: Any = None
    augment: Augment | None = None
    validation_rows: str = ""

    def attach(self, feed: Feed) -> None:
        """Let the feed augment its training batches."""
        if self.augment is not None:
            feed.xs[0] = feed.xs[0].before  # type: ignore[attr-defined]
            feed.augment = self.augment


class Preparation:
    """The pipelines of one model, and what it learned about its raw data.

    `pipeline` prepares inputs, `target_pipeline` targets; either may be None. Both are fitted by the first `fit`, on
    the training rows alone, unless they are already. `columns`: those of the table that a model without a pipeline
    was trained on. `labels`: what class number k stands for, where the targets were texts, true and false, or one
    column a class; empty where they were whole numbers, which stand for themselves.
    """

    def __init__(self) -> None:
        self.pipeline: Pipeline | None = None
        self.target_pipeline: Pipeline | None = None
        self.columns: list[str] | None = None
        self.labels: np.ndarray[Any, Any] | None = None

    def for_fit(self, x: Any, y: Any, sample_weight: Any, validation_split: float, validation_data: Any) -> Prepared:
        """Split, fit the pipelines on the training rows, apply them."""
        validation_rows, x = "", _as_samples(x)
        if validation_split:
            if validation_data is not None:
                raise ArgumentError("give validation_split or validation_data, not both")
            at, n = training_rows(x, validation_split), count_rows(x)
            validation_rows = f"the last rows, {at} to {n - 1}"
            _warn_if_sorted(y, at)
            validation_data = tuple(take_rows(part, slice(at, None)) for part in (x, y, sample_weight))
            x, y, sample_weight = (take_rows(part, slice(0, at)) for part in (x, y, sample_weight))
        self.fit(x, y)
        try:
            validation = None if validation_data is None else self._validation(validation_data)
        except DataError as error:
            raise DataError(f"validation data: {error}") from error
        x, y, augment = self._training(x, y)
        return Prepared(x, y, sample_weight, validation, augment, validation_rows)

    def fit(self, x: Any, y: Any, validation_split: float = 0.0) -> None:
        """Fit what is not fitted yet, on the rows that train alone."""
        x = _as_samples(x)
        if validation_split:
            rows = slice(0, training_rows(x, validation_split))
            x, y = take_rows(x, rows), take_rows(y, rows)
        if self.pipeline is not None and not self.pipeline.seen:
            if isinstance(x, Mapping) or (
                isinstance(x, list | tuple) and any(getattr(part, "shape", ()) for part in x)
            ):
                raise DataError(f"a pipeline prepares one input, and x holds {len(x)}: transform them before the fit")
            self.pipeline.fit(x)
        if self.target_pipeline is not None and not self.target_pipeline.seen:
            self.target_pipeline.fit(column_of(y))
        self._look_at(x, y)

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Inputs and targets to evaluate on."""
        x = _as_samples(x)
        if self.pipeline is None:
            return self.inputs(x), self.targets(y)
        x, y = self.pipeline.pair(x, y)
        return x, self.targets(y)

    def inputs(self, x: Any) -> Any:
        """Inputs to predict from."""
        x = _as_samples(x)
        if self.pipeline is not None:
            return self.pipeline.transform(x)
        if self.columns is not None and is_table(x):
            return as_table(x, self.columns, self.columns)
        return x

    def sample(self, x: Any) -> Any:
        """Samples as the model is fed with them, enough to build it."""
        whole = self.pipeline is None or is_source(x) or not self.pipeline.keeps_rows
        return self.inputs(x if whole else take_rows(x, slice(0, 1)))

    def targets(self, y: Any) -> Any:
        """Targets as the loss takes them."""
        if self.target_pipeline is not None and y is not None:
            return self.target_pipeline.transform(column_of(y))
        labels = self.labels
        if labels is not None and labels.dtype.kind in "OU" and are_labels(y):
            return ConvertedSource(y, lambda part: numbers_of(part, labels)) if is_source(y) else numbers_of(y, labels)
        return y

    def original(self, classes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The labels of class numbers (n,), as they stood in the training targets.

        Raises: StateError if the targets were plain class numbers.
        """
        if self.target_pipeline is not None:
            width = self.target_pipeline.width
            coded = classes if width is None else np.eye(width, dtype=np.float32)[classes]
            return np.asarray(self.target_pipeline.inverse(coded))
        if self.labels is None:
            raise StateError(
                "labels=True needs to know the labels: train on targets that are texts, whole numbers or one column a "
                "class, or set model.target_pipeline to a Pipeline with a label_encode step"
            )
        return np.asarray(self.labels[classes]) if len(self.labels) else classes

    def in_original_units(self, found: Any) -> Any:
        """Predictions with the target pipeline undone."""
        if self.target_pipeline is None:
            raise StateError("original_units=True needs a target_pipeline, whose steps are undone; the model has none")
        return self.target_pipeline.inverse(found)

    def with_index(self, found: Any, index: Any) -> Any:
        """Predictions (n,) as a Series, (n, k) as a DataFrame, whose columns are the labels where they are known."""
        if not isinstance(found, np.ndarray) or found.ndim > 2:
            raise ArgumentError("keep_index needs a model of one output (n, k)")
        if len(found) != len(index):
            raise ArgumentError(f"keep_index: {len(index)} rows gave {len(found)} predictions")
        try:
            columns = self.original(np.arange(found.shape[1])) if found.ndim == 2 and found.shape[1] > 1 else None
        except (StateError, DataError, ArgumentError):  # no labels: columns are numbered
            columns = None
        return with_index(found, index, columns)

    def get_state(self) -> dict[str, Any]:
        """What was learned about raw data, as plain values and arrays."""
        pipelines = {"pipeline": self.pipeline, "target_pipeline": self.target_pipeline}
        learned = {name: one.get_state() for name, one in pipelines.items() if one is not None and one.seen}
        return {**learned, "columns": self.columns, "labels": self.labels}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to where `get_state` was."""
        for name, one in (("pipeline", self.pipeline), ("target_pipeline", self.target_pipeline)):
            if one is not None and name in state:
                one.set_state(state[name])
        self.columns, self.labels = state["columns"], state["labels"]

    # --- inner ----------------------------------------------------------------------------------------------

    def _look_at(self, x: Any, y: Any) -> None:
        if self.pipeline is None and is_table(x) and self.columns is None:
            self.columns = columns_of(x)
        if self.target_pipeline is None and self.labels is None:
            if is_table(y) and y.shape[1] > 1:
                self.labels = np.asarray(list(y.columns))
            elif are_labels(y):
                parts = read_chunks(y) if is_source(y) else [y]
                self.labels = np.unique(np.concatenate([np.unique(texts_of(part)) for part in parts]))
            else:
                self.labels = numbered(y)

    def _training(self, x: Any, y: Any) -> tuple[Any, Any, Augment | None]:
        if self.pipeline is None:
            return self.inputs(x), self.targets(y), None
        head, tail = self.pipeline.parts()
        if not len(tail):
            return (*self.pair(x, y), None)
        x, y = head.pair(x, y)
        if any(not step.keeps_rows for step in tail.steps.values()):
            raise DataError("steps that change the number of rows must stand before random ones in a pipeline")
        source = x if is_source(x) else ArraySource(x)

        def augment(xs: list[np.ndarray[Any, Any]], stream: np.random.Generator) -> list[np.ndarray[Any, Any]]:
            return [tail.augment(xs[0], stream), *xs[1:]]

        return Augmented(source, tail.transform), self.targets(y), augment

    def _validation(self, data: Any) -> Any:
        if not isinstance(data, list | tuple) or len(data) not in (2, 3):
            return data  # refused, or taken as batches, by whoever makes the feed
        return (*self.pair(data[0], data[1]), *data[2:])


class Augmented(ConvertedSource):
    """A source whose training batches are augmented later: its `take` gives samples as at inference.

    `before`: what is augmented.
    """

    @property
    def before(self) -> Any:
        """The samples before the first random step."""
        return self.source


def training_rows(x: Any, validation_split: float) -> int:
    """How many rows train where the last share of them validates, as in Keras."""
    n = count_rows(x)
    at = int(n * (1 - fraction("validation_split", validation_split)))
    if not 0 < at < n:
        raise ArgumentError(f"validation_split={validation_split} of {n} samples leaves one side empty")
    return at


def _as_samples(x: Any) -> Any:
    """A Series of numbers as samples of one number (n, 1), as in Keras; other data as they are."""
    if isinstance(x, Mapping):
        return {name: _as_samples(part) for name, part in x.items()}
    if isinstance(x, list | tuple) and any(hasattr(part, "iloc") for part in x):
        return [_as_samples(part) for part in x]
    if not hasattr(x, "iloc") or is_table(x) or getattr(x.dtype, "kind", "O") not in "biuf":
        return x
    return table_numbers(x, "x")[:, None]


def _warn_if_sorted(y: Any, at: int) -> None:
    """Warn where validation gets classes that training has not, because the rows are sorted by class."""
    if y is None or is_source(y) or isinstance(y, dict | list | tuple):
        return
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] > 1:
        values = values.argmax(1)
    values = values.reshape(len(values), -1)[:, 0]
    classes = np.unique(values)
    if values.dtype.kind == "f" and (len(classes) > 100 or (classes != np.rint(classes)).any()):
        return
    if 1 < len(classes) <= max(2, len(values) // 2) and (values[1:] >= values[:-1]).all():
        only = [str(label) for label in classes if label not in values[:at]]
        told = f"; {', '.join(only)} is not trained on at all" if only else ""
        warnings.warn(
            f"the targets are sorted and validation_split takes the last rows, {at} to {len(values) - 1}{told}. "
            "Shuffle the rows, or split them with stratify",
            SortedLabelsWarning,
            stacklevel=depth_of_caller(),
        )


def as_pipeline(pipeline: Any) -> Pipeline | None:
    """A pipeline, or what one is made of."""
    return pipeline if pipeline is None or isinstance(pipeline, Pipeline) else Pipeline(pipeline)


def index_of(x: Any) -> Any:
    """The index of a table.

    Raises: ArgumentError if x has none.
    """
    if not hasattr(x, "iloc"):
        raise ArgumentError(f"keep_index=True needs a DataFrame, whose index is kept. Received: {type(x).__name__}")
    return x.index
