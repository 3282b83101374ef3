"""The metrics that kexp brings along: `from kexp.metrics import BinaryAccuracy`."""

from kexp.core.metric import FunctionMetric, MeanMetric, Metric
from kexp_plugins.metrics.accuracy import Accuracy
from kexp_plugins.metrics.binary_accuracy import BinaryAccuracy
from kexp_plugins.metrics.categorical_accuracy import CategoricalAccuracy
from kexp_plugins.metrics.mean_absolute_error import MeanAbsoluteError
from kexp_plugins.metrics.mean_squared_error import MeanSquaredError
from kexp_plugins.metrics.sparse_categorical_accuracy import SparseCategoricalAccuracy

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "FunctionMetric",
    "MeanAbsoluteError",
    "MeanMetric",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
]
