"""Pipeline: transforms one after the other, fitted on training data, applied to all data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Self

import numpy as np

from kexp import plugins
from kexp.core.component import resolve, to_plain
from kexp.core.source import Source, is_source
from kexp.core.transform import Transform
from kexp.data.rows import columns_of, read_chunks
from kexp.data.source import ConvertedSource
from kexp.data.tables import as_table
from kexp.errors import ArgumentError, DataError, MissingFileError, StateError


class Pipeline:
    """Named transforms in their order.

    `transforms`: transforms, their names or maps with `type`; a list, or a map that names the steps.

    >>> import numpy as np
    >>> pipeline = Pipeline([{"type": "rescale", "scale": 0.5}]).fit(np.ones((4, 2)))
    >>> pipeline.transform(np.ones((1, 2))).tolist()
    [[0.5, 0.5]]
    """

    def __init__(self, transforms: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        named = isinstance(transforms, Mapping)
        if not isinstance(transforms, Mapping | Sequence) or isinstance(transforms, str) or _is_spec(transforms):
            raise ArgumentError(
                "a pipeline is made of a list of steps, or a map of names to steps; a single step goes into a list. "
                f"Received: {transforms!r}"
            )
        specs = transforms.items() if isinstance(transforms, Mapping) else ((None, spec) for spec in transforms)
        self.steps: dict[str, Transform] = {}
        self.columns: list[str] | None = None
        """The columns of the table it was fitted on; None where that was no table."""
        self.width: int | None = None
        """The number of columns that it gives; None where that is one value a row, or more than a table."""
        self.seen = False
        """Whether it was fitted, or given a state."""
        for name, spec in specs:
            if isinstance(spec, Mapping) and name and not {"type", "class_name"} & set(spec):
                spec = {"type": name, **spec}  # as in a config, the name stands for the type
            step = _adopted(resolve("transform", spec, f"pipeline.{name}" if named else "pipeline"))
            if not isinstance(step, Transform):
                raise ArgumentError(f"a pipeline is made of transforms. Received: {spec!r}")
            self.steps[name or self._free_name(step)] = step

    @property
    def fitted(self) -> bool:
        """Whether it can be applied."""
        return all(step.fitted for step in self.steps.values())

    @property
    def keeps_rows(self) -> bool:
        """Whether every row of the result comes from the same row of the data."""
        return all(step.keeps_rows for step in self.steps.values())

    def fit(self, x: Any) -> Self:
        """Fit each step on what the steps before make of `x`: a table, an array or a source, training rows only."""
        self.columns = columns_of(x)
        x = self._raw(x) if self.columns is not None else x
        steps = list(self.steps.values())
        for count, (name, step) in enumerate(self.steps.items()):
            if is_source(x):
                chunks = (self._applied(chunk, steps[:count]) for chunk in read_chunks(x) if step.learns)
                self._named(name, step.fit, chunks)
                continue
            self._named(name, step.fit, [x])
            x = self._applied(x, [step])
        shape = np.shape(self._mapped(x).take(slice(0, 1)) if is_source(x) else x)
        self.width = shape[1] if len(shape) == 2 and shape[1] > 1 else None
        self.seen = True
        return self

    def transform(self, x: Any) -> Any:
        """What the model is fed with for raw `x`: all steps, random ones as at inference.

        A source gives a source. A table may have other columns besides those of the fit, in any order.
        Raises: StateError if it was not fitted; DataError if columns are missing, or a step refuses the data.
        """
        self._check_fitted()
        if is_source(x):
            return self._mapped(x)
        return self._applied(self._raw(x), self.steps.values())

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Raw inputs and targets as the model is fed with them; steps that change the rows change both."""
        self._check_fitted()
        if is_source(x):
            return self._mapped(x), y
        x = self._raw(x)
        for name, step in self.steps.items():
            x, y = self._named(name, step.pair, x, y)
        return x, y

    def inverse(self, y: Any) -> Any:
        """Undo all steps, the last one first: predictions in the targets' own units and labels."""
        self._check_fitted()
        for name, step in reversed(self.steps.items()):
            y = self._named(name, step.inverse, y)
        return y

    def parts(self) -> tuple[Pipeline, Pipeline]:
        """What can be done once for training data, and what must be done anew each time: from the first random step.

        Neighbours that can be done in one go are, in the second part.
        """
        names = list(self.steps)
        first = next((i for i, name in enumerate(names) if self.steps[name].random), len(names))
        head, tail = Pipeline(), Pipeline()
        head.steps = {name: self.steps[name] for name in names[:first]}
        for name in names[first:]:
            before = next(reversed(tail.steps), "")
            both = tail.steps[before].merged(self.steps[name]) if before else None
            if both is not None:
                del tail.steps[before]
            tail.steps[name if both is None else f"{before}, {name}"] = both or self.steps[name]
        head.columns = self.columns
        return head, tail

    def augment(self, x: Any, stream: np.random.Generator) -> Any:
        """A training batch: all steps, random ones with numbers from `stream`."""
        return self._applied(x, self.steps.values(), stream)

    # --- saving ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The steps by name, as a config writes them."""
        return {name: to_plain(step, name) for name, step in self.steps.items()}

    def get_state(self) -> dict[str, Any]:
        """What the steps learned, and the columns."""
        learned = {name: step.get_state() for name, step in self.steps.items()}
        return {"columns": self.columns, "width": self.width, "steps": learned}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to where `get_state` was."""
        self.columns, self.width, self.seen = state["columns"], state["width"], True
        for name, learned in state["steps"].items():
            self.steps[name].set_state(learned)

    def to_json(self) -> str:
        """Config and state as one text, numbers exact."""
        return json.dumps({"config": self.get_config(), "state": _encoded(self.get_state())}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Pipeline:
        """The pipeline that `to_json` wrote.

        Raises: DataError if the text is damaged or something else.
        """
        try:
            written = json.loads(text)
            config, state = written["config"], _decoded(written["state"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"this is no pipeline as Pipeline.to_json writes it: {error!r}") from error
        pipeline = cls(config)
        pipeline.set_state(state)
        return pipeline

    def save(self, path: str | PathLike[str]) -> None:
        """Write config and state to a JSON file."""
        Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Pipeline:
        """The pipeline that `save` wrote.

        Raises: MissingFileError; DataError if the file is damaged or something else.
        """
        if not Path(path).is_file():
            raise MissingFileError(f"no such file: {path}")
        try:
            return cls.from_json(Path(path).read_text(encoding="utf-8"))
        except (DataError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: {error}") from error

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"Pipeline({self.steps!r})"

    # --- inner ----------------------------------------------------------------------------------------------

    def _applied(self, x: Any, steps: Any, stream: np.random.Generator | None = None) -> Any:
        names = {id(step): name for name, step in self.steps.items()}
        for step in steps:
            x = self._named(names[id(step)], step.transform, x, *([stream] if step.random and stream else []))
        return x

    def _named(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a step's method; its errors say which step it was."""
        try:
            return function(*arguments)
        except (DataError, ArgumentError) as error:
            if str(error).startswith("pipeline step "):  # of a step before this one, which feeds its fit
                raise
            raise type(error)(f"pipeline step {name!r}: {error}") from error

    def _raw(self, x: Any) -> Any:
        if self.columns is None or not self.steps:
            return x
        first = next(iter(self.steps.values()))
        return as_table(x, self.columns, first.needed(self.columns))

    def _mapped(self, x: Source) -> Source:
        changes = next((name for name, step in self.steps.items() if not step.keeps_rows), None)
        if changes is not None:
            raise DataError(f"pipeline step {changes!r} changes the rows, so it cannot be used on data read in batches")
        return ConvertedSource(x, lambda raw: self._applied(self._raw(raw), self.steps.values()))

    def _check_fitted(self) -> None:
        unfit = next((name for name, step in self.steps.items() if not step.fitted), None)
        if unfit is not None:
            raise StateError(
                f"pipeline step {unfit!r} must be fitted on training data first: fit the model, or call pipeline.fit(x)"
            )

    def _free_name(self, step: Transform) -> str:
        base = step.registered_name()
        number = 1 + sum(name == base or name.startswith(f"{base}_") for name in self.steps)
        return base if number == 1 else f"{base}_{number}"


def _is_spec(transforms: Any) -> bool:
    """Whether it is the map of one step, whose `type` is a name, and not a map of steps."""
    return isinstance(transforms, Mapping) and isinstance(transforms.get("type"), str)


def _adopted(step: Any) -> Any:
    """An object of another library as a transform, where a registered one takes it (`adopts`)."""
    if isinstance(step, Transform):
        return step
    registry = plugins.current()["transform"]
    makers = (registry.get(name) for name in registry if name not in registry.clashes())
    maker = next((maker for maker in makers if getattr(maker, "adopts", lambda thing: False)(step)), None)
    return step if maker is None else maker(step)


def _encoded(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"array": _encoded(value.tolist()), "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {"map": [[_encoded(key), _encoded(inner)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        return [_encoded(inner) for inner in value]
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(inner) for inner in value]
    if isinstance(value, Mapping):
        if "map" in value:
            return {_decoded(key): _decoded(inner) for key, inner in value["map"]}
        return np.array(_decoded(value["array"]), dtype=np.dtype(value["dtype"])).reshape(value["shape"])
    return value
