"""Activations as Keras' functions: `activations.relu(x, negative_slope=0.1)`; a layer takes them as they are."""

from __future__ import annotations

from typing import Any

from kexp.core.activation import Activation, as_function, get_activation
from kexp_plugins.activations.elu import Elu
from kexp_plugins.activations.exponential import Exponential
from kexp_plugins.activations.gelu import Gelu
from kexp_plugins.activations.hard_sigmoid import HardSigmoid
from kexp_plugins.activations.hard_silu import HardSilu
from kexp_plugins.activations.keras2_hard_sigmoid import Keras2HardSigmoid
from kexp_plugins.activations.leaky_relu import LeakyRelu
from kexp_plugins.activations.linear import Linear
from kexp_plugins.activations.log_softmax import LogSoftmax
from kexp_plugins.activations.mish import Mish
from kexp_plugins.activations.relu import Relu
from kexp_plugins.activations.relu6 import Relu6
from kexp_plugins.activations.selu import Selu
from kexp_plugins.activations.sigmoid import Sigmoid
from kexp_plugins.activations.silu import Silu
from kexp_plugins.activations.softmax import Softmax
from kexp_plugins.activations.softplus import Softplus
from kexp_plugins.activations.softsign import Softsign
from kexp_plugins.activations.tanh import Tanh

__all__ = [
    "elu",
    "exponential",
    "gelu",
    "get",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "keras2_hard_sigmoid",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
]

elu = as_function(Elu)
exponential = as_function(Exponential)
gelu = as_function(Gelu)
hard_sigmoid = as_function(HardSigmoid)
hard_silu = hard_swish = as_function(HardSilu)
keras2_hard_sigmoid = as_function(Keras2HardSigmoid)
leaky_relu = as_function(LeakyRelu)
linear = as_function(Linear)
log_softmax = as_function(LogSoftmax)
mish = as_function(Mish)
relu = as_function(Relu)
relu6 = as_function(Relu6)
selu = as_function(Selu)
sigmoid = as_function(Sigmoid)
silu = swish = as_function(Silu)
softmax = as_function(Softmax)
softplus = as_function(Softplus)
softsign = as_function(Softsign)
tanh = as_function(Tanh)


def get(identifier: Any) -> Activation:
    """The activation that a name, a mapping with `type`, a class or a function stands for; None means linear.

    >>> get({"type": "leaky_relu", "negative_slope": 0.5})([-2.0, 2.0])
    array([-1.,  2.], dtype=float32)
    """
    return get_activation(identifier) or Linear()
