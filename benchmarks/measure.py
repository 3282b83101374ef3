"""How things are measured: in turn with their peers, several times, reported as ratios of medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def clean_environment() -> dict[str, str]:
    """The environment without the variables that slow some BLAS builds down."""
    return {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def command_seconds(command: Sequence[str], cwd: str | None = None) -> float:
    """How long a command takes as a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, env=clean_environment(), cwd=cwd)
    return time.perf_counter() - start


def in_turn(first: Callable[[], float], second: Callable[[], float], rounds: int = 5) -> tuple[float, float]:
    """Medians of two measurements taken A B A B ..."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def python_seconds(code: str, interpreter: str = sys.executable, **variables: str) -> float:
    """What a Python program prints as its last line, a number of seconds."""
    environment = clean_environment() | variables
    done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout.strip().splitlines()[-1])


def keras_interpreter() -> str | None:
    """An interpreter that has Keras and JAX, or None."""
    named = os.environ.get("KEXP_BENCH_KERAS", sys.executable)
    found = subprocess.run(
        [named, "-c", "import keras, jax"],
        capture_output=True,
        check=False,
        env=clean_environment() | {"KERAS_BACKEND": "jax"},
    )
    return None if found.returncode else named
