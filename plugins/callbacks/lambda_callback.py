"""lambda_callback: a callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kexp.core.callback import HOOKS, Callback, unknown_hook
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl

Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Calls the given functions, each with the arguments of the hook it is named after.

    `on_epoch_end=lambda epoch, logs: ...`; any other hook of `Callback` may be given by its name. In Python only: a
    config holds no code, so what it needs must be a callback class of a plugin.
    Raises: ArgumentError for a name that is no hook, or a value that is no function.
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **kwargs: Any,
    ) -> None:
        given = kwargs | {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, function in given.items():
            if name not in HOOKS:
                raise unknown_hook(f"lambda_callback: {name!r} is no hook.", name)
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(
                    f"lambda_callback.{name} must be a function. Received: {function!r}. A config cannot hold one: "
                    "write a Callback class in a plugin and name it instead."
                )
            setattr(self, name, function)


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"lambda_callback": LambdaCallback}
