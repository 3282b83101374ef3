"""Moving square: does a bright spot wander to the left or to the right?"""

from __future__ import annotations

import numpy as np

from kexp.core.component import positive_int
from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.splitting import check_seed


class MovingSquare(Dataset):
    """Films of one bright pixel that goes one column a frame and up to one row up or down, no two alike.

    It starts at a random place from which it can cross all frames. No single frame tells where it goes.
    Shapes: x float32 (n, frames, size, size, 1), y float32 (n, 1): 1 is to the right, 0 to the left.

    >>> train = MovingSquare(n_train=1, n_test=1, frames=3, size=4).load()["train"]
    >>> columns = train.x[0, ..., 0].sum(axis=1).argmax(axis=1)
    >>> bool((columns[1] > columns[0]) == train.y[0, 0])
    True
    """

    splits = ("train", "test")

    def __init__(self, n_train: int = 600, n_test: int = 200, frames: int = 8, size: int = 10, seed: int = 0) -> None:
        self.n_train = positive_int("n_train", n_train)
        self.n_test = positive_int("n_test", n_test)
        self.frames = positive_int("frames", frames)
        self.size = positive_int("size", size)
        if frames > size:
            raise ArgumentError(f"frames must be at most size, {size}, so that none leaves. Received: {frames!r}")
        self.seed = check_seed(seed)

    def load(self) -> dict[str, Split]:
        rng = np.random.default_rng(self.seed)
        n, count = self.n_train, self.n_train + self.n_test
        paths: dict[tuple[int, ...], bool] = {}
        for _ in range(100 * count):
            if len(paths) == count:
                break
            path, right = self._path(rng)
            paths[path] = right
        if len(paths) < count:
            raise ArgumentError(f"n_train and n_test ask for {count} films that differ; only {len(paths)} were found")
        x = np.zeros((count, self.frames, self.size**2), dtype=np.float32)
        np.put_along_axis(x, np.array(list(paths))[..., None], 1, axis=-1)
        x = x.reshape(count, self.frames, self.size, self.size, 1)
        y = np.array(list(paths.values()), dtype=np.float32)[:, None]
        return {"train": Split(x[:n], y[:n]), "test": Split(x[n:], y[n:])}

    def _path(self, rng: np.random.Generator) -> tuple[tuple[int, ...], bool]:
        """Where the pixel is in each frame, row * size + column, and whether it goes to the right."""
        right, last = bool(rng.integers(2)), self.size - 1
        start = int(rng.integers(self.size - self.frames + 1))
        columns = start + np.arange(self.frames)
        rows, row = [], int(rng.integers(self.size))
        for move in rng.integers(-1, 2, size=self.frames):
            rows.append(row)
            row = min(max(row + int(move), 0), last)
        places = np.array(rows) * self.size + (columns if right else last - columns)
        return tuple(places.tolist()), right


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"moving_square": MovingSquare}
