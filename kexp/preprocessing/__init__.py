"""Keras 2's place for helpers that now are in `kexp.utils`: `from kexp.preprocessing.sequence import pad_sequences`."""

from kexp.preprocessing import image, sequence
from kexp.utils import image_dataset_from_directory, text_dataset_from_directory, timeseries_dataset_from_array

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
