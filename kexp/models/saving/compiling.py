"""`compile` with the arguments that stand in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kexp.core.component import Component, resolve, to_plain
from kexp.errors import KexpError
from kexp.models.saving.files import Name

ARGUMENTS = ("loss_weights", "loss", "metrics", "weighted_metrics")


def compile_from(model: Any, stated: Mapping[str, Any], custom: Mapping[str, Any], filepath: Name) -> None:
    """Compile the model as `stated`, in the form of .keras files.

    Raises: the error of what cannot be made, with the file's name and a way out.
    """
    try:
        given = {name: _value("loss" if name == "loss" else "metric", stated.get(name), custom) for name in ARGUMENTS}
        model.compile(optimizer=_value("optimizer", stated.get("optimizer", "rmsprop"), custom), **given)
    except KexpError as error:
        error.args = (
            f"{filepath}: {error}\nGive what is your own by custom_objects, or load the model with compile=False",
        )
        raise


def own_compile_config(model: Any) -> dict[str, Any] | None:
    """The arguments of `compile` in our form, with what Keras does not know, or None if the model is not compiled."""
    compiled = model._compiled
    if compiled is None:
        return None
    given = {name: getattr(compiled, name) for name in ARGUMENTS} | {"optimizer": model.optimizer}
    return {name: _written(value) for name, value in given.items()}


def _written(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_written(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(name): _written(inner) for name, inner in value.items()}
    if isinstance(value, type) and issubclass(value, Component):
        return _written(value())
    known = value is None or isinstance(value, str | Component) or not callable(value) or hasattr(value, "config_name")
    return to_plain(value) if known else value.__name__


def _value(kind: str, value: Any, custom: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if "type" in value:
            maker = custom.get(value["type"])
            given = {name: inner for name, inner in value.items() if name != "type"}
            return resolve(kind, value) if maker is None else maker.from_config(given)
        if "class_name" not in value:
            return {name: _value(kind, inner, custom) for name, inner in value.items()}
        maker = custom.get(value["class_name"], custom.get(str(value.get("registered_name"))))
        if maker is not None:
            return maker.from_config(value.get("config", {})) if hasattr(maker, "from_config") else maker
        return resolve(kind, {"class_name": value["class_name"], "config": value.get("config", {})})
    if isinstance(value, list):
        return [_value(kind, inner, custom) for inner in value]
    return custom.get(value, value) if isinstance(value, str) else value
