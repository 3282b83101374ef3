"""Reader of the CIFAR archives: tar files of pickled batches."""

from __future__ import annotations

import codecs
import pickle
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.dataset import Split
from kexp.errors import DataError
from kexp_plugins.datasets.images import Pixels, image_split

PIXELS = (3, 32, 32)
_reconstruct = np.empty(0).__reduce__()[0]


def _dtype(name: bytes | str, align: object = False, copy: object = False) -> np.dtype[Any]:
    """np.dtype for the ints 0 and 1 that old pickles give where NumPy now wants bools."""
    return np.dtype(name.decode() if isinstance(name, bytes) else name, align=bool(align), copy=bool(copy))


HARMLESS: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): codecs.encode,
}


class _ArrayUnpickler(pickle.Unpickler):
    """Reads pickles of plain values and NumPy arrays; whatever else a pickle names could run code, and is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in HARMLESS:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no array")
        return HARMLESS[module, name]


def read_batches(
    archive: Path, members: Mapping[str, Sequence[str]], label_key: str
) -> dict[str, tuple[Pixels, Pixels]]:
    """Images (n, 32, 32, 3), or (n, 3, 32, 32) where image_data_format is channels_first, and labels (n, 1), uint8.

    `members`: for each split its files in the archive, in the order in which they are put together. `label_key`: what
    their labels go by.
    Raises: DataError that names archive and member if one is missing or cannot be read.
    """
    wanted = {name for names in members.values() for name in names}
    batches = {}
    with tarfile.open(archive, "r|gz") as tar:  # one pass: going back means to unpack from the start again
        for entry in tar:
            if entry.name in wanted:
                batches[entry.name] = _read_batch(archive, entry.name, tar.extractfile(entry), label_key.encode())
    if missing := sorted(wanted - set(batches)):
        raise DataError(f"{archive}: the archive has no member {', '.join(missing)}")
    return {split: _joined([batches[name] for name in names]) for split, names in members.items()}


def _read_batch(archive: Path, member: str, file: Any, label_key: bytes) -> tuple[Pixels, Pixels]:
    try:
        batch = _ArrayUnpickler(file, encoding="bytes").load()
        return batch[b"data"].reshape(-1, *PIXELS), np.array(batch[label_key], np.uint8).reshape(-1, 1)
    except (KeyError, pickle.UnpicklingError) as error:
        raise DataError(f"{archive}, member {member}: not a batch of CIFAR: {error}") from error


def _joined(batches: Sequence[tuple[Pixels, Pixels]]) -> tuple[Pixels, Pixels]:
    x = np.concatenate([images for images, _ in batches])
    if settings.image_data_format() == "channels_last":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    return x, np.concatenate([labels for _, labels in batches])


def cifar_split(images: Pixels, labels: Pixels, *, scale: bool, flatten: bool, n_classes: int | None) -> Split:
    """The split of what `read_batches` gives; `n_classes`: y is one-hot, float32 (n, k), None leaves it (n, 1)."""
    chosen = labels if n_classes is None else labels[:, 0]
    return image_split(images, chosen, brightest=255 if scale else None, flatten=flatten, n_classes=n_classes)
