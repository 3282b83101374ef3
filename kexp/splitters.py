"""The splitters that kexp brings along: `from kexp.splitters import Holdout, KFold, Time`."""

from __future__ import annotations

from kexp.core.splitter import Splitter
from kexp_plugins.splitters.holdout import Holdout
from kexp_plugins.splitters.kfold import KFold
from kexp_plugins.splitters.time import Time

__all__ = ["Holdout", "KFold", "Splitter", "Time"]
