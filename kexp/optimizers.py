"""The optimizers that kexp brings along: `from kexp.optimizers import Adam`."""

from kexp.core.optimizer import Optimizer
from kexp.core.optimizer import get_optimizer as get
from kexp_plugins.optimizers.adam import Adam
from kexp_plugins.optimizers.adamw import AdamW
from kexp_plugins.optimizers.rmsprop import RMSprop
from kexp_plugins.optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "get"]
