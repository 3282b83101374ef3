"""Checks that a layer gives the same in every context: the engine's, inference, the device."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.testing.arrays import host, is_float, require_close
from kexp.testing.device import FakeDevice, FakeDeviceArray
from kexp.testing.layer_case import LayerCase, Run, learning, named, outputs
from kexp.testing.layer_purity import require_same
from kexp.testing.report import Subject


class StaleContext(Context):
    """A context that reuses work arrays, whose content is rubbish at first, as it is in the engine."""

    def __init__(self, training: bool = False, **options: Any) -> None:
        super().__init__(training, reuse=True, **options)

    def work(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array | None:
        known = self._work.get(name)
        array = super().work(name, shape, dtype)
        if array is not known and array is not None:
            array.fill(np.nan if is_float(array) else 1)
        return array


def check_reuse(case: LayerCase) -> None:
    """In the engine's contexts, which reuse arrays and take gradients in place, the results are the same."""
    layer = case.layer()
    for training, subject in case.modes():
        subject = subject.at("reused work arrays")
        want, wanted_back = _fresh(case, layer, training, subject)
        outs = {weight.key: np.full_like(weight.value, np.nan) for weight in learning(layer)}
        ctx = case.context(training, case.batch(), StaleContext, outs=outs)
        for draw in (1, 0):  # the first round leaves its traces in the arrays
            batch = case.batch(draw)
            ctx.stream, ctx.updates, ctx.losses = case.stream(2), {}, []
            ctx.masks = case.context(training, batch).masks
            run = case.forward(layer, batch, ctx, subject)
            got = [(name, host(y)) for name, y in outputs(run)]
            if any(map(is_float, run.parts)):
                dx, gradients = run.back(case.cotangents(run.parts))
                _require_outs(subject, gradients, outs)
        require_same(subject, got, want, 1e-9)
        require_same(subject.at("after the pullback"), outputs(run), want, 1e-9)
        if wanted_back:
            require_same(subject, named(dx, gradients), wanted_back, 1e-9)


def _fresh(case: LayerCase, layer: Layer, training: bool, subject: Subject) -> tuple[Any, Any]:
    run = case.run(layer, case.batch(), training, subject)
    want = [(name, host(y)) for name, y in outputs(run)]
    back = named(*run.back(case.cotangents(run.parts))) if any(map(is_float, run.parts)) else []
    return want, [(name, host(array)) for name, array in back]


def _require_outs(subject: Subject, gradients: dict[str, Array], outs: dict[str, Array]) -> None:
    for name, out in outs.items():
        written = not np.isnan(host(out)).all()
        if written and out.size and gradients[name] is not out:
            subject.fail(f"the gradient of {name!r} was written into ctx.out({name!r}), but another array is returned")


def check_wants_dx(case: LayerCase) -> None:
    """Where the inputs' cotangents are not wanted, the weights' gradients are the same."""
    if not case.differentiable():
        return
    layer = case.layer()
    for training, subject in case.modes():
        run = case.run(layer, case.batch(), training, subject)
        want = named([], run.back(case.cotangents(run.parts))[1])
        subject = subject.at("wants_dx=False")
        run = case.run(layer, case.batch(), training, subject, wants_dx=False)
        dx, gradients = run.back(case.cotangents(run.parts))
        count = len(case.shapes)
        subject.require(len(dx) == count, f"the pullback gives {len(dx)} cotangents for {count} inputs")
        require_same(subject, named([], gradients), want, 1e-9)


def check_without_pullback(case: LayerCase) -> None:
    """Where no pullback is wanted, the output is the same; so is it in a reusing context."""
    layer = case.layer()
    for training, subject in case.modes():
        want = outputs(case.run(layer, case.batch(), training, subject))
        subject = subject.at("wants_pullback=False")
        run = case.run(layer, case.batch(), training, subject, wants_pullback=False)
        require_same(subject, outputs(run), want, 1e-9)
        run = case.run(layer, case.batch(), training, subject, wants_pullback=False, make=StaleContext)
        require_same(subject.at("reused work arrays"), outputs(run), want, 1e-9)


def check_skip_activation(case: LayerCase) -> None:
    """Without its last activation the layer gives what goes into it, with the pullback of that."""
    layer = case.layer()
    activation = layer.output_activation
    if activation is None:
        return
    for training, subject in case.modes():
        subject = subject.at("skip_activation=True")
        whole = case.run(layer, case.batch(), training, subject)
        bare = case.run(layer, case.batch(), training, subject, skip_activation=True)
        y, pull = activation.forward(bare.output, ctx=Context(training))
        require_close(subject.at("activation of the output"), y, whole.output, 1e-9)
        dy = case.cotangents(whole.parts)[0]
        want = named(*whole.back([dy]))
        require_same(subject, named(*bare.back([pull(dy)])), want, 1e-9)


def check_device(case: LayerCase) -> None:
    """On a device that refuses host arrays the layer runs, gives device arrays, and the same numbers."""
    device, layer = FakeDevice(), case.layer()
    with case.subject.at("on the device").running():
        there = case.layer(backend=device)
    for training, subject in case.modes():
        want, wanted_back = _fresh(case, layer, training, subject)
        subject = subject.at("on the device")
        for make in (Context, StaleContext):
            outs = {weight.key: device.xp.empty(weight.shape, dtype=weight.dtype) for weight in learning(there)}
            run = case.run(there, case.batch().on(device), training, subject, make=make, backend=device, outs=outs)
            got = outputs(run) + [(f"update of {name!r}", value) for name, value in run.ctx.updates.items()]
            got += [("a loss", loss) for loss in run.ctx.losses]
            _require_device(subject, got)
            require_same(subject, outputs(run), want, 1e-9)
            if wanted_back:
                _device_pullback(case, subject, run, wanted_back)


def _device_pullback(case: LayerCase, subject: Subject, run: Run, want: list[tuple[str, Array]]) -> None:
    cotangents = [FakeDeviceArray(dy) for dy in case.cotangents(run.parts)]
    got = named(*run.back(cotangents))
    _require_device(subject, got)
    require_same(subject, got, want, 1e-9)


def _require_device(subject: Subject, arrays: list[tuple[str, Array]]) -> None:
    for name, array in arrays:
        subject.require(isinstance(array, FakeDeviceArray), f"{name} is a {type(array).__name__}, not a device array")


def check_output_shape(case: LayerCase) -> None:
    """compute_output_shape gives the shape that comes out, for a known and an unknown number of rows."""
    layer, batch = case.layer(), case.batch()
    real = [tuple(y.shape) for y in case.run(layer, batch, case.training[0], case.subject).parts]
    for rows in (None, len(batch.inputs[0])):
        shapes = [(rows, *shape[1:]) for shape in case.shapes]
        asked = shapes if len(shapes) > 1 else shapes[0]
        subject = case.subject.at(f"input shape {asked}")
        with subject.running():
            answer = layer.compute_output_shape(asked)
        single = all(size is None or isinstance(size, int | np.integer) for size in answer)
        got = [tuple(answer)] if single else [tuple(shape) for shape in answer]
        want = [(rows, *shape[1:]) for shape in real]
        subject.require(got == want, f"compute_output_shape gives {_said(got)}, the output has {_said(want)}")


def _said(shapes: list[Any]) -> str:
    return str(shapes[0] if len(shapes) == 1 else shapes)
