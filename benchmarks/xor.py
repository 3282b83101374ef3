"""The XOR fit at batch 1: 500 epochs, 2000 steps, whole `fit`, beside Keras 3 on JAX."""

from __future__ import annotations

from benchmarks.measure import in_turn, keras_interpreter, python_seconds

PROGRAM = """
import time
import numpy as np
from {package}.models import Sequential
from {package}.layers import Dense, Input
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
y = np.array([[0], [1], [1], [0]], "float32")
model = Sequential([Input((2,)), Dense(8, activation="relu"), Dense(4, activation="relu")])
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=1, epochs=20, verbose=0)
times = []
for _ in range(3):
    start = time.perf_counter()
    model.fit(x, y, batch_size=1, epochs=500, verbose=0)
    times.append(time.perf_counter() - start)
print(sorted(times)[1] / 2000)
"""


def main() -> None:
    """Print the time of a step and its ratio to Keras'."""
    keras = keras_interpreter()
    if keras is None:
        ours = python_seconds(PROGRAM.format(package="kexp"))
        print(f"  kexp {ours * 1e6:.1f} µs/step (no Keras with JAX to compare with)")
        return
    ours, theirs = in_turn(
        lambda: python_seconds(PROGRAM.format(package="kexp")),
        lambda: python_seconds(PROGRAM.format(package="keras"), keras, KERAS_BACKEND="jax"),
    )
    print(f"  kexp {ours * 1e6:.1f} µs/step, Keras on JAX {theirs * 1e6:.1f}: ratio {ours / theirs:.3f} (goal 0.1)")
