"""MNIST t10k: the 10,000 test pictures of MNIST as a small data set of their own."""

from __future__ import annotations

from typing import ClassVar

from kexp.core.dataset import Dataset, Split
from kexp.core.files import find_files
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.idx import read_images_and_labels
from kexp_plugins.datasets.images import Pixels, image_split
from kexp_plugins.datasets.mnist import DIGITS, TEST_IMAGES, TEST_LABELS
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole

FILES = (TEST_IMAGES, TEST_LABELS)
N_IMAGES = 10_000


class MnistT10k(Dataset):
    """The test pictures of MNIST, 1.6 MB, cut in two: not MNIST's own split, so not to be compared with its results.

    Shapes: x (n, 28, 28), float32 in [0, 1], or uint8 where `scale` is false; with `flatten` (n, 784). y uint8 (n,),
    or float32 (n, 10) with `one_hot`. Of the 10,000 a `test_fraction` (rounded up), shuffled by `seed` and with every
    digit in proportion, is the test split: the rows of scikit-learn's train_test_split(..., stratify=y). With 0 there
    is no test split and the order is the file's.
    Files: the two IDX files t10k-..., gzipped or not, from the folder `path`; without it from KEXP_DATA, the cache or
    the system's folder, else downloaded into the cache. Their content is checked by hash. Terms: as MNIST.
    Raises: MissingFileError if they are nowhere to be had; DataError if one is damaged or another file.
    """

    classes: ClassVar[tuple[str, ...]] = DIGITS

    def __init__(
        self,
        path: str | None = None,
        test_fraction: float = 0.2,
        seed: int = 0,
        scale: bool = True,
        flatten: bool = False,
        one_hot: bool = False,
    ) -> None:
        self.path = path
        self.test_fraction = check_test_fraction(test_fraction, N_IMAGES, len(self.classes), "images")
        self.seed = check_seed(seed)
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        images, labels = find_files("mnist_t10k", FILES, self.path)
        whole = read_images_and_labels(images, labels, (FILES[0].content_sha256, FILES[1].content_sha256))
        splits = split_whole(*whole, self.test_fraction, self.seed, stratify=True)
        return {name: self._split(split.x, split.y) for name, split in splits.items()}

    def _split(self, images: Pixels, labels: Pixels) -> Split:
        return image_split(
            images,
            labels,
            brightest=255 if self.scale else None,
            flatten=self.flatten,
            n_classes=len(self.classes) if self.one_hot else None,
        )


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"mnist_t10k": MnistT10k}
