"""Activated: what layers that end in an activation have in common."""

from __future__ import annotations

from typing import Any

from kexp.core.activation import Activation, get_activation
from kexp.core.component import positional
from kexp.core.layer import Layer


class Activated(Layer):
    """Base of layers with an `activation`, which may be set at any time; loss and config go by the one in force."""

    _activation: Activation | None

    @property
    def activation(self) -> Activation | None:
        """The activation of the output; None where there is none. A spec of one may be set."""
        return self._activation

    @activation.setter
    def activation(self, spec: Any) -> None:
        changed = "_activation" in self.__dict__
        self._activation = get_activation(spec)
        if changed:
            args, kwargs = self._arguments
            given = dict(zip(positional(type(self)), args, strict=False)) | kwargs
            self._arguments = ((), given | {"activation": spec})

    @property
    def output_activation(self) -> Activation | None:  # type: ignore[override]
        """The same: a loss may take it upon itself."""
        return self._activation
