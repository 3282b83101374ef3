"""Checks a whole config, in its normal form: every section, every component, and what must fit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kexp import plugins
from kexp.config.components import Checker, plain
from kexp.config.effects import lost_its_name
from kexp.config.keys import Key, leaf_suggestion, shown, suggestion
from kexp.config.sections import GROUPS, MODEL_TYPES, TOP_LEVEL, FitSettings, RunSettings
from kexp.config.signature import arguments, arguments_of
from kexp.config.sources import Source, all_keys
from kexp.config.structure import KEYS, check_structure, losses_by_output, outputs_with_losses, without_wiring
from kexp.config.watched import Made, check_metrics, logged
from kexp.errors import Problem

EXAMPLES = {"dataset": "xor", "optimizer": "adam", "loss": "mse", "backend": "numpy", "tracker": "none"}
FORBIDDEN = ("_target_", "_partial_", "_args_", "_recursive_", "_convert_")


@dataclass
class Parts:
    """The components that a config names, as far as they could be made."""

    layers: dict[str, Any] = field(default_factory=dict)
    callbacks: dict[str, Any] = field(default_factory=dict)
    metrics: Made = field(default_factory=list)
    dataset: Any = None
    split: Any = None
    pipeline: dict[str, Any] = field(default_factory=dict)
    target_pipeline: dict[str, Any] = field(default_factory=dict)
    optimizer: Any = None
    loss: Any = None
    backend: Any = None
    tracker: Any = None


def check_config(config: Mapping[str, Any], check: Checker) -> Parts:
    """Report all problems of a config in its normal form; the components it names."""
    for key in _targets(config):
        check.report(
            key, f"`{key[-1]}` is not used here: components are looked up by their registered names. Write `type: NAME`"
        )
    _top_level(config, check)
    parts = Parts()
    _model(config["model"], parts, check)
    for group, attribute in (
        ("dataset", "dataset"),
        ("optimizer", "optimizer"),
        ("backend", "backend"),
        ("tracking", "tracker"),
    ):
        _chosen(group, config[group], parts, attribute, check)
    if config["split"] is not None:
        _chosen("split", config["split"], parts, "split", check)
    for group, steps in (("pipeline", parts.pipeline), ("target_pipeline", parts.target_pipeline)):
        for name, spec in config[group].items():
            steps[name] = check.component(
                "transform", spec, (group, name), type_key=_own_name(name, spec, (group, name))
            )
    if config["loss"] is None:
        check.lacks("loss", _example("loss", "no loss is given; write loss=NAME, such as loss={}", EXAMPLES["loss"]))
    elif (names := outputs_with_losses(config)) is not None:
        parts.loss = losses_by_output(config["loss"], names, check)
    elif not lost_its_name(("loss",), config["loss"], check):
        parts.loss = check.component("loss", config["loss"], ("loss",), type_key=_type_key(config["loss"], ("loss",)))
    parts.metrics = check_metrics(config, check)
    fit = _fit(config["fit"], check)
    _splits(config, fit, parts, check)
    available = _available(config, fit, parts)
    for name, spec in config["callbacks"].items():
        parts.callbacks[name] = _callback(name, spec, available, check)
    return parts


def _top_level(config: Mapping[str, Any], check: Checker) -> None:
    fit = dict.fromkeys(arguments(FitSettings))
    known = all_keys({**{name: config[name] for name in TOP_LEVEL}, "fit": fit})
    for name in config:
        if name not in TOP_LEVEL and name not in FORBIDDEN:
            _unknown_key(name, config, known, check)
    plain = {name: config[name] for name in arguments(RunSettings)}
    _settings(RunSettings, plain, (), check)


def _unknown_key(name: str, config: Mapping[str, Any], known: Iterable[str], check: Checker) -> None:
    source = next((s for s in check.sources.configs if s.file and s.prefix[:1] == (name,)), None)
    if source is not None:
        check.says_what_lacks = False
        check.problems.append(Problem(name, _misplaced(source), f"{source.file}:1"))
        return
    near = suggestion(name, [*TOP_LEVEL, *check.sources.groups])
    if near in check.sources.groups and near not in TOP_LEVEL:
        check.says_what_lacks = False
        near = f"+{near}={plain(config[name]).strip(chr(39))}" if check.sources.set_on_command_line((name,)) else near
    near = near or leaf_suggestion(name, known)
    hint = f"; did you mean {near!r}?" if near else "."
    check.report((name,), f"unknown key{hint}\nKnown: {', '.join(TOP_LEVEL)}")


def _misplaced(source: Source) -> str:
    """Why a file's content is found under the name of its group."""
    if not source.lines.is_map:
        return "a config file must be a map, such as `fit: {epochs: 3}`"
    if source.lines.is_empty:
        return "the file is empty"
    return (
        f"the file's content landed under `{source.group}`, which is no key of a config. "
        "To set the config's own keys, its first line must be `# @package _global_`"
    )


def _settings(maker: Any, given: Mapping[str, Any], key: Key, check: Checker) -> Any:
    """Check plain settings against the signature of `maker`; what it makes, or None."""
    known, before = arguments(maker), len(check.problems)
    for name, value in given.items():
        if name in known:
            check.value(known[name], value, (*key, name))
        else:
            near = suggestion(str(name), known)
            hint = f"; did you mean {near!r}?" if near else "."
            check.report((*key, name), f"unknown key{hint}\nKnown: {', '.join(known)}")
    bad = {problem.key for problem in check.problems[before:]}
    good = {name: value for name, value in given.items() if name in known and shown((*key, name)) not in bad}
    return check.construct(maker, good, key, shown(key))


def _model(model: Any, parts: Parts, check: Checker) -> None:
    if not isinstance(model, dict):
        check.report(("model",), f"expected a map with `type` and `layers`. Got {plain(model)}")
        return
    kind = model["type"]
    if kind not in MODEL_TYPES:
        known = sorted({*MODEL_TYPES, *check.sources.options.get("model", [])})
        near = suggestion(str(kind), known)
        hint = f"\nDid you mean {near!r}?" if near else ""
        check.report(("model", "type"), f"no model is called {plain(kind)}.{hint}\nKnown models: {', '.join(known)}.")
    known_keys = KEYS.get(str(kind), KEYS["functional"])
    for name in model:
        if name not in (*known_keys, *FORBIDDEN):
            near = suggestion(name, known_keys)
            hint = f"; did you mean {near!r}?" if near else "."
            hint = "; it belongs to `type: functional`." if name in KEYS["functional"] else hint
            check.report(("model", name), f"unknown key{hint}\nKnown: {', '.join(known_keys)}")
    layers = model["layers"]
    if not layers and not any(p.key == "model.layers" or p.key.startswith("model.layers.") for p in check.problems):
        check.lacks("model.layers", "the model has no layers; add some, such as `hidden: {type: dense, units: 8}`")
    for name, spec in layers.items():
        _layer(name, without_wiring(model, spec), parts, check)
    check_structure(model, parts.layers if len(parts.layers) == len(layers) else {}, check)


def _layer(name: str, spec: dict[str, Any], parts: Parts, check: Checker) -> None:
    key: Key = ("model", "layers", name)
    if "/" in name or not name:
        check.report(key, f"a layer's name must be a non-empty text without '/'. Received: {name!r}")
        return
    if spec.get("name", name) != name:
        check.report(
            (*key, "name"),
            f"a layer is called as its entry is, {name!r}; rename the entry instead. Got {plain(spec['name'])}",
        )
        return
    if not any(forbidden in spec for forbidden in FORBIDDEN):
        parts.layers[name] = check.component(
            "layer", spec, key, implied={"name": name}, type_key=_own_name(name, spec, key)
        )


def _chosen(group: str, spec: Any, parts: Parts, attribute: str, check: Checker) -> None:
    kind = GROUPS[group]
    if spec is None:
        check.lacks(
            group,
            _example(kind, f"no {kind} is chosen; write {group}=NAME, such as {group}={{}}", EXAMPLES.get(kind, "")),
        )
        return
    setattr(parts, attribute, check.component(kind, spec, (group,)))


def _fit(fit: Any, check: Checker) -> dict[str, Any]:
    if not isinstance(fit, dict):
        check.report(("fit",), f"expected a map of settings, such as `{{epochs: 10}}`. Got {plain(fit)}")
        return {}
    before = len(check.problems)
    _settings(FitSettings, {name: v for name, v in fit.items() if name not in FORBIDDEN}, ("fit",), check)
    bad = {problem.key for problem in check.problems[before:]}
    defaults = {name: argument.default for name, argument in arguments(FitSettings).items()}
    return defaults | {name: v for name, v in fit.items() if f"fit.{name}" not in bad}


def _splits(config: Mapping[str, Any], fit: Mapping[str, Any], parts: Parts, check: Checker) -> None:
    if parts.dataset is None:
        return
    made = parts.split.splits if parts.split is not None else ()
    twice = [name for name in made if name != "train" and name in parts.dataset.splits]
    if twice:
        check.report(
            ("split",),
            f"data set {config['dataset']['type']!r} has a split {twice[0]!r} of its own; let split make another one",
        )
    if "validation" in made and fit.get("validation_split"):
        check.report(
            ("fit", "validation_split"),
            f"split={config['split']['type']} already says which rows validate; leave fit.validation_split out",
        )
    splits = tuple(dict.fromkeys([*parts.dataset.splits, *made]))
    for key, split in ((("fit", "validation_data"), fit.get("validation_data")), (("evaluate",), config["evaluate"])):
        if isinstance(split, str) and split not in splits:
            near = suggestion(split, splits)
            hint = f" Did you mean {near!r}?" if near else ""
            kind = config["dataset"]["type"]
            known = ", ".join(splits)
            check.report(key, f"data set {kind!r} has no split {split!r}.{hint}\nIts splits: {known}")


def _available(config: Mapping[str, Any], fit: Mapping[str, Any], parts: Parts) -> list[str] | None:
    """The metrics that an epoch of this run will have; None if that cannot be told, because some metric is wrong."""
    names = logged(config, parts.metrics)
    if names is None:
        return None
    validated = bool(fit.get("validation_split")) or validation_name(fit, parts) is not None
    return [*names, *(f"val_{name}" for name in names if validated), "learning_rate"]


def validation_name(fit: Mapping[str, Any], parts: Parts) -> str | None:
    """The split to validate on: the one that is named, else one called 'validation', of `split` or of the data set."""
    named: str | None = fit.get("validation_data")
    makers = (parts.split, parts.dataset)
    there = any(maker is not None and "validation" in maker.splits for maker in makers)
    return "validation" if named is None and there and not fit.get("validation_split") else named


def _callback(name: str, spec: Any, available: list[str] | None, check: Checker) -> Any:
    """Check a callback, which may only watch what this run will have."""
    key: Key = ("callbacks", name)
    monitor = _monitor(spec)
    if available is None or monitor is None or monitor in available:
        made = check.component("callback", spec, key, type_key=_own_name(name, spec, key))
        monitor = getattr(made, "monitored", None)
        if available is not None and isinstance(monitor, str) and monitor not in available:
            check.report(key, _not_available(monitor, available))
        return made
    check.report((*key, "monitor"), _not_available(monitor, available))
    check.component("callback", {**spec, "monitor": "loss"}, key, type_key=_own_name(name, spec, key))
    return None


def _monitor(spec: Any) -> str | None:
    """The metric that a callback's argument `monitor` names."""
    argument = arguments_of("callback", spec["type"]).get("monitor")
    value = spec.get("monitor", argument.default) if argument is not None else None
    return value if isinstance(value, str) else None


def _not_available(monitor: str, available: list[str]) -> str:
    text, near = f"this run has no metric {monitor!r}", suggestion(monitor, available)
    validated = any(name.startswith("val_") for name in available)
    if monitor.startswith("val_") and monitor.removeprefix("val_") in available and not validated:
        text += ": it has no validation data. Set fit.validation_split=0.2, or name a split in fit.validation_data"
    elif near:
        text += f"; did you mean {near!r}?"
    return f"{text}\nAvailable: {', '.join(available)}"


def _own_name(name: str, spec: Any, key: Key) -> Key | None:
    """The entry itself, if its name stands for the type."""
    return key if isinstance(spec, dict) and spec.get("type") == name else None


def _type_key(spec: Any, key: Key) -> Key | None:
    return key if isinstance(spec, str) else None


def _targets(config: Any, key: Key = ()) -> Iterable[Key]:
    if isinstance(config, Mapping):
        for name, value in config.items():
            if name in FORBIDDEN:
                yield (*key, name)
            yield from _targets(value, (*key, str(name)))
    elif isinstance(config, list):
        for position, value in enumerate(config):
            yield from _targets(value, (*key, position))


def _example(kind: str, text: str, favourite: str) -> str:
    """The text with an example, and all registered names of the kind."""
    names = sorted(plugins.current()[kind])
    example = favourite if favourite in names else names[0] if names else "NAME"
    return f"{text.format(example)}\nKnown: {', '.join(names) or 'none'}"
