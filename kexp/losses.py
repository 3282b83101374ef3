"""The losses that kexp brings along, as classes and as functions: `from kexp.losses import mean_squared_error`."""

from kexp.core.loss import Loss, as_function
from kexp.core.loss import get_loss as get
from kexp_plugins.losses.binary_crossentropy import BinaryCrossentropy
from kexp_plugins.losses.binary_focal_crossentropy import BinaryFocalCrossentropy
from kexp_plugins.losses.categorical_crossentropy import CategoricalCrossentropy
from kexp_plugins.losses.categorical_focal_crossentropy import CategoricalFocalCrossentropy
from kexp_plugins.losses.categorical_hinge import CategoricalHinge
from kexp_plugins.losses.cosine_similarity import CosineSimilarity
from kexp_plugins.losses.crossentropy import Crossentropy
from kexp_plugins.losses.hinge import Hinge
from kexp_plugins.losses.huber import Huber
from kexp_plugins.losses.kl_divergence import KLDivergence
from kexp_plugins.losses.log_cosh import LogCosh
from kexp_plugins.losses.mean_absolute_error import MeanAbsoluteError
from kexp_plugins.losses.mean_absolute_percentage_error import MeanAbsolutePercentageError
from kexp_plugins.losses.mean_squared_error import MeanSquaredError
from kexp_plugins.losses.mean_squared_logarithmic_error import MeanSquaredLogarithmicError
from kexp_plugins.losses.poisson import Poisson
from kexp_plugins.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from kexp_plugins.losses.squared_hinge import SquaredHinge

binary_crossentropy = bce = as_function(BinaryCrossentropy)
binary_focal_crossentropy = as_function(BinaryFocalCrossentropy)
categorical_crossentropy = as_function(CategoricalCrossentropy)
categorical_focal_crossentropy = as_function(CategoricalFocalCrossentropy)
categorical_hinge = as_function(CategoricalHinge)
cosine_similarity = as_function(CosineSimilarity)
hinge = as_function(Hinge)
huber = as_function(Huber)
kl_divergence = kld = as_function(KLDivergence)
log_cosh = logcosh = as_function(LogCosh)
mean_absolute_error = mae = as_function(MeanAbsoluteError)
mean_absolute_percentage_error = mape = as_function(MeanAbsolutePercentageError)
mean_squared_error = mse = as_function(MeanSquaredError)
mean_squared_logarithmic_error = msle = as_function(MeanSquaredLogarithmicError)
poisson = as_function(Poisson)
sparse_categorical_crossentropy = as_function(SparseCategoricalCrossentropy)
squared_hinge = as_function(SquaredHinge)

BCE, KLD, MAE, MAPE, MSE, MSLE = bce, kld, mae, mape, mse, msle

__all__ = [
    "BCE",
    "KLD",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Crossentropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "bce",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "kld",
    "log_cosh",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]
