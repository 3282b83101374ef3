"""A hash of texts that is the same on every computer and in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def stable_hash(text: str, salt: Sequence[int] | None = None) -> int:
    """The first 64 bits of BLAKE2b, with `salt` (two ints) as its key.

    >>> stable_hash("kexp") == stable_hash("kexp") != stable_hash("kexp", [1, 2])
    True
    """
    key = b"" if salt is None else ",".join(map(str, salt)).encode()
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=key).digest(), "little")
