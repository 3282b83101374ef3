"""`python -m benchmarks [name ...]`: run the benchmarks, all by default.

Keras is measured where it is: in this environment, or in the one whose interpreter KEXP_BENCH_KERAS names.
"""

from __future__ import annotations

import sys

from benchmarks import fashion, startup, xor

BENCHMARKS = {"startup": startup.main, "xor": xor.main, "fashion": fashion.main}


def main(names: list[str]) -> int:
    """Run the named benchmarks; prints a line for each figure."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}. Known: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        print(f"{name}:", flush=True)
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
