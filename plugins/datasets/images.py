"""What the image data sets share: raw pixels and labels as a split."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.dataset import Split

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def image_split(
    images: Pixels, labels: Pixels, *, brightest: int | None, flatten: bool, n_classes: int | None
) -> Split:
    """The split of images (n, h, w) and labels (n,).

    `brightest`: the pixel value that becomes 1.0, None leaves pixels as they are; `flatten`: x is (n, h * w);
    `n_classes`: y is one-hot, float32 (n, k), None leaves labels as they are.
    """
    # one pass that converts as it divides: the same float32 numbers as images.astype(float32) / brightest
    x = images if brightest is None else np.divide(images, np.float32(brightest), dtype=np.float32)
    y = labels if n_classes is None else np.eye(n_classes, dtype=np.float32)[labels]
    return Split(x.reshape(len(x), -1) if flatten else x, y)
