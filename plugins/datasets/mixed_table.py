"""Tables with texts and missing values, as a DataFrame of the chosen columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.errors import DataError
from kexp_plugins.datasets.bad_cells import BOOLEANS, MISSING, NOT_UTF8, check_widths, explain
from kexp_plugins.datasets.table import Table


def read_frame(table: Table, columns: Sequence[int], texts: Sequence[int], may_miss: Sequence[int]) -> Any:
    """The columns as a DataFrame: `texts` as texts, the others as int64 where all are whole, else as float64.

    Cells of the columns `may_miss` may be empty: None in texts, NaN in numbers.
    Raises: DataError that says where, if other cells are empty, numbers are none or not finite, or rows are too long
    or short.
    """
    import pandas  # at the door: slow to import

    check_widths(table.path, table.separator)
    cells = table.cells(columns)
    found, sound = {}, True
    for column in columns:
        raw = cells[column].str.strip()
        missing = raw.isin(MISSING)
        if column in texts:
            found[column] = raw.astype(object).where(~missing, None)
            sound = sound and (column in may_miss or not missing.any())
            sound = sound and not raw.str.contains(NOT_UTF8, regex=False).any()
            continue
        flags = raw.isin(BOOLEANS)
        numbers = pandas.to_numeric(raw.mask(missing | flags), errors="coerce").astype(np.float64)
        numbers = numbers.mask(flags, (raw.str.lower() == "true").astype(np.float64))
        usable = np.isfinite(numbers) | (missing & (column in may_miss))
        sound = sound and bool(usable.all())
        whole = bool(
            sound and not missing.any() and (numbers.abs() < 2**53).all() and (numbers == np.rint(numbers)).all()
        )
        found[column] = numbers.astype(np.int64) if whole else numbers
    if not sound:
        names = {column: table.name(column) for column in sorted(columns)}
        allowed = {"texts": texts, "may_miss": may_miss}
        explain(table.path, table.separator, header=table.header, names=names, dtype="float64", **allowed)
    strange = next((column for column in columns if NOT_UTF8 in table.name(column)), None)
    if strange is not None:
        raise DataError(f"{table.path}, line 1: the name of {table.name(strange)} is not UTF-8; save the file in it")
    labels = table.names or [str(column) for column in range(table.width)]
    return pandas.DataFrame({labels[column]: values for column, values in found.items()})
