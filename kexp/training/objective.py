"""Objective: the losses and metrics of a model's outputs, and what they came to so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.core.activation import Activation
from kexp.core.context import Context
from kexp.core.loss import FusedLoss, Loss
from kexp.core.metric import MeanMetric, Metric
from kexp.errors import ArgumentError, DataError, StateError
from kexp.graph import Node

BATCHWISE = ("sum", "mean_with_sample_weight")
"""Reductions that make a batch's loss depend on where the batches were cut."""


@dataclass
class Output:
    """One output of the model: its loss, and how that loss takes the last activation upon itself, if it does."""

    name: str
    loss: Loss | None
    loss_weight: float = 1.0
    node: Node | None = None
    activation: Activation | None = None
    fused: FusedLoss | None = None
    metrics: Sequence[Metric] = ()
    weighted_metrics: Sequence[Metric] = ()
    backend: Backend | None = None
    total: float = 0.0

    def __post_init__(self) -> None:
        # batches and blocks differ in length, so that each has work arrays of its own
        self._scales: dict[int, float] = {}
        self._factor = self.loss_weight
        self._batch = Context(backend=self.backend, wants_pullback=False, reuse=True)
        self._block = Context(backend=self.backend, wants_pullback=False, reuse=True)
        self._averages = self.loss is not None and self.loss.reduction in ("sum_over_batch_size", "mean")
        if self.loss is not None and not self.loss.reduces:
            raise ArgumentError(
                f"loss {self.loss.name!r}: to train, a loss must come to one number, and reduction "
                f"{self.loss.reduction!r} gives one for each sample. Use 'sum_over_batch_size' or 'sum'."
            )
        if self.loss is None or self.node is None or self.node.multiple:
            return
        activation = self.node.layer.output_activation
        if activation is not None and (fused := self.loss.fused(activation)) is not None:
            self.activation, self.fused = activation, fused

    def prediction(self, raw: Array) -> Array:
        """What the model predicts: the engine's output, with the activation it left to the loss."""
        return raw if self.activation is None else self.activation.forward(raw, ctx=self._block)[0]

    def values(self, y: Array, raw: Array) -> Array:
        """The loss of each sample."""
        assert self.loss is not None
        return self.loss.values(y, raw) if self.fused is None else self.fused.values(y, raw)

    def gradient(self, y: Array, raw: Array, weight: Array | None, mask: Array | None = None) -> Array:
        """The derivative of the batch's reduced loss by the engine's output."""
        assert self.loss is not None
        if self.fused is not None:
            assert self.activation is not None
            d = self.fused.gradient(y, raw, self.activation.forward(raw, ctx=self._batch)[0])
        else:
            d = self.loss.gradient(y, raw)
        if mask is not None:
            weight = self.masked(weight, mask, d, self.loss.counted(y))
        if weight is not None and self.loss.axis != -1 and weight.ndim == d.ndim - 1 > 1:
            weight = np.expand_dims(weight, self.loss.axis)
        scale = self._scales.get(d.size) if weight is None else None
        if scale is None:
            size = d.size // d.shape[self.loss.axis] if d.ndim > 1 else d.size
            scale = self._factor / self.loss.divisor(size, weight)
            if weight is None and not self.loss.depends_on_batch:
                self._scales[d.size] = scale
        if weight is not None:
            d = d * _expanded(weight, d)
        return d if scale == 1.0 else np.multiply(d, self._batch.kernels.constant(scale, d), out=d)

    def scale_gradient(self, factor: float) -> None:
        """Multiply the loss by `factor` where its gradient is taken, and nowhere else."""
        self._factor = self.loss_weight * factor
        self._scales.clear()

    def masked(self, weight: Array | None, mask: Array, like: Array, counted: Array | None = None) -> Array:
        """The weight of each value: 0 where it is masked; where the loss is a mean, it is that of the others.

        `counted`: the values that count for the loss, whose mean is over these already.
        """
        counts = mask.astype(like.dtype)
        if self._averages:
            total, valid = counts.size, counts.sum()
            if counted is not None:
                whole = counted.astype(like.dtype)
                total, valid = whole.sum(), (_expanded(counts, whole) * whole).sum()
            counts = counts * (total / np.maximum(valid, self._batch.kernels.constant(1.0, counts)))
        return counts if weight is None else _expanded(counts, weight) * _expanded(weight, counts)


class Objective:
    """All outputs of a model; adds up loss and metrics batch by batch or block by block.

    The loss of an epoch is the mean over its samples of the batch losses, penalties included, as in Keras.
    """

    def __init__(self, outputs: Sequence[Output]) -> None:
        self.outputs = list(outputs)
        self.needs_single_batches = any(
            (o.loss is not None and (o.loss.reduction in BATCHWISE or o.loss.depends_on_batch))
            or any(metric.needs_single_batches for metric in (*o.metrics, *o.weighted_metrics))
            for o in outputs
        )
        self.reset()

    def reset(self) -> None:
        """Start an epoch."""
        self.samples = 0
        self.penalty = 0.0
        for output in self.outputs:
            output.total = 0.0
            for metric in (*output.metrics, *output.weighted_metrics):
                metric.reset_state()

    def update(
        self,
        ys: Sequence[Array],
        raws: Sequence[Array],
        weights: Sequence[Array | None] = (),
        masks: Sequence[Array | None] = (),
    ) -> None:
        """Take in targets and engine outputs of some batches; of one batch only, where outputs have masks.

        As in Keras, a mask weighs the loss and those metrics that are means.
        """
        n, none = len(raws[0]), [None] * len(raws)
        self.samples += n
        for output, y, raw, weight, mask in zip(self.outputs, ys, raws, weights or none, masks or none, strict=True):
            if output.loss is not None:
                values = output.values(y, raw)
                total_weight = weight if mask is None else output.masked(weight, mask, values, output.loss.counted(y))
                if total_weight is not None:
                    values = values * _expanded(total_weight, values)
                total = float(np.add.reduce(values, axis=None, dtype=np.float64))
                output.total += total * n / output.loss.divisor(values.size, total_weight)
            if output.metrics or output.weighted_metrics:
                prediction = output.prediction(raw)
                for metric in output.metrics:
                    counting = None if mask is None else _counting(metric, None, mask, prediction)
                    metric.update_state(y, prediction, counting)
                for metric in output.weighted_metrics:
                    metric.update_state(y, prediction, _counting(metric, weight, mask, prediction))

    def logs(self) -> dict[str, float]:
        """Loss and metrics since `reset`."""
        n = max(self.samples, 1)
        named = len(self.outputs) > 1
        losses = [(output, output.total / n) for output in self.outputs if output.loss is not None]
        logs = {"loss": sum([output.loss_weight * value for output, value in losses]) + self.penalty / n}
        if len(losses) > 1:  # a single loss is the whole one, as in Keras
            logs |= {f"{output.name}_loss": value for output, value in losses}
        for output in self.outputs:
            for metric in (*output.metrics, *output.weighted_metrics):
                logs |= each(f"{output.name}_{metric.name}" if named else metric.name, metric.result())
        return logs

    def get_state(self) -> dict[str, Any]:
        """The sums since `reset`, as numbers and arrays of their own."""
        totals = {output.name: output.total for output in self.outputs}
        metrics = {
            output.name: [deepcopy(metric.get_state()) for metric in (*output.metrics, *output.weighted_metrics)]
            for output in self.outputs
        }
        return {"samples": self.samples, "penalty": self.penalty, "totals": totals, "metrics": metrics}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to where `get_state` was.

        Raises: StateError if the state is that of other outputs or metrics.
        """
        numbers = {output.name: len([*output.metrics, *output.weighted_metrics]) for output in self.outputs}
        found = {name: len(metrics) for name, metrics in state["metrics"].items()}
        if found != numbers:
            raise StateError(f"the model has outputs with these numbers of metrics: {numbers}. Received: {found}")
        self.samples, self.penalty = state["samples"], state["penalty"]
        for output in self.outputs:
            output.total = state["totals"][output.name]
            metrics = (*output.metrics, *output.weighted_metrics)
            for metric, kept in zip(metrics, state["metrics"][output.name], strict=True):
                metric.set_state(deepcopy(kept))


def each(name: str, result: float | np.ndarray[Any, Any]) -> dict[str, float]:
    """A metric's result by name; of several values, each by the name with its place: f1_score_0, f1_score_1."""
    if isinstance(result, float) or np.ndim(result) == 0:
        return {name: float(result)}
    return {f"{name}_{place}": float(value) for place, value in enumerate(np.ravel(result))}


def _expanded(weight: Array, like: Array) -> Array:
    return weight.reshape(weight.shape + (1,) * (like.ndim - weight.ndim))


def _counting(metric: Metric, weight: Array | None, mask: Array | None, prediction: Array) -> Array | None:
    if mask is None or not isinstance(metric, MeanMetric):
        return weight
    counts = mask.astype(prediction.dtype)
    return counts if weight is None else _expanded(counts, weight) * _expanded(weight, counts)


def class_weights(y: np.ndarray[Any, Any], weights: Mapping[int, float]) -> np.ndarray[Any, Any]:
    """One weight a sample by its class: y holds class numbers (n,) or (n, 1), or one-hot rows (n, k).

    Raises: DataError for targets of more axes.
    """
    if y.ndim > 2:
        raise DataError(
            f"class_weight needs targets (n,), (n, 1) or (n, k). Received: {y.shape}. "
            "For targets in time, give sample_weight (n, t)."
        )
    classes = y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(len(y))
    found = np.ones(len(classes))
    for label, weight in weights.items():
        found[classes == label] = weight
    return found
