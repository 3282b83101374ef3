"""From what a person hands to fit, evaluate and predict to feeds that fit the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kexp.backend import Backend, settings
from kexp.core.layer import Shape
from kexp.core.loss import Loss
from kexp.data import ArraySource, ConvertedSource, Feed, Source, as_array, as_list, as_texts, is_source, is_text
from kexp.errors import ArgumentError, DataError
from kexp.graph import Graph, Tensor
from kexp.models.compiling import Compiled
from kexp.models.hints import hint_for
from kexp.models.weighing import weight_sources


def inputs_feed(graph: Graph, backend: Backend, x: Any) -> Feed:
    """The feed of inputs alone."""
    return Feed(_inputs(graph, x), [], [], backend)


def training_feeds(
    graph: Graph,
    compiled: Compiled,
    backend: Backend,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    validation_data: Any = None,
) -> tuple[Feed, Feed | None, list[tuple[int, ...]]]:
    """The feeds to train and validate on, and the shapes of the targets."""
    feed, shapes = _feed(graph, compiled, backend, x, y, sample_weight, class_weight)
    if validation_data is not None:
        if not isinstance(validation_data, list | tuple) or len(validation_data) not in (2, 3):
            raise ArgumentError("validation_data must be (x, y) or (x, y, sample_weight)")
        weight = validation_data[2] if len(validation_data) == 3 else None
        return feed, _feed(graph, compiled, backend, validation_data[0], validation_data[1], weight, None)[0], shapes
    return feed, None, shapes


def _feed(
    graph: Graph, compiled: Compiled, backend: Backend, x: Any, y: Any, sample_weight: Any, class_weight: Any
) -> tuple[Feed, list[tuple[int, ...]]]:
    if y is None:
        raise ArgumentError("y must be given: the targets (n, ...)")
    xs = _inputs(graph, x)
    ys, shapes = [], []
    losses = compiled.losses(graph.output_names)
    for tensor, loss, values in zip(graph.outputs, losses, _targets(graph, losses, y), strict=True):
        if values is None and loss is None:
            values = np.zeros(len(xs[0]))  # never looked at
        if is_source(values):
            source = _target_source(values, loss, tensor)
            ys.append(source)
            shapes.append((len(source), *source.take(slice(0, 1)).shape[1:]))
            continue
        array = as_array(values, "y")
        if loss is not None:
            array = loss.prepare(array, tensor.shape)
        ys.append(ArraySource(array, None if loss is None or loss.takes_labels else settings.floatx(), "y"))
        shapes.append(tuple(array.shape))
    targets = list(zip(ys, shapes, strict=True))
    weights = weight_sources(graph.output_names, losses, targets, sample_weight, class_weight)
    return Feed(xs, ys, weights, backend), shapes


def _targets(graph: Graph, losses: Sequence[Loss | None], y: Any) -> list[Any]:
    """The targets in the order of the outputs; None where nobody asks for them."""
    names = graph.output_names
    if isinstance(y, Mapping):
        y = {name: None for name, loss in zip(names, losses, strict=True) if loss is None} | dict(y)
    return as_list(y, names, "outputs")


def rows_of(x: Any) -> int:
    """The number of samples in what is handed to a model; at least 1."""
    first = next(iter(x.values())) if isinstance(x, Mapping) else x
    if isinstance(first, list | tuple) and first and hasattr(first[0], "shape") and first[0].shape:
        first = first[0]
    return max(1, len(first))


def _inputs(graph: Graph, x: Any) -> list[Source]:
    found: list[Source] = []
    names = graph.input_names
    for name, tensor, values in zip(names, graph.inputs, as_list(x, names), strict=True):
        source = _cast(values, tensor.dtype) if is_source(values) else ArraySource(values, tensor.dtype, "x")
        got = source.take(slice(0, 1)).shape
        if not fits(got, tensor.shape):
            raise DataError(_misfit(got, tensor, name if len(names) > 1 or tensor.name else "", len(source)))
        found.append(source)
    return found


def _cast(source: Source, dtype: Any) -> Source:
    """`source`, with its blocks as arrays of `dtype`; itself, where they are that already."""
    first = source.take(slice(0, 1))
    if isinstance(first, np.ndarray) and (dtype is None or first.dtype == dtype):
        return source
    if is_text(dtype):
        return ConvertedSource(source, lambda block: as_texts(block, "x"))
    return ConvertedSource(source, lambda block: as_array(block, "x").astype(dtype, copy=False))


def _target_source(source: Source, loss: Loss | None, tensor: Tensor) -> Source:
    """Targets whose blocks are checked and prepared for the loss when they are read."""

    def prepared(block: Any) -> np.ndarray[Any, Any]:
        array = as_array(block, "y")
        if loss is None:
            return array
        array = loss.prepare(array, tensor.shape)
        return array if loss.takes_labels else array.astype(settings.floatx(), copy=False)

    return ConvertedSource(source, prepared)


def fits(got: tuple[int, ...], want: Shape) -> bool:
    """Whether a batch of shape `got` can enter an input of shape `want`."""
    return len(got) == len(want) and all(w is None or g == w for g, w in zip(got[1:], want[1:], strict=True))


def _misfit(got: tuple[int, ...], tensor: Tensor, name: str, n: int) -> str:
    want = ", ".join("?" if size is None else str(size) for size in tensor.shape[1:])
    hint = hint_for(got[1:], tensor.shape[1:])
    return (
        f"the model{f' input {name!r}' if name else ''} takes samples of shape ({want}). "
        f"Received x of shape {(n, *got[1:])}, samples of shape {got[1:]}{f'. {hint}' if hint else ''}"
    )
