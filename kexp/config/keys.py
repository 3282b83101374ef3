"""Keys of a config: a path of map keys and list positions, and what a person calls it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from kexp.errors import nearest

Key = tuple[str | int, ...]

SYNONYMS = {
    "lr": "learning_rate",
    "rate": "learning_rate",
    "decay": "weight_decay",
    "nb_epoch": "epochs",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "max_epochs": "epochs",
    "epoch": "epochs",
    "batch": "batch_size",
    "bs": "batch_size",
    "data": "dataset",
    "optim": "optimizer",
    "opt": "optimizer",
    "tracker": "tracking",
    "logger": "tracking",
    "mlflow": "tracking",
    "acc": "accuracy",
    "neurons": "units",
    "n_units": "units",
    "output_dim": "units",
    "hidden_size": "units",
    "init": "kernel_initializer",
    "kernel_init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "random_seed": "seed",
    "random_state": "seed",
    "p": "rate",
    "drop_rate": "rate",
    "border_mode": "padding",
    "subsample": "strides",
    "stride": "strides",
    "nb_filter": "filters",
    "criterion": "loss",
    "objective": "loss",
    "precision": "floatx",
    "dtype": "floatx",
}
"""Spellings from Keras 1 and 2 and from other frameworks that no comparison of letters leads home from."""


def shown(key: Key) -> str:
    """The key as it is written in an override.

    >>> shown(("model", "layers", "hidden", "units")), shown(("metrics", 1))
    ('model.layers.hidden.units', 'metrics[1]')
    """
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def parsed(text: str) -> Key:
    """The key that an override's left side stands for.

    >>> parsed("metrics[1]"), parsed("metrics.1.name")
    (('metrics', 1), ('metrics', 1, 'name'))
    """
    parts = [part for part in text.replace("[", ".").replace("]", "").split(".") if part]
    return tuple(int(part) if part.isdigit() else part for part in parts)


def lookup(config: Any, key: Key, default: Any = None) -> Any:
    """The value at `key`, or `default` where there is none."""
    for part in key:
        if isinstance(config, Mapping):
            match = next((name for name in (part, str(part)) if name in config), None)
            if match is None:
                return default
            config = config[match]
        elif isinstance(config, list) and isinstance(part, int) and part < len(config):
            config = config[part]
        else:
            return default
    return config


def leaves(config: Any, key: Key = ()) -> Iterable[tuple[Key, Any]]:
    """All values that are neither maps nor lists, and empty maps and lists, each with its key."""
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(config, Mapping):
        items = [(str(name), value) for name, value in config.items()]
    elif isinstance(config, list):
        items = list(enumerate(config))
    if not items:
        yield key, config
    for part, value in items:
        yield from leaves(value, (*key, part))


def leaf_suggestion(name: str, keys: Iterable[str]) -> str | None:
    """The full key, of those given, whose last part was most likely meant by `name`, or None."""
    ends: dict[str, str] = {}
    for key in keys:
        ends.setdefault(key.rpartition(".")[2], key)
    near = next((end for end in (name, SYNONYMS.get(name), *_spellings(name)) if end in ends), None)
    close = [near] if near else get_close_matches(name, ends, n=1, cutoff=0.8)
    return ends[close[0]] if close else None


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The known name that was most likely meant by `name`, or None."""
    known = list(known)
    if name not in known:
        for candidate in (SYNONYMS.get(name), *_spellings(name)):
            if candidate in known:
                return candidate
    return nearest(name, known)


def _spellings(name: str) -> Iterable[str]:
    """`Learning-Rate`, `learningRate` -> learning_rate."""
    split = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")
    return name.lower().replace("-", "_"), split.replace("-", "_")


def unknown_option(group: str, name: str, options: Sequence[str]) -> str:
    """No option of a group has that name."""
    near = suggestion(PurePath(name).stem, options)
    hint = f"\nDid you mean {near!r}?" if near else ""
    if near == name:
        hint = " Its file must end in .yaml."
    return f"no {group or 'config'} is called {name!r}.{hint}\nKnown: {', '.join(sorted(options)) or 'none'}."


def quoted(setting: str) -> str:
    """A setting as it is typed in a shell.

    >>> quoted("fit.epochs=3"), quoted("+fit.class_weight={0: 1}")
    ('fit.epochs=3', "'+fit.class_weight={0: 1}'")
    """
    return setting if re.fullmatch(r"[\w@%+=:,./~-]*", setting) else "'" + setting.replace("'", "'\\''") + "'"


def literal(value: Any) -> str:
    """A value as it is typed inside an override.

    >>> literal("relu"), literal([1, None, "a b"]), literal({"l2": 0.1})
    ('relu', "[1, null, 'a b']", '{l2: 0.1}')
    """
    if isinstance(value, str):
        return value if re.fullmatch(r"[A-Za-z_][\w./-]*", value) else repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {literal(inner)}" for key, inner in value.items()) + "}"
    return (
        {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else repr(value)
    )
