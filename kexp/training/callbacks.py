"""CallbackList: calls the callbacks in their order, and only the hooks that each overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kexp.core.callback import HOOKS, Callback, overridden
from kexp.errors import ArgumentError


class CallbackList:
    """The callbacks of one fit, evaluation or prediction.

    `listens(hook)` tells whether anyone wants a hook, so that the loop need not prepare what nobody reads.
    """

    def __init__(self, callbacks: Iterable[Any], model: Any, params: dict[str, Any]) -> None:
        self.callbacks: list[Callback] = []
        self._listeners: dict[str, list[Callable[..., None]]] = {hook: [] for hook in HOOKS}
        for callback in callbacks:
            if isinstance(callback, type) or not isinstance(callback, Callback):
                hint = " Have you forgotten the ()?" if isinstance(callback, type) else ""
                raise ArgumentError(f"callbacks must be kexp.callbacks.Callback objects. Received: {callback!r}.{hint}")
            for hook in overridden(callback):
                self._listeners[hook].append(getattr(callback, hook))
            callback.set_model(model)
            callback.set_params(params)
            self.callbacks.append(callback)

    def listens(self, hook: str) -> bool:
        """Whether any callback overrides `hook`."""
        return bool(self._listeners[hook])

    def call(self, hook: str, *arguments: Any) -> None:
        """Call `hook` on all callbacks that override it, in their order."""
        for listener in self._listeners[hook]:
            listener(*arguments)
