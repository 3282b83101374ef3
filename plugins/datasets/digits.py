"""Digits: 1797 pictures of handwritten digits that scikit-learn brings along."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.images import Pixels, image_split
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole

N_IMAGES = 1797


class Digits(Dataset):
    """Handwritten digits of 8 by 8 pixels in 17 shades, real data without a download (Alpaydin & Kaynak 1998).

    Shapes: x (n, 8, 8), float32 in [0, 1], or uint8 0 to 16 where `scale` is false; with `flatten` (n, 64).
    y uint8 (n,), or float32 (n, 10) with `one_hot`. Of the 1797 images a `test_fraction` (rounded up), shuffled by
    `seed` and with every digit in proportion, is the test split: the rows of scikit-learn's
    train_test_split(..., stratify=y). With 0 there is no test split and the order is the file's.
    """

    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")

    def __init__(
        self,
        test_fraction: float = 0.2,
        seed: int = 0,
        scale: bool = True,
        flatten: bool = False,
        one_hot: bool = False,
    ) -> None:
        self.test_fraction = check_test_fraction(test_fraction, N_IMAGES, len(self.classes), "images")
        self.seed = check_seed(seed)
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        from sklearn.datasets import load_digits  # at the door: scikit-learn is slow to import

        bunch = load_digits()
        images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
        splits = split_whole(images, labels, self.test_fraction, self.seed, stratify=True)
        return {name: self._split(split.x, split.y) for name, split in splits.items()}

    def _split(self, images: Pixels, labels: Pixels) -> Split:
        return image_split(
            images,
            labels,
            brightest=16 if self.scale else None,
            flatten=self.flatten,
            n_classes=len(self.classes) if self.one_hot else None,
        )


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"digits": Digits}
