"""MNIST: 70,000 pictures of handwritten digits."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile, find_files, have_files
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.idx import read_images_and_labels
from kexp_plugins.datasets.images import Pixels, image_split
from kexp_plugins.datasets.published import find_file, read_arrays

ARCHIVE = DataFile(
    "mnist.npz",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    11490434,
)
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
TRAIN_IMAGES = DataFile(
    "train-images-idx3-ubyte.gz",
    URL + "train-images-idx3-ubyte.gz",
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    9912422,
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
TRAIN_LABELS = DataFile(
    "train-labels-idx1-ubyte.gz",
    URL + "train-labels-idx1-ubyte.gz",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    28881,
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
TEST_IMAGES = DataFile(
    "t10k-images-idx3-ubyte.gz",
    URL + "t10k-images-idx3-ubyte.gz",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    1648877,
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
TEST_LABELS = DataFile(
    "t10k-labels-idx1-ubyte.gz",
    URL + "t10k-labels-idx1-ubyte.gz",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    4542,
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
IDX_FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
DIGITS = tuple("0123456789")


class MNIST(Dataset):
    """Grey pictures of 28 by 28 pixels, the ten handwritten digits (LeCun, Cortes & Burges 1998).

    Shapes: x (60000, 28, 28) and (10000, 28, 28), float32 in [0, 1], or uint8 where `scale` is false; with `flatten`
    (n, 784). y uint8 (n,), or float32 (n, 10) with `one_hot`.
    Files: Keras' mnist.npz, or the authors' four IDX files, gzipped or not, which are the same data. `path`: their
    folder, or the npz file itself; without it KEXP_DATA, the cache and the system's folder are searched, and mnist.npz
    is downloaded into the cache if neither is there. Content is checked by hash.
    Terms: CC BY-SA 3.0, as Keras' documentation has it.
    Raises: MissingFileError if they are nowhere to be had; DataError if one is damaged or another file.
    """

    splits = ("train", "test")
    classes: ClassVar[tuple[str, ...]] = DIGITS

    def __init__(
        self, path: str | None = None, scale: bool = True, flatten: bool = False, one_hot: bool = False
    ) -> None:
        self.path = path
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot

    def load(self) -> dict[str, Split]:
        x_train, y_train, x_test, y_test = self._arrays()
        return {"train": self._split(x_train, y_train), "test": self._split(x_test, y_test)}

    def _arrays(self) -> list[Pixels]:
        is_file = self.path is not None and Path(self.path).expanduser().is_file()
        archived = is_file or have_files("mnist", [ARCHIVE], self.path)
        if archived or not have_files("mnist", IDX_FILES, self.path):
            return read_arrays(find_file("mnist", ARCHIVE, self.path), *ARRAYS)
        places = find_files("mnist", IDX_FILES, self.path)
        hashes = [file.content_sha256 for file in IDX_FILES]
        return [
            *read_images_and_labels(places[0], places[1], (hashes[0], hashes[1])),
            *read_images_and_labels(places[2], places[3], (hashes[2], hashes[3])),
        ]

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
    return {"mnist": MNIST}
