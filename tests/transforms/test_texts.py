"""clean_text, vectorize_text and pad: what they make of texts and sequences, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from kexp.data import Pipeline
from kexp.errors import ArgumentError, DataError, StateError
from kexp.layers import LSTM, Dense, Embedding
from kexp.models import Sequential
from kexp.transforms import CleanText, Pad, VectorizeText

FIXTURE = json.loads((Path(__file__).parents[1] / "fixtures" / "text_vectorization.json").read_text("utf-8"))
LEARNED = [case for case in FIXTURE["cases"] if "vocabulary" not in case["arguments"]]
TEXTS = ["foo bar", "bar baz", "baz bada boom"]


def fitted(texts: Any = TEXTS, **arguments: Any) -> VectorizeText:
    step = VectorizeText(**arguments)
    step.fit([texts])
    return step


def objects(*values: Any) -> Any:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


@pytest.mark.parametrize("case", LEARNED, ids=lambda case: json.dumps(case["arguments"]))
def test_vocabulary_and_numbers_are_those_of_keras(case: dict[str, Any]) -> None:
    step = fitted(objects(*FIXTURE["texts"]), **case["arguments"])
    got = step.transform(objects(*FIXTURE["new"]))
    assert step.vocabulary_ == case["vocabulary"]
    want = np.asarray(case["y"])
    if step.output_mode == "int":  # Keras' rows end with the longest text of the call, ours with that of the training
        longest = max(want.shape[1], got.shape[1])
        got, want = (np.pad(rows, ((0, 0), (0, longest - rows.shape[1]))) for rows in (got, want))
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_rows_are_as_long_as_the_longest_training_text() -> None:
    step = fitted()
    assert step.transform(["foo", "foo bar baz bada", ""]).tolist() == [[4, 0, 0], [4, 3, 2], [0, 0, 0]]


def test_rows_are_filled_up_and_cut_off_at_either_end() -> None:
    for padding, truncating, want in [
        ("post", "post", [[4, 0], [4, 3]]),
        ("pre", "post", [[0, 4], [4, 3]]),
        ("post", "pre", [[4, 0], [3, 2]]),
        ("pre", "pre", [[0, 4], [3, 2]]),
    ]:
        step = fitted(output_sequence_length=2, padding=padding, truncating=truncating)
        assert step.transform(["foo", "foo bar baz"]).tolist() == want


def test_words_that_were_not_in_the_training_data_are_unk_and_marks_are_dropped() -> None:
    step = fitted()
    assert step.transform(["Foo, qux bar!"]).tolist() == [[4, 1, 3]]
    assert fitted(output_mode="multi_hot").transform(["qux qux foo"]).tolist() == [[1, 0, 0, 1, 0, 0]]
    assert fitted(output_mode="count").transform(["qux qux foo"]).tolist() == [[2, 0, 0, 1, 0, 0]]


def test_all_forms_of_texts_are_taken() -> None:
    want = fitted().transform(TEXTS).tolist()
    forms = [
        np.array(TEXTS),
        objects(*TEXTS),
        np.array(TEXTS)[:, None],
        pandas.Series(TEXTS),
        pandas.DataFrame({"text": TEXTS}),
        np.array(TEXTS).astype("S"),
    ]
    for form in forms:
        assert fitted(form).transform(form).tolist() == want


def test_a_vocabulary_may_be_given(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("foo\nboom\n", encoding="utf-8")
    for given in (["foo", "boom"], ["", "[UNK]", "foo", "boom"], str(tmp_path / "words.txt")):
        step = fitted(vocabulary=given)
        assert step.vocabulary_ == ["", "[UNK]", "foo", "boom"]
        assert step.transform(["boom bar"]).tolist() == [[3, 1, 0]]
    with pytest.raises(ArgumentError, match="the vocabulary has 4 tokens, special ones included, and max_tokens is 3"):
        fitted(vocabulary=["foo", "boom"], max_tokens=3)


def test_a_pipeline_of_texts_is_saved_whole() -> None:
    pipeline = Pipeline([CleanText(), VectorizeText(output_mode="tf_idf")]).fit(objects("Ä b", "ä, c", "d"))
    again = Pipeline.from_json(pipeline.to_json())
    assert again.steps["vectorize_text"].vocabulary_ == ["[UNK]", "ä", "d", "c", "b"]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(again.transform(objects("Ä e")), pipeline.transform(objects("Ä e")))


def test_a_model_with_a_pipeline_is_fed_with_raw_texts() -> None:
    model = Sequential([Embedding(7, 4, mask_zero=True), LSTM(4), Dense(1)], seed=0)
    model.pipeline = Pipeline([VectorizeText()])
    model.compile("adam", "mse")
    model.fit(objects(*TEXTS), np.arange(3.0), epochs=1, verbose=0)
    rest = Sequential(model.layers)
    want = rest.predict(fitted().transform(["boom unheard"]), verbose=0)
    np.testing.assert_allclose(model.predict(objects("Boom, unheard!"), verbose=0), want, rtol=1e-6)


def test_what_is_no_text_is_named_by_row_and_column() -> None:
    for x, text in [
        (objects("a", 2.5), "row 1: a text is needed. Received: 2.5 (float)"),
        (objects("a", None), "row 1: the text is missing. Fill it in first (impute)"),
        (objects("a", np.nan), "row 1: the text is missing. Fill it in first (impute)"),
        (pandas.DataFrame({"t": ["a", None]}), "column 't', row 1: the text is missing. Fill it in first (impute)"),
        (np.array([1.0]), "row 0: a text is needed. Received: 1.0 (float)"),
        ("abc", "a list or an array of texts is needed. Received: a single one, 'abc'"),
        (objects(b"a", b"\xff"), "row 1: byte 0 (0xff) is no utf-8. Decode the texts first"),
        (
            pandas.DataFrame({"t": ["a"], "n": [1]}),
            "texts are needed, and the table has 2 columns: t, n. Choose the one with the texts first (select_columns)",
        ),
    ]:
        with pytest.raises(DataError) as caught:
            fitted().transform(x)
        assert str(caught.value) == text
    with pytest.raises(DataError, match=r"^row 2: a text is needed"):
        VectorizeText().fit([objects("a", "b"), objects(3)])


def test_there_must_be_words_to_learn() -> None:
    with pytest.raises(DataError, match=r"^vectorize_text needs texts with words to fit on\. Received: 2 texts$"):
        fitted(["", "!"])
    with pytest.raises(StateError, match="vectorize_text must be fitted on training data first"):
        VectorizeText().transform(["a"])
    with pytest.raises(ArgumentError, match=r"^max_tokens must leave room for words besides \['', '\[UNK\]'\]"):
        VectorizeText(max_tokens=2)
    with pytest.raises(ArgumentError, match="^pad_to_max_tokens needs max_tokens$"):
        VectorizeText(pad_to_max_tokens=True)


def test_texts_are_cleaned_in_any_language() -> None:
    step = CleanText()
    assert step.transform(["  «Äh!»  Don't\u2014go ", ""]).tolist() == ["äh dontgo", ""]
    assert CleanText(lower=False).transform(["A,b"]).tolist() == ["Ab"]
    assert CleanText(strip_punctuation=False).transform(["A,b"]).tolist() == ["a,b"]


def test_columns_of_texts_are_cleaned_in_their_table() -> None:
    frame = pandas.DataFrame({"a": ["X.", "Y"], "n": [1, 2], "b": ["Z!", "W"]}, index=[5, 6])
    made = CleanText().transform(frame)
    assert made.to_dict("list") == {"a": ["x", "y"], "n": [1, 2], "b": ["z", "w"]}
    assert list(made.index) == [5, 6]
    assert CleanText(columns=["b"]).transform(frame)["a"].tolist() == ["X.", "Y"]
    with pytest.raises(DataError, match=r"^column 'n', row 0: a text is needed\. Received: 1 \(int\)$"):
        CleanText(columns=["n"]).transform(frame)


def test_sequences_are_padded_to_the_longest_of_the_training_data() -> None:
    step = Pad()
    step.fit([[[1], [2, 3]], [[4, 5, 6]]])
    assert step.transform([[7], [1, 2, 3, 4], []]).tolist() == [[0, 0, 7], [2, 3, 4], [0, 0, 0]]
    assert step.transform([[7]]).dtype == np.int32
    step = Pad(2, padding="post", truncating="post", value=-1)
    assert step.transform(objects([7], [1, 2, 3])).tolist() == [[7, -1], [1, 2]]
    with pytest.raises(StateError, match="pad must be fitted on training data first"):
        Pad().transform([[1]])
    with pytest.raises(DataError, match=r"^pad: the 1 sequences to fit on are empty, so their length is unknown"):
        Pad().fit([[[]]])
