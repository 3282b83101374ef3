"""keras2_hard_sigmoid: the hard sigmoid of files that Keras 2 saved."""

from __future__ import annotations

from typing import ClassVar

from kexp.core.activation import Activation
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.hard_sigmoid import HardSigmoid


class Keras2HardSigmoid(HardSigmoid):
    """0.2 * x + 0.5, cut off at 0 and 1: what `hard_sigmoid` meant up to Keras 2.

    A recurrent layer that was trained with it needs it to give the same results.
    """

    reach: ClassVar[float] = 2.5


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"keras2_hard_sigmoid": Keras2HardSigmoid}
