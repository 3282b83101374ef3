"""Whole models as .keras files, which Keras 3 opens too."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from kexp.core.component import snake_case
from kexp.core.streams import Streams
from kexp.errors import DataError, UnknownNameError
from kexp.models.describing import model_from_config
from kexp.models.form import describe
from kexp.models.saving.compiling import compile_from, own_compile_config
from kexp.models.saving.files import WEIGHTS, Name, archive, hdf5, member, replacing
from kexp.models.saving.keras_config import compile_config, keras_config
from kexp.models.saving.keras_objects import read_objects
from kexp.models.saving.preparing import take_preparation, written_preparation
from kexp.models.saving.variables import (
    OPTIMIZER,
    WeightsMismatch,
    read_optimizer,
    read_own_state,
    read_weights,
    write_optimizer,
    write_weights,
)
from kexp.version import __version__

WRITES_AS = "3.15.1"
"""The version of Keras whose format is written."""
KERAS = 3
FORMAT = 1
OWN = "kexp.json"


def save_keras(model: Any, filepath: Name, overwrite: bool = True) -> None:
    """Write layers, weights, what `compile` was given, the optimizer's state and the pipelines.

    Raises: ArgumentError that names what cannot be written; there is no file then.
    """
    config = keras_config(model) | {"build_config": {"input_shape": None}}
    compiled = compile_config(model)
    if compiled is not None:
        config["compile_config"] = compiled
    metadata = {"keras_version": WRITES_AS, "date_saved": datetime.now().strftime("%Y-%m-%d@%H:%M:%S")}
    own = _own(model)
    members = {
        "metadata.json": json.dumps(metadata),
        "config.json": json.dumps(config),
        OWN: json.dumps(own),
    }
    with replacing(filepath, overwrite) as path, zipfile.ZipFile(path, "w") as opened:
        for name, text in members.items():
            opened.writestr(name, text)
        opened.writestr(WEIGHTS, _weights_of(model))


def load_keras(filepath: Name, custom: Mapping[str, Any], *, compiled: bool = True) -> Any:
    """The model that `save_keras`, or Keras 3, wrote.

    Raises: DataError for a file that is damaged, of a newer format, or not of a model; UnknownNameError for a class
    that is not known; ArgumentError for code in the file.
    """
    with archive(filepath) as opened:
        _check_version(_json(opened, "metadata.json"), filepath)
        config = _json(opened, "config.json")
        own = _json(opened, OWN) if OWN in opened.namelist() else {}
        if own.get("format", FORMAT) > FORMAT:
            raise DataError(
                f"{filepath} was written by kexp {own.get('kexp_version')}, in a newer format than kexp {__version__} "
                "reads; upgrade kexp"
            )
        _take_vocabularies(opened, config)
        model = _made(own["model"] if own else read_objects(config, custom), custom, filepath)
        if model.built:
            with hdf5(io.BytesIO(member(opened, WEIGHTS)), shown=f"{filepath}: {WEIGHTS}") as weights:
                read_weights(weights, model, source=str(filepath))
                if own:
                    _take_own(model, own)
                stated = own["compile"] if own else config.get("compile_config")
                if compiled and stated:
                    compile_from(model, read_objects(stated, custom), custom, filepath)
                    _take_optimizer(model, weights, own)
        elif compiled and config.get("compile_config"):
            compile_from(model, read_objects(config["compile_config"], custom), custom, filepath)
    return model


def _weights_of(model: Any) -> bytes:
    target = io.BytesIO()
    with hdf5(target, "w") as file:
        write_weights(file, model)
        if model.optimizer is not None and model.built:
            write_optimizer(file, model)
    return target.getvalue()


# --- what Keras does not know -------------------------------------------------------------------------------


def _own(model: Any) -> dict[str, Any]:
    streams = model.streams.get_state()
    used = [entry for entry in streams["streams"] if not entry[1].startswith("weight ")]
    optimizer = None if model.optimizer is None else model.optimizer.get_state()
    return {
        "format": FORMAT,
        "kexp_version": __version__,
        "model": describe(model),
        "compile": own_compile_config(model),
        "optimizer": None if optimizer is None else {key: optimizer[key] for key in ("iterations", "learning_rate")},
        "streams": {"root": streams["root"], "streams": used},
        "preparation": written_preparation(model.preparation),
    }


def _take_own(model: Any, own: Mapping[str, Any]) -> None:
    take_preparation(model.preparation, own["preparation"])
    streams = Streams(0)
    streams.set_state(own["streams"])
    model.streams.set_state(streams.get_state())


def _take_optimizer(model: Any, weights: Any, own: Mapping[str, Any]) -> None:
    group = weights.get(OPTIMIZER)
    arrays = [] if group is None else [np.asarray(group[name]) for name in sorted(group, key=int)]
    if not read_optimizer(model, arrays) and arrays:
        warnings.warn(
            f"the optimizer {model.optimizer.name!r} starts anew, for the file holds the state of another one",
            WeightsMismatch,
            stacklevel=5,
        )
        return
    read_own_state(weights, model)
    kept = own.get("optimizer")
    if kept and kept["learning_rate"] is not None:
        model.optimizer.learning_rate = kept["learning_rate"]  # Keras' format rounds it to float32


# --- reading ------------------------------------------------------------------------------------------------


def _json(opened: zipfile.ZipFile, name: str) -> dict[str, Any]:
    text = member(opened, name)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DataError(f"{opened.filename} is damaged: {name} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise DataError(f"{opened.filename} is damaged: {name} holds no map")
    return found


def _check_version(metadata: Mapping[str, Any], filepath: Name) -> None:
    version = str(metadata.get("keras_version", ""))
    first = version.partition(".")[0]
    if first.isdigit() and int(first) > KERAS:
        raise DataError(f"{filepath} was written by Keras {version}; the .keras format of Keras 3 is what can be read")


def _made(config: Mapping[str, Any], custom: Mapping[str, Any], filepath: Name) -> Any:
    known = dict(custom) | {snake_case(name): thing for name, thing in custom.items()}
    try:
        return model_from_config(config, known)
    except UnknownNameError as error:
        hint = "If it is a class of yours, give it by custom_objects={'ITS NAME': ITS CLASS}, or load its plugin"
        changed = UnknownNameError.__new__(UnknownNameError)
        changed.args = (f"{filepath}: {error}\n{hint}",)
        raise changed from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{filepath} holds no config of a model: {error!r}") from error


def _take_vocabularies(opened: zipfile.ZipFile, config: dict[str, Any]) -> None:
    """Vocabularies that Keras wrote beside the config, put into it."""
    counts: dict[str, int] = {}
    for entry in config.get("config", {}).get("layers", []):
        kind = snake_case(str(entry.get("class_name")))
        number = counts[kind] = counts.get(kind, -1) + 1
        path = f"assets/layers/{kind}{f'_{number}' if number else ''}/vocabulary.txt"
        if path in opened.namelist() and not entry["config"].get("vocabulary"):
            words = member(opened, path).decode("utf-8").splitlines()
            entry["config"]["vocabulary"] = [int(word) for word in words] if kind == "integer_lookup" else words
