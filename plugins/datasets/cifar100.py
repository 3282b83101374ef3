"""CIFAR-100: 60,000 small colour photographs in a hundred classes."""

from __future__ import annotations

from typing import Literal

from kexp.core.component import one_of
from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.cifar import cifar_split, read_batches
from kexp_plugins.datasets.published import find_file

ARCHIVE = DataFile(
    "cifar-100-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    169001437,
)
MEMBERS = {"train": ["cifar-100-python/train"], "test": ["cifar-100-python/test"]}
N_CLASSES = {"fine": 100, "coarse": 20}


class CIFAR100(Dataset):
    """Colour pictures of 32 by 32 pixels in 100 classes, which form 20 superclasses (Krizhevsky 2009).

    Shapes: x (50000, 32, 32, 3) and (10000, 32, 32, 3), (n, 3, 32, 32) where image_data_format is channels_first,
    float32 in [0, 1], or uint8 where `scale` is false; with `flatten` (n, 3072). y uint8 (n, 1) as in Keras, 0 to 99,
    or 0 to 19 where `label_mode` is 'coarse'; float32 (n, k) with `one_hot`.
    Files: cifar-100-python.tar.gz, 161 MiB, from `path` (the file or its folder); without it from KEXP_DATA, the cache
    or the system's folder, else downloaded into the cache; checked by hash. Terms: not stated; its page asks to cite
    Krizhevsky's report.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    splits = ("train", "test")

    def __init__(
        self,
        label_mode: Literal["fine", "coarse"] = "fine",
        path: str | None = None,
        scale: bool = True,
        flatten: bool = False,
        one_hot: bool = False,
    ) -> None:
        self.label_mode = one_of("label_mode", label_mode, ("fine", "coarse"))
        self.path = path
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot

    def load(self) -> dict[str, Split]:
        archive = find_file("cifar100", ARCHIVE, self.path)
        n_classes = N_CLASSES[self.label_mode] if self.one_hot else None
        return {
            name: cifar_split(images, labels, scale=self.scale, flatten=self.flatten, n_classes=n_classes)
            for name, (images, labels) in read_batches(archive, MEMBERS, f"{self.label_mode}_labels").items()
        }


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"cifar100": CIFAR100}
