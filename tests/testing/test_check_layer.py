"""check_layer passes good layers, and each of its checks fails on a layer that is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp import plugins
from kexp.core.activation import get_activation
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, UnknownNameError
from kexp.hookspecs import hookimpl
from kexp.testing import check_layer
from kexp.testing.layer import CHECKS


class Scale(Layer):
    """A good layer: y = activation(x * factor), and a count of the batches seen."""

    def __init__(self, activation: Any = None, gain: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = self.output_activation = get_activation(activation)
        self.gain = gain

    def build(self, input_shape):
        self.add_weight("factor", (input_shape[-1],), "zeros")
        self.add_weight("seen", (1,), "zeros", trainable=False)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def forward(self, x, *, ctx):
        if ctx.training:
            ctx.updates["seen"] = self.seen + 1
        z = np.multiply(x, self.factor, out=ctx.work("z", x.shape, x.dtype))
        z = np.multiply(z, self.gain, out=z)
        y, activation_pullback = ctx.activate(self.activation, z)
        return y, lambda dy: self.back(x, activation_pullback(dy) * self.gain, ctx)

    def back(self, x, dz, ctx):
        axes = tuple(range(dz.ndim - 1))
        gradients = {"factor": np.add.reduce(dz * x, axis=axes, out=ctx.out("factor"))}
        return (np.multiply(dz, self.factor, out=ctx.work("dx", x.shape, x.dtype)),), gradients


class ByAutodiff(Layer):
    """A good layer without a gradient of its own."""

    def build(self, input_shape):
        self.add_weight("factor", (input_shape[-1],), "zeros")
        self.add_weight("offset", (1,), "zeros", trainable=False)

    def call(self, x):
        return x * self.factor + self.offset


class Sum(Layer):
    """A good layer of two inputs and two outputs."""

    def compute_output_shape(self, input_shape):
        return list(input_shape)

    def forward(self, a, b, *, ctx):
        return [a + b, a * b], lambda dy: ((dy[0] + dy[1] * b, dy[0] + dy[1] * a), {})


class Lookup(Layer):
    """A good layer of whole numbers: rows of a table."""

    def build(self, input_shape):
        self.add_weight("table", (7, 3), "zeros")

    def compute_output_shape(self, input_shape):
        return (*input_shape, 3)

    def forward(self, i, *, ctx):
        def pullback(dy):
            gradient = np.zeros_like(self.table)
            np.add.at(gradient, i, dy)
            return (None,), {"table": gradient}

        return self.table[i], pullback


class MaskedMean(Layer):
    """A good layer with a mask: the mean over the steps that count."""

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])

    def forward(self, x, *, ctx):
        mask = np.ones_like(x[..., 0]) if ctx.masks is None else ctx.masks[0].astype(x.dtype)
        share = (mask / mask.sum(1, keepdims=True))[..., None]
        return (x * share).sum(1), lambda dy: ((dy[:, None] * share,), {})


class Drop(Layer):
    """A good random layer."""

    def forward(self, x, *, ctx):
        if not ctx.training:
            return x, lambda dy: ((dy,), {})
        keep = ctx.backend.asarray(ctx.stream.random(x.shape) < 0.5).astype(x.dtype)
        return x * keep, lambda dy: ((dy * keep,), {})


def steps_that_count(rng):
    mask = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    return [(rng.standard_normal((4, 3, 2)), mask)]


@pytest.mark.parametrize(
    ("make", "shape", "options"),
    [
        (Scale, (4, 5), {}),
        (lambda: Scale("sigmoid"), (4, 5), {}),
        (lambda: Scale("relu", gain=2.0), (3, 2, 5), {}),
        (ByAutodiff, (4, 5), {}),
        (Sum, [(4, 5), (4, 5)], {}),
        (Lookup, (4, 2), {"inputs": lambda rng: rng.integers(0, 7, (4, 2))}),
        (MaskedMean, (4, 3, 2), {"inputs": steps_that_count}),
        (MaskedMean, (4, 3, 2), {}),
        (Drop, (4, 5), {}),
    ],
)  # fmt: skip
def test_good_layers_pass(make, shape, options):
    check_layer(make, shape, **options)


# --- layers that are broken in one way each ---------------------------------------------------------------------


class BuildFails(Scale):
    def build(self, input_shape):
        self.add_weight("factor", (input_shape[5],))


class ForwardFails(Scale):
    def forward(self, x, *, ctx):
        raise FloatingPointError("no")


class NoPullback(Scale):
    def forward(self, x, *, ctx):
        return super().forward(x, ctx=ctx)[0]


class Backward(Scale):
    """Base of layers whose pullback is broken; `spoil` changes its results."""

    def back(self, x, dz, ctx):
        (dx,), gradients = super().back(x, dz, ctx)
        return self.spoil(dx, gradients, x, ctx)


class PullbackFails(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx / gradients["facto"],), gradients


class OnlyCotangents(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return [dx]


class TooManyCotangents(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx, dx), gradients


class NoCotangent(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (None,), gradients


class FlatCotangent(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx.reshape(-1),), gradients


class MissingGradient(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx,), {}


class GradientOfACount(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx,), gradients | {"seen": self.seen}


class RowGradient(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx,), {"factor": gradients["factor"][None]}


class Updates(Scale):
    """Base of layers with a wrong update."""

    def forward(self, x, *, ctx):
        result = super().forward(x, ctx=ctx)
        self.update(ctx)
        return result


class UpdatesInInference(Updates):
    def update(self, ctx):
        ctx.updates["seen"] = self.seen + 1


class UpdatesAWeightThatLearns(Updates):
    def update(self, ctx):
        if ctx.training:
            ctx.updates["factor"] = self.factor


class UpdatesAnotherShape(Updates):
    def update(self, ctx):
        if ctx.training:
            ctx.updates["seen"] = self.seen[None]


class WrongInputGradient(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx * 2,), gradients


class WrongWeightGradient(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx,), {"factor": gradients["factor"] / len(x)}


class WrongInTraining(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (-dx if ctx.training else dx,), gradients


class ForgetsItsLoss(Scale):
    def forward(self, x, *, ctx):
        ctx.losses.append((x * x).sum())
        return super().forward(x, ctx=ctx)


class Jagged(Layer):
    def forward(self, x, *, ctx):
        return np.sin(x * 1e7), lambda dy: ((dy * np.cos(x * 1e7) * 1e7,), {})


class ChangesItsInput(Scale):
    def forward(self, x, *, ctx):
        result = super().forward(x.copy(), ctx=ctx)
        x *= 2
        return result


class ChangesItsWeight(Scale):
    def forward(self, x, *, ctx):
        factor = self.factor.copy()
        result = super().forward(x, ctx=ctx)
        self.factor *= 2

        def pullback(dy):
            self.factor[...] = factor
            return result[1](dy)

        return result[0], pullback


class ChangesDy(Backward):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)

        def pullback(dy):
            results = pull(dy.copy())
            dy *= 2
            return results

        return y, pullback

    def spoil(self, dx, gradients, x, ctx):
        return (dx,), gradients


class PullbackChangesTheInput(Backward):
    def spoil(self, dx, gradients, x, ctx):
        dx, gradients = dx.copy(), dict(gradients)
        x *= 1.5
        return (dx,), gradients


class PullbackChangesTheOutput(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)

        def pullback(dy):
            results = pull(dy)
            y.fill(0)
            return results

        return y, pullback


class ChangesItsMask(MaskedMean):
    def forward(self, x, *, ctx):
        result = super().forward(x, ctx=ctx)
        if ctx.masks is not None:
            ctx.masks[0][0] = True
        return result


class GlobalRandomness(Layer):
    def forward(self, x, *, ctx):
        noise = ctx.backend.asarray(np.random.standard_normal(x.shape).astype(x.dtype))
        return x + noise, lambda dy: ((dy,), {})


class CountsItsCalls(Layer):
    calls = 0

    def forward(self, x, *, ctx):
        self.calls += 1
        shift = self.calls
        return x + shift, lambda dy: ((dy,), {})


class CountsItsLayers(Layer):
    made = 0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        type(self).made += 1
        self.shift = self.made

    def forward(self, x, *, ctx):
        return x + self.shift, lambda dy: ((dy,), {})


class DoubleOutput(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return y.astype("float64"), lambda dy: pull(dy.astype(x.dtype))


class DoubleCotangent(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return (dx.astype("float64"),), gradients


class DoubleGradient(Scale):
    def back(self, x, dz, ctx):
        (dx,), gradients = super().back(x, dz, ctx)
        return (dx,), {"factor": gradients["factor"].astype("float64")}


class DoubleWeight(Layer):
    def build(self, input_shape):
        self.add_weight("seen", (1,), "zeros", dtype="float64", trainable=False)

    def forward(self, x, *, ctx):
        return x * 1.0, lambda dy: ((dy,), {})


class DoubleUpdate(Updates):
    def update(self, ctx):
        if ctx.training:
            ctx.updates["seen"] = self.seen.astype("float64")


class SinglePrecisionOutput(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return y.astype("float32"), lambda dy: pull(dy.astype(x.dtype))


class KeepsOneBuffer(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        kept = np.empty_like(x)

        def pullback(dy):
            (dx,), gradients = pull(dy)
            kept[...] = dx
            return (kept,), gradients

        return y, pullback


class AddsUp(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        total = np.zeros_like(self.factor)

        def pullback(dy):
            nonlocal total
            (dx,), gradients = pull(dy)
            total = total + gradients["factor"]
            return (dx,), {"factor": total}

        return y, pullback


class KeepsItsInput(Scale):
    def forward(self, x, *, ctx):
        self.x = x
        return super().forward(x, ctx=ctx)

    def back(self, x, dz, ctx):
        return super().back(self.x, dz, ctx)


class CentersTheBatch(Layer):
    def forward(self, x, *, ctx):
        return x - x.mean(0), lambda dy: ((dy - dy.mean(0),), {})


class Squeezes(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return (y[0] if len(x) == 1 else y), pull


class DividesByN1(Layer):
    def forward(self, x, *, ctx):
        if not ctx.training:
            return x * 1.0, lambda dy: ((dy,), {})
        n = np.float64(len(x))
        with np.errstate(all="ignore"):
            scale = float(n / (n - 1))
        return x * scale, lambda dy: ((dy * scale,), {})


class WorkWithoutZeroing(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        work = ctx.work("sum", y.shape, y.dtype)
        if work is None:
            return y, pull
        work += y
        return work, pull


class OneWorkArrayForTwo(Scale):
    def back(self, x, dz, ctx):
        dx = np.multiply(dz, self.factor, out=ctx.work("z", x.shape, x.dtype))
        return (dx,), {"factor": np.add.reduce(dz * x, axis=tuple(range(dz.ndim - 1)), out=ctx.out("factor"))}


class WritesOutAndReturnsACopy(Scale):
    def back(self, x, dz, ctx):
        (dx,), gradients = super().back(x, dz, ctx)
        return (dx,), {"factor": gradients["factor"].copy()}


class AddsToOut(Scale):
    def back(self, x, dz, ctx):
        (dx,), _ = super().back(x, dz, ctx)
        gradient, out = (dz * x).sum(tuple(range(dz.ndim - 1))), ctx.out("factor")
        if out is not None:
            out += gradient
            gradient = out
        return (dx,), {"factor": gradient}


class NoGradientsWithoutDx(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return ((dx,), gradients) if ctx.wants_dx else ((None,), {"factor": gradients["factor"] * 0})


class NothingWithoutDx(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return ((dx,), gradients) if ctx.wants_dx else ((), gradients)


class OtherwiseInInference(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return (y if ctx.wants_pullback else y * 2), pull


class AnotherShapeInInference(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return (y if ctx.wants_pullback else y[:, :1]), pull


class StaleInInference(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        if not ctx.wants_pullback and ctx.reuse:
            y = y + ctx.work("more", y.shape, y.dtype)
        return y, pull


class NamesOtherGradients(Backward):
    def spoil(self, dx, gradients, x, ctx):
        return ((dx,), gradients) if ctx.wants_dx else ((dx,), {})


class KeepsItsActivation(Scale):
    def forward(self, x, *, ctx):
        skip, ctx.skip_activation = ctx.skip_activation, False
        result = super().forward(x, ctx=ctx)
        ctx.skip_activation = skip
        return result


class SkipsOnlyForward(Scale):
    def forward(self, x, *, ctx):
        if not ctx.skip_activation:
            return super().forward(x, ctx=ctx)
        z, pull = super().forward(x, ctx=ctx)
        return z, lambda dz: pull(self.activation.forward(z, ctx=ctx)[1](dz))


class WrongShape(Scale):
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)


class ShapeOfKnownRows(Scale):
    def compute_output_shape(self, input_shape):
        return (4, *input_shape[1:])


class ShapeFails(Scale):
    def compute_output_shape(self, input_shape):
        return (input_shape[0] * 1, *input_shape[1:])


class ForgetsItsGain(Scale):
    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key != "gain"}


class ConfigWithATuple(Scale):
    def get_config(self):
        return super().get_config() | {"gain": (1, 2)}


class ConfigWithAnObject(Scale):
    def get_config(self):
        return super().get_config() | {"gain": object()}


class ConfigOfANumber(Scale):
    def get_config(self):
        return super().get_config() | {"gain": 3.0}


class AnotherGain(Scale):
    @classmethod
    def from_config(cls, config):
        made = cls(**config)
        made.gain += 1.0
        return made


class MakesAnother(Scale):
    @classmethod
    def from_config(cls, config):
        return Scale(**config)


class DoublesItsConfig(Scale):
    def __init__(self, activation=None, gain=1.0, **kwargs):
        super().__init__(activation, gain, **kwargs)
        self.config_gain = gain

    @classmethod
    def from_config(cls, config):
        made = cls(**config)
        made.config_gain *= 2
        return made

    def get_config(self):
        return super().get_config() | {"gain": self.config_gain}


class CannotBePickled(Scale):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.function = lambda x: x


class CopiesAnotherGain(Scale):
    def __deepcopy__(self, memo):
        return type(self)(gain=self.gain + 1)


class MakesHostArrays(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return y + np.zeros(x.shape, x.dtype), pull


class ConvertsToHost(Scale):
    def forward(self, x, *, ctx):
        return super().forward(np.asarray(x), ctx=ctx)


class GradientOnTheHost(Scale):
    def back(self, x, dz, ctx):
        (dx,), gradients = super().back(x, dz, ctx)
        return (dx,), {name: g.get() if hasattr(g, "get") else g for name, g in gradients.items()}


class UpdateOnTheHost(Updates):
    def update(self, ctx):
        if ctx.training:
            ctx.updates["seen"] = np.zeros(1, self.seen.dtype)


class OtherwiseOnTheDevice(Scale):
    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return (y if isinstance(x, np.ndarray) else y * 2), pull


class OtherGradientOnTheDevice(Scale):
    def back(self, x, dz, ctx):
        return super().back(x, dz if isinstance(x, np.ndarray) else dz * 2, ctx)


class NotOnCupy(Scale):
    def forward(self, x, *, ctx):
        np.maximum.reduce(x)
        return super().forward(x, ctx=ctx)


sigmoid = {"activation": "sigmoid"}
masked = {"inputs": steps_that_count, "shape": (4, 3, 2)}

BROKEN: list[tuple[type[Layer], dict[str, Any], str, str]] = [
    (BuildFails, {}, "form", ", build: IndexError: tuple index out of range"),
    (ForwardFails, {}, "form", ", training=False: FloatingPointError: no"),
    (PullbackFails, {}, "form", ", training=False: KeyError: 'facto'"),
    (NoPullback, {}, "form", ", training=False: forward must return (output, pullback)"),
    (
        OnlyCotangents,
        {},
        "form",
        ", training=False: the pullback must return (one cotangent per input, {weight name: gradient})",
    ),
    (TooManyCotangents, {}, "form", ", training=False: the pullback gives 2 cotangents for 1 inputs"),
    (NoCotangent, {}, "form", ", training=False, input 0: the cotangent is None"),
    (FlatCotangent, {}, "form", ", training=False, input 0: the cotangent has the shape (20,), not (4, 5)"),
    (MissingGradient, {}, "form", ", training=False: the pullback gives gradients of [], learning are ['factor']"),
    (
        GradientOfACount,
        {},
        "form",
        ", training=False: the pullback gives gradients of ['factor', 'seen'], learning are ['factor']",
    ),
    (RowGradient, {}, "form", ", training=False, weight 'factor': the gradient has the shape (1, 5), not (5,)"),
    (UpdatesInInference, {}, "form", ", training=False: ctx.updates['seen'] is set outside of training"),
    (
        UpdatesAWeightThatLearns,
        {},
        "form",
        ", training=True: ctx.updates['factor'] names no weight that is kept from learning",
    ),
    (UpdatesAnotherShape, {}, "form", ", training=True, weight 'seen': the update has the shape (1, 1), not (1,)"),
    (WrongInputGradient, {}, "gradients", ", training=False, input 0: pullback gives #, finite differences #"),
    (WrongWeightGradient, {}, "gradients", ", training=False, weight 'factor': pullback gives #, finite differences #"),
    (WrongInTraining, {}, "gradients", ", training=True, input 0: pullback gives #, finite differences #"),
    (ForgetsItsLoss, {}, "gradients", ", training=False, input 0: pullback gives #, finite differences #"),
    (
        Jagged,
        {},
        "gradients",
        ", training=False, input 0: finite differences do not settle at 6 random points (# with a step of #, # with #); the function is not smooth there",
    ),
    (ChangesItsInput, {}, "untouched", ", training=False: input 0 is changed by forward"),
    (ChangesItsWeight, {}, "untouched", ", training=False: weight 'factor' is changed by forward"),
    (ChangesDy, {}, "untouched", ", training=False: dy is changed by the pullback"),
    (PullbackChangesTheInput, {}, "untouched", ", training=False: input 0 is changed by the pullback"),
    (PullbackChangesTheOutput, {}, "untouched", ", training=False: the output is changed by the pullback"),
    (ChangesItsMask, masked, "untouched", ", training=False: mask 0 is changed by forward"),
    (
        GlobalRandomness,
        {},
        "determinism",
        ", training=False, same stream twice, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        CountsItsCalls,
        {},
        "determinism",
        ", training=False, same stream twice, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        CountsItsLayers,
        {},
        "determinism",
        ", training=False, second layer, same stream, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (DoubleOutput, {}, "dtypes", ", training=False: output is float64, inputs and layer are float32"),
    (DoubleCotangent, {}, "dtypes", ", training=False: cotangent of input 0 is float64, inputs and layer are float32"),
    (DoubleGradient, {}, "dtypes", ", training=False: gradient of 'factor' is float64, inputs and layer are float32"),
    (DoubleWeight, {}, "dtypes", ", training=False: weight 'seen' is float64, inputs and layer are float32"),
    (DoubleUpdate, {}, "dtypes", ", training=True: update of 'seen' is float64, inputs and layer are float32"),
    (SinglePrecisionOutput, {}, "dtypes", ", training=False: output is float32, inputs and layer are float64"),
    (
        KeepsOneBuffer,
        {},
        "pure pullback",
        ", training=False, first result after a second pullback, cotangent of input 0: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        AddsUp,
        {},
        "pure pullback",
        ", training=False, same pullback twice, gradient of 'factor': # instead of # at [0] (5 of 5 differ)",
    ),
    (
        KeepsItsInput,
        {},
        "two nodes",
        ", training=False, one layer at two nodes, gradient of 'factor': # instead of # at [0] (5 of 5 differ)",
    ),
    (
        CentersTheBatch,
        {},
        "rows",
        ", training=False, row 0 alone and in a batch, output: 0 instead of # at [0, 0] (5 of 5 differ)",
    ),
    (Squeezes, {}, "rows", ", training=False, batch of 1: output has the shape (5,), not (1, 5)"),
    (DividesByN1, {}, "rows", ", training=True, batch of 1, output: 5 of 5 values are not finite"),
    (
        WorkWithoutZeroing,
        {},
        "reuse",
        ", training=False, reused work arrays, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        OneWorkArrayForTwo,
        {},
        "reuse",
        ", training=False, reused work arrays, after the pullback, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        WritesOutAndReturnsACopy,
        {},
        "reuse",
        ", training=False, reused work arrays: the gradient of 'factor' was written into ctx.out('factor'), but another array is returned",
    ),
    (
        AddsToOut,
        {},
        "reuse",
        ", training=False, reused work arrays, gradient of 'factor': # instead of # at [0] (5 of 5 differ)",
    ),
    (
        NoGradientsWithoutDx,
        {},
        "wants dx",
        ", training=False, wants_dx=False, gradient of 'factor': -0 instead of # at [0] (5 of 5 differ)",
    ),
    (
        NothingWithoutDx,
        {},
        "wants dx",
        ", training=False, wants_dx=False: the pullback gives 0 cotangents for 1 inputs",
    ),
    (
        OtherwiseInInference,
        {},
        "without pullback",
        ", training=False, wants_pullback=False, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        AnotherShapeInInference,
        {},
        "without pullback",
        ", training=False, wants_pullback=False, output: shape (4, 1) instead of (4, 5)",
    ),
    (
        StaleInInference,
        {},
        "without pullback",
        ", training=False, wants_pullback=False, reused work arrays, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (NamesOtherGradients, {}, "wants dx", ", training=False, wants_dx=False: gives [], not [\"gradient of 'factor'\"]"),
    (
        KeepsItsActivation,
        sigmoid,
        "skip activation",
        ", training=False, skip_activation=True, activation of the output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        SkipsOnlyForward,
        sigmoid,
        "skip activation",
        ", training=False, skip_activation=True, cotangent of input 0: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        WrongShape,
        {},
        "output shape",
        ", input shape (None, 5): compute_output_shape gives (None, 1), the output has (None, 5)",
    ),
    (
        ShapeOfKnownRows,
        {},
        "output shape",
        ", input shape (None, 5): compute_output_shape gives (4, 5), the output has (None, 5)",
    ),
    (
        ShapeFails,
        {},
        "output shape",
        ", input shape (None, 5): TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'",
    ),
    (ForgetsItsGain, {"gain": 2.0}, "config", ", from_config, output: # instead of # at [0, 0] (20 of 20 differ)"),
    (ConfigWithATuple, {}, "config", ": get_config gives gain=(1, 2), which JSON turns into [1, 2]"),
    (ConfigWithAnObject, {}, "config", ", get_config: TypeError: Object of type object is not JSON serializable"),
    (ConfigOfANumber, {}, "config", ", from_config, output: # instead of # at [0, 0] (20 of 20 differ)"),
    (AnotherGain, {}, "config", ", from_config, output: # instead of # at [0, 0] (20 of 20 differ)"),
    (MakesAnother, {}, "config", ": from_config makes a Scale"),
    (DoublesItsConfig, {}, "config", ": gain was # in the config, and is # in that of its twin"),
    (
        CannotBePickled,
        {},
        "copies",
        ", pickle: AttributeError: Can't pickle local object 'CannotBePickled.__init__.<locals>.<lambda>'",
    ),
    (CopiesAnotherGain, {}, "copies", ", copy, output: # instead of # at [0, 0] (20 of 20 differ)"),
    (
        MakesHostArrays,
        {},
        "device",
        ", training=False, on the device: TypeError: Unsupported type <class 'numpy.ndarray'>",
    ),
    (
        ConvertsToHost,
        {},
        "device",
        ", training=False, on the device: TypeError: Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly.",
    ),
    (
        GradientOnTheHost,
        {},
        "device",
        ", training=False, on the device: gradient of 'factor' is a ndarray, not a device array",
    ),
    (
        UpdateOnTheHost,
        {},
        "device",
        ", training=True, on the device: update of 'seen' is a ndarray, not a device array",
    ),
    (
        OtherwiseOnTheDevice,
        {},
        "device",
        ", training=False, on the device, output: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        OtherGradientOnTheDevice,
        {},
        "device",
        ", training=False, on the device, cotangent of input 0: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (
        NotOnCupy,
        {},
        "device",
        ", training=False, on the device: NotImplementedError: `cupy_maximum.reduce` is not supported yet",
    ),
]


def attempt(broken, options):
    options = dict(options)
    shape, inputs = options.pop("shape", (4, 5)), options.pop("inputs", None)
    check_layer(lambda: broken(**options), shape, inputs=inputs)


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_layers_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_a_layer_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_a_failure_says_how_much_the_gradients_differ():
    with pytest.raises(AssertionError) as caught:
        check_layer(WrongWeightGradient, (4, 5))
    given, wanted = (float(part.rsplit(" ", 1)[1]) for part in str(caught.value).rsplit(", ", 1))
    assert given == pytest.approx(wanted / 4, rel=1e-3)  # the mean over four rows instead of the sum


def test_a_check_can_be_skipped():
    check_layer(CentersTheBatch, (4, 5), skip=("rows",))


def test_an_unknown_check_cannot_be_skipped():
    with pytest.raises(
        UnknownNameError, match=r"^no check of layers is called 'row' \(at skip\)\.\nDid you mean 'rows'\?"
    ):
        check_layer(Scale, (4, 5), skip=("row",))


def test_a_mode_can_be_left_out():
    check_layer(WrongInTraining, (4, 5), training=(False,))


def test_a_batch_of_one_is_refused_as_input_shape():
    with pytest.raises(ArgumentError) as caught:
        check_layer(Scale, (1, 5))
    assert str(caught.value) == "input_shape must have a batch axis of at least 2. Received: (1, 5)"


def test_a_maker_that_fails_is_named():
    with pytest.raises(AssertionError, match=r"^the layer's maker: ArgumentError: .*'gian'"):
        check_layer(lambda: Scale(gian=2), (4, 5))


class Renamed(Scale):
    """Its config has other names than its constructor, which only from_config knows."""

    def get_config(self):
        return {"amplification": self.gain, "name": self.name, "trainable": True, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        return cls(gain=config["amplification"], name=config["name"], dtype=config["dtype"])


class MadeOtherwise(Scale):
    """What the registry makes of it is another layer than what from_config makes."""

    @classmethod
    def from_config(cls, config):
        made = cls(**config)
        made.gain = 1.0
        return made

    def __init__(self, activation: Any = None, gain: float = 1.0, **kwargs: Any) -> None:
        super().__init__(activation, gain, **kwargs)
        self.gain = 1.0 if "name" not in kwargs else 2.0


class Plugin:
    __name__ = "scales"

    @staticmethod
    @hookimpl
    def kexp_layers():
        return {"scale": Scale, "renamed": Renamed, "made_otherwise": MadeOtherwise}


def test_a_registered_layer_is_made_by_its_name():
    with plugins.using(plugins.with_modules(Plugin())):
        check_layer(lambda: Scale("sigmoid"), (4, 5))


def test_a_registered_layer_that_the_registry_cannot_make_fails(failure):
    check_layer(Renamed, (4, 5))
    with plugins.using(plugins.with_modules(Plugin())):
        check, text = failure(check_layer, Renamed, (4, 5))
    assert check == "config"
    assert text.startswith("Renamed, type: renamed: ArgumentError: Renamed takes no argument 'amplification'. ")


def test_a_registered_layer_that_the_registry_makes_otherwise_fails(failure):
    check_layer(MadeOtherwise, (4, 5))
    with plugins.using(plugins.with_modules(Plugin())):
        check, text = failure(check_layer, MadeOtherwise, (4, 5))
    assert check == "config"
    assert text == "MadeOtherwise, type: made_otherwise, output: # instead of # at [0, 0] (20 of 20 differ)"
