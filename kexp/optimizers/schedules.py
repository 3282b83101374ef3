"""The learning-rate schedules that kexp brings along: `from kexp.optimizers.schedules import ExponentialDecay`."""

from kexp.core.schedule import Schedule
from kexp_plugins.schedules.cosine_decay import CosineDecay
from kexp_plugins.schedules.cosine_decay_restarts import CosineDecayRestarts
from kexp_plugins.schedules.exponential_decay import ExponentialDecay
from kexp_plugins.schedules.inverse_time_decay import InverseTimeDecay
from kexp_plugins.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from kexp_plugins.schedules.polynomial_decay import PolynomialDecay

LearningRateSchedule = Schedule

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "Schedule",
]
