"""Model: a graph of layers with Keras' compile, fit, evaluate and predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kexp.backend import Backend
from kexp.core.callback import Callback
from kexp.core.calling import running_within
from kexp.core.optimizer import Optimizer, get_optimizer
from kexp.data import Pipeline
from kexp.errors import ArgumentError, StateError
from kexp.graph import Engine, Graph, Tensor, settle
from kexp.models.compiling import Compiled
from kexp.models.feeding import inputs_feed, rows_of, training_feeds
from kexp.models.feeds import batch_of, evaluation_feed, fit_feeds, prediction_feed
from kexp.models.fitting import as_callbacks, check_steps, check_workers, older_arguments
from kexp.models.older import OlderNames
from kexp.models.preparation import Preparation, as_pipeline, index_of
from kexp.models.structure import has_tensor, one_or_all
from kexp.models.tensors import as_tensors, keys_of
from kexp.models.written import run_within
from kexp.training import CallbackList, FitPlan, History, Objective, Trainer, predict
from kexp.training.progress import Progress


class Model(OlderNames):
    """A graph of layers, from inputs to outputs, that can be trained.

    >>> from kexp.layers import Dense, Input
    >>> x = Input((4,))
    >>> model = Model(x, Dense(2)(x))
    >>> model.count_params()
    10
    """

    def __init__(
        self,
        inputs: Tensor | Sequence[Tensor] | Mapping[str, Tensor] | None = None,
        outputs: Tensor | Sequence[Tensor] | Mapping[str, Tensor] | None = None,
        name: str | None = None,
        *,
        seed: int | None = None,
        backend: str | Backend | None = None,
    ) -> None:
        super().__init__(name, seed, backend)
        self.stop_training = False
        self.optimizer: Optimizer | None = None
        self.history: History | None = None
        self._compiled: Compiled | None = None
        self._trainer: Trainer | None = None
        self._predictor: Engine | None = None
        self._left: Mapping[str, Any] = {}
        self.preparation = Preparation()
        if (inputs is None) != (outputs is None):
            raise ArgumentError("a model needs both its inputs and its outputs: Model(inputs, outputs)")
        if inputs is not None:
            graph = Graph(as_tensors(inputs), as_tensors(outputs), keys_of(inputs), keys_of(outputs))
            settle(graph.layers, self.streams, self.backend, redraw=seed is not None)
            self._output_keys = keys_of(outputs)
            self._set_graph(graph)

    # --- training -------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose optimizer, loss and metrics; the last four arguments are Keras' and have no effect here."""
        self.optimizer = get_optimizer(optimizer)
        self._compiled = Compiled(loss, loss_weights, metrics, weighted_metrics)
        self._trainer = None
        self._check_compiled()

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Sequence[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        workers: int | None = None,
        **older: Any,
    ) -> History:
        """Train for `epochs` epochs and return the history.

        x (n, ...) and y (n, ...) are arrays, or lists or dicts of them for several inputs or outputs.
        validation_split takes the last rows, before shuffling. sample_weight (n,) and class_weight multiply the
        loss of each sample. The batch size is 32 unless given; the last batch of an epoch may be smaller.
        x may also be batches (x, y) or (x, y, sample_weight): kexp.data.Batches, a generator, a PyDataset.
        `workers`: threads that read ahead; None for 0 where the data lie in memory and are not augmented, else 1. The
        result does not depend on it. `older`: names that Keras 2 had for arguments, such as nb_epoch.
        """
        epochs = older_arguments(older, epochs)
        feeds = fit_feeds(
            self, x, y, sample_weight, class_weight, validation_split, validation_data, batch_size,
            validation_batch_size, check_workers(workers),
        )  # fmt: skip
        feed, trainer, batch = feeds.training, feeds.trainer, feeds.batch_size
        plan = FitPlan(
            batch_size=batch,
            epochs=epochs,
            initial_epoch=initial_epoch,
            shuffle=shuffle,
            steps_per_epoch=steps_per_epoch,
            validation=feeds.validation,
            validation_batch_size=feeds.validation_batch_size,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
        )
        steps = plan.steps_per_epoch or feed.steps(batch)
        history = History()
        params = {
            "epochs": plan.epochs,
            "steps": steps,
            "verbose": verbose,
            "validation_freq": plan.validation_freq,
        }
        listeners = CallbackList([*as_callbacks(callbacks), history], self, params)
        n = None if steps is None or feed.n is None else steps * batch if plan.steps_per_epoch else feed.n
        progress = Progress(verbose, plan.epochs, steps, n, feeds.validation_rows)
        trainer.set_state(self._left)
        self._left = {}
        try:
            trainer.fit(feed, plan, listeners, self, progress)
        except BaseException as error:
            listeners.call("on_train_error", error)
            raise
        finally:
            progress.end()
        self.history = history
        return history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Callback] | Callback | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics on x and y: the loss alone, a list in the order of `metrics_names`, or a dict."""
        batch = batch_of(x, batch_size)
        feed, trainer = evaluation_feed(self, x, y, sample_weight)
        params = {"verbose": verbose, "steps": check_steps(steps) or feed.steps(batch)}
        listeners = CallbackList(as_callbacks(callbacks), self, params)
        logs = trainer.evaluate(feed, batch, listeners, steps)
        if verbose not in (0, "auto"):
            print("  ".join(f"{name}: {value:.4f}" for name, value in logs.items()))
        if return_dict:
            return logs
        return next(iter(logs.values())) if len(logs) == 1 else list(logs.values())

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Sequence[Callback] | Callback | None = None,
        *,
        keep_index: bool = False,
        original_units: bool = False,
    ) -> Any:
        """The model's outputs for x, on the host: an array (n, ...), or a list of them.

        `keep_index`: as a DataFrame with the index of the table x. `original_units`: the target pipeline is undone.
        """
        batch = batch_of(x, batch_size)
        index = index_of(x) if keep_index else None
        feed = prediction_feed(self, x)
        if self._predictor is None:
            self._predictor = Engine(self.graph, self.backend, self.streams)
        params = {"verbose": verbose, "steps": check_steps(steps) or feed.steps(batch)}
        listeners = CallbackList(as_callbacks(callbacks), self, params)
        found = self._packed(predict(self._predictor, feed, batch, listeners, steps))
        if original_units:
            found = self.preparation.in_original_units(found)
        return found if index is None else self.preparation.with_index(found, index)

    def __call__(self, x: Any, training: bool = False) -> Any:
        """The outputs for a batch x; for symbolic tensors the symbolic outputs, with this model used as a layer."""
        if has_tensor(x):
            return self._apply(x)
        if running_within() is not None:
            return run_within(self, x)
        self.ensure_built(x)
        block = inputs_feed(self.graph, self.backend, x).take(slice(None))
        outputs = Engine(self.graph, self.backend, self.streams, training=training).forward(block.xs)
        return self._packed(outputs)

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One optimizer step; the loss and metrics of this batch, computed before the step."""
        x, y = self.preparation.pair(x, y)
        compiled, optimizer = self._ready(x)
        feed, _, shapes = training_feeds(self.graph, compiled, self.backend, x, y, sample_weight, class_weight)
        logs = self._trainer_for(compiled, optimizer, shapes).train_batch(feed.take(slice(None)))
        return logs if return_dict else one_or_all(list(logs.values()))

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch."""
        logs = self.evaluate(x, y, batch_size=rows_of(x), verbose=0, sample_weight=sample_weight, return_dict=True)
        return logs if return_dict else one_or_all(list(logs.values()))

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        return self.predict(x, batch_size=rows_of(x), verbose=0)

    @property
    def metrics_names(self) -> list[str]:
        """'loss' and the metrics' names, in the order of `evaluate`; known once the model has seen targets."""
        if self._trainer is None:
            raise StateError(f"model {self.name!r} knows its metrics' names after fit or evaluate")
        return list(self._trainer.objective.logs())

    @property
    def pipeline(self) -> Pipeline | None:
        """What turns raw inputs into what the model is fed with; fitted by `fit`, on the training rows alone."""
        return self.preparation.pipeline

    @pipeline.setter
    def pipeline(self, pipeline: Any) -> None:
        self.preparation.pipeline = as_pipeline(pipeline)

    @property
    def target_pipeline(self) -> Pipeline | None:
        """What turns raw targets into what the loss compares with."""
        return self.preparation.target_pipeline

    @target_pipeline.setter
    def target_pipeline(self, pipeline: Any) -> None:
        self.preparation.target_pipeline = as_pipeline(pipeline)

    # --- inside ---------------------------------------------------------------------------------------------

    def _set_graph(self, graph: Graph) -> None:
        super()._set_graph(graph)
        self._trainer = self._predictor = None

    def ensure_built(self, x: Any) -> None:
        """Build for data like x, if the input's shape was not known."""
        self._build_for_data(x)
        _ = self.graph

    def _check_compiled(self) -> None:
        """Raise for losses and metrics that cannot be made, before any data are seen."""
        if self._compiled is not None and self.built:
            self._compiled.check(self.output_names)

    def _ready(self, x: Any) -> tuple[Compiled, Optimizer]:
        if self._compiled is None or self.optimizer is None:
            raise StateError(f"model {self.name!r} must be compiled first: model.compile(optimizer=..., loss=...)")
        if x is None:
            raise ArgumentError("x must be given: an array of samples (n, ...)")
        self.ensure_built(x)
        return self._compiled, self.optimizer

    def _trainer_for(self, compiled: Compiled, optimizer: Optimizer, y_shapes: list[tuple[int, ...]]) -> Trainer:
        assert self._flat is not None
        self._flat.claim()
        if self._trainer is None:
            outputs = compiled.outputs(self.graph, self.output_names, y_shapes, self.backend)
            self._trainer = Trainer(self.graph, self._flat, Objective(outputs), optimizer, self.backend, self.streams)
        return self._trainer

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}{'' if self.built else ', not built'}>"
