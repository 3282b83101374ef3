"""From the arguments of `compile` and the model's outputs to an objective."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from kexp.backend import Backend
from kexp.core.component import Component, resolve
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
            self._losses = [None if spec is None else get_loss(spec) for spec in _for_each(self.loss, names, "loss")]
        return self._losses

    def outputs(
        self, graph: Graph, names: Sequence[str], y_shapes: Sequence[tuple[int, ...]], backend: Backend
    ) -> list[Output]:
        """One Output for each output of the graph; metrics such as 'accuracy' are chosen by the targets' shapes."""
        losses = self.losses(names)
        weights = _for_each(self.loss_weights, names, "loss_weights") if self.loss_weights else [1.0] * len(names)
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
                    loss_weight=float(weights[i]),
                    node=None if used_elsewhere else node,
                    metrics=[get_metric(spec).for_shapes(y_shapes[i], shape) for spec in metrics[i]],
                    weighted_metrics=[get_metric(spec).for_shapes(y_shapes[i], shape) for spec in weighted[i]],
                    backend=backend,
                )
            )
            _name_apart([*made[-1].metrics, *made[-1].weighted_metrics])
        return made


def _name_apart(metrics: Sequence[Metric]) -> None:
    """Give metrics of one name numbers, as Keras does: precision, precision_1."""
    seen: dict[str, int] = {}
    for metric in metrics:
        count = seen[metric.name] = seen.get(metric.name, -1) + 1
        if count:
            metric.name = f"{metric.name}_{count}"


def get_metric(spec: Any) -> Metric:
    """The metric that `spec` names: a name (which it keeps in the logs), a mapping, an object, or a function."""
    if isinstance(spec, str):
        return named_metric(spec)
    maker = getattr(spec, "component", spec)
    if inspect.isclass(maker) and issubclass(maker, Loss):
        maker = spec  # the function form of a loss, averaged over all samples
    found = resolve("metric", maker)
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
            raise ArgumentError(f"{what}: the model has {len(names)} outputs. Received: {len(given)}")
        return list(given)
    return [given] * len(names)


def _metrics_for_each(given: Any, names: Sequence[str], what: str) -> list[list[Any]]:
    if isinstance(given, str | Component) or callable(given):
        raise ArgumentError(f"{what} must be a list, such as [{given!r}]. Received: {given!r}")
    if isinstance(given, Mapping):
        return [_listed(spec) for spec in _for_each(given, names, what)]
    if len(names) > 1 and any(isinstance(spec, list | tuple) for spec in given):
        return [_listed(spec) for spec in _for_each(given, names, what)]
    return [list(given)] + [[_another(spec) for spec in given] for _ in names[1:]]


def _another(spec: Any) -> Any:
    """A metric of its own for another output, where an object was given."""
    return copy.deepcopy(spec) if isinstance(spec, Metric) else spec


def _listed(spec: Any) -> list[Any]:
    if spec is None:
        return []
    return list(spec) if isinstance(spec, list | tuple) else [spec]
