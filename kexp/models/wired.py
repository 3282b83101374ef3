"""A functional model from a plan of its connections."""

from __future__ import annotations

from collections.abc import Mapping

from kexp.backend import Backend
from kexp.graph import Entry, Graph, Tensor
from kexp.models.model import Model
from kexp.models.wiring import Plan, sound, wire


def wired_model(
    made: Plan,
    sources: Mapping[str, Tensor],
    layers: Mapping[str, Entry],
    *,
    name: str | None = None,
    seed: int | None = None,
    backend: str | Backend | None = None,
) -> Model:
    """The model of a plan; the weights of layers that are not built are drawn from the model's own streams.

    Raises: ArgumentError if the plan has problems.
    """
    sound(made, "model")
    model = Model(name=name, seed=seed, backend=backend)
    outputs = wire(made, sources, layers, model.streams, model.backend)
    names = list(outputs) if made.named_outputs else None
    model._output_keys = names
    model._set_graph(Graph(list(sources.values()), list(outputs.values()), list(sources), names))
    return model
