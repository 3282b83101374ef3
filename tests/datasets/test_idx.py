"""The reader of IDX files."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from kexp.errors import DataError
from kexp_plugins.datasets.idx import read_idx, read_images_and_labels

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
IDX = struct.pack(">4I", 2051, 2, 3, 4) + IMAGES.tobytes()


def write(folder: Path, content: bytes, name: str = "images") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda d: gzip.compress(d[:20]) + gzip.compress(d[20:])])
def test_plain_gzipped_and_twice_gzipped_files_are_read(pack, tmp_path: Path) -> None:
    values = read_idx(write(tmp_path, pack(IDX)), 3, hashlib.sha256(IDX).hexdigest())
    assert np.array_equal(values, IMAGES)
    assert values.dtype == np.uint8 and values.flags.writeable


def test_files_longer_than_a_block_are_read_whole(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, 2_500_000, dtype=np.uint8)
    content = struct.pack(">2I", 2049, len(values)) + values.tobytes()
    assert np.array_equal(read_idx(write(tmp_path, gzip.compress(content, 1)), 1), values)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an IDX header of 3 axes has 16 bytes; the file ends after 0"),
        (IDX[:10], "an IDX header of 3 axes has 16 bytes; the file ends after 10"),
        (
            struct.pack(">4I", 2049, 2, 3, 4) + IDX[16:],
            "an IDX file of unsigned bytes with 3 axes begins with the magic number 2051. Received: 2049",
        ),
        (IDX[:-1], "the header announces 24 values of shape (2, 3, 4); the file ends after 23"),
        (IDX + b"\0", "the header announces 24 values of shape (2, 3, 4); the file goes on after them"),
        (
            struct.pack(">4I", 2051, 2**31, 2**31, 4) + IDX[16:],
            f"the header announces {2**64} values of shape (2147483648, 2147483648, 4); the file is too short",
        ),
    ],
    ids=["empty", "header cut off", "magic", "too short", "too long", "absurd sizes"],
)
def test_a_file_that_is_not_what_it_says_is_refused(content: bytes, reason: str, pack, tmp_path: Path) -> None:
    place = write(tmp_path, pack(content))
    with pytest.raises(DataError) as caught:
        read_idx(place, 3)
    assert str(caught.value) == f"{place}: {reason}"


def test_a_gzip_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    place = write(tmp_path, gzip.compress(IDX)[:-9])
    with pytest.raises(DataError) as caught:
        read_idx(place, 3)
    assert str(caught.value) == (
        f"{place}: the gzip file is damaged or cut off: "
        "Compressed file ended before the end-of-stream marker was reached"
    )


def test_content_with_another_hash_is_refused(tmp_path: Path) -> None:
    changed = IDX[:-1] + b"\xff"
    place = write(tmp_path, gzip.compress(changed))
    with pytest.raises(DataError) as caught:
        read_idx(place, 3, hashlib.sha256(IDX).hexdigest())
    assert str(caught.value) == (
        f"{place}: this is not the published file.\n"
        f"sha256 expected: {hashlib.sha256(IDX).hexdigest()}\n"
        f"sha256 found:    {hashlib.sha256(changed).hexdigest()}\n"
        "Remove it or put a sound copy in its place."
    )


def test_images_and_labels_must_be_as_many(tmp_path: Path) -> None:
    images = write(tmp_path, IDX)
    labels = write(tmp_path, struct.pack(">2I", 2049, 3) + b"\1\2\3", "labels")
    with pytest.raises(DataError) as caught:
        read_images_and_labels(images, labels)
    assert str(caught.value) == f"{images} holds 2 images, {labels} 3 labels; they do not belong together"
