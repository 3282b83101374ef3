"""The contract suites, shipped for plugin authors: one `check_...` for each kind of component.

A suite runs its checks on what a maker gives and fails by an AssertionError that names the class, the mode and what
differs. `skip=` leaves out checks by name, for a component that is meant to break one.
"""

from __future__ import annotations

from kexp.testing.activation import check_activation
from kexp.testing.backend import check_backend
from kexp.testing.callback import check_callback
from kexp.testing.constraint import check_constraint
from kexp.testing.dataset import check_dataset
from kexp.testing.device import FakeDevice, FakeDeviceArray
from kexp.testing.fake_fit import FakeModel
from kexp.testing.initializer import check_initializer
from kexp.testing.kernels import check_kernels
from kexp.testing.layer import check_layer
from kexp.testing.loss import check_loss
from kexp.testing.metric import check_metric
from kexp.testing.optimizer import check_optimizer
from kexp.testing.regularizer import check_regularizer
from kexp.testing.schedule import check_schedule
from kexp.testing.splitter import check_splitter
from kexp.testing.transform import check_transform

__all__ = [
    "FakeDevice",
    "FakeDeviceArray",
    "FakeModel",
    "check_activation",
    "check_backend",
    "check_callback",
    "check_constraint",
    "check_dataset",
    "check_initializer",
    "check_kernels",
    "check_layer",
    "check_loss",
    "check_metric",
    "check_optimizer",
    "check_regularizer",
    "check_schedule",
    "check_splitter",
    "check_transform",
]
