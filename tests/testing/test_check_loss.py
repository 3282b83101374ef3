"""check_loss passes good losses, and each check fails on a loss that is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.activation import Activation
from kexp.core.loss import FusedLoss, Loss
from kexp.testing import check_loss
from kexp.testing.loss import CHECKS, one_hot


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), written so that nothing overflows."""

    def forward(self, x, *, ctx):
        e = np.exp(-np.abs(x))
        y = np.where(x > 0, 1 / (1 + e), e / (1 + e))
        return y, lambda dy: dy * y * (1 - y)


class CrossEntropy(Loss):
    """A good loss of probabilities, or of logits; takes a sigmoid upon itself."""

    def __init__(
        self, from_logits: bool = False, factor: float = 1.0, reduction: str = "sum_over_batch_size", name: str | None = None
    ) -> None:  # fmt: skip
        super().__init__(reduction, name)
        self.from_logits = from_logits
        self.factor = factor

    def values(self, y_true, y_pred):
        if self.from_logits:
            return self.logit_values(y_true, y_pred)
        p = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return -(y_true * np.log(p) + (1 - y_true) * np.log(1 - p)).mean(-1) * self.factor

    def gradient(self, y_true, y_pred):
        if self.from_logits:
            return self.logit_gradient(y_true, y_pred, Sigmoid()(y_pred))
        p = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return (p - y_true) / (p * (1 - p)) * (self.factor / y_pred.shape[-1])

    def logit_values(self, y_true, z):
        return (np.logaddexp(np.zeros_like(z), z) - y_true * z).mean(-1) * self.factor

    def logit_gradient(self, y_true, z, p):
        return np.multiply(np.subtract(p, y_true, out=p), self.factor / p.shape[-1], out=p)

    def fused(self, activation):
        return Fused(self) if isinstance(activation, Sigmoid) and not self.from_logits else None


class Fused(FusedLoss):
    def __init__(self, loss):
        self.loss = loss

    def values(self, y_true, z):
        return self.loss.logit_values(y_true, z)

    def gradient(self, y_true, z, p):
        return self.loss.logit_gradient(y_true, z, p)


class ByAutodiff(Loss):
    """A good loss without a gradient of its own."""

    def call(self, y_true, y_pred):
        return ((y_true - y_pred) ** 2).mean(-1)


class Picked(Loss):
    """A good loss of class numbers."""

    takes_labels = True

    def prepare(self, y_true, output_shape):
        return y_true.reshape(-1)

    def values(self, y_true, y_pred):
        return -np.log(np.clip(y_pred[np.arange(len(y_true), like=y_true), y_true], 1e-7, 1.0))

    def gradient(self, y_true, y_pred):
        d, rows = np.zeros_like(y_pred), np.arange(len(y_true), like=y_true)
        d[rows, y_true] = -1 / np.clip(y_pred[rows, y_true], 1e-7, 1.0)
        return d


def labelled(rng):
    y_true, y_pred = one_hot(rng)
    return y_true.argmax(-1)[:, None], y_pred


def sequences(rng):
    p = rng.uniform(0.2, 0.8, (5, 3, 2))
    return (p > 0.5).astype(float), p


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (CrossEntropy, {"fused_with": [Sigmoid()]}),
        (lambda: CrossEntropy(from_logits=True), {}),
        (lambda: CrossEntropy(reduction="sum"), {}),
        (CrossEntropy, {"inputs": sequences, "fused_with": [Sigmoid()]}),
        (ByAutodiff, {}),
        (Picked, {"inputs": labelled}),
    ],
)
def test_good_losses_pass(make, options):
    check_loss(make, **options)


def test_the_registered_activations_are_tried_for_fusing():
    seen = []

    class Asks(ByAutodiff):
        def fused(self, activation):
            seen.append(activation.registered_name())

    check_loss(Asks, skip=("config",))
    assert {"relu", "sigmoid", "softmax"} <= set(seen)


class Summed(CrossEntropy):
    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred).sum()


class RowGradient(CrossEntropy):
    def gradient(self, y_true, y_pred):
        return super().gradient(y_true, y_pred).sum(-1)


class DoubleValues(CrossEntropy):
    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred).astype("float64")


class DoubleGradient(CrossEntropy):
    def gradient(self, y_true, y_pred):
        return super().gradient(y_true, y_pred).astype("float64")


class GradientInPlace(ByAutodiff):
    def gradient(self, y_true, y_pred):
        return y_pred


class ChangesTargets(CrossEntropy):
    def values(self, y_true, y_pred):
        values = super().values(y_true, y_pred)
        y_true *= 2
        return values


class GradientChangesPredictions(CrossEntropy):
    def gradient(self, y_true, y_pred):
        gradient = super().gradient(y_true, y_pred)
        y_pred += 0.01
        return gradient


class CountsItsCalls(CrossEntropy):
    calls = 0

    def values(self, y_true, y_pred):
        self.calls += 1
        return super().values(y_true, y_pred) * self.calls


class MeanGradient(CrossEntropy):
    def gradient(self, y_true, y_pred):
        return super().gradient(y_true, y_pred) / len(y_pred)


class ValuesOfTheBatch(CrossEntropy):
    def values(self, y_true, y_pred):
        values = super().values(y_true, y_pred)
        return values + values.mean()

    def gradient(self, y_true, y_pred):
        return super().gradient(y_true, y_pred) * 2


class GradientOfTheBatch(ByAutodiff):
    def values(self, y_true, y_pred):
        return (y_pred - y_pred + 1.0).mean(-1)

    def gradient(self, y_true, y_pred):
        return (y_true - y_true.mean(0)) * 0.0 + (len(y_pred) == 1)


class NoClip(CrossEntropy):
    def values(self, y_true, y_pred):
        return -(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred)).mean(-1)


class NoClipInGradient(CrossEntropy):
    def gradient(self, y_true, y_pred):
        return (y_pred - y_true) / (y_pred * (1 - y_pred)) / y_pred.shape[-1]


class OverflowingLogits(CrossEntropy):
    def logit_values(self, y_true, z):
        return (np.log(1 + np.exp(z)) - y_true * z).mean(-1)


class AlwaysMean(CrossEntropy):
    def __call__(self, y_true, y_pred, sample_weight=None):
        total = super().__call__(y_true, y_pred, sample_weight)
        return total / len(y_pred) if self.reduction == "sum" else total


class ReducesAnyway(CrossEntropy):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return np.mean(super().__call__(y_true, y_pred, sample_weight))


class RefusesSum(CrossEntropy):
    def __init__(self, reduction="mean"):
        if reduction == "sum":
            raise ValueError("not that")
        super().__init__(reduction=reduction)

    def get_config(self):
        return {"reduction": self.reduction}


class DividesByWeights(CrossEntropy):
    def __call__(self, y_true, y_pred, sample_weight=None):
        total = super().__call__(y_true, y_pred, sample_weight)
        return total if sample_weight is None else total / np.mean(sample_weight)


class OddReduction(CrossEntropy):
    def __init__(self):
        super().__init__()
        self.reduction = "median"


class ForgetsItsFactor(CrossEntropy):
    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key != "factor"}


class ForgetsItsReduction(CrossEntropy):
    def get_config(self):
        return super().get_config() | {"reduction": "sum_over_batch_size"}


class MakesHostArrays(CrossEntropy):
    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred) + np.zeros(len(y_pred), y_pred.dtype)


class GradientOnTheHost(CrossEntropy):
    def gradient(self, y_true, y_pred):
        gradient = super().gradient(y_true, y_pred)
        return gradient.get() if hasattr(gradient, "get") else gradient


class OtherwiseOnTheDevice(CrossEntropy):
    def values(self, y_true, y_pred):
        return super().values(y_true, y_pred) * (1 if isinstance(y_pred, np.ndarray) else 2)


class FusedOtherwiseOnTheDevice(CrossEntropy):
    def logit_values(self, y_true, z):
        return super().logit_values(y_true, z) * (1 if isinstance(z, np.ndarray) else 2)


class FusedGradientChangesZ(CrossEntropy):
    def logit_gradient(self, y_true, z, p):
        gradient = super().logit_gradient(y_true, z, p)
        z += 1
        return gradient


class FusedOtherwise(CrossEntropy):
    def logit_values(self, y_true, z):
        return super().logit_values(y_true, z) * 1.5


class FusedWrongGradient(CrossEntropy):
    def logit_gradient(self, y_true, z, p):
        return super().logit_gradient(y_true, z, p) * 1.5


class FusedFlatGradient(CrossEntropy):
    def logit_gradient(self, y_true, z, p):
        return super().logit_gradient(y_true, z, p).ravel()


class FusedOverflows(CrossEntropy):
    def logit_values(self, y_true, z):
        return (np.log(1 + np.exp(z)) - y_true * z).mean(-1)


class FusedGradientOverflows(CrossEntropy):
    def logit_gradient(self, y_true, z, p):
        return (np.exp(z) / (1 + np.exp(z)) - y_true) / z.shape[-1]


class FusedDouble(CrossEntropy):
    def logit_gradient(self, y_true, z, p):
        return super().logit_gradient(y_true, z, p).astype("float64")


class FusedChangesZ(CrossEntropy):
    def logit_values(self, y_true, z):
        values = super().logit_values(y_true, z)
        z += 1
        return values


class FusedHostArrays(CrossEntropy):
    def logit_values(self, y_true, z):
        return super().logit_values(y_true, z) + np.zeros(len(z), z.dtype)


class FusedOnTheHost(CrossEntropy):
    def logit_gradient(self, y_true, z, p):
        gradient = super().logit_gradient(y_true, z, p)
        return gradient.get() if hasattr(gradient, "get") else gradient


logits, total = {"from_logits": True}, {"reduction": "sum"}

BROKEN: list[tuple[type[Loss], dict[str, Any], str, str]] = [
    (Summed, {}, "form", ", float32, values: shape (), not (6,), for predictions (6, 4)"),
    (RowGradient, {}, "form", ", float32, gradient: shape (6,), not (6, 4), for predictions (6, 4)"),
    (DoubleValues, {}, "form", ", float32, values: is float64 for predictions of float32"),
    (DoubleGradient, {}, "form", ", float32, gradient: is float64 for predictions of float32"),
    (
        GradientInPlace,
        {},
        "form",
        ", float32, gradient: is no new array, but shares memory with targets or predictions",
    ),
    (ChangesTargets, {}, "untouched", ": y_true is changed by values"),
    (GradientChangesPredictions, {}, "untouched", ": y_pred is changed by gradient"),
    (CountsItsCalls, {}, "untouched", ", values, called twice: # instead of # at [0] (6 of 6 differ)"),
    (MeanGradient, {}, "gradients", ": gradient gives #, finite differences #"),
    (ValuesOfTheBatch, {}, "rows", ", values, row 0 alone and in a batch: # instead of # at [0] (1 of 1 differ)"),
    (
        GradientOfTheBatch,
        {},
        "rows",
        ", gradient, row 0 alone and in a batch: 1 instead of 0 at [0, 0] (4 of 4 differ)",
    ),
    (NoClip, {}, "extremes", ", float32, predictions 0 and 1, values: 6 of 6 values are not finite"),
    (NoClipInGradient, {}, "extremes", ", float32, predictions 0 and 1, gradient: 24 of 24 values are not finite"),
    (OverflowingLogits, logits, "extremes", ", float32, logits ±10000, values: 6 of 6 values are not finite"),
    (ReducesAnyway, {}, "reduction", ", reduction='none', no weights: shape () instead of (6,)"),
    (RefusesSum, {}, "reduction", ", reduction='sum': ValueError: not that"),
    (AlwaysMean, {}, "reduction", ", reduction='sum', no weights: the values come to #, the call gives #"),
    (
        DividesByWeights,
        {},
        "reduction",
        ", reduction='sum_over_batch_size', sample_weight: the values come to #, the call gives #",
    ),
    (
        OddReduction,
        {},
        "reduction",
        ": reduction is 'median', not one of 'sum_over_batch_size', 'mean', 'sum', 'mean_with_sample_weight', 'none', None",
    ),
    (ForgetsItsFactor, {"factor": 2.0}, "config", ", from_config, values: # instead of # at [0] (6 of 6 differ)"),
    (ForgetsItsReduction, total, "config", ", from_config: reduction 'sum_over_batch_size' instead of 'sum'"),
    (MakesHostArrays, {}, "device", ", on the device, values: TypeError: Unsupported type <class 'numpy.ndarray'>"),
    (GradientOnTheHost, {}, "device", ", on the device: gradient: a ndarray, not a device array"),
    (OtherwiseOnTheDevice, {}, "device", ", on the device, values: # instead of # at [0] (6 of 6 differ)"),
    (
        FusedOtherwiseOnTheDevice,
        {},
        "fused",
        ", fused with Sigmoid, on the device, values: # instead of # at [0] (6 of 6 differ)",
    ),
    (FusedGradientChangesZ, {}, "fused", ", fused with Sigmoid: z is changed by gradient"),
    (
        FusedOtherwise,
        {},
        "fused",
        ", fused with Sigmoid, values against those of activation(z): # instead of # at [0] (6 of 6 differ)",
    ),
    (FusedWrongGradient, {}, "fused", ", fused with Sigmoid: gradient gives #, finite differences #"),
    (FusedFlatGradient, {}, "fused", ", fused with Sigmoid, gradient: shape (24,), not (6, 4)"),
    (FusedOverflows, {}, "fused", ", fused with Sigmoid, float32, z=±10000, values: 6 of 6 values are not finite"),
    (
        FusedGradientOverflows,
        {},
        "fused",
        ", fused with Sigmoid, float32, z=±10000, gradient: 13 of 24 values are not finite",
    ),
    (FusedDouble, {}, "fused", ", fused with Sigmoid: gives float64 for z of float32"),
    (FusedChangesZ, {}, "fused", ", fused with Sigmoid: z is changed by values"),
    (
        FusedHostArrays,
        {},
        "fused",
        ", fused with Sigmoid, on the device, values: TypeError: Unsupported type <class 'numpy.ndarray'>",
    ),
    (FusedOnTheHost, {}, "fused", ", fused with Sigmoid, on the device: gradient: a ndarray, not a device array"),
]


def attempt(broken, options):
    check_loss(lambda: broken(**options), fused_with=[Sigmoid()])


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_losses_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_a_loss_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_a_loss_that_depends_on_its_batch_says_so():
    class Declared(ValuesOfTheBatch):
        depends_on_batch = True

    check_loss(Declared, fused_with=[])


def test_predictions_must_be_floats():
    with pytest.raises(AssertionError, match=r"^ByAutodiff: inputs must give predictions that are floats, not int64$"):
        check_loss(ByAutodiff, inputs=lambda rng: (np.eye(3), np.eye(3, dtype=np.int64)))
