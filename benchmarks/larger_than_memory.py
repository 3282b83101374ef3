"""Training on an HDF5 file of several GiB beside the same network on data in memory: samples a second, and memory.

`python -m benchmarks larger_than_memory [--gib 4] [--folder DIR]`. The file is made of random numbers in a temporary
folder (in DIR, if it is given), and removed at the end. Each training is a process of its own, and the two take turns,
so that what else the machine does meets both; together the rounds read as many rows as the file has.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from benchmarks.measure import clean_environment

FEATURES, CLASSES, BATCH = 784, 10, 100
IN_MEMORY = 60_000

ROUND = 30_000
"""The samples that are trained on at a stretch, in turn from the file and from memory."""

PROGRAM = """
import sys, time
import numpy as np
from kexp.callbacks import Callback
from kexp.datasets import hdf5
from kexp.layers import Dense
from kexp.models import Sequential

path, rows, rounds, steps = sys.argv[1], *map(int, sys.argv[2:])

class Rounds(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        input()
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        print(time.perf_counter() - self.start, flush=True)

if path:
    train = hdf5(path)["train"]
    x, y = train.x, train.y
else:
    rng = np.random.default_rng(0)
    x, y = rng.random((rows, 784), dtype="float32"), rng.integers(0, 10, rows)
model = Sequential([Dense(256, activation="relu", input_dim=784), Dense(64, activation="relu")])
model.add(Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=100, steps_per_epoch=steps, epochs=rounds, verbose=0, callbacks=[Rounds()])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024, flush=True)
"""


def make(path: Path, gib: float) -> int:
    """Write the file, a few MiB at a time; returns the number of rows."""
    rows = int(gib * (1 << 30) / (4 * FEATURES))
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (rows, FEATURES), "float32")
        y = file.create_dataset("y", (rows,), "uint8")
        for start in range(0, rows, 8192):
            n = min(8192, rows - start)
            x[start : start + n] = rng.random((n, FEATURES), dtype=np.float32)
            y[start : start + n] = rng.integers(0, CLASSES, n)
    return rows


class Training:
    """A training in a process of its own, which waits for a word before each round."""

    def __init__(self, path: str, rows: int, rounds: int) -> None:
        command = [sys.executable, "-c", PROGRAM, path, *map(str, (rows, rounds, ROUND // BATCH))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean_environment()
        )

    def __enter__(self) -> Training:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def round(self) -> float:
        """Train for one round; the seconds it took."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self.number()

    def number(self) -> float:
        """The next number that the process prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the training ended early")
        return float(line)


def main(arguments: Sequence[str] = ()) -> None:
    """Print rates, their ratio, and the peaks of memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks larger_than_memory", description=__doc__)
    parser.add_argument("--gib", type=float, default=4.0)
    parser.add_argument("--folder")
    chosen = parser.parse_args(list(arguments))
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "large.h5"
        start = time.perf_counter()
        rows = make(path, chosen.gib)
        print(f"  {rows} rows, {path.stat().st_size / (1 << 30):.2f} GiB, made in {time.perf_counter() - start:.0f} s")
        rounds = -(-rows // ROUND)
        with Training("", IN_MEMORY, rounds) as memory, Training(str(path), rows, rounds) as file:
            pairs = [(file.round(), memory.round()) for _ in range(rounds)][1:]  # the first one warms up
            peaks = file.number(), memory.number()
    rates = [ROUND * len(pairs) / sum(column) for column in zip(*pairs, strict=True)]
    middle = statistics.median(memory / file for file, memory in pairs)
    print(f"  {rounds} rounds of {ROUND} samples: {rates[0]:.0f} samples/s from the file, {rates[1]:.0f} in memory")
    print(f"  ratio {rates[0] / rates[1]:.2f}, median of the rounds {middle:.2f} (goal 0.8)")
    print(f"  peak of resident memory from the file {peaks[0]:.0f} MiB (goal 600), in memory {peaks[1]:.0f} MiB")
