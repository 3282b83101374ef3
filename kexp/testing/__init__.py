"""The contract suites, shipped for plugin authors: one `check_...` for each kind of component."""

from __future__ import annotations

from kexp.testing.device import FakeDevice, FakeDeviceArray
from kexp.testing.layer import check_layer

__all__ = ["FakeDevice", "FakeDeviceArray", "check_layer"]
