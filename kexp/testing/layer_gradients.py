"""Checks of a layer's pullback: its form, its numbers, its dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.layer import Layer
from kexp.testing.arrays import Host, assembled, is_float
from kexp.testing.gradient import Along, compare
from kexp.testing.layer_case import Batch, LayerCase, Run, learning, named, outputs
from kexp.testing.report import Subject


def check_form(case: LayerCase) -> None:
    """The pullback gives one cotangent per input and the gradients of exactly the weights that learn."""
    layer = case.layer()
    for training, subject in case.modes():
        batch = case.batch()
        run = case.run(layer, batch, training, subject)
        if any(map(is_float, run.parts)):
            _require_form(subject, layer, batch, run, case.cotangents(run.parts))
        _require_updates(subject, layer, run, training)


def _require_form(subject: Subject, layer: Layer, batch: Batch, run: Run, cotangents: list[Host]) -> None:
    with subject.running():
        result = run.pullback(assembled(run.output, cotangents))
    form = isinstance(result, tuple) and len(result) == 2
    form = form and isinstance(result[0], tuple | list) and isinstance(result[1], dict)
    subject.require(form, "the pullback must return (one cotangent per input, {weight name: gradient})")
    dx, gradients = result
    subject.require(
        len(dx) == len(batch.inputs), f"the pullback gives {len(dx)} cotangents for {len(batch.inputs)} inputs"
    )
    for place, (x, d) in enumerate(zip(batch.inputs, dx, strict=True)):
        if is_float(x) or d is not None:
            _require_shape(subject.at(f"input {place}"), "cotangent", d, x.shape)
    names = [weight.key for weight in learning(layer)]
    given = sorted(gradients)
    subject.require(given == sorted(names), f"the pullback gives gradients of {given}, learning are {sorted(names)}")
    for weight in learning(layer):
        _require_shape(subject.at(f"weight {weight.key!r}"), "gradient", gradients[weight.key], weight.shape)


def _require_shape(subject: Subject, what: str, got: Any, shape: tuple[int, ...]) -> None:
    subject.require(got is not None, f"the {what} is None")
    subject.require(
        tuple(got.shape) == tuple(shape), f"the {what} has the shape {tuple(got.shape)}, not {tuple(shape)}"
    )


def _require_updates(subject: Subject, layer: Layer, run: Run, training: bool) -> None:
    known = {weight.key: weight for weight in layer.weights if not weight.learns}
    for name, value in run.ctx.updates.items():
        subject.require(training, f"ctx.updates[{name!r}] is set outside of training")
        subject.require(name in known, f"ctx.updates[{name!r}] names no weight that is kept from learning")
        _require_shape(subject.at(f"weight {name!r}"), "update", value, known[name].shape)


def check_gradients(case: LayerCase) -> None:
    """The gradient of every input and every weight is that of finite differences, in float64."""
    if not case.differentiable():
        return
    layer = case.layer()
    for training, subject in case.modes():
        for place, x in enumerate(case.batch().inputs):
            if is_float(x):
                _compare(case, layer, training, subject.at(f"input {place}"), place)
        for weight in learning(layer):
            _compare(case, layer, training, subject.at(f"weight {weight.key!r}"), weight.key)


def _compare(case: LayerCase, layer: Layer, training: bool, subject: Subject, about: int | str) -> None:
    """Compare the derivative by input number `about`, or by the weight of that name."""

    def draw(attempt: int) -> tuple[float, Along]:
        batch = case.batch(attempt)
        run = case.run(layer, batch, training, subject)
        cotangents = case.cotangents(run.parts, attempt)
        dx, gradients = run.back(cotangents)
        given: Any = dx[about] if isinstance(about, int) else gradients[about]
        point = batch.inputs[about] if isinstance(about, int) else {w.key: w.value for w in layer.weights}[about]
        direction = case.stream(5, attempt).standard_normal(np.shape(point))

        def along(t: float) -> float:
            if isinstance(about, int):
                inputs = [x + t * direction if place == about else x for place, x in enumerate(batch.inputs)]
                return _value(case.run(layer, Batch(inputs, batch.masks), training, subject), cotangents)
            before = point.copy()
            try:
                point[...] = before + t * direction
                return _value(case.run(layer, batch, training, subject), cotangents)
            finally:
                point[...] = before

        return float(np.sum(given * direction)), along

    compare(subject, draw, case.rtol)


def _value(run: Run, cotangents: list[Host]) -> float:
    outputs = sum(float(np.sum(y * dy)) for y, dy in zip(run.parts, cotangents, strict=True) if is_float(y))
    return outputs + sum(float(np.sum(loss)) for loss in run.ctx.losses)


def check_dtypes(case: LayerCase) -> None:
    """float32 stays float32 and float64 float64: weights, outputs, updates, cotangents, gradients."""
    for dtype in ("float32", "float64"):
        layer, batch = case.layer(dtype), case.batch(dtype=dtype)
        for training, subject in case.modes():
            run = case.run(layer, batch, training, subject)
            found = [(f"weight {weight.key!r}", weight.value) for weight in layer.weights]
            found += outputs(run)
            found += [(f"update of {name!r}", value) for name, value in run.ctx.updates.items()]
            if any(map(is_float, run.parts)):
                found += named(*run.back(case.cotangents(run.parts)))
            for name, array in found:
                if is_float(array) and array.dtype != np.dtype(dtype):
                    subject.fail(f"{name} is {array.dtype}, inputs and layer are {dtype}")
