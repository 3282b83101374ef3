"""What it costs to cut batches: a small network on small batches, and the share of an epoch of the Fashion-MNIST one.

The time is that of going through the blocks of an epoch, shuffled, and cutting them into batches, with no training.
"""

from __future__ import annotations

import statistics

import numpy as np

from benchmarks.measure import seconds
from kexp.backend import NumpyBackend
from kexp.data import ArraySource, Feed
from kexp.layers import Dense
from kexp.models import Sequential


def drain(feed: Feed, batch_size: int) -> None:
    """One shuffled epoch, every batch cut, nothing done with it."""
    order = feed.order(batch_size, True, np.random.default_rng(0))
    for block in feed.blocks(batch_size, order):
        for start in range(0, len(block), batch_size):
            block.part(slice(start, start + batch_size))


def measured(model: Sequential, x: np.ndarray, y: np.ndarray, batch_size: int) -> tuple[float, float]:
    """Medians of the seconds an epoch takes: its batching alone, and its whole training."""
    feed = Feed([ArraySource(x)], [ArraySource(y)], [], NumpyBackend())
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
    drain(feed, batch_size)
    pairs = [
        (
            seconds(lambda: drain(feed, batch_size)),
            seconds(lambda: model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)),
        )
        for _ in range(5)
    ]
    batching, training = (statistics.median(column) for column in zip(*pairs, strict=True))
    return batching, training


def main() -> None:
    """Print both figures."""
    rng = np.random.default_rng(0)
    x, y = rng.random((10_000, 11), dtype="float32"), rng.integers(0, 2, (10_000, 1)).astype("float32")
    churn = Sequential([Dense(6, activation="relu", input_dim=11), Dense(6, activation="relu")])
    churn.add(Dense(1, activation="sigmoid"))
    churn.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    batching, training = measured(churn, x, y, 10)
    each, whole = batching / 1000 * 1e6, training / 1000 * 1e6
    print(f"  10,000 x 11, batch 10: batching {each:.2f} µs/step of {whole:.1f}, {batching / training:.1%} (goal 5 µs)")
    x, y = rng.random((60_000, 784), dtype="float32"), np.eye(10, dtype="float32")[rng.integers(0, 10, 60_000)]
    fashion = Sequential([Dense(256, activation="relu", input_dim=784), Dense(64, activation="relu")])
    fashion.add(Dense(10, activation="softmax"))
    fashion.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    batching, training = measured(fashion, x, y, 100)
    each, whole = batching / 600 * 1e6, training / 600 * 1e6
    print(
        f"  60,000 x 784, batch 100: batching {each:.0f} µs/step of {whole:.0f}, {batching / training:.1%} (goal 3 %)"
    )
