"""Hints: what data of a wrong shape most likely need."""

from __future__ import annotations

import math
from collections.abc import Sequence


def hint_for(got: Sequence[int], want: Sequence[int | None]) -> str:
    """What brings samples of shape `got` to the shape `want`, as a sentence; '' where nothing simple does.

    >>> hint_for((3, 32, 32), (32, 32, 3))
    'This looks like channels_first: np.moveaxis(x, 1, -1) brings the channels to the end.'
    """
    got, want = tuple(got), tuple(want)
    if len(got) > 2 and _fits((*got[1:], got[0]), want):
        return "This looks like channels_first: np.moveaxis(x, 1, -1) brings the channels to the end."
    if len(got) > 2 and _fits((got[-1], *got[:-1]), want):
        return "This looks like channels_last: np.moveaxis(x, -1, 1) brings the channels to the front."
    if _fits((*got, 1), want):
        return "The last axis is missing: x[..., None] adds it."
    if _fits((1, *got), want):
        return "The first axis of a sample is missing: x[:, None] adds it."
    if got and got[-1] == 1 and _fits(got[:-1], want):
        return "There is an axis of size 1 too many: x[..., 0] takes it away."
    if len(want) == 1 and len(got) > 1 and want[0] in (None, math.prod(got)):
        return "A flatten layer at the start takes such samples, and so does x.reshape(len(x), -1) before."
    if len(want) > 1 and len(got) == 1 and None not in want and math.prod(size or 1 for size in want) == got[0]:
        return f"x.reshape(-1, {', '.join(map(str, want))}) gives them this shape, and so does a reshape layer before."
    return ""


def _fits(got: tuple[int, ...], want: tuple[int | None, ...]) -> bool:
    return len(got) == len(want) and all(w is None or g == w for g, w in zip(got, want, strict=True))
