"""MNIST and its ten thousand, on small files of their formats and on the real test images."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from kexp import datasets, plugins
from kexp.core.files import DataFile
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.testing import check_dataset
from kexp_plugins.datasets import mnist, mnist_t10k
from kexp_plugins.datasets.mnist import MNIST
from kexp_plugins.datasets.mnist_t10k import MnistT10k

RNG = np.random.default_rng(0)
TRAIN_X, TEST_X = RNG.integers(0, 256, (6, 28, 28), np.uint8), RNG.integers(0, 256, (4, 28, 28), np.uint8)
TRAIN_Y, TEST_Y = np.array([9, 0, 1, 2, 3, 9], np.uint8), np.array([4, 5, 4, 5], np.uint8)
CONTENTS = {
    "train-images-idx3-ubyte": struct.pack(">4I", 2051, 6, 28, 28) + TRAIN_X.tobytes(),
    "train-labels-idx1-ubyte": struct.pack(">2I", 2049, 6) + TRAIN_Y.tobytes(),
    "t10k-images-idx3-ubyte": struct.pack(">4I", 2051, 4, 28, 28) + TEST_X.tobytes(),
    "t10k-labels-idx1-ubyte": struct.pack(">2I", 2049, 4) + TEST_Y.tobytes(),
}


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' file with ten images, its hash taken for the published one."""
    place = tmp_path / "keras" / "mnist.npz"
    place.parent.mkdir()
    np.savez(place, x_train=TRAIN_X, y_train=TRAIN_Y, x_test=TEST_X, y_test=TEST_Y)
    sha = hashlib.sha256(place.read_bytes()).hexdigest()
    monkeypatch.setattr(mnist, "ARCHIVE", DataFile("mnist.npz", "http://127.0.0.1:9/mnist.npz", sha, 1))
    return place


@pytest.fixture
def idx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the authors' four files, of the same ten images."""
    folder = tmp_path / "idx"
    folder.mkdir()
    published = []
    for name, content in CONTENTS.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        published.append(DataFile(f"{name}.gz", "http://127.0.0.1:9/x", "0", 1, hashlib.sha256(content).hexdigest()))
    monkeypatch.setattr(mnist, "IDX_FILES", tuple(published))
    monkeypatch.setattr(mnist_t10k, "FILES", tuple(published[2:]))
    monkeypatch.setattr(mnist_t10k, "N_IMAGES", 400)
    return folder


def raw(path: Path | str | None) -> list[np.ndarray]:
    splits = MNIST(None if path is None else str(path), scale=False).load()
    return [splits["train"].x, splits["train"].y, splits["test"].x, splits["test"].y]


@pytest.mark.parametrize("source", ["archive", "idx"])
def test_keras_file_and_the_authors_files_give_the_same(source: str, request: pytest.FixtureRequest) -> None:
    place = request.getfixturevalue(source)
    for path in (place, place.parent if source == "archive" else place):
        for got, want in zip(raw(path), (TRAIN_X, TRAIN_Y, TEST_X, TEST_Y), strict=True):
            assert np.array_equal(got, want) and got.dtype == np.uint8


def test_a_folder_with_both_is_read_from_keras_file(archive: Path, idx: Path) -> None:
    archive.rename(idx / "mnist.npz")
    (idx / "t10k-labels-idx1-ubyte.gz").write_bytes(b"broken")
    assert np.array_equal(raw(idx)[3], TEST_Y)


def test_a_file_of_any_name_may_be_given(archive: Path) -> None:
    other = archive.rename(archive.parent / "digits.npz")
    assert np.array_equal(raw(other)[0], TRAIN_X)
    assert np.array_equal(datasets.mnist.load_data(other)[1][0], TEST_X)


def test_files_below_kexp_data_are_found(idx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idx.rename(idx.parent / "mnist")
    monkeypatch.setenv("KEXP_DATA", str(idx.parent))
    assert np.array_equal(raw(None)[0], TRAIN_X)
    assert np.array_equal(datasets.mnist.load_data()[0][1], TRAIN_Y)


def test_mnist_keeps_the_contract(archive: Path) -> None:
    check_dataset(lambda: MNIST(str(archive), flatten=True, one_hot=True))
    train = MNIST(str(archive), one_hot=True).load()["train"]
    assert train.x.dtype == np.float32 and train.x.max() <= 1 and train.y.shape == (6, 10)


def test_a_damaged_archive_is_refused(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(DataError) as caught:
        MNIST(str(archive.parent)).load()
    assert str(caught.value).splitlines()[0] == f"{archive}: this is not the published file."


def test_without_files_keras_file_is_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: DataFile, folder: Path) -> Path:
        raise ConnectionRefusedError("no network in tests")

    monkeypatch.setattr("kexp.core.files.download", refuse)
    with pytest.raises(MissingFileError) as caught:
        MNIST().load()
    assert str(caught.value).startswith(
        "1 file of the data set 'mnist' not found, and the download failed (no network in tests):\n"
        "  mnist.npz (11490434 bytes)\n"
        "    from   https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz\n"
        "    sha256 731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1\n"
        f"Put copies into {tmp_path}/home/datasets/mnist, or name a folder"
    )


def test_the_names_of_the_classes_are_the_digits() -> None:
    assert "".join(MNIST.classes) == "".join(MnistT10k.classes) == "".join(datasets.digits.classes) == "0123456789"


def test_the_ten_thousand_are_cut_in_two_with_digits_in_proportion(idx: Path) -> None:
    splits = MnistT10k(str(idx), test_fraction=0.5, scale=False).load()
    assert sorted(splits["test"].y.tolist()) == sorted(splits["train"].y.tolist()) == [4, 5]
    whole = MnistT10k(str(idx), test_fraction=0, scale=False).load()
    assert tuple(whole) == ("train",) and np.array_equal(whole["train"].x, TEST_X)


def test_another_pixel_is_noticed(idx: Path) -> None:
    name = "t10k-images-idx3-ubyte"
    (idx / f"{name}.gz").write_bytes(gzip.compress(CONTENTS[name][:-1] + b"\7"))
    for maker in (MNIST, MnistT10k):
        with pytest.raises(DataError) as caught:
            maker(str(idx)).load()
        assert str(caught.value).splitlines()[0] == f"{idx}/{name}.gz: this is not the published file."


def test_a_fraction_that_leaves_too_few_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        MnistT10k(test_fraction=0.0005)
    text = "test_fraction must be 0, or leave at least 10 of the 10000 images in both splits. Received: 0.0005"
    assert str(caught.value) == text


def test_the_real_ten_thousand(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEXP_DATA", str(real_data))
    whole = plugins.current()["dataset"].build({"type": "mnist_t10k", "test_fraction": 0, "scale": False}).load()
    assert whole["train"].y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(whole["train"].y).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    (x_train, y_train), (x_test, _) = datasets.mnist_t10k.load_data()
    assert (x_train.shape, x_test.shape, x_train.dtype) == ((8000, 28, 28), (2000, 28, 28), np.uint8)
    assert np.abs(np.bincount(y_train) - np.bincount(whole["train"].y) * 0.8).max() <= 1
