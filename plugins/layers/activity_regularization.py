"""ActivityRegularization: a penalty on what passes through."""

from __future__ import annotations

from typing import Any

from kexp.core.component import number
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.identity import Identity


class ActivityRegularization(Identity):
    """y = x; the loss grows by l1 * sum(|x|) + l2 * sum(x²) of a sample, the mean of the batch. Shapes: any."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        self.l1 = number("l1", l1, least=0)
        self.l2 = number("l2", l2, least=0)
        kwargs["activity_regularizer"] = {"type": "l1_l2", "l1": self.l1, "l2": self.l2}
        super().__init__(**kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return config


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"activity_regularization": ActivityRegularization}
