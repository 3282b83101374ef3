"""Normalization, Rescaling, CategoryEncoding, StringLookup and IntegerLookup: Keras' numbers, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kexp.layers
from kexp.errors import ArgumentError, DataError, MissingFileError, ShapeError, StateError
from kexp.layers import CategoryEncoding, Dense, IntegerLookup, Normalization, Rescaling, StringLookup
from kexp.models import Sequential

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "preprocessing.npz")
CASES = json.loads(str(FIXTURE["cases"]))
VOCABULARY = ["a", "b", "c", "d"]
WORDS = np.array([["a", "c", "d", "d"], ["d", "z", "b", "z"]])


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda index: "-".join(map(str, CASES[index])))
def test_outputs_are_those_of_keras(index: int) -> None:
    name, arguments, _, values = CASES[index]
    layer, x, want = getattr(kexp.layers, name)(**arguments), FIXTURE[f"{index}_x"], FIXTURE[f"{index}_y"]
    options: dict[str, Any] = {}
    if name == "Normalization" and values != "given":
        layer.adapt(x)
        weights = layer.get_weights()
        assert [weight.name for weight in layer.weights] == ["mean", "variance", "count"]
        for place, weight in enumerate(weights):
            np.testing.assert_allclose(weight, FIXTURE[f"{index}_w_{place}"], rtol=1e-5, atol=1e-7)
        layer.set_weights([FIXTURE[f"{index}_w_{place}"] for place in range(3)])
    if values == "weighted":
        options = {"count_weights": np.linspace(0.1, 1.2, x.size, dtype="float32").reshape(x.shape)}
    got = layer(x, **options)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def test_normalization_adapts_to_batches_as_to_the_whole() -> None:
    x = np.random.default_rng(0).normal(100, 0.1, (50, 3))
    whole, parts = Normalization(), Normalization()
    whole.adapt(x)
    parts.adapt(x[start : start + 7] for start in range(0, 50, 7))
    for got, want in zip(parts.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)
    np.testing.assert_allclose(whole.get_weights()[1], x.var(0), rtol=1e-6)


def test_normalization_is_not_trained_and_is_saved_with_the_model(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(3, 2, (40, 3)).astype(np.float32)
    layer = Normalization()
    layer.adapt(x)
    before = layer.get_weights()
    model = Sequential([layer, Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x.sum(1), epochs=2, verbose=0)
    for got, want in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, want)
    assert layer.count_params() == 7
    np.testing.assert_allclose(layer(x).mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(layer(x).std(0), 1, atol=1e-5)


def test_normalization_says_what_is_wrong() -> None:
    with pytest.raises(ArgumentError, match="mean and variance must be given both or not at all"):
        Normalization(mean=1.0)
    with pytest.raises(ArgumentError, match="was given mean and variance, so there is nothing to adapt"):
        Normalization(mean=1.0, variance=1.0).adapt(np.ones((2, 2)))
    with pytest.raises(DataError, match=r"^adapt: the value at \[1, 2\] is missing$"):
        Normalization().adapt(np.array([[1.0, 2, 3], [4, 5, np.nan]]))
    with pytest.raises(DataError, match="adapt needs data"):
        Normalization().adapt([])
    with pytest.raises(DataError, match="adapt needs numbers"):
        Normalization().adapt(np.array(["a", "b"]))
    layer = Normalization()
    layer.adapt(np.ones((3, 2)))
    with pytest.raises(ShapeError, match="was built for inputs"):
        layer(np.ones((3, 4)))


def test_category_encoding_refuses_tokens_out_of_range() -> None:
    with pytest.raises(DataError, match=r"takes whole numbers from 0 to 3\. Received: 4$"):
        CategoryEncoding(4)(np.array([[0, 4]]))
    with pytest.raises(ArgumentError, match=r"count_weights is for output_mode 'count'"):
        CategoryEncoding(4)(np.array([[0, 1]]), count_weights=np.ones((1, 2)))
    with pytest.raises(ArgumentError, match=r"^num_tokens must be a positive int\. Received: None$"):
        CategoryEncoding()


def test_rescaling_needs_numbers() -> None:
    with pytest.raises(ArgumentError, match=r"^scale must be a finite number\. Received: 'x'$"):
        Rescaling("x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "want"),
    [
        ("int", [[1, 3, 4, 4], [4, 0, 2, 0]]),
        ("multi_hot", [[0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]),
        ("count", [[0, 1, 0, 1, 2], [2, 0, 1, 0, 1]]),
    ],
)
def test_string_lookup_gives_what_keras_documents(mode: Any, want: list[list[int]]) -> None:
    assert StringLookup(vocabulary=VOCABULARY, output_mode=mode)(WORDS).tolist() == want


def test_string_lookup_gives_tf_idf_as_keras_documents() -> None:
    layer = StringLookup(output_mode="tf_idf")
    layer.set_vocabulary(VOCABULARY, idf_weights=[0.25, 0.75, 0.6, 0.4])
    want = [[0, 0.25, 0, 0.6, 0.8], [1, 0, 0.75, 0, 0.4]]
    np.testing.assert_allclose(layer(WORDS), want, rtol=1e-6)
    np.testing.assert_allclose(StringLookup.from_config(layer.get_config())(WORDS), want, rtol=1e-6)
    layer = StringLookup(output_mode="tf_idf")
    layer.set_vocabulary(["[UNK]", *VOCABULARY], idf_weights=[0.9, 0.25, 0.75, 0.6, 0.4])
    np.testing.assert_allclose(layer(WORDS)[1], [1.8, 0, 0.75, 0, 0.4], rtol=1e-6)


def test_string_lookup_one_hot_and_inverse_are_those_of_keras() -> None:
    one_hot = StringLookup(vocabulary=VOCABULARY, output_mode="one_hot")(np.array(["a", "b", "c", "d", "z"]))
    assert one_hot.argmax(1).tolist() == [1, 2, 3, 4, 0]
    back = StringLookup(vocabulary=VOCABULARY, invert=True)(np.array([[1, 3, 4], [4, 0, 2]]))
    assert back.tolist() == [["a", "c", "d"], ["d", "[UNK]", "b"]]


def test_lookups_learn_frequent_tokens_first_and_ties_from_the_end_of_the_alphabet() -> None:
    layer = StringLookup(max_tokens=5, mask_token="")
    layer.adapt(["b", "a", "a", "", "c", "[UNK]", "d"])
    assert layer.get_vocabulary() == ["", "[UNK]", "a", "d", "c"]
    assert layer.vocabulary_size() == 5
    assert layer(np.array(["", "a", "b", "c"])).tolist() == [0, 2, 1, 4]
    twin = StringLookup.from_config(layer.get_config())
    assert twin.get_vocabulary() == layer.get_vocabulary()


def test_a_mask_token_is_dropped_from_counts() -> None:
    layer = StringLookup(vocabulary=["a"], mask_token="", output_mode="count")
    assert layer(np.array([["", "a", "q", ""]])).tolist() == [[1, 1]]


def test_adapting_learns_inverse_document_frequencies() -> None:
    layer = StringLookup(output_mode="tf_idf")
    layer.adapt(np.array([["a", "a"], ["b", "a"], ["c", "c"]]))
    assert layer.get_vocabulary() == ["[UNK]", "a", "c", "b"]
    idf = np.log(1 + 3 / (1 + np.array([2, 1, 1])))
    np.testing.assert_allclose(layer(np.array([["a", "q"]])), [[idf.mean(), idf[0], 0, 0]], rtol=1e-6)


def test_integer_lookup_gives_what_keras_documents() -> None:
    layer = IntegerLookup(vocabulary=[12, 36, 1138, 42])
    assert layer(np.array([[12, 1138, 42], [42, 1000, 36]])).tolist() == [[1, 3, 4], [4, 0, 2]]
    layer = IntegerLookup(vocabulary=[12, 36, 1138, 42], num_oov_indices=2)
    assert layer(np.array([[12, 1138, 42], [37, 1000, 36]])).tolist() == [[2, 4, 5], [1, 0, 3]]
    assert IntegerLookup(vocabulary=[12, 36], invert=True)(np.array([1, 2, 0, 9])).tolist() == [12, 36, -1, -1]


def test_unknown_texts_are_spread_over_their_numbers_and_always_the_same_way() -> None:
    words = np.array([f"word {i}" for i in range(300)])
    got = StringLookup(vocabulary=["a"], num_oov_indices=3)(words)
    assert np.bincount(got).min() > 70
    assert got[:8].tolist() == [int(i) for i in StringLookup(vocabulary=["b"], num_oov_indices=3)(words[:8])]
    salted = StringLookup(vocabulary=["a"], num_oov_indices=3, salt=[1, 2])(words)
    assert (salted != got).any()


def test_a_vocabulary_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("ä\nb\n", encoding="utf-8")
    assert StringLookup(vocabulary=str(tmp_path / "words.txt")).get_vocabulary() == ["[UNK]", "ä", "b"]
    with pytest.raises(MissingFileError, match=r"there is no vocabulary file .*nowhere\.txt"):
        StringLookup(vocabulary=str(tmp_path / "nowhere.txt"))
    (tmp_path / "words.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="this is no text in utf-8"):
        StringLookup(vocabulary=str(tmp_path / "words.txt"))


def test_lookups_say_what_is_wrong() -> None:
    with pytest.raises(StateError, match="has no vocabulary yet: call adapt"):
        StringLookup()(WORDS)
    with pytest.raises(StateError, match="was given its vocabulary, so there is nothing to adapt"):
        StringLookup(vocabulary=VOCABULARY).adapt(WORDS)
    with pytest.raises(DataError, match=r"'z' \(row 1\) is not in the vocabulary"):
        StringLookup(vocabulary=VOCABULARY, num_oov_indices=0)(WORDS)
    with pytest.raises(DataError, match=r"takes texts\. Row 1 holds None"):
        StringLookup(vocabulary=VOCABULARY)(np.array(["a", None], dtype=object))
    with pytest.raises(ArgumentError, match="More than once: 'a'"):
        StringLookup(vocabulary=["a", "b", "a"])
    with pytest.raises(ArgumentError, match=r"the token '' is reserved\. .* It stands at place 1$"):
        StringLookup(vocabulary=["a", ""], mask_token="")
    with pytest.raises(ArgumentError, match="the vocabulary has 5 tokens, special ones included, and max_tokens is 3"):
        StringLookup(vocabulary=VOCABULARY, max_tokens=3)
    with pytest.raises(ArgumentError, match="output_mode must be 'int' with invert"):
        StringLookup(vocabulary=VOCABULARY, invert=True, output_mode="count")
    with pytest.raises(DataError, match=r"takes whole numbers\. Received: 1\.5"):
        IntegerLookup(vocabulary=[1])(np.array([1.5]))


def test_a_vocabulary_cannot_change_its_size_once_it_was_used() -> None:
    layer = StringLookup(output_mode="count")
    layer.set_vocabulary(["a", "b"])
    layer(np.array([["a"]]))
    with pytest.raises(StateError, match="was used with 3 tokens"):
        layer.set_vocabulary(["a"])
