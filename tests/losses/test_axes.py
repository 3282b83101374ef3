"""Losses whose classes stand along another axis than the last."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.activations import get as activation
from kexp.errors import DataError
from kexp.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    SparseCategoricalCrossentropy,
)

MAKERS = [BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy]


def given() -> tuple[Any, Any]:
    p = np.random.default_rng(1).uniform(0.1, 0.9, (2, 3, 4))
    return np.moveaxis(np.eye(4)[np.random.default_rng(2).integers(0, 4, (2, 3))], -1, -1), p


@pytest.mark.parametrize("axis", [1, -2])
@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("maker", MAKERS)
def test_another_axis_gives_what_the_last_one_gives_of_turned_arrays(maker: Any, from_logits: bool, axis: int) -> None:
    y, p = given()
    loss, turned = maker(from_logits=from_logits), maker(from_logits=from_logits, axis=axis)
    y2, p2 = np.swapaxes(y, 1, 2), np.swapaxes(p, 1, 2)
    np.testing.assert_allclose(turned.values(y2, p2), loss.values(y, p))
    np.testing.assert_allclose(turned.gradient(y2, p2), np.swapaxes(loss.gradient(y, p), 1, 2))


@pytest.mark.parametrize("from_logits", [True, False])
def test_class_numbers_name_places_along_the_axis(from_logits: bool) -> None:
    y, p = given()
    loss = SparseCategoricalCrossentropy(from_logits, axis=1)
    labels, p2 = y.argmax(-1), np.swapaxes(p, 1, 2)
    last = SparseCategoricalCrossentropy(from_logits)
    assert loss.prepare(labels, (None, 4, 3)).shape == (2, 3)
    np.testing.assert_allclose(loss.values(labels, p2), last.values(labels, p))
    np.testing.assert_allclose(loss.gradient(labels, p2), np.swapaxes(last.gradient(labels, p), 1, 2))


def test_a_softmax_over_the_same_axis_is_fused() -> None:
    y, z = given()
    softmax = activation({"type": "softmax", "axis": 1})
    loss = CategoricalCrossentropy(axis=1)
    fused = loss.fused(softmax)
    assert fused is not None
    p = softmax(z)
    y = np.swapaxes(np.eye(3)[p.argmin(1)], 1, 2)
    np.testing.assert_allclose(fused.values(y, z), loss.values(y, p))
    eps = 1e-6
    d = np.random.default_rng(3).standard_normal(z.shape)
    slope = (fused.values(y, z + eps * d).sum() - fused.values(y, z - eps * d).sum()) / (2 * eps)
    np.testing.assert_allclose((fused.gradient(y, z, p.copy()) * d).sum(), slope, rtol=1e-6)


def test_an_axis_that_the_output_lacks_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        CategoricalCrossentropy(axis=2).prepare(np.eye(3), (None, 3))
    assert str(caught.value) == (
        "categorical_crossentropy: axis 2 is no axis of the rows of the model's output (n, 3)."
    )
