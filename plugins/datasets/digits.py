"""Digits: 1797 pictures of handwritten digits that scikit-learn brings along."""

from __future__ import annotations

import math

import numpy as np

from kexp.core.component import fraction
from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.images import Pixels, image_split
from kexp_plugins.datasets.splitting import check_seed

N_IMAGES = 1797
N_CLASSES = 10


class Digits(Dataset):
    """Handwritten digits of 8 by 8 pixels in 17 shades, real data without a download (Alpaydin & Kaynak 1998).

    Shapes: x (n, 8, 8), float32 in [0, 1], or uint8 0 to 16 where `scale` is false; with `flatten` (n, 64).
    y uint8 (n,), or float32 (n, 10) with `one_hot`. Of the 1797 images a `test_fraction` (rounded up), shuffled by
    `seed` and with every digit in proportion, is the test split: the rows of scikit-learn's
    train_test_split(..., stratify=y). With 0 there is no test split and the order is the file's.
    """

    def __init__(
        self,
        test_fraction: float = 0.2,
        seed: int = 0,
        scale: bool = True,
        flatten: bool = False,
        one_hot: bool = False,
    ) -> None:
        self.test_fraction = fraction("test_fraction", test_fraction)
        self.seed = check_seed(seed)
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot
        self.splits = ("train", "test") if self.test_fraction else ("train",)
        n_test = math.ceil(self.test_fraction * N_IMAGES)
        if n_test and not N_CLASSES <= n_test <= N_IMAGES - N_CLASSES:
            raise ArgumentError(
                f"test_fraction must be 0, or leave at least {N_CLASSES} of the {N_IMAGES} images in both splits. "
                f"Received: {test_fraction!r}"
            )

    def load(self) -> dict[str, Split]:
        from sklearn.datasets import load_digits  # at the door: scikit-learn is slow to import
        from sklearn.model_selection import train_test_split

        bunch = load_digits()
        images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
        if not self.test_fraction:
            return {"train": self._split(images, labels)}
        x_train, x_test, y_train, y_test = train_test_split(
            images, labels, test_size=self.test_fraction, random_state=self.seed, stratify=labels
        )
        return {"train": self._split(x_train, y_train), "test": self._split(x_test, y_test)}

    def _split(self, images: Pixels, labels: Pixels) -> Split:
        return image_split(
            images,
            labels,
            brightest=16 if self.scale else None,
            flatten=self.flatten,
            n_classes=N_CLASSES if self.one_hot else None,
        )


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"digits": Digits}
