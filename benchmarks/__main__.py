"""`python -m benchmarks [name ...]`: run the benchmarks, all but the long ones by default.

A long one is named alone, with its own options: `python -m benchmarks larger_than_memory --gib 4`.

Keras is measured where it is: in this environment, or in the one whose interpreter KEXP_BENCH_KERAS names.
"""

from __future__ import annotations

import sys

from benchmarks import augmentation, fashion, feeding, larger_than_memory, startup, xor

BENCHMARKS = {
    "startup": startup.main,
    "xor": xor.main,
    "fashion": fashion.main,
    "feeding": feeding.main,
    "augmentation": augmentation.main,
}
LONG = {"larger_than_memory": larger_than_memory.main}


def main(names: list[str]) -> int:
    """Run the named benchmarks; prints a line for each figure."""
    if names and names[0] in LONG:
        print(f"{names[0]}:", flush=True)
        LONG[names[0]](names[1:])
        return 0
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}. Known: {', '.join([*BENCHMARKS, *LONG])}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        print(f"{name}:", flush=True)
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
