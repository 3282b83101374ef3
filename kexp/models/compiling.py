"""From the arguments of `compile` and the model's outputs to an objective."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from kexp.backend import Backend
from kexp.core.component import number, resolve
from kexp.core.loss import Loss, get_loss
from kexp.core.metric import FunctionMetric, Metric
from kexp.errors import ArgumentError
from kexp.graph import Graph
from kexp.training import Output


class Compiled:
    """What `compile` was given: the loss, metrics and weights for each output."""

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any) -> None:
        self.loss, self.loss_weights = loss, loss_weights
        self.metrics, self.weighted_metrics = metrics or [], weighted_metrics or []
        self._losses: list[Loss | None] | None = None

    def losses(self, names: Sequence[str]) -> list[Loss | None]:
        """The loss of each output, None where there is none."""
        if self._losses is None:
            specs = [_only(spec) for spec in _for_each(self.loss, names, "loss")]
            self._losses = [None if spec is None else get_loss(spec) for spec in specs]
        return self._losses

    def check(self, names: Sequence[str]) -> None:
        """Raise ArgumentError for what cannot be made for outputs of these names, before any data are seen."""
        self.losses(names)
        _loss_weights(self.loss_weights, names)
        for given, what in ((self.metrics, "metrics"), (self.weighted_metrics, "weighted_metrics")):
            for specs in _metrics_for_each(given, names, what):
                for spec in specs:
                    get_metric(spec)

    def outputs(
        self, graph: Graph, names: Sequence[str], y_shapes: Sequence[tuple[int, ...]], backend: Backend
    ) -> list[Output]:
        """One Output for each output of the graph; metrics such as 'accuracy' are chosen by the targets' shapes."""
        losses = self.losses(names)
        weights = _loss_weights(self.loss_weights, names)
        metrics = _metrics_for_each(self.metrics, names, "metrics")
        weighted = _metrics_for_each(self.weighted_metrics, names, "weighted_metrics")
        made = []
        for i, name in enumerate(names):
            shape = graph.outputs[i].shape
            node = graph.outputs[i].node
            used_elsewhere = node is not None and any(t in n.inputs for n in graph.nodes for t in node.outputs)
            made.append(
                Output(
                    name=name,
                    loss=losses[i],
                    loss_weight=weights[i],
                    node=None if used_elsewhere else node,
                    metrics=[get_metric(spec).for_shapes(y_shapes[i], shape) for spec in metrics[i]],
                    weighted_metrics=[get_metric(spec).for_shapes(y_shapes[i], shape) for spec in weighted[i]],
                    backend=backend,
                )
            )
            _name_apart(made[-1].metrics, made[-1].weighted_metrics)
        return made


def _name_apart(metrics: Sequence[Metric], weighted: Sequence[Metric]) -> None:
    """Give metrics of one name names of their own, as Keras does: mae, mae_1, weighted_mae, weighted_mae_1."""
    seen: dict[str, int] = {}
    for metric in (*metrics, *weighted):
        again = metric.name in seen and any(metric is other for other in weighted)
        name = f"weighted_{metric.name}" if again else metric.name
        count = seen[name] = seen.get(name, -1) + 1
        metric.name = f"{name}_{count}" if count else name


def get_metric(spec: Any) -> Metric:
    """The metric that `spec` names: a name (which it keeps in the logs), a mapping, an object, or a function."""
    if isinstance(spec, str):
        return named_metric(spec)
    maker = getattr(spec, "component", spec)
    if inspect.isclass(maker) and issubclass(maker, Loss):
        maker = spec  # the function form of a loss, averaged over all samples
    found = resolve("metric", maker)
    if not isinstance(found, Metric) and not callable(found):
        raise ArgumentError(f"a metric must be a name, a Metric, or a function (y_true, y_pred). Received: {found!r}")
    return found if isinstance(found, Metric) else FunctionMetric(found)


def named_metric(name: str) -> Metric:
    """The metric registered under `name`, which stands in the logs under that very name."""
    metric: Metric = resolve("metric", name)
    metric.name = name
    return metric


def _for_each(given: Any, names: Sequence[str], what: str) -> list[Any]:
    if isinstance(given, Mapping) and not {"type", "class_name"} & set(given):
        unknown = [str(key) for key in given if key not in names]
        if unknown:
            raise ArgumentError(f"{what}: no output is called {', '.join(unknown)}. Outputs: {', '.join(names)}")
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            raise ArgumentError(f"{what}: {one_each(names)}. Received: {given!r}")
        return list(given)
    return [given] * len(names)


def _only(spec: Any) -> Any:
    """The loss of one output, which may stand in a list of its own."""
    if not isinstance(spec, list | tuple):
        return spec
    if len(spec) != 1:
        raise ArgumentError(f"loss: an output has one loss; add losses up in a function. Received: {spec!r}")
    return spec[0]


def one_each(names: Sequence[str]) -> str:
    """What a list of other length than the outputs is told."""
    if len(names) == 1:
        return "the model has one output"
    return f"a list has one entry for each of the model's {len(names)} outputs, {', '.join(names)}"


def _loss_weights(given: Any, names: Sequence[str]) -> list[float]:
    """The weight of each output's loss, 1 where none is given."""
    weights = [1.0 if given is None else given for given in _for_each(given, names, "loss_weights")]
    return [number("loss_weights", weight) for weight in weights]


def _metrics_for_each(given: Any, names: Sequence[str], what: str) -> list[list[Any]]:
    if not isinstance(given, list | tuple | Mapping):
        raise ArgumentError(f"{what} must be a list, such as [{given!r}]. Received: {given!r}")
    if not given:
        return [[] for _ in names]
    if isinstance(given, Mapping) or len(names) > 1:
        return [_listed(spec) for spec in _for_each(given, names, what)]
    entries = [entry if isinstance(entry, list | tuple) else [entry] for entry in given]
    return [[spec for entry in entries for spec in entry]]


def _listed(spec: Any) -> list[Any]:
    if spec is None:
        return []
    return list(spec) if isinstance(spec, list | tuple) else [spec]
