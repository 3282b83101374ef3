"""The metrics that kexp brings along, as classes and as functions: `from kexp.metrics import BinaryAccuracy`."""

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import FunctionMetric, MeanMetric, Metric, as_function
from kexp.core.reduction import Mean, MeanMetricWrapper, Sum
from kexp.losses import (
    bce,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    cosine_similarity,
    hinge,
    huber,
    kl_divergence,
    kld,
    log_cosh,
    logcosh,
    mae,
    mape,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    mse,
    msle,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from kexp.models.compiling import get_metric as get
from kexp_plugins.metrics.accuracy import Accuracy
from kexp_plugins.metrics.auc import AUC
from kexp_plugins.metrics.binary_accuracy import BinaryAccuracy
from kexp_plugins.metrics.binary_crossentropy import BinaryCrossentropy
from kexp_plugins.metrics.categorical_accuracy import CategoricalAccuracy
from kexp_plugins.metrics.categorical_crossentropy import CategoricalCrossentropy
from kexp_plugins.metrics.categorical_hinge import CategoricalHinge
from kexp_plugins.metrics.cosine_similarity import CosineSimilarity
from kexp_plugins.metrics.crossentropy import Crossentropy
from kexp_plugins.metrics.f1_score import F1Score
from kexp_plugins.metrics.false_negatives import FalseNegatives
from kexp_plugins.metrics.false_positives import FalsePositives
from kexp_plugins.metrics.fbeta_score import FBetaScore
from kexp_plugins.metrics.hinge import Hinge
from kexp_plugins.metrics.kl_divergence import KLDivergence
from kexp_plugins.metrics.log_cosh_error import LogCoshError
from kexp_plugins.metrics.mean_absolute_error import MeanAbsoluteError
from kexp_plugins.metrics.mean_absolute_percentage_error import MeanAbsolutePercentageError
from kexp_plugins.metrics.mean_squared_error import MeanSquaredError
from kexp_plugins.metrics.mean_squared_logarithmic_error import MeanSquaredLogarithmicError
from kexp_plugins.metrics.poisson import Poisson
from kexp_plugins.metrics.precision import Precision
from kexp_plugins.metrics.r2_score import R2Score
from kexp_plugins.metrics.recall import Recall
from kexp_plugins.metrics.root_mean_squared_error import RootMeanSquaredError
from kexp_plugins.metrics.sequence_accuracy import SequenceAccuracy
from kexp_plugins.metrics.sparse_categorical_accuracy import SparseCategoricalAccuracy
from kexp_plugins.metrics.sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from kexp_plugins.metrics.sparse_top_k_categorical_accuracy import SparseTopKCategoricalAccuracy
from kexp_plugins.metrics.squared_hinge import SquaredHinge
from kexp_plugins.metrics.top_k_categorical_accuracy import TopKCategoricalAccuracy
from kexp_plugins.metrics.true_negatives import TrueNegatives
from kexp_plugins.metrics.true_positives import TruePositives

accuracy = as_function(Accuracy)
binary_accuracy = as_function(BinaryAccuracy, "threshold")
categorical_accuracy = as_function(CategoricalAccuracy)
sparse_categorical_accuracy = as_function(SparseCategoricalAccuracy)
sparse_top_k_categorical_accuracy = as_function(SparseTopKCategoricalAccuracy, "k", "from_sorted_ids")
top_k_categorical_accuracy = as_function(TopKCategoricalAccuracy, "k")
BCE, KLD, MAE, MAPE, MSE, MSLE = bce, kld, mae, mape, mse, msle

__all__ = [
    "AUC",
    "BCE",
    "KLD",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Crossentropy",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "FunctionMetric",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "LossMetric",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanMetric",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "Poisson",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "SequenceAccuracy",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "accuracy",
    "bce",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
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
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]
