"""Start-up: help, a config error, imports, and the XOR experiment from command to finished, tracked run."""

from __future__ import annotations

import sys
import tempfile

from benchmarks.measure import command_seconds, in_turn

KEXP = [sys.executable, "-m", "kexp"]


def main() -> None:
    """Print each figure, imports as a ratio to NumPy's."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = lambda: command_seconds([sys.executable, "-c", "pass"], folder)  # noqa: E731
        shown, bare = in_turn(lambda: command_seconds([*KEXP, "--help"], folder), nothing)
        print(f"  --help {shown:.2f} s, an empty Python program {bare:.2f} s (goal 1 s)")
        wrong, bare = in_turn(lambda: command_seconds([*KEXP, "+experiment=xor", "fit.epochs=ten"], folder), nothing)
        print(f"  a config error {wrong:.2f} s, an empty Python program {bare:.2f} s (goal 1 s)")
        ours, numpy = in_turn(
            lambda: command_seconds([sys.executable, "-c", "import kexp"], folder),
            lambda: command_seconds([sys.executable, "-c", "import numpy"], folder),
        )
        print(f"  import kexp {ours:.3f} s, import numpy {numpy:.3f} s: ratio {ours / numpy:.2f} (goal 2)")
        command_seconds([*KEXP, "+experiment=xor", "fit.epochs=1"], folder)  # makes the store
        run, mlflow = in_turn(
            lambda: command_seconds([*KEXP, "+experiment=xor"], folder),
            lambda: command_seconds([sys.executable, "-c", "import mlflow.tracking"], folder),
            rounds=3,
        )
        print(f"  XOR, command to tracked run {run:.2f} s, import of mlflow alone {mlflow:.2f} s (goal 5 s)")
