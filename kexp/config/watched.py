"""Checks the metrics of a config, one list or one entry for each output, and tells what an epoch's logs will hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kexp.config.components import Checker, plain
from kexp.config.keys import Key, suggestion
from kexp.config.structure import model_plan, outputs_with_losses

Made = list[Any] | dict[str, list[Any]]
"""Metrics made: one list, or a list for each output where there are several; None where one is wrong."""


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
    if isinstance(metrics, list) and metrics and len(outputs) > 1:
        return _one_each(metrics, outputs, check)
    return _listed(metrics, ("metrics",), check)


def _one_each(metrics: list[Any], outputs: list[str], check: Checker) -> dict[str, list[Any]]:
    """The metrics of a list, one entry for each output: a metric, a list of them, or null."""
    if len(metrics) != len(outputs):
        example = ",".join(f"{name}:[mae]" for name in outputs)
        check.report(
            ("metrics",),
            f"a list has one entry for each of the model's {len(outputs)} outputs, {', '.join(outputs)}; "
            f"got {len(metrics)}: {plain(metrics)}\nBy name: metrics={{{example}}}",
        )
        return {name: [None] for name in outputs}
    made = {}
    for position, (name, entry) in enumerate(zip(outputs, metrics, strict=True)):
        key: Key = ("metrics", position)
        if isinstance(entry, list) or entry is None:
            made[name] = _listed(entry, key, check)
        else:
            made[name] = [check.component("metric", entry, key, type_key=key if isinstance(entry, str) else None)]
    return made


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

    A model of several outputs puts the output's name before each metric's, and has a loss for each if it has several.
    """
    metrics, outputs = config["metrics"], output_names(config)
    by_output = made if isinstance(made, dict) else {(outputs or [""])[0]: made}
    if not isinstance(metrics, list | dict) or any(None in each for each in by_output.values()):
        return None
    if isinstance(metrics, dict) and (not isinstance(made, dict) or set(made) != set(metrics)):
        return None
    specs = _specs(metrics, list(by_output))
    named = len(outputs) > 1
    losing = [*config["loss"]] if outputs_with_losses(config) is not None else outputs
    losses = [f"{name}_loss" for name in losing if _has_loss(config["loss"], name)]
    names = ["loss", *(losses if len(losses) > 1 else [])]
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
        specs = _specs(metrics, list(made))
        return {name: _kept(specs[name], own) for name, own in made.items()}
    return _kept(metrics, made)


def _specs(metrics: Any, outputs: list[str]) -> dict[str, list[Any]]:
    """The metrics as the config has them, a list for each output."""
    if isinstance(metrics, dict):
        return {name: specs or [] for name, specs in metrics.items()}
    if len(outputs) < 2:
        return dict.fromkeys(outputs, metrics)
    entries = [entry if isinstance(entry, list) else [] if entry is None else [entry] for entry in metrics]
    return dict(zip(outputs, entries, strict=True))


def _kept(specs: list[Any], made: list[Any]) -> list[Any]:
    return [spec if isinstance(spec, str) else metric for spec, metric in zip(specs, made, strict=True)]


def _log_name(spec: Any, metric: Any) -> str:
    """What a metric is called in the logs: a plain name stands there as it is written."""
    return spec if isinstance(spec, str) else str(metric.name)
