"""Models with Keras' methods."""

from kexp.models.describing import clone_model, model_from_config, model_from_json
from kexp.models.form import describe
from kexp.models.model import Model
from kexp.models.saving.loading import load_model, save_model
from kexp.models.sequential import Sequential
from kexp.models.wired import wired_model

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "describe",
    "load_model",
    "model_from_config",
    "model_from_json",
    "save_model",
    "wired_model",
]
