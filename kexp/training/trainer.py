"""Trainer: one model's graph, objective and optimizer, and the loops that run them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.core.layer import Layer
from kexp.core.optimizer import Optimizer
from kexp.core.streams import Streams
from kexp.data import Block, Feed
from kexp.graph import Engine, FlatWeights, Graph
from kexp.training.callbacks import CallbackList
from kexp.training.objective import Objective
from kexp.training.progress import Progress


@dataclass
class FitPlan:
    """What one fit does: the arguments of Keras' `fit`, resolved."""

    batch_size: int
    epochs: int
    initial_epoch: int = 0
    shuffle: bool | str = True
    steps_per_epoch: int | None = None
    validation: Feed | None = None
    validation_batch_size: int = 32
    validation_steps: int | None = None
    validation_freq: int | Sequence[int] = 1

    def validates(self, epoch: int) -> bool:
        """Whether epoch `epoch` (from 0) ends with a validation."""
        if self.validation is None:
            return False
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq


class Trainer:
    """Trains, evaluates and predicts with a graph; knows nothing of models.

    `owner` is what callbacks see as their model; its attribute `stop_training` ends a fit.
    """

    def __init__(
        self,
        graph: Graph,
        weights: FlatWeights,
        objective: Objective,
        optimizer: Optimizer,
        backend: Backend,
        streams: Streams,
    ) -> None:
        self.graph, self.weights, self.objective, self.optimizer = graph, weights, objective, optimizer
        self.backend, self.streams = backend, streams
        self._seen_changes = -1
        self._frozen: tuple[bool, ...] | None = None
        fused = [output.node for output in objective.outputs if output.fused is not None and output.node is not None]
        self._fused = fused
        self._test = Engine(graph, backend, streams, without_activation=fused)
        self._refresh()

    # --- training -------------------------------------------------------------------------------------------

    def fit(self, feed: Feed, plan: FitPlan, callbacks: CallbackList, owner: Any, progress: Progress) -> None:
        """Run the epochs of `plan`; callbacks keep what is to be kept."""
        owner.stop_training = False
        callbacks.call("on_train_begin", {})
        progress.begin(None if plan.validation is None else len(plan.validation))
        logs: dict[str, float] = {}
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for epoch in range(plan.initial_epoch, plan.epochs):
                callbacks.call("on_epoch_begin", epoch, {})
                progress.begin_epoch(epoch)
                self._epoch(feed, plan, callbacks, owner, progress)
                logs = self.objective.logs()
                if plan.validates(epoch) and plan.validation is not None:
                    found = self.evaluate(plan.validation, plan.validation_batch_size, callbacks, plan.validation_steps)
                    logs |= {f"val_{name}": value for name, value in found.items()}
                callbacks.call("on_epoch_end", epoch, logs)
                progress.end_epoch(logs, last=epoch == plan.epochs - 1 or owner.stop_training)
                if owner.stop_training:
                    break
        self.optimizer.finalize()
        callbacks.call("on_train_end", logs)

    def _epoch(self, feed: Feed, plan: FitPlan, callbacks: CallbackList, owner: Any, progress: Progress) -> None:
        self.objective.reset()
        begin = callbacks.listens("on_train_batch_begin")
        end = callbacks.listens("on_train_batch_end")
        single = begin or end or self.objective.needs_single_batches or self._train.masks_outputs
        batch = -1
        for block in self._blocks(feed, plan, single=single):
            self._refresh()
            if begin:
                batch += 1
                callbacks.call("on_train_batch_begin", batch, {})
            self._train_block(block, plan.batch_size)
            progress.advance(len(block), self.objective)
            if end:
                batch += not begin
                callbacks.call("on_train_batch_end", batch, self.objective.logs())
                if owner.stop_training:
                    break

    def _blocks(self, feed: Feed, plan: FitPlan, *, single: bool) -> Iterator[Block]:
        """The blocks of one epoch; `steps_per_epoch` cuts or repeats the data."""
        order = self._order(feed, plan)
        if plan.steps_per_epoch is None:
            yield from feed.blocks(plan.batch_size, order, single=single)
            return
        wanted = plan.steps_per_epoch * plan.batch_size
        while wanted > 0:
            rows = np.arange(len(feed)) if order is None else order
            yield from feed.blocks(plan.batch_size, rows[:wanted], single=single)
            wanted -= min(wanted, -(-len(rows) // plan.batch_size) * plan.batch_size)
            order = self._order(feed, plan)

    def _order(self, feed: Feed, plan: FitPlan) -> np.ndarray[Any, Any] | None:
        if not plan.shuffle:
            return None
        stream = self.streams.get("data", "shuffle")
        if plan.shuffle == "batch":
            starts = np.arange(0, len(feed), plan.batch_size)
            rows = [np.arange(start, min(start + plan.batch_size, len(feed))) for start in stream.permutation(starts)]
            return np.concatenate(rows)
        return stream.permutation(len(feed))

    def _train_block(self, block: Block, batch_size: int) -> None:
        """One optimizer step for each batch of the block; loss and metrics are taken once, from all outputs."""
        n = len(block)
        if n <= batch_size:
            self._step(block.xs, block.ys, block.weight)
            self.objective.update(block.ys, self._raws, block.weight, self._train.output_masks)
            return
        xs, ys, weight, kept = block.xs, block.ys, block.weight, []
        for start in range(0, n, batch_size):
            rows = slice(start, start + batch_size)
            raws = self._step([x[rows] for x in xs], [y[rows] for y in ys], None if weight is None else weight[rows])
            if not start:
                kept = [self.backend.xp.empty((n, *raw.shape[1:]), dtype=raw.dtype) for raw in raws]
            for whole, raw in zip(kept, raws, strict=True):
                whole[rows] = raw
        self.objective.update(ys, kept, weight)

    def _step(self, xs: list[Array], ys: list[Array], weight: Array | None) -> list[Array]:
        """One optimizer step; returns the engine's outputs, which the next step overwrites."""
        train = self._train
        raws = self._raws = train.forward(xs)
        if self._only is not None:
            train.backward([self._only.gradient(ys[0], raws[0], weight)])
        else:
            outputs = self.objective.outputs
            train.backward(
                [
                    None if output.loss is None else output.gradient(y, raw, weight, mask)
                    for output, y, raw, mask in zip(outputs, ys, raws, train.output_masks, strict=True)
                ]
            )
        if self._extras:
            penalty = self.weights.add_penalties() + self._train.take_losses()
            self.objective.penalty += penalty * len(raws[0])
            self._train.take_updates()
            self.optimizer.apply()
            self.weights.constrain()
        else:
            self.optimizer.apply()
        return raws

    def train_batch(self, block: Block) -> dict[str, float]:
        """One optimizer step, and the loss and metrics of this batch alone."""
        self._refresh()
        self.objective.reset()
        self._train_block(block, len(block))
        return self.objective.logs()

    # --- inference ------------------------------------------------------------------------------------------

    def evaluate(
        self, feed: Feed, batch_size: int, callbacks: CallbackList | None = None, steps: int | None = None
    ) -> dict[str, float]:
        """Loss and metrics over a feed, by name."""
        callbacks = callbacks or CallbackList([], None, {})
        callbacks.call("on_test_begin", {})
        self.objective.reset()
        listened = callbacks.listens("on_test_batch_begin") or callbacks.listens("on_test_batch_end")
        for batch, block in enumerate(feed.blocks(batch_size, single=True)):
            if steps is not None and batch >= steps:
                break
            if listened:
                callbacks.call("on_test_batch_begin", batch, {})
            raws = self._test.forward(block.xs)
            self.objective.update(block.ys, raws, block.weight, self._test.output_masks)
            self.objective.penalty += self._test.take_losses() * len(block)
            if listened:
                callbacks.call("on_test_batch_end", batch, self.objective.logs())
        self.objective.penalty += self.weights.penalties() * self.objective.samples
        logs = self.objective.logs()
        callbacks.call("on_test_end", logs)
        return logs

    # --- state ----------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Take notice of layers that were frozen or released."""
        if self._seen_changes == Layer.trainable_changes:
            return
        self._seen_changes = Layer.trainable_changes
        frozen = tuple(weight.trainable for weight in self.weights.weights)
        if frozen == self._frozen:
            return
        self._frozen = frozen
        learning = self.weights.learning()
        self._train = Engine(
            self.graph, self.backend, self.streams, training=True, weights=self.weights, without_activation=self._fused
        )
        self.optimizer.build(
            self.weights.w, self.weights.g, [self.weights.parts[weight] for weight in learning], self.backend
        )
        penalised = any(weight.regularizer is not None or weight.constraint is not None for weight in learning)
        active = any(layer.activity_regularizer is not None or _has_state(layer) for layer in self.graph.layers)
        self._extras = penalised or active
        outputs = self.objective.outputs
        plain = len(outputs) == 1 and outputs[0].loss is not None and not self._train.masks_outputs
        self._only = outputs[0] if plain else None  # one output, as most models have, spares each step some lists


def _has_state(layer: Layer) -> bool:
    return any(not weight.learns for weight in layer.weights) or getattr(layer, "adds_loss", False)


def predict(
    engine: Engine, feed: Feed, batch_size: int, callbacks: CallbackList, steps: int | None = None
) -> list[np.ndarray[Any, Any]]:
    """The outputs for all samples of a feed, on the host, one array for each output."""
    callbacks.call("on_predict_begin", {})
    found: list[np.ndarray[Any, Any]] = []
    n = len(feed) if steps is None else min(len(feed), steps * batch_size)
    done = 0
    for batch, block in enumerate(feed.blocks(batch_size, single=True)):
        if done >= n:
            break
        callbacks.call("on_predict_batch_begin", batch, {})
        outputs = [feed.backend.to_host(output) for output in engine.forward(block.xs)]
        if not found:
            found = [np.empty((n, *output.shape[1:]), dtype=output.dtype) for output in outputs]
        for whole, output in zip(found, outputs, strict=True):
            whole[done : done + len(block)] = output
        done += len(block)
        callbacks.call("on_predict_batch_end", batch, {})
    callbacks.call("on_predict_end", {})
    return found
