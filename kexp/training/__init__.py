"""The training loop, its history and progress."""

from kexp.training.callbacks import CallbackList
from kexp.training.checkpoint import read_tree, write_tree
from kexp.training.history import History
from kexp.training.objective import Objective, Output, class_weights
from kexp.training.plan import FitPlan
from kexp.training.predicting import predict
from kexp.training.trainer import Trainer

__all__ = [
    "CallbackList",
    "FitPlan",
    "History",
    "Objective",
    "Output",
    "Trainer",
    "class_weights",
    "predict",
    "read_tree",
    "write_tree",
]
