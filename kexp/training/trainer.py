"""Trainer: one model's graph, objective and optimizer, and the loops that run them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.core.layer import Layer
from kexp.core.optimizer import Optimizer
from kexp.core.streams import Streams, stream
from kexp.data import Batched, Block
from kexp.graph import Engine, FlatWeights, Graph
from kexp.training.callbacks import CallbackList
from kexp.training.objective import Objective
from kexp.training.plan import FitPlan
from kexp.training.position import SHUFFLE, Position
from kexp.training.progress import Progress


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
        self._no_weights: list[Array | None] = [None] * len(objective.outputs)
        self._test = Engine(graph, backend, streams, without_activation=fused)
        self.position: Position | None = None
        """Where the fit stands that is going on, or was cut off; None after one that came to its end."""
        self._resumed: Position | None = None
        self._owner: Any = None
        self._refresh()

    # --- training -------------------------------------------------------------------------------------------

    def fit(self, feed: Batched, plan: FitPlan, callbacks: CallbackList, owner: Any, progress: Progress) -> None:
        """Run the epochs of `plan`; callbacks keep what is to be kept."""
        resumed, self._resumed = self._resumed, None
        rate = self.optimizer.learning_rate if resumed and self.optimizer.schedule is None else None
        self.position, self._owner = resumed or Position(plan.initial_epoch), owner
        owner.stop_training = False
        callbacks.call("on_train_begin", {})
        progress.begin(None if plan.validation is None else plan.validation.n)
        if self.position.stopped:
            owner.stop_training = True
        logs: dict[str, float] = {}
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for epoch in range(self.position.epoch, plan.epochs):
                if owner.stop_training and not self.position.batch:
                    break
                if rate is not None and not self.position.batch:
                    self.optimizer.learning_rate, rate = rate, None
                self.position.begin(self.streams)
                callbacks.call("on_epoch_begin", epoch, {})
                if rate is not None:  # the callbacks had their say when this epoch first began
                    self.optimizer.learning_rate, rate = rate, None
                progress.begin_epoch(epoch)
                self._epoch(feed, plan, callbacks, owner, progress)
                logs = self.objective.logs()
                if plan.validates(epoch) and plan.validation is not None:
                    self.position.sums = self.objective.get_state()
                    found = self.evaluate(plan.validation, plan.validation_batch_size, callbacks, plan.validation_steps)
                    logs |= {f"val_{name}": value for name, value in found.items()}
                self.position = Position(epoch + 1)
                feed.end_epoch()
                callbacks.call("on_epoch_end", epoch, logs)
                progress.end_epoch(logs, last=epoch == plan.epochs - 1 or owner.stop_training)
                if owner.stop_training:
                    break
        self.optimizer.finalize()
        callbacks.call("on_train_end", logs)
        self.position = None

    def _epoch(self, feed: Batched, plan: FitPlan, callbacks: CallbackList, owner: Any, progress: Progress) -> None:
        position = self.position
        assert position is not None
        if not position.batch:
            self.objective.reset()
        progress.done = position.batch
        begin = callbacks.listens("on_train_batch_begin")
        end = callbacks.listens("on_train_batch_end")
        single = begin or end or self.objective.needs_single_batches or self._train.masks_outputs
        if owner.stop_training:
            return
        with closing(self._blocks(feed, plan, position, single=single)) as blocks:
            for block in blocks:
                self._refresh()
                batch = position.batch
                if begin:
                    callbacks.call("on_train_batch_begin", batch, {})
                position.torn = True
                self._train_block(block, plan.batch_size)
                steps = 1 if single else -(-len(block) // plan.batch_size)
                position.batch, position.torn = batch + steps, False
                progress.advance(steps, self.objective)
                if end:
                    callbacks.call("on_train_batch_end", batch, self.objective.logs())
                if owner.stop_training:
                    break

    def _blocks(self, feed: Batched, plan: FitPlan, position: Position, *, single: bool) -> Generator[Block]:
        """The blocks of one epoch from `position` on; `steps_per_epoch` cuts or repeats the data."""
        shuffle = self.streams.get(*SHUFFLE)
        done, before, left = position.batch, 0, plan.steps_per_epoch
        while left is None or left > 0:
            order = feed.order(plan.batch_size, plan.shuffle, shuffle)
            count = feed.steps(plan.batch_size)
            if count is None or done < before + count:
                yield from feed.blocks(
                    plan.batch_size,
                    order,
                    single=single,
                    start=max(0, done - before),
                    stop=left,
                    epoch=position.epoch,
                    streams=partial(self._augment_stream, position.epoch, before),
                )
            if left is None or count is None:
                return
            left, before = left - count, before + count

    def _augment_stream(self, epoch: int, before: int, batch: int) -> np.random.Generator:
        return stream(self.streams.root, "data", f"augment/{epoch}/{before + batch}")

    def _train_block(self, block: Block, batch_size: int) -> None:
        """One optimizer step for each batch of the block; loss and metrics are taken once, from all outputs."""
        n = len(block)
        if n <= batch_size:
            self._step(block.xs, block.ys, block.weights)
            self.objective.update(block.ys, self._raws, block.weights, self._train.output_masks)
            return
        xs, ys, weights, kept = block.xs, block.ys, block.weights, []
        for start in range(0, n, batch_size):
            rows = slice(start, start + batch_size)
            some = [None if weight is None else weight[rows] for weight in weights] if weights else weights
            raws = self._step([x[rows] for x in xs], [y[rows] for y in ys], some)
            if not start:
                kept = [self.backend.xp.empty((n, *raw.shape[1:]), dtype=raw.dtype) for raw in raws]
            for whole, raw in zip(kept, raws, strict=True):
                whole[rows] = raw
        self.objective.update(ys, kept, weights)

    def _step(self, xs: list[Array], ys: list[Array], weights: list[Array | None]) -> list[Array]:
        """One optimizer step; returns the engine's outputs, which the next step overwrites."""
        train = self._train
        raws = self._raws = train.forward(xs)
        if self._only is not None:
            train.backward([self._only.gradient(ys[0], raws[0], weights[0] if weights else None)])
        else:
            outputs = self.objective.outputs
            train.backward(
                [
                    None if output.loss is None else output.gradient(y, raw, weight, mask)
                    for output, y, raw, weight, mask in zip(
                        outputs, ys, raws, weights or self._no_weights, train.output_masks, strict=True
                    )
                ]
            )
        if self._extras:
            penalty = self.weights.add_penalties() + self._train.take_losses()
            self.objective.penalty += penalty * len(raws[0])
            self._train.take_updates()
            if self._factor is not None:
                self.weights.g *= self._factor
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
        self, feed: Batched, batch_size: int, callbacks: CallbackList | None = None, steps: int | None = None
    ) -> dict[str, float]:
        """Loss and metrics over a feed, by name."""
        callbacks = callbacks or CallbackList([], None, {})
        callbacks.call("on_test_begin", {})
        self.objective.reset()
        listened = callbacks.listens("on_test_batch_begin") or callbacks.listens("on_test_batch_end")
        quiet = np.errstate(over="ignore", under="ignore", invalid="ignore")
        with quiet, closing(feed.blocks(batch_size, single=True, stop=steps)) as blocks:
            for batch, block in enumerate(blocks):
                if listened:
                    callbacks.call("on_test_batch_begin", batch, {})
                raws = self._test.forward(block.xs)
                self.objective.update(block.ys, raws, block.weights, self._test.output_masks)
                self.objective.penalty += self._test.take_losses() * len(block)
                if listened:
                    callbacks.call("on_test_batch_end", batch, self.objective.logs())
        self.objective.penalty += self.weights.penalties() * self.objective.samples
        logs = self.objective.logs()
        callbacks.call("on_test_end", logs)
        return logs

    # --- state ----------------------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """The position of the fit and the sums of its epoch so far; empty outside a fit.

        Raises: StateError if the fit was cut off within a step.
        """
        if self.position is None:
            return {}
        sums = self.objective.get_state() if self.position.sums is None else self.position.sums
        self.position.stopped = bool(self._owner.stop_training)
        return {"position": self.position.get_state(), "sums": sums}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Let the next fit go on where `get_state` was."""
        if state:
            self._resumed = Position.from_state(state["position"])
            self.objective.set_state(state["sums"])

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
            self.weights.w, self.weights.g, [self.weights.parts[weight] for weight in learning], self.backend, learning
        )
        penalised = any(weight.regularizer is not None or weight.constraint is not None for weight in learning)
        active = any(layer.activity_regularizer is not None or _has_state(layer) for layer in self.graph.layers)
        self._extras = penalised or active
        outputs = self.objective.outputs
        factor = self.optimizer.loss_scale_factor
        self._factor = factor if self._extras else None  # penalties add gradients of their own: scale all at the end
        if factor is not None:
            for output in outputs:
                output.scale_gradient(1.0 if self._extras else factor)
        plain = len(outputs) == 1 and outputs[0].loss is not None and not self._train.masks_outputs
        self._only = outputs[0] if plain else None  # one output, as most models have, spares each step some lists


def _has_state(layer: Layer) -> bool:
    return any(not weight.learns for weight in layer.weights) or getattr(layer, "adds_loss", False)
