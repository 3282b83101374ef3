"""Named random streams: each use of randomness has a stream of its own.

A stream is derived from (root seed, owner's name, purpose) and from nothing else, so adding a layer, a callback
or a data set changes no other stream.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import numpy as np

from kexp.errors import ArgumentError


def stream(root: int, owner: str, purpose: str) -> np.random.Generator:
    """The generator of (root seed, owner, purpose).

    >>> a, b = stream(7, "dense", "kernel"), stream(7, "dense", "kernel")
    >>> bool(a.random() == b.random())
    True
    """
    digest = hashlib.blake2b(f"{root}/{owner}/{purpose}".encode(), digest_size=32).digest()
    words = np.frombuffer(digest, dtype=np.uint32)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words.tolist())))


def checked_seed(seed: Any, owner: str) -> int:
    """`seed`, if it is an int."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ArgumentError(f"the seed of {owner!r} must be an int or None. Received: {seed!r}")
    return int(seed)


class Streams:
    """The streams of one model or run: made at first use, kept, and with a state that can be saved."""

    def __init__(self, root: int | None = None) -> None:
        self.root = secrets.randbits(63) if root is None else int(root)
        self._made: dict[tuple[str, str], np.random.Generator] = {}

    def get(self, owner: str, purpose: str, seed: int | None = None) -> np.random.Generator:
        """The stream of `owner` for `purpose`; an owner's own `seed` stands in for the root seed."""
        key = (owner, purpose)
        if key not in self._made:
            self._made[key] = stream(self.root if seed is None else checked_seed(seed, owner), owner, purpose)
        return self._made[key]

    def get_state(self) -> dict[str, Any]:
        """Root seed and the position of every stream that was used, as plain values."""
        return {
            "root": self.root,
            "streams": [[*key, generator.bit_generator.state] for key, generator in self._made.items()],
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to where `get_state` was."""
        self.root = state["root"]
        self._made = {}
        for owner, purpose, position in state["streams"]:
            self.get(owner, purpose).bit_generator.state = position


_global_seed: int | None = None
_models_made = 0


def set_random_seed(seed: int) -> None:
    """Make what is built from here on repeatable: models, shuffling, dropout.

    Each model built after this call has a root seed of its own, derived from `seed` and from how many models were
    built since, so a second model does not start with the first one's weights.
    """
    global _global_seed, _models_made
    _global_seed, _models_made = int(seed), 0


def next_root_seed() -> int:
    """The root seed of the next model: from `set_random_seed`, else from the operating system."""
    global _models_made
    if _global_seed is None:
        return secrets.randbits(63)
    _models_made += 1
    return int(stream(_global_seed, "model", str(_models_made)).integers(2**63))
