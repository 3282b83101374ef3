"""XOR: the four rows of exclusive or."""

from __future__ import annotations

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.hookspecs import hookimpl


class XOR(Dataset):
    """Exclusive or of two bits: the smallest task that no single layer solves.

    Shapes: x (4, 2) float32, y (4, 1) float32; all four rows are the training split, there is no other.

    >>> XOR().load()["train"].y.ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """

    def load(self) -> dict[str, Split]:
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
        y = np.array([[0], [1], [1], [0]], dtype=np.float32)
        return {"train": Split(x, y)}


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"xor": XOR}
