"""Sequences: `from kexp.preprocessing.sequence import pad_sequences`."""

from kexp.utils import pad_sequences

__all__ = ["pad_sequences"]
