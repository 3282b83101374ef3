"""Augmentation of batches of 28 by 28 images: flip, rotation, translation, zoom and shear, beside SciPy's warps.

Three ways: a step for each, as in Keras; all in one warp (random_affine); and SciPy's warp of each image by the same
combined maps. The goal is 20,000 images a second on two threads.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import ndimage

from benchmarks.measure import seconds
from kexp.data.pipeline import Pipeline
from kexp_plugins.transforms.random_affine import RandomAffine

BATCH, BATCHES, ROUNDS = 128, 40, 5
STEPS = [
    {"type": "random_flip", "mode": "horizontal"},
    {"type": "random_rotation", "factor": 0.1},
    {"type": "random_translation", "height_factor": 0.1, "width_factor": 0.1},
    {"type": "random_zoom", "height_factor": 0.1},
    {"type": "random_shear", "x_factor": 0.1, "y_factor": 0.1},
]
AFFINE = {"flip": "horizontal", "rotation": 0.1, "translation": 0.1, "zoom": 0.1, "shear": 0.1}


def scipy_warp(images: np.ndarray, affine: RandomAffine, stream: np.random.Generator) -> np.ndarray:
    """The same random maps, image by image."""
    maps = affine.maps(len(images), 28, 28, stream)
    warped = [
        ndimage.affine_transform(image, [[b1, b0], [a1, a0]], [b2, a2], order=1, mode="reflect")
        for image, (a0, a1, a2, b0, b1, b2) in zip(images, maps, strict=True)
    ]
    return np.stack(warped)


def rate(augment: Callable[[np.ndarray, np.random.Generator], Any], images: np.ndarray, threads: int) -> float:
    """Images a second, batches shared among threads."""
    streams = [np.random.default_rng(number) for number in range(BATCHES)]

    def run() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda stream: augment(images, stream), streams))

    return BATCH * BATCHES / seconds(run)


def main() -> None:
    """Print images a second, and the ratio to SciPy's, on one thread and on two."""
    images = np.random.default_rng(0).random((BATCH, 28, 28), dtype=np.float32)
    affine = RandomAffine(**AFFINE)  # type: ignore[arg-type]
    ways = {
        "a step for each": Pipeline(STEPS).parts()[1].augment,
        "one warp": Pipeline([affine]).augment,
        "SciPy": lambda x, stream: scipy_warp(x, affine, stream),
    }
    for threads in (1, 2):
        found: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, augment in ways.items():
                found[name].append(rate(augment, images, threads))
        peer = statistics.median(found["SciPy"])
        for name in ("a step for each", "one warp"):
            middle = statistics.median(found[name])
            goal = " (goal 20,000)" if threads == 2 else ""
            print(
                f"  {threads} thread{'s' * (threads > 1)}, {name}: {middle:,.0f} images/s{goal}, "
                f"SciPy {peer:,.0f}: ratio {middle / peer:.1f}"
            )
