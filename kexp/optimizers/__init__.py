"""The optimizers that kexp brings along: `from kexp.optimizers import Adam`; their schedules in `schedules`."""

from kexp.core.optimizer import Optimizer
from kexp.core.optimizer import get_optimizer as get
from kexp.optimizers import schedules
from kexp_plugins.optimizers.adadelta import Adadelta
from kexp_plugins.optimizers.adagrad import Adagrad
from kexp_plugins.optimizers.adam import Adam
from kexp_plugins.optimizers.adamax import Adamax
from kexp_plugins.optimizers.adamw import AdamW
from kexp_plugins.optimizers.nadam import Nadam
from kexp_plugins.optimizers.rmsprop import RMSprop
from kexp_plugins.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "get",
    "schedules",
]
