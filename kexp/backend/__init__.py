"""Array backends: NumPy on the CPU, CuPy on the GPU, and the hot kernels."""

from kexp.backend.base import Backend, BackendUnavailableError, CupyBackend, NumpyBackend
from kexp.backend.kernels import Array, Kernels

__all__ = ["Array", "Backend", "BackendUnavailableError", "CupyBackend", "Kernels", "NumpyBackend"]
