"""Pullbacks for people who do not write gradients: `vjp(fn, *args)`, and `@rule` to teach it a function."""

from __future__ import annotations

from kexp.autodiff import rules_elementwise, rules_index, rules_products, rules_reductions, rules_shape  # noqa: F401
from kexp.autodiff.backward import vjp
from kexp.autodiff.rules import rule
from kexp.autodiff.tracer import NoDerivativeError, TracingError, stop_gradient

__all__ = ["NoDerivativeError", "TracingError", "rule", "stop_gradient", "vjp"]
