"""The losses that kexp brings along, as classes and as functions: `from kexp.losses import mean_squared_error`."""

from kexp.core.loss import Loss, as_function
from kexp.core.loss import get_loss as get
from kexp_plugins.losses.binary_crossentropy import BinaryCrossentropy
from kexp_plugins.losses.categorical_crossentropy import CategoricalCrossentropy
from kexp_plugins.losses.mean_absolute_error import MeanAbsoluteError
from kexp_plugins.losses.mean_squared_error import MeanSquaredError
from kexp_plugins.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy

binary_crossentropy = bce = as_function(BinaryCrossentropy)
categorical_crossentropy = as_function(CategoricalCrossentropy)
mean_absolute_error = mae = as_function(MeanAbsoluteError)
mean_squared_error = mse = as_function(MeanSquaredError)
sparse_categorical_crossentropy = as_function(SparseCategoricalCrossentropy)

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "bce",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mae",
    "mean_absolute_error",
    "mean_squared_error",
    "mse",
    "sparse_categorical_crossentropy",
]
