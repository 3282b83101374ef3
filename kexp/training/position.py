"""Position: where in its data and its epochs a fit stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from kexp.core.streams import Streams
from kexp.errors import StateError

SHUFFLE = ("data", "shuffle")
"""Owner and purpose of the stream that orders the data."""


@dataclass
class Position:
    """The next thing a fit does is step `batch` of epoch `epoch`, both counted from 0.

    Attributes:
        shuffle: the state of the shuffle stream when the epoch began.
        sums: the epoch's loss and metric sums, once validation has taken over the objective.
        torn: whether an optimizer step has begun that is not accounted for.
        stopped: whether someone has asked to stop.
    """

    epoch: int
    batch: int = 0
    shuffle: dict[str, Any] | None = None
    sums: dict[str, Any] | None = None
    torn: bool = False
    stopped: bool = False

    def begin(self, streams: Streams) -> None:
        """Stand at the epoch's start: remember the shuffle stream there, or go back to where it was."""
        stream = streams.get(*SHUFFLE)
        if self.shuffle is None:
            self.shuffle = stream.bit_generator.state  # type: ignore[assignment]
        else:
            stream.bit_generator.state = self.shuffle

    def get_state(self) -> dict[str, Any]:
        """The position as plain values.

        Raises: StateError if the fit was cut off within a step.
        """
        if self.torn:
            raise StateError(
                f"the fit was cut off within a step (epoch {self.epoch + 1}, after batch {self.batch}), so the weights "
                "fit no position in the data. Take the state in a callback, or from a checkpoint that one has written."
            )
        return {"epoch": self.epoch, "batch": self.batch, "shuffle": self.shuffle, "stopped": self.stopped}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The position that `get_state` wrote."""
        return cls(int(state["epoch"]), int(state["batch"]), state["shuffle"], stopped=bool(state["stopped"]))
