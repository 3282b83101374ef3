"""Checks the metrics of a config, one list or one for each output, and tells what an epoch's logs will hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kexp.config.components import Checker, plain
from kexp.config.keys import Key, suggestion
from kexp.config.structure import model_plan, outputs_with_losses

Made = list[Any] | dict[str, list[Any]]
"""Metrics in the structure of the config: one list, or a list for each output; None where one is wrong."""


def output_names(config: Mapping[str, Any]) -> list[str]:
    """The names of a functional model's outputs; none, if it is sequential or wrong."""
    model = config["model"]
    if not isinstance(model, Mapping) or model.get("type") != "functional":
        return []
    return list(model_plan(model).outputs)


def check_metrics(config: Mapping[str, Any], check: Checker) -> Made:
    """The metrics that a config names; reports those that are wrong, and outputs that there are not."""
    metrics, outputs = config["metrics"], output_names(config)
    if isinstance(metrics, Mapping) and outputs and "type" not in metrics:
        found = {}
        for name, specs in metrics.items():
            key: Key = ("metrics", str(name))
            if name not in outputs:
                near = suggestion(str(name), outputs)
                hint = f" Did you mean {near!r}?" if near else ""
                check.report(key, f"the model has no output {name!r}.{hint}\nOutputs: {', '.join(outputs)}")
            else:
                found[str(name)] = _listed(specs, key, check)
        return found
    return _listed(metrics, ("metrics",), check)


def _listed(metrics: Any, key: Key, check: Checker) -> list[Any]:
    if metrics is None:
        return []
    if not isinstance(metrics, list):
        place = ".".join(map(str, key))
        example = f"; write {place}=[{metrics}]" if isinstance(metrics, str) else ""
        check.report(key, f"expected a list of metrics, got {plain(metrics)}{example}")
        return []
    made: list[Any] = []
    names: list[Any] = ["loss"]
    for position, spec in enumerate(metrics):
        own: Key = (*key, position)
        metric = check.component("metric", spec, own, type_key=own if isinstance(spec, str) else None)
        name = None if metric is None else _log_name(spec, metric)
        if name is not None and name in names:
            where = f"{'.'.join(map(str, key))}[{names.index(name) - 1}]" if name != "loss" else "the loss"
            check.report(own, f"{where} is called {name!r} already; give this one another `name`")
        names.append(name)
        made.append(metric)
    return made


def logged(config: Mapping[str, Any], made: Made) -> list[str] | None:
    """The names in the logs of an epoch, without those of a validation; None if some metric is wrong.

    A model of several outputs has a loss for each, and puts the output's name before each metric's.
    """
    metrics, outputs = config["metrics"], output_names(config)
    by_output = made if isinstance(made, dict) else dict.fromkeys(outputs, made) if len(outputs) > 1 else {"": made}
    specs = metrics if isinstance(made, dict) else dict.fromkeys(by_output, metrics)
    if not isinstance(metrics, list | dict) or any(None in each for each in by_output.values()):
        return None
    if isinstance(metrics, dict) and (not isinstance(made, dict) or set(made) != set(metrics)):
        return None
    named = len(outputs) > 1
    losing = [*config["loss"]] if outputs_with_losses(config) is not None else outputs
    names = ["loss", *(f"{name}_loss" for name in losing if named and _has_loss(config["loss"], name))]
    for name in outputs or [""]:
        own = [
            _log_name(spec, metric) for spec, metric in zip(specs.get(name) or [], by_output.get(name, []), strict=True)
        ]
        names += [f"{name}_{metric}" if named else metric for metric in own]
    return names


def _has_loss(loss: Any, output: str) -> bool:
    return not isinstance(loss, Mapping) or "type" in loss or loss.get(output) is not None


def as_compiled(metrics: Any, made: Made) -> list[Any] | dict[str, list[Any]]:
    """The metrics for `compile`: a plain name stays one, and is what the metric is called in the logs."""
    if isinstance(made, dict):
        return {name: _kept(metrics[name] or [], own) for name, own in made.items()}
    return _kept(metrics, made)


def _kept(specs: list[Any], made: list[Any]) -> list[Any]:
    return [spec if isinstance(spec, str) else metric for spec, metric in zip(specs, made, strict=True)]


def _log_name(spec: Any, metric: Any) -> str:
    """What a metric is called in the logs: a plain name stands there as it is written."""
    return spec if isinstance(spec, str) else str(metric.name)
