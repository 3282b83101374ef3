"""PyDataset: batches by number, from a class of one's own."""

from __future__ import annotations

from typing import Any


class PyDataset:
    """Contract of batches that are made by number: write `__len__` and `__getitem__`, and `on_epoch_end` if needed.

    `__getitem__(index)` gives the batch (x, y) or (x, y, sample_weight); several threads may ask at once. `workers`:
    how many, 0 or 1 for none besides the main one; the others of Keras' arguments are accepted and have no effect.
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    @property
    def num_batches(self) -> int:
        """The number of batches."""
        return len(self)

    @property
    def ahead(self) -> int:
        """How many threads make batches ahead."""
        workers = getattr(self, "workers", 1)  # a subclass need not call __init__
        return workers if workers > 1 else 0

    def on_epoch_end(self) -> None:
        """After each epoch of training."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must have a method __len__: the number of batches")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must have a method __getitem__: the batch of a number")
