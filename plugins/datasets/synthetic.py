"""Synthetic: points drawn for trying things out: blobs, moons, spirals, and a linear regression."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.core.component import number, one_of, positive_int
from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole

Array = np.ndarray[Any, Any]

KINDS = ("blobs", "moons", "spirals", "regression")
N_FEATURES = {"blobs": 2, "moons": 2, "spirals": 2, "regression": 10}
N_CLASSES = {"blobs": 3, "moons": 2, "spirals": 2, "regression": None}
NOISE = {"blobs": 1.0, "moons": 0.1, "spirals": 0.05, "regression": 1.0}
FREE_FEATURES = ("blobs", "regression")
FREE_CLASSES = ("blobs", "spirals")
TURNS = 1.5
"""How often an arm of the spirals goes round."""


class Synthetic(Dataset):
    """Points that are drawn anew, and the same for the same seed.

    blobs: a round cloud for each class (scikit-learn's make_blobs), `noise` its standard deviation. moons: two
    half circles that reach into each other (make_moons). spirals: one arm for each class, wound round the origin, in
    the unit circle; here and for the moons `noise` is the standard deviation of each coordinate. regression: a linear
    function of all features (make_regression), `noise` that of the target.
    Shapes: x float32 (n, n_features); y int64 (n,), for a regression float32 (n,). What is None depends on the kind:
    n_features 2, 2, 2, 10; n_classes 3, 2, 2, none; noise 1, 0.1, 0.05, 1. Moons and spirals are flat.
    Of the `n` rows a `test_fraction` (rounded up), with every class in proportion, is the test split; with 0 there is
    none.

    >>> train = Synthetic("spirals", n=40, n_classes=4).load()["train"]
    >>> train.x.shape, np.bincount(train.y).tolist()
    ((32, 2), [8, 8, 8, 8])
    """

    def __init__(
        self,
        kind: Literal["blobs", "moons", "spirals", "regression"] = "blobs",
        n: int = 1000,
        n_features: int | None = None,
        n_classes: int | None = None,
        noise: float | None = None,
        test_fraction: float = 0.2,
        seed: int = 0,
    ) -> None:
        self.kind_of_points = str(one_of("kind", kind, KINDS))
        self.n = positive_int("n", n)
        self.n_features = _only("n_features", n_features, kind, N_FEATURES, FREE_FEATURES)
        self.n_classes = _only("n_classes", n_classes, kind, N_CLASSES, FREE_CLASSES)
        self.noise = NOISE[kind] if noise is None else number("noise", noise, least=0)
        classes = self.n_classes or 1
        if self.n < 2 * classes:
            raise ArgumentError(f"n must be at least {2 * classes} for {kind}, 2 of each class. Received: {n!r}")
        self.test_fraction = check_test_fraction(test_fraction, self.n, classes)
        self.seed = check_seed(seed)
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        x, y = self._points()
        x, y = x.astype(np.float32), y.astype(np.float32 if self.n_classes is None else np.int64)
        return split_whole(x, y, self.test_fraction, self.seed, stratify=self.n_classes is not None)

    def _points(self) -> tuple[Array, Array]:
        from sklearn import datasets  # at the door: slow to import

        n, seed = self.n, self.seed
        found: Any
        if self.kind_of_points == "blobs":
            found = datasets.make_blobs(
                n, self.n_features, centers=self.n_classes, cluster_std=self.noise, random_state=seed
            )
        elif self.kind_of_points == "moons":
            found = datasets.make_moons(n, noise=self.noise, random_state=seed)
        elif self.kind_of_points == "regression":
            features = self.n_features
            found = datasets.make_regression(n, features, n_informative=features, noise=self.noise, random_state=seed)
        else:
            found = self._spirals()
        return found[0], found[1]

    def _spirals(self) -> tuple[Array, Array]:
        """Points at r in (0, 1] and the angle 2 pi (TURNS r + class / classes), in random order."""
        assert self.n_classes is not None
        rng = np.random.default_rng(self.seed)
        y = rng.permutation(np.arange(self.n) % self.n_classes)
        r = np.sqrt(1 - rng.random(self.n))  # the root spreads them evenly along the arm, nearly
        angle = 2 * np.pi * (TURNS * r + y / self.n_classes)
        points = np.stack([r * np.cos(angle), r * np.sin(angle)], 1)
        return points + self.noise * rng.standard_normal(points.shape), y


def _only(name: str, given: Any, kind: str, usual: Any, free: tuple[str, ...]) -> Any:
    """`given`, or the kind's own; where the kind leaves no choice, nothing else."""
    own = usual[kind]
    if given is None or given == own:
        return own
    if kind not in free:
        raise ArgumentError(f"{name} of {kind} must be {'left out' if own is None else own}. Received: {given!r}")
    value = positive_int(name, given)
    if name == "n_classes" and value < 2:
        raise ArgumentError(f"n_classes must be at least 2. Received: {given!r}")
    return value


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"synthetic": Synthetic}
