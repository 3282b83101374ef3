"""Fashion-MNIST, on small files of its format and on the real ones where they are."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from kexp import datasets, plugins
from kexp.core.files import DataFile
from kexp.errors import DataError, MissingFileError
from kexp_plugins.datasets import fashion_mnist as module
from kexp_plugins.datasets.fashion_mnist import FashionMNIST

RNG = np.random.default_rng(0)
TRAIN_X, TEST_X = RNG.integers(0, 256, (6, 28, 28), np.uint8), RNG.integers(0, 256, (3, 28, 28), np.uint8)
TRAIN_Y, TEST_Y = np.array([9, 0, 1, 2, 3, 9], np.uint8), np.array([4, 5, 0], np.uint8)
TRAIN_X[0, 0, :2] = 0, 255
CONTENTS = {
    "train-images-idx3-ubyte": struct.pack(">4I", 2051, 6, 28, 28) + TRAIN_X.tobytes(),
    "train-labels-idx1-ubyte": struct.pack(">2I", 2049, 6) + TRAIN_Y.tobytes(),
    "t10k-images-idx3-ubyte": struct.pack(">4I", 2051, 3, 28, 28) + TEST_X.tobytes(),
    "t10k-labels-idx1-ubyte": struct.pack(">2I", 2049, 3) + TEST_Y.tobytes(),
}
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
real = pytest.mark.skipif(
    not (DEBIAN / "train-images-idx3-ubyte.gz").is_file(),
    reason="Fashion-MNIST is not on this machine (Debian: dataset-fashion-mnist)",
)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a Fashion-MNIST of nine images, and their hashes as the published ones."""
    folder = tmp_path / "small"
    folder.mkdir()
    published = []
    for name, content in CONTENTS.items():
        packed = gzip.compress(content)
        (folder / f"{name}.gz").write_bytes(packed)
        hashes = hashlib.sha256(packed).hexdigest(), hashlib.sha256(content).hexdigest()
        published.append(DataFile(f"{name}.gz", f"http://127.0.0.1:9/{name}.gz", hashes[0], len(packed), hashes[1]))
    monkeypatch.setattr(module, "FILES", tuple(published))
    return folder


def test_images_are_scaled_to_one_and_labels_stay_bytes(small: Path) -> None:
    splits = plugins.current()["dataset"].build({"type": "fashion_mnist", "path": str(small)}).load()
    train, test = splits["train"], splits["test"]
    assert np.array_equal(train.x, TRAIN_X.astype("float32") / 255) and train.x.dtype == np.float32
    assert np.array_equal(test.x, TEST_X.astype("float32") / 255)
    assert np.array_equal(train.y, TRAIN_Y) and np.array_equal(test.y, TEST_Y)
    assert train.y.dtype == np.uint8


def test_raw_flat_and_one_hot(small: Path) -> None:
    train = FashionMNIST(str(small), scale=False, flatten=True, one_hot=True).load()["train"]
    assert np.array_equal(train.x, TRAIN_X.reshape(6, 784)) and train.x.dtype == np.uint8
    assert train.y.shape == (6, 10) and train.y.dtype == np.float32
    assert np.array_equal(train.y.argmax(1), TRAIN_Y) and train.y.sum() == 6


def test_uncompressed_files_do_as_well(small: Path) -> None:
    for name, content in CONTENTS.items():
        (small / f"{name}.gz").unlink()
        (small / name).write_bytes(content)
    assert np.array_equal(FashionMNIST(str(small), scale=False).load()["test"].x, TEST_X)


def test_files_below_kexp_data_are_found(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small.rename(small.parent / "fashion-mnist")
    monkeypatch.setenv("KEXP_DATA", str(small.parent))
    assert np.array_equal(FashionMNIST(scale=False).load()["test"].y, TEST_Y)


def test_another_pixel_is_noticed(small: Path) -> None:
    name = "t10k-images-idx3-ubyte"
    (small / f"{name}.gz").write_bytes(gzip.compress(CONTENTS[name][:-1] + b"\7"))
    with pytest.raises(DataError) as caught:
        FashionMNIST(str(small)).load()
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{small}/t10k-images-idx3-ubyte.gz: this is not the published file."
    assert lines[1] == f"sha256 expected: {hashlib.sha256(CONTENTS[name]).hexdigest()}"


def test_what_is_missing_is_listed_with_url_hash_and_folder(small: Path) -> None:
    for file in module.FILES[:3]:
        (small / file.name).unlink()
    with pytest.raises(MissingFileError) as caught:
        FashionMNIST(str(small)).load()
    lines = str(caught.value).splitlines()
    assert lines[0] == f"3 files of the data set 'fashion_mnist' not found in {small}:"
    for place, file in enumerate(module.FILES[:3]):
        assert lines[1 + 3 * place : 4 + 3 * place] == [
            f"  {file.name} ({file.size_bytes} bytes)",
            f"    from   {file.url}",
            f"    sha256 {file.sha256}",
        ]


def test_without_files_and_network_the_real_urls_and_hashes_are_named(tmp_path: Path, monkeypatch) -> None:
    def refuse(file: DataFile, folder: Path) -> Path:
        raise ConnectionRefusedError("no network in tests")

    monkeypatch.setattr("kexp.core.files.download", refuse)
    with pytest.raises(MissingFileError) as caught:
        FashionMNIST().load()
    text = str(caught.value)
    assert text.startswith(
        "4 files of the data set 'fashion_mnist' not found, and the download failed (no network in tests):\n"
        "  train-images-idx3-ubyte.gz (26421880 bytes)\n"
        "    from   http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz\n"
        "    sha256 3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84\n"
    )
    assert f"\nPut copies into {tmp_path}/home/datasets/fashion_mnist, or name a folder" in text


def test_splits_and_classes_are_known_without_files() -> None:
    assert FashionMNIST.splits == ("train", "test")
    assert datasets.fashion_mnist.classes == FashionMNIST.classes
    assert len(set(FashionMNIST.classes)) == 10
    assert (FashionMNIST.classes[0], FashionMNIST.classes[9]) == ("T-shirt/top", "Ankle boot")


def test_the_config_of_a_data_set_makes_its_twin(small: Path) -> None:
    made = FashionMNIST(str(small), flatten=True)
    config = made.get_config()
    assert config == {"path": str(small), "scale": True, "flatten": True, "one_hot": False}
    assert np.array_equal(FashionMNIST.from_config(config).load()["test"].x, made.load()["test"].x)


def test_the_face_gives_raw_pixels_from_any_kind_of_path(small: Path) -> None:
    (x_train, y_train), (x_test, y_test) = datasets.fashion_mnist.load_data(small)
    assert np.array_equal(x_train, TRAIN_X) and np.array_equal(x_test, TEST_X)
    assert np.array_equal(y_train, TRAIN_Y) and np.array_equal(y_test, TEST_Y)


@real
def test_the_real_images_have_the_published_content() -> None:
    (x_train, y_train), (x_test, y_test) = datasets.fashion_mnist.load_data(DEBIAN)
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert x_train.dtype == y_train.dtype == np.uint8
    assert y_train[:5].tolist() == [9, 0, 0, 3, 0] and y_test[:5].tolist() == [9, 2, 1, 1, 6]
    assert np.bincount(y_train).tolist() == [6000] * 10 and np.bincount(y_test).tolist() == [1000] * 10


@real
def test_the_published_archives_have_the_content_we_expect() -> None:
    """The published .gz of the test labels is Debian's with name and time in the header: its MD5 is the authors'."""
    packed = (DEBIAN / "t10k-labels-idx1-ubyte.gz").read_bytes()
    header = b"\x1f\x8b\x08\x08" + struct.pack("<I", 1504176627) + b"\0\3" + b"t10k-labels-idx1-ubyte\0"
    published = header + packed[10:]
    assert hashlib.md5(published, usedforsecurity=False).hexdigest() == "bb300cfdad3c16e7a12a480ee83cd310"
    assert hashlib.sha256(published).hexdigest() == module.TEST_LABELS.sha256
    assert len(published) == module.TEST_LABELS.size_bytes
    assert hashlib.sha256(gzip.decompress(published)).hexdigest() == module.TEST_LABELS.content_sha256
