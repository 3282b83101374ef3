"""Small helpers with Keras' names."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.streams import set_random_seed
from kexp.data import PyDataset
from kexp.data.making import split_dataset, timeseries_dataset_from_array
from kexp.errors import DataError
from kexp.tracking.plots_of_models import plot_model
from kexp_plugins.datasets.image_directory import image_dataset_from_directory
from kexp_plugins.datasets.pictures import array_to_img, img_to_array, load_img, save_img
from kexp_plugins.datasets.text_directory import text_dataset_from_directory
from kexp_plugins.transforms.sequences import pad_sequences

__all__ = [
    "PyDataset",
    "Sequence",
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "normalize",
    "pad_sequences",
    "plot_model",
    "save_img",
    "set_random_seed",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
]

Sequence = PyDataset
"""PyDataset under its name in Keras 2."""


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """One-hot rows for class numbers: x (n, ...) or (n, ..., 1) -> (n, ..., num_classes), in floatx.

    Raises: DataError for class numbers that are negative, too large or not whole.

    >>> to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    labels = np.asarray(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    whole = labels.astype(np.int64)
    if not np.array_equal(whole, labels):
        raise DataError(f"class numbers must be whole. Received: {labels[whole != labels].ravel()[0]!r}")
    classes = int(whole.max(initial=-1)) + 1 if num_classes is None else num_classes
    wrong = whole[(whole < 0) | (whole >= classes)]
    if wrong.size:
        raise DataError(f"class numbers must lie in 0..{classes - 1}. Received: {wrong.ravel()[0]}")
    rows = np.zeros((*whole.shape, classes), dtype=settings.floatx())
    np.put_along_axis(rows, whole[..., None], 1, axis=-1)
    return rows


def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray[Any, Any]:
    """x divided by its norm along `axis`; rows of zeros stay zeros."""
    values = np.atleast_1d(np.asarray(x, dtype=settings.floatx()))
    norms = np.linalg.norm(values, order, axis, keepdims=True)
    return values / np.where(norms == 0, 1, norms)
