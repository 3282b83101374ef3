"""The state of a model in training as one tree, from which a fit goes on in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kexp.core.optimizer import Optimizer
from kexp.errors import StateError
from kexp.graph import Engine
from kexp.models.preparation import Preparation
from kexp.models.structure import Structure
from kexp.training import Trainer


class Resumable(Structure):
    """A model whose training can be cut off and go on."""

    optimizer: Optimizer | None
    preparation: Preparation
    _trainer: Trainer | None
    _predictor: Engine | None
    _left: Mapping[str, Any]
    """What the next trainer goes on with, see `set_state_tree`."""

    def get_state_tree(self) -> dict[str, Any]:
        """All that training depends on, as nested dicts of arrays and plain values, copies all of them.

        Weights, the optimizer's state, what the pipelines learned, all random streams and, during a fit, the position
        in its data with the epoch's sums so far. Callbacks may ask for it at any of their calls; their own state is
        not in it.
        Raises: StateError if the model is not built, or a fit was cut off within a step.
        """
        if not self.built:
            raise StateError(f"model {self.name!r} is not built, so it has no state yet")
        optimizer = {} if self.optimizer is None else self.optimizer.get_state()
        if self.optimizer is not None:
            optimizer["slots"] = {name: self.backend.to_host(slot) for name, slot in optimizer["slots"].items()}
        return {
            "weights": {str(place): weight for place, weight in enumerate(self.get_weights())},
            "optimizer": optimizer,
            "states": {
                path: [np.array(self.backend.to_host(state)) for state in layer.states]
                for path, layer in self._stateful()
            },
            "streams": self.streams.get_state(),
            "preparation": self.preparation.get_state(),
            "fit": self._left if self._left or self._trainer is None else self._trainer.get_state(),
        }

    def set_state_tree(self, tree: Mapping[str, Any]) -> None:
        """Go back to where `get_state_tree` was; `fit` with the same arguments then goes on with the next batch.

        The model must be built and compiled as that one was. The history of the fit that goes on begins with the
        epoch that was cut.
        Raises: StateError if the model is not built or compiled; ShapeError if the weights are another model's.
        """
        if not self.built or self.optimizer is None:
            raise StateError(f"model {self.name!r} must be built and compiled before it takes up a state")
        weights = tree["weights"]
        self.set_weights([weights[str(place)] for place in range(len(weights))])
        self.optimizer.set_state(tree["optimizer"])
        for path, layer in self._stateful(unset=True):
            kept = tree["states"].get(path)
            layer.states = None if kept is None else [self.backend.asarray(state) for state in kept]
        self.streams.set_state(tree["streams"])
        self.preparation.set_state(tree["preparation"])
        self._trainer = self._predictor = None  # they hold streams of before
        self._left = tree["fit"]

    def _stateful(self, *, unset: bool = False) -> list[tuple[str, Any]]:
        """The layers that keep states from batch to batch, by their paths; those that keep none now, if `unset`."""
        found = [
            (f"{layer.name}/{path}", inner) for layer in self.graph.layers for path, inner in layer.family().items()
        ]
        return [
            (path, layer)
            for path, layer in found
            if getattr(layer, "stateful", False) and (unset or getattr(layer, "states", None) is not None)
        ]
