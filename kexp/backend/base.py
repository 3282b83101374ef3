"""Backend: where arrays live and which kernels run on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend.kernels import Array, Kernels
from kexp.errors import KexpError


class Backend:
    """An array library, the way to it from the host and back, and its kernels.

    `xp` is the array module (`numpy`, `cupy`). Data enter the device by `asarray` and leave by `to_host`; nothing
    else converts, so an array of the wrong kind is an error where it first appears.
    """

    name = ""
    xp: Any = np

    def __init__(self) -> None:
        self.kernels = Kernels()

    def asarray(self, values: Any, dtype: Any = None) -> Array:
        """`values` (host or device) on this backend's device."""
        return self.xp.asarray(values, dtype=dtype)

    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        """`array` as a NumPy array."""
        return np.asarray(array)

    def describe(self) -> dict[str, str]:
        """Name and versions, for the run's tags."""
        return {"backend": self.name, self.xp.__name__: self.xp.__version__}


class NumpyBackend(Backend):
    """Arrays of NumPy, on the CPU."""

    name = "numpy"


class BackendUnavailableError(KexpError, RuntimeError):
    """A backend whose library or device is not there."""


class CupyBackend(Backend):
    """Arrays of CuPy, on the current CUDA device.

    Raises: BackendUnavailableError, when constructed, if cupy is not installed or sees no device.
    """

    name = "cupy"

    def __init__(self) -> None:
        try:
            import cupy  # the one door to cupy

            count = cupy.cuda.runtime.getDeviceCount()
        except Exception as error:  # cupy raises its own kinds for a missing driver, library or device
            raise BackendUnavailableError(
                f"backend 'cupy' needs cupy and a CUDA device: {error}.\n"
                'Install it with: pip install "kexp[gpu]"; or run on the CPU with backend=numpy.'
            ) from error
        if not count:
            raise BackendUnavailableError("backend 'cupy' found no CUDA device. Run on the CPU with backend=numpy.")
        self.xp = cupy
        super().__init__()

    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        host: np.ndarray[Any, Any] = self.xp.asnumpy(array)
        return host
