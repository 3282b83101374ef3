"""The four global settings that Keras keeps in its JSON file: floatx, epsilon, backend, image_data_format.

They are read when a component is constructed, not when it is called.
"""

from __future__ import annotations

from dataclasses import dataclass

from kexp.errors import ArgumentError

FLOATS = ("float16", "float32", "float64")
IMAGE_DATA_FORMATS = ("channels_last", "channels_first")


@dataclass
class _Settings:
    floatx: str = "float32"
    epsilon: float = 1e-7
    backend: str = "numpy"
    image_data_format: str = "channels_last"


_settings = _Settings()


def floatx() -> str:
    """The dtype of new weights and of data that are cast: 'float16', 'float32' or 'float64'."""
    return _settings.floatx


def set_floatx(value: str) -> None:
    """Set `floatx`; layers that exist keep theirs."""
    if value not in FLOATS:
        raise ArgumentError(f"floatx must be one of {', '.join(FLOATS)}. Received: {value!r}")
    _settings.floatx = value


def epsilon() -> float:
    """The fuzz that keeps logarithms and divisions finite, 1e-7 unless set."""
    return _settings.epsilon


def set_epsilon(value: float) -> None:
    """Set `epsilon`, a float above 0."""
    if not isinstance(value, float) or not value > 0:
        raise ArgumentError(f"epsilon must be a float above 0. Received: {value!r}")
    _settings.epsilon = value


def image_data_format() -> str:
    """The default order of image axes: 'channels_last' (h, w, c) or 'channels_first' (c, h, w)."""
    return _settings.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set `image_data_format`."""
    if data_format not in IMAGE_DATA_FORMATS:
        raise ArgumentError(
            f"image_data_format must be one of {', '.join(IMAGE_DATA_FORMATS)}. Received: {data_format!r}"
        )
    _settings.image_data_format = data_format


def backend() -> str:
    """The name of the array backend of new models."""
    return _settings.backend


def set_backend(backend: str) -> None:
    """Set the array backend of new models by its registered name."""
    _settings.backend = backend
