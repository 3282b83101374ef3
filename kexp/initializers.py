"""Initializers, under the class names and the lower-case names that Keras has for them."""

from __future__ import annotations

from typing import Any

from kexp.core.component import resolve
from kexp.core.initializer import Initializer
from kexp_plugins.initializers.constant import Constant
from kexp_plugins.initializers.glorot_normal import GlorotNormal
from kexp_plugins.initializers.glorot_uniform import GlorotUniform
from kexp_plugins.initializers.he_normal import HeNormal
from kexp_plugins.initializers.he_uniform import HeUniform
from kexp_plugins.initializers.identity import Identity
from kexp_plugins.initializers.lecun_normal import LecunNormal
from kexp_plugins.initializers.lecun_uniform import LecunUniform
from kexp_plugins.initializers.ones import Ones
from kexp_plugins.initializers.orthogonal import Orthogonal
from kexp_plugins.initializers.random_normal import RandomNormal
from kexp_plugins.initializers.random_uniform import RandomUniform
from kexp_plugins.initializers.truncated_normal import TruncatedNormal
from kexp_plugins.initializers.variance_scaling import VarianceScaling
from kexp_plugins.initializers.zeros import Zeros

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
identity = IdentityInitializer = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
orthogonal = OrthogonalInitializer = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
zeros = Zeros


def get(identifier: Any) -> Initializer | None:
    """The initializer that a name, a mapping with `type`, a class or an object stands for; None stays None.

    >>> get({"type": "constant", "value": 2})((2,))
    array([2., 2.], dtype=float32)
    """
    found: Initializer | None = resolve("initializer", identifier)
    return found
