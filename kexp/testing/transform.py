"""check_transform: the contract of transforms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.data import Pipeline
from kexp.data.rows import is_table, take_rows
from kexp.errors import ArgumentError, StateError
from kexp.testing.config import require_round_trip
from kexp.testing.report import Subject, run_checks

TOLERANCE = 1e-9

Data = Callable[[np.random.Generator], Any]


def usual_data(rng: np.random.Generator) -> Any:
    """Forty rows of three numbers."""
    return 3 * rng.standard_normal((40, 3)) + 5


@dataclass(frozen=True)
class TransformCase:
    """A transform under test, and the raw data it is tried on."""

    make: Callable[[], Transform]
    data: Data
    subject: Subject

    def raw(self, seed: int = 0) -> Any:
        """New raw data; the same for the same seed."""
        return self.data(np.random.default_rng(seed))

    def fitted(self, made: Transform | None = None, subject: Subject | None = None) -> Transform:
        """A new transform, or the given one, fitted on the data in one chunk."""
        made = made or self.make()
        with (subject or self.subject).at("fit").running():
            made.fit([self.raw()])
        return made

    def apply(self, made: Transform, x: Any, subject: Subject | None = None, seed: int | None = None) -> Any:
        """The transformed data, with a stream of its own if a seed is given."""
        stream = [] if seed is None else [np.random.default_rng(seed)]
        with (subject or self.subject).at("transform").running():
            return made.transform(x, *stream)


def check_untouched(case: TransformCase) -> None:
    """Fit, transform and inverse change neither what they are given nor the constructor's arguments."""
    x, want, made = case.raw(), case.raw(), case.make()
    with case.subject.at("fit").running():
        config = made.get_config()
        made.fit([x])
    require_same(case.subject.at("the data after fit"), x, want, 0)
    y = case.apply(made, x, seed=1 if made.random else None)
    require_same(case.subject.at("the data after transform"), x, want, 0)
    before = copy.deepcopy(y)
    try:
        made.inverse(y)
    except ArgumentError:
        pass
    else:
        require_same(case.subject.at("the data after inverse"), y, before, 0)
    case.subject.require(made.get_config() == config, "the fit changes what get_config gives")


def check_unfitted(case: TransformCase) -> None:
    """One that learns raises StateError before the fit, and says after it that it is fitted."""
    made = case.make()
    if made.learns and not made.fitted:
        try:
            made.transform(case.raw())
        except StateError:
            pass
        else:
            case.subject.fail("learns, and transforms before it was fitted")
    case.subject.require(case.fitted(made).fitted, "is not `fitted` after fit")


def check_chunks(case: TransformCase) -> None:
    """Several chunks give what one gives, and a second fit forgets the first."""
    x, n = case.raw(), len(case.raw())
    want = case.apply(case.fitted(), x)
    made = case.make()
    with case.subject.at("fit on chunks").running():
        made.fit(take_rows(x, slice(start, start + 7)) for start in range(0, n, 7))
    require_same(case.subject.at("fitted on chunks"), case.apply(made, x), want, TOLERANCE)
    case.fitted(made)
    require_same(case.subject.at("fitted twice"), case.apply(made, x), want, TOLERANCE)


def check_rows(case: TransformCase) -> None:
    """Row i of the result comes from row i alone, unless `keeps_rows` is False; a table keeps its index."""
    made, x = case.fitted(), case.raw()
    if not made.keeps_rows:
        return
    whole, order = case.apply(made, x), np.arange(len(x))[::-2]
    case.subject.require(len(whole) == len(x), f"{len(x)} rows become {len(whole)}")
    if is_table(x) and is_table(whole):
        case.subject.require(list(whole.index) == list(x.index), "a table's index is not kept")
    some = case.apply(made, take_rows(x, order))
    require_same(case.subject.at("some rows in another order"), some, take_rows(whole, order), TOLERANCE)


def check_repeatable(case: TransformCase) -> None:
    """The same data give the same result; with a stream, the same stream does; without one nothing is drawn."""
    made, x = case.fitted(), case.raw()
    require_same(case.subject.at("second time"), case.apply(made, x), case.apply(made, x), 0)
    if made.random:
        first, second = (case.apply(made, x, seed=3) for _ in range(2))
        require_same(case.subject.at("same stream twice"), second, first, 0)


def check_dtype(case: TransformCase) -> None:
    """Arrays of float32 stay float32."""
    x = case.raw()
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return
    made = case.make()
    with case.subject.at("float32").running():
        made.fit([x.astype(np.float32)])
    y = case.apply(made, x.astype(np.float32))
    asks = "dtype" in made.get_config()
    case.subject.require(asks or y.dtype.kind != "f" or y.dtype == np.float32, f"float32 becomes {y.dtype}")


def check_inverse(case: TransformCase) -> None:
    """Where transform can be undone, inverse gives the data back."""
    made, x = case.fitted(), case.raw()
    y = case.apply(made, x)
    try:
        back = made.inverse(y)
    except ArgumentError:
        return
    if isinstance(x, np.ndarray) and isinstance(back, np.ndarray) and back.size == x.size:
        back = back.reshape(x.shape)
    require_same(case.subject.at("inverse"), back, x, 1e-6)


def check_state(case: TransformCase) -> None:
    """What was learned survives JSON in a pipeline, and is in attributes that `get_state` gives."""
    x = case.raw()
    with case.subject.at("in a pipeline").running():
        pipeline = Pipeline([case.make()]).fit(x)
        want = pipeline.transform(x)
        again = Pipeline.from_json(pipeline.to_json()).transform(x)
    require_same(case.subject.at("from_json"), again, want, 0)


def check_config(case: TransformCase) -> None:
    """get_config survives JSON and makes a transform that does the same."""
    x = case.raw()
    want = case.apply(case.fitted(), x)

    def same(subject: Subject, twin: Transform) -> None:
        require_same(subject, case.apply(case.fitted(twin, subject), x, subject), want, 0)

    require_round_trip(case.subject, case.make(), same)


def require_same(subject: Subject, got: Any, want: Any, tolerance: float) -> None:
    """Fail unless two data are the same: tables (names, index, values), arrays of numbers or of texts."""
    if is_table(want) or is_table(got):
        subject.require(is_table(got) and is_table(want), f"a {type(got).__name__} instead of {type(want).__name__}")
        subject.require(
            list(got.columns) == list(want.columns), f"columns {list(got.columns)}, not {list(want.columns)}"
        )
        subject.require(list(got.index) == list(want.index), "the index differs")
        for place, name in enumerate(want.columns):
            near = subject.at(f"column {name!r}")
            require_same(near, np.asarray(got.iloc[:, place]), np.asarray(want.iloc[:, place]), tolerance)
        return
    a, b = np.asarray(got), np.asarray(want)
    subject.require(a.shape == b.shape, f"shape {a.shape} instead of {b.shape}")
    if a.dtype.kind in "biuf" and b.dtype.kind in "biuf":
        scale = np.abs(b[np.isfinite(b)]).max(initial=1.0)
        equal = np.isclose(a.astype(np.float64), b.astype(np.float64), rtol=0, atol=tolerance * scale, equal_nan=True)
    else:
        pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
        equal = np.array([one == other or (one != one and other != other) for one, other in pairs], dtype=bool)
        equal = equal.reshape(a.shape)
    if not equal.all():
        first = tuple(int(index[0]) for index in np.nonzero(~equal))
        subject.fail(
            f"{a[first]!r} instead of {b[first]!r} at {list(first)} ({int((~equal).sum())} of {a.size} differ)"
        )


CHECKS: dict[str, Callable[[TransformCase], None]] = {
    "untouched": check_untouched,
    "unfitted": check_unfitted,
    "chunks": check_chunks,
    "rows": check_rows,
    "repeatable": check_repeatable,
    "dtype": check_dtype,
    "inverse": check_inverse,
    "state": check_state,
    "config": check_config,
}
"""The checks of check_transform, by the names that `skip` takes."""


def check_transform(make: Callable[[], Transform], data: Data = usual_data, *, skip: Collection[str] = ()) -> None:
    """Fail unless the transforms that `make` gives keep the contract of transforms.

    `data(rng)`: raw data that they can be fitted on, about 40 rows: an array, a table, an array of texts; the same
    for the same stream. `skip`: names of checks to leave out (see CHECKS).

    Raises: AssertionError that names the class and what differs.

    In a test: `check_transform(lambda: MyTransform(3))`.
    """
    with Subject("the transform's maker").running():
        subject = Subject(type(make()).__name__)
    run_checks("transforms", CHECKS, TransformCase(make, data, subject), skip)
