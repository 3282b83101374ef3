"""Data for the training loop: sources with random access, pipelines, and feeds that cut them into batches."""

from kexp.core.source import Source, is_source
from kexp.data.batches import Batches
from kexp.data.feed import Batched, Block, Feed
from kexp.data.identity import describe, digest, form
from kexp.data.pipeline import Pipeline
from kexp.data.py_dataset import PyDataset
from kexp.data.rows import class_labels, columns_of, count_rows, is_table, part_of_split, take_rows
from kexp.data.source import ArraySource, ConvertedSource, as_array, as_list, as_texts, check_lengths, is_text
from kexp.data.tables import as_table, with_index

__all__ = [
    "ArraySource", "Batched", "Batches", "Block", "ConvertedSource", "Feed", "Pipeline", "PyDataset", "Source",
    "as_array", "as_list", "as_table", "as_texts", "check_lengths", "class_labels", "columns_of", "count_rows",
    "describe", "digest", "form", "is_source", "is_table", "is_text", "part_of_split", "take_rows",
    "with_index",
]  # fmt: skip
