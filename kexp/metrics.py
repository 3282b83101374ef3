"""The metrics that kexp brings along: `from kexp.metrics import BinaryAccuracy`."""

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import FunctionMetric, MeanMetric, Metric
from kexp.core.reduction import Mean, MeanMetricWrapper, Sum
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
from kexp_plugins.metrics.sparse_categorical_accuracy import SparseCategoricalAccuracy
from kexp_plugins.metrics.sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from kexp_plugins.metrics.sparse_top_k_categorical_accuracy import SparseTopKCategoricalAccuracy
from kexp_plugins.metrics.squared_hinge import SquaredHinge
from kexp_plugins.metrics.top_k_categorical_accuracy import TopKCategoricalAccuracy
from kexp_plugins.metrics.true_negatives import TrueNegatives
from kexp_plugins.metrics.true_positives import TruePositives

__all__ = [
    "AUC",
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
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
]
