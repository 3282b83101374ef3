"""FitPlan: what one fit does, the arguments of Keras' `fit` resolved and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kexp.core.component import positive_int
from kexp.data import Batched
from kexp.errors import ArgumentError


@dataclass
class FitPlan:
    """The arguments of a fit.

    Raises: ArgumentError for numbers of epochs, steps or samples that are none, and for an unknown `shuffle`.
    """

    batch_size: int
    epochs: int
    initial_epoch: int = 0
    shuffle: bool | str = True
    steps_per_epoch: int | None = None
    validation: Batched | None = None
    validation_batch_size: int = 32
    validation_steps: int | None = None
    validation_freq: int | Sequence[int] = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "steps_per_epoch", "validation_batch_size", "validation_steps"):
            if getattr(self, name) is not None:
                setattr(self, name, positive_int(name, getattr(self, name)))
        if self.shuffle not in (True, False, "batch"):
            raise ArgumentError(f"shuffle must be True, False or 'batch'. Received: {self.shuffle!r}")
        first = self.initial_epoch
        if isinstance(first, bool) or not isinstance(first, int | np.integer) or first < 0:
            raise ArgumentError(f"initial_epoch must be an int from 0 on. Received: {first!r}")
        if isinstance(self.validation_freq, int | np.integer | float | str):
            self.validation_freq = positive_int("validation_freq", self.validation_freq)

    def validates(self, epoch: int) -> bool:
        """Whether epoch `epoch` (from 0) ends with a validation."""
        if self.validation is None:
            return False
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq
