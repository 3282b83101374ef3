"""An epoch of the Fashion-MNIST network beside the plain matrix products of its steps, on the same threads.

The products are those of forward pass, weight gradients, and input gradients but the first layer's.
Data are random numbers of the same shape (60,000 x 784), so that the benchmark needs no files.
"""

from __future__ import annotations

import statistics
from itertools import pairwise

import numpy as np

from benchmarks.measure import seconds
from kexp.layers import Dense, Dropout
from kexp.models import Sequential

SIZES = (784, 256, 64, 10)
BATCH, SAMPLES = 100, 60_000


def products(x: np.ndarray) -> None:
    """The matrix products of one epoch."""
    rng = np.random.default_rng(0)
    kernels = [rng.standard_normal(shape, dtype="float32") for shape in pairwise(SIZES)]
    hidden = [rng.standard_normal((BATCH, size), dtype="float32") for size in SIZES[1:]]
    for start in range(0, len(x), BATCH):
        inputs = [x[start : start + BATCH], *hidden[:-1]]
        for value, kernel in zip(inputs, kernels, strict=True):
            value.dot(kernel)
        for value, dz, kernel in reversed(list(zip(inputs, hidden, kernels, strict=True))):
            value.T.dot(dz)
            if kernel is not kernels[0]:
                dz.dot(kernel.T)


def main() -> None:
    """Print the time of an epoch and its ratio to the products'."""
    rng = np.random.default_rng(0)
    x = rng.random((SAMPLES, 784), dtype="float32")
    y = np.eye(10, dtype="float32")[rng.integers(0, 10, SAMPLES)]
    model = Sequential(
        [
            Dense(256, activation="relu", input_dim=784),
            Dropout(0.2),
            Dense(64, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)
    pairs = [
        (seconds(lambda: model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)), seconds(lambda: products(x)))
        for _ in range(5)
    ]
    ours, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"  epoch {ours:.2f} s, its plain products {plain:.2f} s: ratio {ratio:.2f} (goal 2.5)")
