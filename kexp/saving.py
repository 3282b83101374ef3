"""Models as files: `from kexp.saving import load_model`."""

from kexp.models.saving.loading import (
    custom_object_scope,
    get_custom_objects,
    load_model,
    register_keras_serializable,
    save_model,
)
from kexp.models.saving.weights_file import load_weights, save_weights

CustomObjectScope = custom_object_scope
"""custom_object_scope under Keras' other name."""

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "get_custom_objects",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
]
