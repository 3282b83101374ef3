"""MLflow's limits, and how names and values are made to fit."""

from __future__ import annotations

import hashlib
import re

MAX_PARAM_VALUE = 6000
MAX_TAG_VALUE = 5000
MAX_NAME = 250
MAX_EXPERIMENT_NAME = 500
PARAMS_PER_BATCH = 100
METRICS_PER_BATCH = 1000
PARAM_MARK = "… (cut; whole value in config.yaml)"
TAG_MARK = "… (cut)"


class Names:
    """Gives each name a form that MLflow accepts, and no two names the same.

    >>> names = Names()
    >>> names.fit("train/loss"), names.fit("a(b)"), names.fit("a[b]"), names.fit("/x//y/")
    ('train/loss', 'a_b_', 'a_b_-26974bc5', 'x/y')
    """

    def __init__(self) -> None:
        self._fitted: dict[str, str] = {}
        self._taken: set[str] = set()

    def fit(self, name: str) -> str:
        """The form of `name` for MLflow: letters, digits, _ - . / and spaces, at most 250 characters."""
        if name not in self._fitted:
            fitted = _cut_name(_allowed(name), name)
            if fitted in self._taken:
                fitted = f"{fitted[: MAX_NAME - 9]}-{_digest(name)}"
            self._taken.add(fitted)
            self._fitted[name] = fitted
        return self._fitted[name]


def _allowed(name: str) -> str:
    parts = re.sub(r"[^/\w.\- ]", "_", name).split("/")
    parts = ["__" if part == ".." else part for part in parts if part not in ("", ".")]
    return re.sub(r"^\.\.", "__", "/".join(parts)) or "_"  # MLflow reads every leading .. as a way out of its folder


def _cut_name(fitted: str, name: str) -> str:
    return fitted if len(fitted) <= MAX_NAME else f"{fitted[: MAX_NAME - 9]}-{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]


def fit_text(text: str, limit: int, mark: str) -> str:
    """`text` with at most `limit` characters, `mark` at the end of what was cut, all of it fit for a database.

    >>> fit_text("a" * 20, 10, "…cut")
    'aaaaaa…cut'
    """
    text = text.encode("utf-8", "replace").decode().replace("\0", "�")
    return text if len(text) <= limit else text[: limit - len(mark)] + mark
