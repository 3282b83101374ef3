"""Fashion-MNIST: 70,000 pictures of clothes in ten classes."""

from __future__ import annotations

from typing import ClassVar

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile, find_files
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.idx import read_images_and_labels
from kexp_plugins.datasets.images import Pixels, image_split

URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"

# The content hashes are those of the published files' own content: the .gz files below, hashed here by SHA-256, have
# the MD5 sums that the authors print in their README (8d4fb7e6..., 25c81989..., bef4ecab..., bb300cfd...).
TRAIN_IMAGES = DataFile(
    "train-images-idx3-ubyte.gz",
    URL + "train-images-idx3-ubyte.gz",
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    26421880,
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
)
TRAIN_LABELS = DataFile(
    "train-labels-idx1-ubyte.gz",
    URL + "train-labels-idx1-ubyte.gz",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    29515,
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
)
TEST_IMAGES = DataFile(
    "t10k-images-idx3-ubyte.gz",
    URL + "t10k-images-idx3-ubyte.gz",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    4422102,
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
)
TEST_LABELS = DataFile(
    "t10k-labels-idx1-ubyte.gz",
    URL + "t10k-labels-idx1-ubyte.gz",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    5148,
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
)
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


class FashionMNIST(Dataset):
    """Grey pictures of 28 by 28 pixels, ten kinds of clothes (Xiao, Rasul & Vollgraf 2017).

    Shapes: x (60000, 28, 28) and (10000, 28, 28), float32 in [0, 1], or uint8 where `scale` is false; with `flatten`
    (n, 784). y uint8 (n,), or float32 (n, 10) with `one_hot`.
    Files: four IDX files, gzipped or not, from the folder `path`; without it from KEXP_DATA, the cache or the folder
    of Debian's package dataset-fashion-mnist, else downloaded into the cache. Their content is checked by hash.
    Raises: MissingFileError if they are nowhere to be had; DataError if one is damaged or another file.
    """

    splits = ("train", "test")
    classes: ClassVar[tuple[str, ...]] = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip

    def __init__(
        self, path: str | None = None, scale: bool = True, flatten: bool = False, one_hot: bool = False
    ) -> None:
        self.path = path
        self.scale = scale
        self.flatten = flatten
        self.one_hot = one_hot

    def load(self) -> dict[str, Split]:
        images, labels, test_images, test_labels = find_files("fashion_mnist", FILES, self.path)
        hashes = [file.content_sha256 for file in FILES]
        return {
            "train": self._split(*read_images_and_labels(images, labels, (hashes[0], hashes[1]))),
            "test": self._split(*read_images_and_labels(test_images, test_labels, (hashes[2], hashes[3]))),
        }

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
    return {"fashion_mnist": FashionMNIST}
