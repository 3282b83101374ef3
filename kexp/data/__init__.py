"""Data for the training loop: sources with random access, and feeds that cut them into batches."""

from kexp.data.feed import Block, Feed, part
from kexp.data.source import ArraySource, Source, as_array, as_list, check_lengths, is_source

__all__ = ["ArraySource", "Block", "Feed", "Source", "as_array", "as_list", "check_lengths", "is_source", "part"]
