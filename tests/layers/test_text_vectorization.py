"""TextVectorization: Keras' vocabularies and numbers, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from kexp.errors import ArgumentError, DataError, StateError
from kexp.layers import LSTM, Dense, Embedding, Input, TextVectorization
from kexp.models import Model, Sequential, model_from_json

FIXTURE = json.loads((Path(__file__).parents[1] / "fixtures" / "text_vectorization.json").read_text("utf-8"))
TEXTS = ["foo bar", "bar baz", "baz bada boom"]


@pytest.mark.parametrize("case", FIXTURE["cases"], ids=lambda case: json.dumps(case["arguments"]))
def test_vocabulary_and_output_are_those_of_keras(case: dict[str, Any]) -> None:
    arguments, texts, new = case["arguments"], FIXTURE["texts"], np.array(FIXTURE["new"])
    column = "split" in arguments and arguments["split"] is None
    layer = TextVectorization(**arguments)
    if "vocabulary" not in arguments:
        layer.adapt([[text] for text in texts] if column else texts)
    assert layer.get_vocabulary() == case["vocabulary"]
    got = layer(new[:, None] if column else new)
    assert got.shape == np.shape(case["y"])
    np.testing.assert_allclose(got, case["y"], rtol=1e-6)
    assert got.dtype == (np.int64 if arguments.get("output_mode", "int") == "int" else np.float32)


def test_it_gives_what_keras_documents() -> None:
    layer = TextVectorization(max_tokens=5000, output_mode="int", output_sequence_length=4)
    layer.adapt(TEXTS)
    assert layer([["foo qux bar"], ["qux baz"]]).tolist() == [[4, 1, 3, 0], [1, 2, 0, 0]]
    assert layer.vocabulary_size() == 7
    assert layer.get_vocabulary(include_special_tokens=False) == ["baz", "bar", "foo", "boom", "bada"]


def test_batches_series_and_bytes_are_learned_from_as_arrays_are() -> None:
    want = TextVectorization(output_mode="tf_idf")
    want.adapt(TEXTS)
    batches = ([text] for text in [*TEXTS, "never read"])
    for data, steps in [(batches, 3), (pandas.Series(TEXTS), None), (np.array(TEXTS).astype("S"), None)]:
        layer = TextVectorization(output_mode="tf_idf")
        layer.adapt(data, steps=steps)
        assert layer.get_vocabulary() == want.get_vocabulary()
        np.testing.assert_array_equal(layer(["foo baz"]), want(["foo baz"]))


def test_what_was_learned_is_in_the_config() -> None:
    for mode in ("int", "tf_idf"):
        layer = TextVectorization(output_mode=mode, ngrams=(1, 2))  # type: ignore[arg-type]
        layer.adapt(TEXTS)
        twin = TextVectorization.from_config(json.loads(json.dumps(layer.get_config())))
        assert twin.get_vocabulary() == layer.get_vocabulary()
        np.testing.assert_allclose(twin(TEXTS), layer(TEXTS), rtol=1e-6)


def test_functions_may_change_and_cut_texts() -> None:
    layer = TextVectorization(
        standardize=lambda texts: np.char.replace(np.char.lower(texts), "-", " "),
        split=lambda texts: [text.split(",") for text in texts],
    )
    layer.adapt(["A-b,c", "c"])
    assert layer.get_vocabulary() == ["", "[UNK]", "c", "a b"]
    wrong = TextVectorization(standardize=lambda texts: texts[:1])
    with pytest.raises(DataError, match=r"standardize must give a text for each of 3\. Received: shape \(1,\)$"):
        wrong.adapt(TEXTS)


def test_output_shapes() -> None:
    assert TextVectorization(output_sequence_length=9).compute_output_shape((None,)) == (None, 9)
    assert TextVectorization().compute_output_shape((None, 1)) == (None, None)
    assert TextVectorization(vocabulary=["a"], output_mode="count").compute_output_shape((None,)) == (None, 2)
    assert TextVectorization(vocabulary=["a"])(np.array(["", ""])).shape == (2, 0)


def test_it_can_be_adapted_again_after_use() -> None:
    layer = TextVectorization()
    layer.adapt(["a"])
    layer(["a b"])
    layer.adapt(["b c"])
    assert layer(["a b"]).tolist() == [[1, 3]]


def test_it_says_what_is_wrong() -> None:
    with pytest.raises(StateError, match=r"^layer 'words' has no vocabulary yet: call adapt\(texts\) first"):
        TextVectorization(name="words")(["a"])
    with pytest.raises(StateError, match="was given its vocabulary, so there is nothing to adapt"):
        TextVectorization(vocabulary=["a"]).adapt(["a"])
    layer = TextVectorization(vocabulary=["a"], name="words")
    with pytest.raises(DataError, match=r"^layer 'words': row 1: a text is needed\. Received: 3 \(int\)$"):
        layer(np.array(["a", 3], dtype=object))
    with pytest.raises(DataError, match=r"^layer 'words': row 1: the text is missing\. Fill it in first \(impute\)$"):
        layer(np.array(["a", None], dtype=object))
    with pytest.raises(DataError, match=r"^layer 'words': texts \(n,\) or \(n, 1\) are needed, .*shape \(1, 2\)$"):
        layer(np.array([["a", "b"]]))
    with pytest.raises(DataError, match=r"^layer 'words': there are no tokens to adapt to$"):
        TextVectorization(name="words").adapt(["", "..."])
    with pytest.raises(ArgumentError, match=r"^standardize must be one of 'lower_and_strip_punctuation', .*'upper'$"):
        TextVectorization(standardize="upper")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"^ngrams must be a positive int, a list of them, or None\. Received: 0$"):
        TextVectorization(ngrams=0)
    with pytest.raises(ArgumentError, match=r"^output_sequence_length is for output_mode 'int'\. Received: 'count'$"):
        TextVectorization(output_mode="count", output_sequence_length=3)
    with pytest.raises(ArgumentError, match=r"^ragged is not supported: it must be False\. Received: True$"):
        TextVectorization(ragged=True)


@pytest.mark.parametrize("texts", [np.array(TEXTS), np.array(TEXTS, dtype=object), np.array(TEXTS)[:, None]])
def test_a_model_that_begins_with_it_is_fed_with_texts(texts: Any) -> None:
    layer = TextVectorization(output_sequence_length=3)
    layer.adapt(texts)
    model = Sequential([layer, Embedding(7, 4, mask_zero=True), LSTM(4), Dense(1)], seed=0)
    model.compile("adam", "mse")
    model.fit(texts, np.arange(3.0), epochs=2, verbose=0)
    rest = Sequential(model.layers[1:])
    want = rest.predict(layer(texts), verbose=0)
    np.testing.assert_allclose(model.predict(texts, verbose=0), want, rtol=1e-6)
    assert len(np.unique(want)) == 3


def test_a_saved_model_knows_its_words() -> None:
    texts = np.array(TEXTS)[:, None]
    layer = TextVectorization(output_sequence_length=3)
    layer.adapt(texts)
    inputs = Input(shape=(1,), dtype="string")
    model = Model(inputs, Dense(1)(LSTM(4)(Embedding(7, 4)(layer(inputs)))))
    twin = model_from_json(model.to_json())
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin.predict(texts, verbose=0), model.predict(texts, verbose=0))
