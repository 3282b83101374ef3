"""Arguments that Keras writes into configs for its own engine, and that mean nothing here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

ANY = object()
WITHOUT_EFFECT: dict[str, Any] = {
    "autocast": ANY,
    "implementation": ANY,
    "optional": False,
    "quantization_config": None,
    "ragged": False,
    "rms_scaling": False,
    "sparse": False,
    "time_major": False,
}
"""Argument -> the only value that can be left out, or ANY."""


def without_engine(config: Mapping[str, Any], accepted: Collection[str]) -> dict[str, Any]:
    """The config without those arguments, unless the class knows them."""

    def counts(name: str, value: Any) -> bool:
        if name in accepted or name not in WITHOUT_EFFECT:
            return True
        allowed = WITHOUT_EFFECT[name]
        return not (allowed is ANY or value is None or value is allowed)

    return {name: value for name, value in config.items() if counts(name, value)}
