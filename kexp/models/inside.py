"""Inside: models within layers, such as TimeDistributed(model)."""

from __future__ import annotations

from typing import Any

from kexp.models.form import describe
from kexp.models.written import Body


class ModelLayer(Body):
    """A model in the place of a layer, within another layer."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        if model._body is None:
            self.hold("layers", model)
        else:
            for name, value in model._body.held.items():
                self.hold(name, value)

    @classmethod
    def registered_name(cls) -> str:
        return "model"

    def get_config(self) -> dict[str, Any]:
        return {"config": describe(self.model)}
