"""Models with Keras' methods."""

from kexp.models.model import Model
from kexp.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
