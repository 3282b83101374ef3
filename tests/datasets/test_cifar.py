"""CIFAR-10 and CIFAR-100, on small archives written as Python 2 wrote the published ones."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import tarfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import datasets
from kexp.backend import settings
from kexp.core.files import DataFile
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.testing import check_dataset
from kexp_plugins.datasets import cifar10, cifar100
from kexp_plugins.datasets.cifar10 import CIFAR10
from kexp_plugins.datasets.cifar100 import CIFAR100

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, 3072), np.uint8)
LABELS = [9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9]


def text(value: bytes) -> bytes:
    return b"T" + struct.pack("<I", len(value)) + value


def python_2_pickle(pixels: np.ndarray, labels: dict[bytes, list[int]]) -> bytes:
    """What Python 2's cPickle, protocol 2, and its NumPy made of {"data": pixels, **labels}."""
    rows, width = (b"M" + struct.pack("<H", size) for size in pixels.shape)
    reconstruct = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R"
    dtype = b"cnumpy\ndtype\nU\x02u1K\0K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    array = reconstruct + b"(K\x01" + rows + width + b"\x86" + dtype + b"\x89" + text(pixels.tobytes()) + b"tb"
    items = text(b"data") + array
    for name, numbers in labels.items():
        items += text(name) + b"](" + b"".join(b"K" + bytes([number]) for number in numbers) + b"e"
    return b"\x80\x02}(" + items + b"u."


def write(place: Path, members: dict[str, bytes]) -> str:
    """A tar.gz file; its hash."""
    with tarfile.open(place, "w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(place.read_bytes()).hexdigest()


def batches() -> dict[str, bytes]:
    """Two images for each of the six files of CIFAR-10, the last first in the archive."""
    names = [*cifar10.MEMBERS["test"], *cifar10.MEMBERS["train"][::-1]]
    order = [5, 4, 3, 2, 1, 0]
    pieces = {n: slice(2 * k, 2 * k + 2) for n, k in zip(names, order, strict=True)}
    made = {n: python_2_pickle(PIXELS[rows], {b"labels": LABELS[rows]}) for n, rows in pieces.items()}
    return {"cifar-10-batches-py/batches.meta": b"no batch", **made}


@pytest.fixture
def ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, bytes]], Path]:
    def made(members: dict[str, bytes]) -> Path:
        place = tmp_path / "cifar-10-python.tar.gz"
        file = DataFile(place.name, "http://127.0.0.1:9/x", write(place, members), 1)
        monkeypatch.setattr(cifar10, "ARCHIVE", file)
        return place

    return made


def test_batches_are_put_together_in_order_with_the_channels_last(ten: Any) -> None:
    place = ten(batches())
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # old pickles must not make NumPy warn
        (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data(place)
    images = PIXELS.reshape(12, 3, 32, 32).transpose(0, 2, 3, 1)
    assert np.array_equal(x_train, images[:10]) and np.array_equal(x_test, images[10:])
    assert np.array_equal(y_train, np.array(LABELS[:10])[:, None]) and y_test.tolist() == [[0], [9]]
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert x_train.flags.c_contiguous


def test_channels_come_first_where_that_is_the_setting(ten: Any) -> None:
    place = ten(batches())
    settings.set_image_data_format("channels_first")
    assert np.array_equal(CIFAR10(str(place), scale=False).load()["train"].x, PIXELS[:10].reshape(10, 3, 32, 32))


def test_cifar10_keeps_the_contract(ten: Any) -> None:
    place = ten(batches())
    check_dataset(lambda: CIFAR10(str(place)))
    train = CIFAR10(str(place.parent), flatten=True, one_hot=True).load()["train"]
    assert train.x.shape == (10, 3072) and train.x.dtype == np.float32 and train.x.max() == 1
    assert train.y.shape == (10, 10) and train.y.argmax(1).tolist() == LABELS[:10]


def test_cifar10_names_its_classes() -> None:
    assert len(CIFAR10.classes) == 10 and CIFAR10.classes[6] == "frog"
    assert datasets.cifar10.classes == CIFAR10.classes


def test_a_pickle_that_names_anything_but_arrays_is_refused(ten: Any) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return eval, ("1 / 0",)

    place = ten(batches() | {"cifar-10-batches-py/data_batch_3": pickle.dumps({b"data": Evil()}, 2)})
    with pytest.raises(DataError) as caught:
        CIFAR10(str(place)).load()
    assert str(caught.value) == (
        f"{place}, member cifar-10-batches-py/data_batch_3: not a batch of CIFAR: "
        "it names __builtin__.eval, which is no array"
    )


def test_a_batch_without_labels_is_refused(ten: Any) -> None:
    place = ten(batches() | {"cifar-10-batches-py/test_batch": python_2_pickle(PIXELS[:1], {b"names": [1]})})
    with pytest.raises(DataError) as caught:
        CIFAR10(str(place)).load()
    name = "cifar-10-batches-py/test_batch"
    assert str(caught.value) == f"{place}, member {name}: not a batch of CIFAR: b'labels'"


def test_missing_batches_are_named(ten: Any) -> None:
    members = batches()
    del members["cifar-10-batches-py/data_batch_2"], members["cifar-10-batches-py/data_batch_5"]
    place = ten(members)
    with pytest.raises(DataError) as caught:
        CIFAR10(str(place)).load()
    missing = "cifar-10-batches-py/data_batch_2, cifar-10-batches-py/data_batch_5"
    assert str(caught.value) == f"{place}: the archive has no member {missing}"


def test_an_archive_that_is_cut_off_is_another_file(ten: Any) -> None:
    place = ten(batches())
    place.write_bytes(place.read_bytes()[:-100])
    with pytest.raises(DataError) as caught:
        CIFAR10(str(place)).load()
    assert str(caught.value).splitlines()[0] == f"{place}: this is not the published file."


def test_the_hundred_classes_are_fine_or_coarse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "cifar-100-python.tar.gz"
    labels = {b"fine_labels": [99, 3, 7], b"coarse_labels": [19, 0, 4]}
    members = {f"cifar-100-python/{split}": python_2_pickle(PIXELS[rows], labels)
               for split, rows in (("train", slice(0, 3)), ("test", slice(3, 6)))}  # fmt: skip
    monkeypatch.setattr(cifar100, "ARCHIVE", DataFile(place.name, "http://127.0.0.1:9/x", write(place, members), 1))
    check_dataset(lambda: CIFAR100(path=str(place)))
    (x_train, fine), (x_test, _) = datasets.cifar100.load_data(path=place)
    assert fine.tolist() == [[99], [3], [7]]
    assert np.array_equal(x_test, PIXELS[3:6].reshape(3, 3, 32, 32).transpose(0, 2, 3, 1)) and len(x_train) == 3
    assert datasets.cifar100.load_data("coarse", place)[0][1].tolist() == [[19], [0], [4]]
    assert CIFAR100("coarse", str(place), one_hot=True).load()["test"].y.shape == (3, 20)


def test_another_label_mode_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        CIFAR100("rough")  # type: ignore[arg-type]
    assert str(caught.value) == "label_mode must be one of 'fine', 'coarse'. Received: 'rough'"


def test_without_a_file_url_and_hash_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: DataFile, folder: Path) -> Path:
        raise ConnectionRefusedError("no network in tests")

    monkeypatch.setattr("kexp.core.files.download", refuse)
    for maker, sha in ((CIFAR10, "6d958be074577803d12e"), (CIFAR100, "85cd44d02ba6437773c5")):
        with pytest.raises(MissingFileError) as caught:
            maker().load()
        assert "https://www.cs.toronto.edu/~kriz/cifar-10" in str(caught.value)
        assert f"sha256 {sha}" in str(caught.value)
