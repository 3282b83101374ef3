"""From a composed config to its normal form: every component a map with `type`, nulls dropped, layers in their order.

Done to a normal form, it changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from kexp.config.components import Checker, plain
from kexp.config.effects import lost_its_name
from kexp.config.keys import Key, lookup, suggestion
from kexp.config.sections import GROUPS, OPEN, TOP_LEVEL
from kexp.config.signature import arguments_of
from kexp.core import keras2

EXAMPLES = {
    "layer": "hidden: {type: dense, units: 8}",
    "callback": "early_stopping: {patience: 3}",
    "transform": "standardize: {}",
}
LAYERS = ("model", "layers")
PIPELINES = ("pipeline", "target_pipeline")

NAMED = tuple(group for group in (*GROUPS, "model") if group != "callbacks")


def normalised(config: Mapping[str, Any], check: Checker) -> dict[str, Any]:
    """The normal form of a config; what cannot be brought into it is reported and left as it is."""
    normal = {str(key): copy.deepcopy(value) for key, value in config.items()}
    for key, default in TOP_LEVEL.items():
        if key not in normal:
            normal[key] = None if check.sources.configs else copy.deepcopy(default)  # removed by ~key
    for group in NAMED:
        if isinstance(normal[group], str):
            normal[group] = {"type": normal[group]}
        _forget_open((group,), normal[group], check)
    model = normal["model"]
    if isinstance(model, dict):
        model.setdefault("type", "sequential")
        model["layers"] = _placed(_entries(model.get("layers"), LAYERS, "layer", check), LAYERS, "layer", check)
    for group in PIPELINES:
        entries = _entries(normal[group], (group,), "transform", check)
        normal[group] = _placed(entries, (group,), "transform", check)
    _hand_over_fold(normal, check)
    normal["callbacks"] = _entries(normal["callbacks"], ("callbacks",), "callback", check)
    for name, spec in normal["callbacks"].items():
        _forget_open(("callbacks", name), spec, check)
    for key in ("metrics", "plugins"):
        normal[key] = [] if normal[key] is None else normal[key]
    normal["fit"] = {} if normal["fit"] is None else normal["fit"]
    if isinstance(normal["fit"], dict) and "nb_epoch" in normal["fit"] and "epochs" not in normal["fit"]:
        normal["fit"] = keras2.translated({"epochs": 1}, normal["fit"], "fit")
    return normal


def _hand_over_fold(normal: dict[str, Any], check: Checker) -> None:
    """`fold=3` is short for `split.fold=3`, so that the folds of a cross-validation can be swept by one word."""
    fold, split = normal["fold"], normal["split"]
    if fold is None:
        return
    if not isinstance(split, dict) or "fold" not in arguments_of("splitter", split.get("type")):
        check.report(("fold",), f"fold={plain(fold)} needs a split into folds, such as split=kfold")
    elif split.get("fold", fold) not in (fold, arguments_of("splitter", split["type"])["fold"].default):
        check.report(("fold",), f"fold is {plain(fold)}, and split.fold is {plain(split['fold'])}; give one of them")
    else:
        split["fold"] = fold
        check.sources.moved["split", "fold"] = ("fold",)


def _forget_open(key: Key, spec: Any, check: Checker) -> None:
    """Drop arguments that only an option from a registry mentions, without a value: they are missing."""
    for name in [name for name, value in spec.items() if value == OPEN] if isinstance(spec, dict) else []:
        writer = check.sources.writer((*key, name))
        if writer is None or writer.generated:
            del spec[name]


def _entries(entries: Any, key: Key, kind: str, check: Checker) -> Any:
    """A map of layers or callbacks with types filled in and null entries dropped."""
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        what = "a list" if isinstance(entries, list) else plain(entries)
        check.report(key, f"expected a map from names to {kind}s, such as `{EXAMPLES[kind]}`; got {what}")
        return {}
    found: dict[str, Any] = {}
    for name, spec in entries.items():
        name = str(name)
        if spec is None:
            if check.sources.configs and not _was_something((*key, name), check):
                check.report(
                    (*key, name),
                    f"null drops a {kind}, and there is none to drop; for its defaults write `{name}: {{}}`",
                )
        elif isinstance(spec, str):
            found[name] = {"type": spec}
        elif lost_its_name((*key, name), spec, check):
            continue
        elif isinstance(spec, dict):
            found[name] = {"type": spec.get("type", name), **{str(k): v for k, v in spec.items() if k != "type"}}
        else:
            check.report((*key, name), f"expected a {kind}: a name, or a map of its arguments. Got {plain(spec)}")
    return found


def _was_something(key: Key, check: Checker) -> bool:
    """Whether some config gave the entry a value before another one set it to null."""
    return any(lookup(source.values, key) is not None for source in check.sources.configs)


def _placed(layers: dict[str, Any], key: Key, kind: str, check: Checker) -> dict[str, Any]:
    """The layers, or a pipeline's steps, with `after` and `before` carried out, in the order in which they stand."""
    wishes: dict[str, tuple[str, str]] = {}
    for name, spec in layers.items():
        given = {
            side: spec.pop(side)
            for side in ("after", "before")
            if side in spec and side not in arguments_of(kind, spec["type"])
        }
        if len(given) == 2:
            check.report((*key, name), "`after` and `before` cannot both be given")
        for side, other in given.items():
            if other is None:
                continue
            if other == name or other not in layers:
                _report_unknown((*key, name, side), kind, other, layers, check)
            else:
                wishes[name] = (side, other)
    order = [name for name in layers if name not in wishes]
    waiting = [name for name in layers if name in wishes]
    latest: dict[tuple[str, str], str] = {}
    while waiting:
        ready = [name for name in waiting if wishes[name][1] in order]
        if not ready:
            for name in waiting:
                check.report((*key, name), f"`after` and `before` go in a circle: {', '.join(waiting)}")
            order += waiting
            break
        for name in ready:
            side, other = wishes[name]
            anchor = latest.get((side, other), other) if side == "after" else other
            order.insert(order.index(anchor) + (side == "after"), name)
            latest[side, other] = name
        waiting = [name for name in waiting if name not in order]
    return {name: layers[name] for name in order}


def _report_unknown(key: Key, kind: str, other: Any, entries: Mapping[str, Any], check: Checker) -> None:
    others = [entry for entry in entries if entry != key[-2]]
    near = suggestion(str(other), others)
    hint = f" Did you mean {near!r}?" if near else ""
    title = "Layers" if kind == "layer" else "Steps"
    check.report(key, f"no other {kind} is called {plain(other)}.{hint}\n{title}: {', '.join(others) or 'none'}")
