"""The callbacks that kexp brings along: `from kexp.callbacks import EarlyStopping`."""

from kexp.core.callback import Callback
from kexp.core.monitor import MonitorCallback
from kexp.training import History
from kexp_plugins.callbacks.csv_logger import CSVLogger
from kexp_plugins.callbacks.early_stopping import EarlyStopping
from kexp_plugins.callbacks.lambda_callback import LambdaCallback
from kexp_plugins.callbacks.learning_rate_scheduler import LearningRateScheduler
from kexp_plugins.callbacks.model_checkpoint import ModelCheckpoint
from kexp_plugins.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from kexp_plugins.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]
