"""Models with Keras' methods."""

from kexp.models.model import Model
from kexp.models.sequential import Sequential
from kexp.models.wired import wired_model

__all__ = ["Model", "Sequential", "wired_model"]
