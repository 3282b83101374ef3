"""Types: what a config value may be for an annotation, and how a person is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from kexp.config.components import Checker
from kexp.config.signature import Argument, arguments
from kexp.config.types import fits, item_annotation, kind_in, words
from kexp.core.component import ActivationSpec, LayerSpec, OfKind, ScheduleSpec


@pytest.mark.parametrize(
    "annotation, good, bad",
    [
        (int, [0, -3], [True, "8", 8.0, None, [8]]),
        (float, [0.5, 3, float("inf")], [True, "0.5", None]),
        (bool, [True], [0, "true", None]),
        (str, [""], [3, True, None]),
        (int | None, [None, 3], ["3", 3.0]),
        (tuple[int, int], [[1, 2]], [[1], [1, 2, 3], 3]),
        (int | tuple[int, int], [3, [3, 3]], ["3", [3]]),
        (Sequence[int | None], [[1, None]], [["a"], 3]),
        (list[str], [["a"]], ["a", [1]]),
        (Mapping[int, float], [{0: 1.0}, {"0": 1}], [{"a": 1.0}, [1]]),
        (Literal["valid", "same"], ["same"], ["SAME", 3]),
        (int | np.random.Generator | None, [3, None], ["x"]),
        (str | os.PathLike[str], ["file"], [3]),
        (float | Callable[[int], float], [0.5], ["fast"]),
        (np.ndarray, [[1, 2]], []),
        (Any, [3, None, {}], []),
    ],
)
def test_a_value_fits_strictly(annotation: Any, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if not fits(annotation, value)] == []
    assert [value for value in bad if fits(annotation, value)] == []


@pytest.mark.parametrize(
    "annotation, text",
    [
        (int, "int"),
        (int | None, "int or null"),
        (None | str, "a text or null"),
        (tuple[int, int], "a list of 2 ints"),
        (tuple[int, ...], "a list of ints"),
        (int | tuple[int, int], "int or a list of 2 ints"),
        (Sequence[int | None] | None, "a list of ints and nulls or null"),
        (Mapping[int, float], "a map from int to float"),
        (Literal["a", 1], "one of 'a', 1"),
        (str | os.PathLike[str] | None, "a text or null"),
        (Path, "a path"),
        (int | np.random.Generator | None, "int or null"),
        (ActivationSpec, "an activation (its name, or a map with `type`)"),
        (ScheduleSpec, "float or a schedule (its name, or a map with `type`)"),
        (list[LayerSpec], "a list of a layer (its name, or a map with `type`)"),
    ],
)
def test_an_annotation_is_told_in_words(annotation: Any, text: str) -> None:
    assert words(annotation) == text


def test_a_marked_annotation_is_found_in_unions_and_lists() -> None:
    assert kind_in(ActivationSpec | None) == "activation"
    assert kind_in(list[LayerSpec]) is None
    assert kind_in(item_annotation(list[LayerSpec] | None)) == "layer"
    assert kind_in(item_annotation(dict[str, LayerSpec])) == "layer"


def test_components_inside_lists_are_checked_by_their_position() -> None:
    check = Checker()
    check.typed(list[LayerSpec], [{"type": "dense", "units": 1}, {"type": "dens"}], ("cells",))
    assert [problem.key for problem in check.problems] == ["cells[1].type"]


def test_arguments_come_with_the_base_classes_and_survive_annotations_that_fail() -> None:
    class Base:
        def __init__(self, *, name: str | None = None, ghost: Nowhere = 3) -> None:  # type: ignore[name-defined]  # noqa: F821
            pass

    class Child(Base):
        def __init__(self, size: int, **kwargs: Any) -> None:
            pass

    found = arguments(Child)
    assert list(found) == ["size", "name", "ghost"]
    assert found["size"].annotation is int and found["size"].required
    assert found["ghost"] == Argument("ghost", 3, Any)
    assert found["name"].annotation == str | None


def test_the_default_is_always_accepted_whatever_the_annotation_says() -> None:
    check = Checker()
    check.value(Argument("size", None, int), None, ("size",))
    check.value(Argument("shape", (1, 2), Annotated[Any, OfKind("layer")]), [1, 2], ("shape",))
    assert check.problems == []
