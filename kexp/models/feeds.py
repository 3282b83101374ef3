"""Feeds for fit, evaluate and predict: from arrays and sources, or from batches that someone else has cut."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kexp.core.component import positive_int
from kexp.data import Batched, Block
from kexp.data.batch_feed import BatchFeed, is_batches
from kexp.errors import ArgumentError, DataError
from kexp.models.feeding import inputs_feed, training_feeds
from kexp.training import Trainer

if TYPE_CHECKING:
    from kexp.models.model import Model

WHOLE = sys.maxsize
"""The batch size of batches that are cut already: none of them is ever cut again."""


@dataclass
class Feeds:
    """What a fit trains and validates on, the trainer, and the batch size of each."""

    training: Batched
    validation: Batched | None
    trainer: Trainer
    batch_size: int
    validation_batch_size: int
    validation_rows: str = ""


def fit_feeds(
    model: Model,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Mapping[int, float] | None,
    split: float,
    validation_data: Any,
    batch_size: int | None,
    validation_batch_size: int | None,
    workers: int | None,
) -> Feeds:
    """The feeds of `fit`.

    Raises: ArgumentError where batches are given with arguments that cut or weigh samples.
    """
    size = batch_of(x, batch_size)
    training: Batched
    found: Batched | None = None
    validation, rows = None, ""
    if is_batches(validation_data):
        if split:
            raise ArgumentError("give validation_split or validation_data, not both")
        validation, validation_data = validation_data, None
    if is_batches(x):
        _refuse(y=y, batch_size=batch_size, sample_weight=sample_weight, validation_split=split or None)
        training, trainer = batch_feed(model, x, class_weight)
        if validation_data is not None:
            _check_pair(validation_data)
            found = evaluation_feed(model, *validation_data)[0]
    else:
        _check_one_input(model)
        prepared = model.preparation.for_fit(x, y, sample_weight, split, validation_data)
        compiled, optimizer = model._ready(prepared.x)
        feed, found, shapes = training_feeds(
            model.graph, compiled, model.backend, prepared.x, prepared.y, prepared.sample_weight, class_weight,
            validation_data=prepared.validation_data,
        )  # fmt: skip
        prepared.attach(feed)
        rows = prepared.validation_rows
        training, trainer = feed, model._trainer_for(compiled, optimizer, shapes)
    own = (32 if size == WHOLE else size) if validation_batch_size is None else validation_batch_size
    if validation is not None:
        found, own = batch_feed(model, validation)[0], WHOLE
    for one in (training, found):
        if one is not None:
            one.workers = workers
    return Feeds(training, found, trainer, size, own, rows)


def evaluation_feed(model: Model, x: Any, y: Any = None, sample_weight: Any = None) -> tuple[Batched, Trainer]:
    """The feed of `evaluate`, and the trainer."""
    if is_batches(x):
        _refuse(y=y, sample_weight=sample_weight)
        return batch_feed(model, x)
    x, y = model.preparation.pair(x, y)
    compiled, optimizer = model._ready(x)
    feed, _, shapes = training_feeds(model.graph, compiled, model.backend, x, y, sample_weight)
    return feed, model._trainer_for(compiled, optimizer, shapes)


def prediction_feed(model: Model, x: Any) -> Batched:
    """The feed of `predict`; of batches that hold targets, these are left out."""
    if not is_batches(x):
        x = model.preparation.inputs(x)
        model.ensure_built(x)
        return inputs_feed(model.graph, model.backend, x)

    def block(batch: Any, stream: np.random.Generator | None) -> Block:
        inputs = model.preparation.inputs(batch[0] if isinstance(batch, tuple) else batch)
        return inputs_feed(model.graph, model.backend, inputs).take(slice(None))

    feed = BatchFeed(x, block, model.backend)
    first = feed.first()
    model.ensure_built(model.preparation.inputs(first[0] if isinstance(first, tuple) else first))
    return feed


def batch_feed(
    model: Model, batches: Any, class_weight: Mapping[int, float] | None = None
) -> tuple[BatchFeed, Trainer]:
    """The feed of batches (x, y) or (x, y, sample_weight), and the trainer."""
    preparation = model.preparation
    augments = preparation.pipeline is not None and len(preparation.pipeline.parts()[1])

    def block(batch: Any, stream: np.random.Generator | None) -> Block:
        x, y, weight = _parts(batch)
        if stream is not None and augments and preparation.pipeline is not None:
            x, y = preparation.pipeline.augment(x, stream), preparation.targets(y)
        else:
            x, y = preparation.pair(x, y)
        return training_feeds(model.graph, compiled, model.backend, x, y, weight, class_weight)[0].take(slice(None))

    feed = BatchFeed(batches, block, model.backend)
    x, y, _ = _parts(feed.first())
    x, y = preparation.pair(x, y)
    compiled, optimizer = model._ready(x)
    shapes = training_feeds(model.graph, compiled, model.backend, x, y)[2]
    return feed, model._trainer_for(compiled, optimizer, shapes)


def batch_of(x: Any, batch_size: int | None) -> int:
    """The batch size to cut `x` by: 32 unless given."""
    if is_batches(x):
        return WHOLE
    return positive_int("batch_size", 32 if batch_size is None else batch_size)


def _parts(batch: Any) -> tuple[Any, Any, Any]:
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        got = f"a {type(batch).__name__}" + (f" of {len(batch)}" if isinstance(batch, tuple | list) else "")
        raise DataError(f"a batch to train on must be (x, y) or (x, y, sample_weight). Received: {got}")
    return batch[0], batch[1], batch[2] if len(batch) == 3 else None


def _refuse(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise ArgumentError(f"{name} cannot be given with batches of (x, y), which say it themselves")


def _check_one_input(model: Model) -> None:
    if model.pipeline is not None and model.built and len(model.graph.inputs) > 1:
        names = ", ".join(model.graph.input_names)
        raise ArgumentError(
            f"a pipeline prepares one input, and the model has {len(model.graph.inputs)} ({names}). Prepare them "
            "before fit with pipelines of their own, or in the model with preprocessing layers"
        )


def _check_pair(data: Any) -> None:
    if not isinstance(data, list | tuple) or len(data) not in (2, 3):
        raise ArgumentError("validation_data must be (x, y) or (x, y, sample_weight)")
