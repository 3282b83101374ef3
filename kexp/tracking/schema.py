"""What data look like, in MLflow's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

COLUMN_TYPES = {"bool": "boolean", "int": "long", "uint": "long", "float": "double", "datetime": "datetime"}
"""Starts of dtypes' names -> MLflow's types of columns; all others are texts."""

Form = Any
"""What `kexp.data.identity.form` gives: {"shape", "dtype"}, {"columns"}, or a list or map of these."""


def is_table(form: Form) -> bool:
    """Whether data are one table."""
    return isinstance(form, Mapping) and set(form) == {"columns"}


def column_specs(form: Form, needed: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The columns of a table; `needed`: those that must be there, None for all."""
    return [
        {"type": _column_type(dtype), "name": name, "required": needed is None or name in needed}
        for name, dtype in form["columns"].items()
    ]


def tensor_specs(form: Form) -> list[dict[str, Any]]:
    """The arrays, named where there are several; tables among them are left out."""
    if form is None or is_table(form):
        return []
    parts: dict[Any, Any] = {None: form}
    if isinstance(form, list) or "shape" not in form:
        parts = dict(enumerate(form)) if isinstance(form, list) else dict(form)
    found = []
    for name, part in parts.items():
        if not isinstance(part, Mapping) or "shape" not in part:
            continue
        spec = {"type": "tensor", "tensor-spec": {"dtype": part["dtype"], "shape": [-1, *part["shape"][1:]]}}
        found.append(spec if name is None else {"name": str(name), **spec})
    return found


def _column_type(dtype: str) -> str:
    folded = dtype.lower()
    return next((word for prefix, word in COLUMN_TYPES.items() if folded.startswith(prefix)), "string")
