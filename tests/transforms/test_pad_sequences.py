"""pad_sequences: Keras' rows, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError, DataError
from kexp.preprocessing.sequence import pad_sequences as by_the_old_path
from kexp.utils import pad_sequences


def by_hand(sequences: list[list[int]], maxlen: int, padding: str, truncating: str, value: int) -> list[list[int]]:
    rows = []
    for sequence in sequences:
        part = (
            sequence[len(sequence) - maxlen :] if truncating == "pre" and len(sequence) > maxlen else sequence[:maxlen]
        )
        fill = [value] * (maxlen - len(part))
        rows.append(fill + part if padding == "pre" else part + fill)
    return rows


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_ragged_sequences_become_rows(padding: Any, truncating: Any) -> None:
    rng = np.random.default_rng(0)
    sequences = [rng.integers(1, 99, length).tolist() for length in rng.integers(0, 9, 50)]
    for maxlen in (1, 5, 12):
        got = pad_sequences(sequences, maxlen, padding=padding, truncating=truncating, value=-1)
        assert got.tolist() == by_hand(sequences, maxlen, padding, truncating, -1)
        assert got.dtype == np.int32
    assert pad_sequences(sequences).shape == (50, 8)


def test_it_gives_what_keras_documents() -> None:
    sequence = [[1], [2, 3], [4, 5, 6]]
    assert pad_sequences(sequence).tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
    assert pad_sequences(sequence, value=-1).tolist() == [[-1, -1, 1], [-1, 2, 3], [4, 5, 6]]
    assert pad_sequences(sequence, padding="post").tolist() == [[1, 0, 0], [2, 3, 0], [4, 5, 6]]
    assert pad_sequences(sequence, maxlen=2).tolist() == [[0, 1], [2, 3], [5, 6]]
    assert by_the_old_path is pad_sequences


def test_steps_may_be_vectors_and_texts() -> None:
    made = pad_sequences([np.ones((1, 2)), np.ones((3, 2))], dtype="float32", value=0.5)
    assert made[:, 0].tolist() == [[0.5, 0.5], [1, 1]]
    assert pad_sequences([["a"], ["b", "c"]], dtype=object, value="").tolist() == [["", "a"], ["b", "c"]]
    assert pad_sequences([[0.25]], dtype="float32").tolist() == [[0.25]]


def test_what_does_not_fit_is_named_by_its_row() -> None:
    for sequences, text in [
        ([[1], 2], "row 1: a sequence is needed. Received: 2 (int)"),
        ([[1], "ab"], "row 1: a sequence is needed. Received: 'ab' (str)"),
        (3, "a list of sequences is needed. Received: 3"),
        ([[1], [0.5]], "row 1: 0.5 cannot be a number of int32. Give a dtype that holds it, such as float32"),
        ([[1 << 40]], f"row 0: {1 << 40} cannot be a number of int32. Give a dtype that holds it, such as float32"),
        ([[np.nan]], "row 0: nan cannot be a number of int32. Give a dtype that holds it, such as float32"),
        ([["a"]], "row 0: numbers are needed, and the sequence holds 'a'. For texts give dtype=object"),
        ([[1], [[1, 2]]], "row 1: the sequences are of numbers each, as in row 0. Received: (2,)"),
        ([], "there are no sequences, so there is no longest one: give maxlen"),
    ]:
        with pytest.raises(DataError) as caught:
            pad_sequences(sequences)
        assert str(caught.value) == text
    with pytest.raises(ArgumentError, match=r"^padding must be one of 'pre', 'post'\. Received: 'left'$"):
        pad_sequences([[1]], padding="left")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="^value is the text 'x', which int32 cannot hold: give dtype=object$"):
        pad_sequences([[1]], value="x")
    with pytest.raises(ArgumentError, match=r"^value must be a whole number for int32\. Received: 0\.5$"):
        pad_sequences([[1]], value=0.5)
