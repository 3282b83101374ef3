"""Means and squared deviations of columns, gathered chunk by chunk without loss."""

from __future__ import annotations

from typing import Any

import numpy as np

Values = np.ndarray[Any, Any]


class Moments:
    """Count, mean and sum of squared deviations from it, for each of k columns; NaN does not count.

    Chunks are merged in float64 as if all rows had been there at once.
    Source: Chan, Golub & LeVeque 1979, eq. 2.1.
    """

    def __init__(self, k: int) -> None:
        self.count, self.mean, self.squares = np.zeros(k), np.zeros(k), np.zeros(k)

    def add(self, values: Values) -> None:
        """Take in the rows of `values` (m, k)."""
        values = values.astype(np.float64, copy=False)
        there = ~np.isnan(values)
        full = bool(there.all())
        known = values if full else np.where(there, values, 0.0)
        n = np.full(values.shape[1], float(len(values))) if full else there.sum(0).astype(np.float64)
        mean = known.sum(0) / np.maximum(n, 1)
        apart = known - mean
        if not full:
            apart = np.where(there, apart, 0.0)
        mean = mean + apart.sum(0) / np.maximum(n, 1)  # takes out the first sum's rounding
        apart = known - mean if full else np.where(there, known - mean, 0.0)
        total = self.count + n
        step = mean - self.mean
        share = n / np.maximum(total, 1)
        self.squares = self.squares + (apart * apart).sum(0) + step * step * self.count * share
        self.mean = self.mean + step * share
        self.count = total
