"""CIFAR-10: 60,000 small colour photographs in ten classes."""

from __future__ import annotations

from typing import ClassVar

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.cifar import cifar_split, read_batches
from kexp_plugins.datasets.published import find_file

ARCHIVE = DataFile(
    "cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    170498071,
)
FOLDER = "cifar-10-batches-py"
MEMBERS = {
    "train": [f"{FOLDER}/data_batch_{number}" for number in range(1, 6)],
    "test": [f"{FOLDER}/test_batch"],
}


class CIFAR10(Dataset):
    """Colour pictures of 32 by 32 pixels, ten kinds of animals and vehicles (Krizhevsky 2009).

    Shapes: x (50000, 32, 32, 3) and (10000, 32, 32, 3), (n, 3, 32, 32) where image_data_format is channels_first,
    float32 in [0, 1], or uint8 where `scale` is false; with `flatten` (n, 3072). y uint8 (n, 1) as in Keras, or
    float32 (n, 10) with `one_hot`.
    Files: cifar-10-python.tar.gz, 163 MiB, from `path` (the file or its folder); without it from KEXP_DATA, the cache
    or the system's folder, else downloaded into the cache; checked by hash. Terms: not stated; its page asks to cite
    Krizhevsky's report.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    splits = ("train", "test")
    classes: ClassVar[tuple[str, ...]] = (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip

    def __init__(
        self, path: str | None = None, scale: bool = True, flatten: bool = False, one_hot: bool = False
    ) -> None:
        self.path = path
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot

    def load(self) -> dict[str, Split]:
        archive = find_file("cifar10", ARCHIVE, self.path)
        n_classes = len(self.classes) if self.one_hot else None
        return {
            name: cifar_split(images, labels, scale=self.scale, flatten=self.flatten, n_classes=n_classes)
            for name, (images, labels) in read_batches(archive, MEMBERS, "labels").items()
        }


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"cifar10": CIFAR10}
