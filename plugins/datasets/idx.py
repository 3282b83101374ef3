"""Reader of IDX files, the format of MNIST and its kin."""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from kexp.core.files import check_hash, open_data
from kexp.errors import DataError

UNSIGNED_BYTE = 0x08
BLOCK_BYTES = 1 << 20
Bytes = np.ndarray[Any, np.dtype[np.uint8]]

DEFLATE_LIMIT = 1032
"""Deflate makes data smaller by this factor at most."""


def read_idx(path: Path, ndim: int, sha256: str = "") -> Bytes:
    """The array of unsigned bytes, with `ndim` axes, in an IDX file, plain or gzipped.

    `sha256`: what the uncompressed content's hash must be, where it is known.
    Raises: DataError if the file is cut off, too long, of another kind, or has another hash.
    Source: the format's description on MNIST's page (LeCun, Cortes & Burges 1998): magic number, sizes, values.
    """
    with open_data(path) as file:
        header = file.read(4 + 4 * ndim)
        shape = _shape(path, header, ndim)
        count = math.prod(shape)
        factor = DEFLATE_LIMIT if isinstance(file, gzip.GzipFile) else 1
        if count > factor * path.stat().st_size:  # a damaged header may ask for more memory than there is
            raise DataError(f"{path}: the header announces {count} values of shape {shape}; the file is too short")
        values, got = _fill(file, count)
        surplus = file.read(1)
    if got != count:
        raise DataError(f"{path}: the header announces {count} values of shape {shape}; the file ends after {got}")
    if surplus:
        raise DataError(f"{path}: the header announces {count} values of shape {shape}; the file goes on after them")
    if sha256:
        digest = hashlib.sha256(header)
        digest.update(values.data)
        check_hash(path, digest.hexdigest(), sha256)
    return values.reshape(shape)


def read_images_and_labels(images: Path, labels: Path, sha256: tuple[str, str] = ("", "")) -> tuple[Bytes, Bytes]:
    """Images (n, h, w) and their labels (n,), both uint8; `sha256`: the hashes of their contents.

    Raises: DataError as `read_idx`, and if there are more of the one than of the other.
    """
    x = read_idx(images, 3, sha256[0])
    y = read_idx(labels, 1, sha256[1])
    if len(x) != len(y):
        raise DataError(f"{images} holds {len(x)} images, {labels} {len(y)} labels; they do not belong together")
    return x, y


def _shape(path: Path, header: bytes, ndim: int) -> tuple[int, ...]:
    size = 4 + 4 * ndim
    if len(header) < size:
        raise DataError(f"{path}: an IDX header of {ndim} axes has {size} bytes; the file ends after {len(header)}")
    magic, *shape = struct.unpack(f">{1 + ndim}I", header)
    wanted = UNSIGNED_BYTE << 8 | ndim
    if magic != wanted:
        raise DataError(
            f"{path}: an IDX file of unsigned bytes with {ndim} axes begins with the magic number {wanted}. "
            f"Received: {magic}"
        )
    return tuple(shape)


def _fill(file: BinaryIO, count: int) -> tuple[Bytes, int]:
    """An array of `count` bytes, and how many of them the file had."""
    values = np.empty(count, dtype=np.uint8)
    view, got = values.data, 0
    while got < count and (n := file.readinto(view[got : got + BLOCK_BYTES])):  # type: ignore[attr-defined]
        got += n
    return values, got
