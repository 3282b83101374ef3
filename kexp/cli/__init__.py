"""The command line: verbs of our own, everything else a run that Hydra composes."""

from __future__ import annotations

import functools
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import PurePath
from types import FrameType
from typing import Any

from kexp.cli.help import HELP
from kexp.cli.words import CommandError, debugging, experiments, words_of
from kexp.core.keras2 import Keras2Note
from kexp.errors import ConfigError, KexpError, nearest
from kexp.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code.

    0: done. 1: it failed. 2: the command or the config is wrong. 130: interrupted. 143: terminated.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    terminated = signal.signal(signal.SIGTERM, _terminate) if argv is None else None
    try:
        with warnings.catch_warnings():
            warnings.showwarning = functools.partial(_show_warning, warnings.showwarning)
            return _dispatch(arguments)
    except KeyboardInterrupt as error:  # a run that is told to end by a signal says which
        name = str(error.args[0]) if error.args else "SIGINT"
        print("interrupted" if name == "SIGINT" else f"ended by {name}", file=sys.stderr)
        return 128 + signal.Signals[name]
    except BrokenPipeError:  # the reader of our output (head, less) went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _report(error)
    finally:
        if terminated is not None:
            signal.signal(signal.SIGTERM, terminated)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if arguments[0] in ("--version", "-V", "version"):
        print(f"kexp {__version__}")
        return 0
    first = arguments[0]
    if first in VERBS:
        return VERBS[first](arguments[1:])
    if first[0] not in "-+~" and "=" not in first:
        raise CommandError(_unknown(first))
    from kexp.cli.running import run

    return run(arguments)


def _unknown(word: str) -> str:
    text = f"{word!r} is neither a verb nor a setting (key=value)."
    name = PurePath(word).stem
    if name in experiments():
        return f"{text}\nTo run the experiment: python -m kexp +experiment={name}"
    if word in ("run", "train", "fit"):
        return f"{text}\nTo run an experiment leave it out: python -m kexp +experiment=NAME"
    near = nearest(word, VERBS)
    hint = f"\nDid you mean `{near}`?" if near else ""
    return f"{text}{hint}\nVerbs: {', '.join(VERBS)}. An experiment is run by: python -m kexp +experiment=NAME"


def _report(error: Exception) -> int:
    """Print an error in one or a few lines; the exit code."""
    folder = getattr(error, "run_dir", None)
    if debugging() or not (isinstance(error, KexpError) or folder):
        raise error
    if not getattr(error, "reported", False):
        print(f"error: {words_of(error)}", file=sys.stderr)
    return 2 if isinstance(error, ConfigError | CommandError) else 1


def _show_warning(usual: Callable[..., None], message: Warning | str, category: type[Warning], *rest: Any) -> None:
    """A note on an old spelling is for the person who wrote the config, to whom our source line says nothing."""
    if issubclass(category, Keras2Note):
        print(f"note: {message}", file=sys.stderr)
    else:
        usual(message, category, *rest)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _plugins(arguments: list[str]) -> int:
    from kexp.cli.plugins import show_plugins

    return show_plugins(arguments)


def _show(arguments: list[str]) -> int:
    from kexp.cli.show import show

    return show(arguments)


def _check(arguments: list[str]) -> int:
    from kexp.cli.checking import check

    return check(arguments)


VERBS: dict[str, Callable[[list[str]], int]] = {"check": _check, "plugins": _plugins, "show": _show}
