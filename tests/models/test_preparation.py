"""Models and raw data: tables, labels, pipelines, what validation_split takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kexp.errors import ArgumentError, DataError, StateError
from kexp.layers import Concatenate, Dense, Input
from kexp.models import Model, Sequential
from kexp.models.preparation import SortedLabelsWarning

RNG = np.random.default_rng(0)
N = 60
TABLE = pd.DataFrame(
    {"a": RNG.normal(3, 2, N), "b": RNG.normal(size=N), "g": RNG.choice(["x", "y"], N)}, index=np.arange(N) + 500
)
LABELS = pd.Series(np.where(TABLE.a > 3, "yes", "no"), index=TABLE.index)
STEPS = {"one_hot": {"columns": ["g"]}, "standardize": {}}
STEPS = {name: {"type": name, **arguments} for name, arguments in STEPS.items()}


def model(units: int = 1, activation: str | None = "sigmoid", loss: str = "binary_crossentropy") -> Sequential:
    made = Sequential([Dense(4, activation="relu"), Dense(units, activation=activation)], seed=3)
    made.compile("adam", loss, metrics=["accuracy"] if activation else [])
    return made


def test_the_pipeline_is_fitted_on_the_rows_that_train() -> None:
    made = model()
    made.pipeline = STEPS
    made.fit(TABLE, LABELS, validation_split=0.25, verbose=0)
    train = TABLE.iloc[:45]
    learned = made.pipeline.steps["standardize"].get_state()
    one_hot = np.stack([train.a, train.b, train.g == "x", train.g == "y"], 1).astype(float)
    np.testing.assert_allclose(np.asarray(learned["mean_"]), one_hot.mean(0))


def test_predict_evaluate_and_fit_take_raw_rows() -> None:
    made, by_hand = model(), model()
    made.pipeline = STEPS
    made.fit(TABLE, LABELS, epochs=2, verbose=0, shuffle=False)
    x = np.stack([TABLE.a, TABLE.b, TABLE.g == "x", TABLE.g == "y"], 1).astype(float)
    x, y = (x - x.mean(0)) / x.std(0), (LABELS == "yes").to_numpy().astype(int)
    by_hand.fit(x, y, epochs=2, verbose=0, shuffle=False)
    np.testing.assert_allclose(made.predict(TABLE), by_hand.predict(x), rtol=1e-6)
    np.testing.assert_allclose(made.evaluate(TABLE, LABELS), by_hand.evaluate(x, y), rtol=1e-6)


def test_predictions_can_keep_the_index_and_the_labels() -> None:
    made = model()
    made.pipeline = STEPS
    made.fit(TABLE, LABELS, epochs=1, verbose=0)
    some = TABLE.iloc[[7, 2]]
    classes = made.predict_classes(some, labels=True, keep_index=True)
    assert classes.index.tolist() == [507, 502]
    assert set(classes) <= {"yes", "no"}
    assert made.predict(some, keep_index=True).index.tolist() == [507, 502]
    with pytest.raises(ArgumentError, match="keep_index=True needs a DataFrame, whose index is kept. Received: list"):
        made.predict([[1.0, 2.0, "x"]], keep_index=True)


def test_one_column_a_class_gives_the_columns_as_labels() -> None:
    made = model(2, "softmax", "categorical_crossentropy")
    made.fit(TABLE[["a", "b"]], pd.get_dummies(LABELS), epochs=1, verbose=0)
    probabilities = made.predict(TABLE, keep_index=True)
    assert list(probabilities.columns) == ["no", "yes"]
    assert made.predict_classes(TABLE, labels=True).tolist() == probabilities.idxmax(axis=1).tolist()


def test_class_numbers_from_1_come_back_as_they_were() -> None:
    y = np.where(TABLE.a > 3, 7, 1)
    for steps in (["label_encode"], ["label_encode", "to_categorical"]):
        made = model(2, "softmax", "sparse_categorical_crossentropy" if len(steps) == 1 else "categorical_crossentropy")
        made.target_pipeline = steps
        made.fit(TABLE[["a", "b"]], y, epochs=40, verbose=0)
        assert set(made.predict_classes(TABLE, labels=True).tolist()) == {1, 7}


def test_a_label_that_was_not_trained_on_is_named() -> None:
    made = model()
    made.fit(TABLE[["a", "b"]], LABELS, verbose=0)
    with pytest.raises(DataError) as error:
        made.evaluate(TABLE, LABELS.replace("yes", "maybe"), verbose=0)
    row = int((LABELS == "yes").to_numpy().argmax())
    assert str(error.value) == (
        f"the target 'maybe' (row {row}) is none of the classes that the model was trained on: no, yes"
    )


@pytest.mark.parametrize("kind", [int, "Int64", bool, "boolean", list])
def test_class_numbers_and_booleans_are_their_own_labels(kind: Any) -> None:
    made, y = model(), LABELS == "yes"
    made.fit(TABLE[["a", "b"]], y.astype(int).tolist() if kind is list else y.astype(kind), verbose=0)
    found = made.predict_classes(TABLE, labels=True)
    assert found.dtype.kind == ("b" if kind in (bool, "boolean") else "i")
    assert found.tolist() == made.predict_classes(TABLE)[:, 0].tolist()


def test_labels_that_nobody_knows_are_an_error() -> None:
    made = model()
    made.fit(TABLE[["a", "b"]], (LABELS == "yes").astype(float), verbose=0)
    with pytest.raises(StateError, match="labels=True needs to know the labels"):
        made.predict_classes(TABLE, labels=True)


def test_a_table_is_matched_by_its_columns_names() -> None:
    made = model()
    made.fit(TABLE[["a", "b"]], LABELS, verbose=0)
    np.testing.assert_array_equal(made.predict(TABLE[["g", "b", "a"]]), made.predict(TABLE[["a", "b"]]))
    with pytest.raises(DataError, match="the table lacks the columns b. It has: a"):
        made.predict(TABLE[["a"]])


def test_columns_of_one_name_are_an_error() -> None:
    twice = pd.concat([TABLE[["a", "b"]], TABLE[["a"]]], axis=1)
    trained = model()
    trained.fit(TABLE[["a", "b"]], LABELS, verbose=0)
    for use in (lambda: model().fit(twice, LABELS, verbose=0), lambda: trained.predict(twice)):
        with pytest.raises(DataError, match="the table has more than one column 'a': give each a name of its own"):
            use()


@pytest.mark.parametrize("row", [TABLE.iloc[0], TABLE.iloc[0].tolist(), TABLE.iloc[0].to_dict()])
def test_a_single_row_is_told_how_to_become_a_table(row: Any) -> None:
    made = model()
    made.pipeline = STEPS
    made.fit(TABLE, LABELS, verbose=0)
    with pytest.raises(DataError) as error:
        made.predict(row)
    assert str(error.value) == (
        "the data must be a table with the columns a, b, g, or rows of 3 values. Received: a single row. "
        "Put it into a list, [row]; of a DataFrame take table.iloc[[0]]"
    )


def test_a_series_of_numbers_is_one_number_a_sample() -> None:
    for steps in (None, ["standardize"]):
        made = model()
        made.pipeline = steps
        made.fit(TABLE.a, LABELS, validation_split=0.2, verbose=0)
        assert made.layers[0].input_shape == (None, 1)
        assert made.predict(TABLE.a.astype("Float64")).shape == (N, 1)
        assert len(made.evaluate(TABLE.a, LABELS, verbose=0)) == 2


@pytest.mark.parametrize("x", [[TABLE, TABLE], {"a": TABLE, "b": TABLE}])
def test_a_pipeline_prepares_one_input(x: Any) -> None:
    made = model()
    made.pipeline = STEPS
    with pytest.raises(
        DataError, match="^a pipeline prepares one input, and x holds 2: transform them before the fit$"
    ):
        made.fit(x, LABELS, verbose=0)


def test_series_may_be_some_of_several_inputs() -> None:
    inputs = {"a": Input((2,), name="a"), "b": Input((1,), name="b")}
    made = Model(inputs, Dense(1, activation="sigmoid")(Concatenate()(list(inputs.values()))))
    made.compile("adam", "binary_crossentropy")
    made.fit({"a": TABLE[["a", "b"]], "b": TABLE.a}, LABELS, verbose=0)
    assert made.predict({"a": TABLE[["a", "b"]], "b": TABLE.a}).shape == (N, 1)


class Batchwise:
    """A source of what an array or a table holds."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole

    def __len__(self) -> int:
        return len(self.whole)

    def take(self, rows: Any) -> Any:
        return self.whole.iloc[rows] if hasattr(self.whole, "iloc") else self.whole[rows]


@pytest.mark.parametrize("y", [LABELS.to_numpy(dtype=object), (LABELS == "yes").to_numpy().astype(int)])
def test_targets_that_are_read_in_batches_train_as_those_in_memory(y: Any) -> None:
    lazy, whole = model(), model()
    x = TABLE[["a", "b"]].to_numpy()
    read = lazy.fit(Batchwise(x), Batchwise(y), validation_split=0.2, shuffle=False, verbose=0)
    held = whole.fit(x, y, validation_split=0.2, shuffle=False, verbose=0)
    assert read.history == held.history
    assert lazy.predict_classes(x, labels=True).tolist() == whole.predict_classes(x, labels=True).tolist()
    assert lazy.evaluate(Batchwise(x), Batchwise(y), verbose=0) == whole.evaluate(x, y, verbose=0)


def test_a_mistake_in_the_validation_data_says_so() -> None:
    made = model()
    made.pipeline = STEPS
    with pytest.raises(DataError, match=r"^validation data: pipeline step 'one_hot': column 'g', row 2: 'z' was not"):
        made.fit(TABLE, LABELS, validation_data=(TABLE.assign(g=["x"] * 2 + ["z"] * 58), LABELS), verbose=0)


def test_three_classes_do_not_fit_one_sigmoid() -> None:
    made = model()
    labels = np.where(TABLE.a > 4, "c", LABELS)
    with pytest.raises(DataError, match=r"binary_crossentropy: targets must lie in \[0, 1\]. Received 2 in row"):
        made.fit(TABLE[["a", "b"]], labels, verbose=0)


def test_one_hot_targets_come_back_as_labels() -> None:
    made = model(2, "softmax", "categorical_crossentropy")
    made.target_pipeline = ["one_hot"]
    made.fit(TABLE[["a", "b"]], LABELS, verbose=0)
    likeliest = made.predict(TABLE).argmax(1)
    assert made.predict_classes(TABLE, labels=True).tolist() == [["no", "yes"][k] for k in likeliest]


def test_predictions_in_the_targets_own_units() -> None:
    made = model(1, None, "mse")
    made.target_pipeline = ["standardize"]
    y = TABLE.a.to_numpy() * 100 + 1000
    made.fit(TABLE[["a", "b"]], y, verbose=0)
    raw = made.predict(TABLE)
    np.testing.assert_allclose(made.predict(TABLE, original_units=True), raw * y.std() + y.mean(), rtol=1e-5)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (TABLE, "column 'g' of x does not hold numbers: row 0 is '{first}'. Turn it into numbers with a pipeline step such as one_hot or label_encode, or drop the column"),
        (TABLE[["a"]].mask(TABLE[["a"]] == TABLE.a.iloc[4]), "column 'a' of x has 1 missing value, the first in row 4. Fill them (a pipeline step such as impute), or leave these rows out"),
    ],
)  # fmt: skip
def test_texts_and_missing_values_in_a_table_are_told_by_column_and_row(x: Any, text: str) -> None:
    with pytest.raises(DataError) as error:
        model().fit(x, LABELS, verbose=0)
    assert str(error.value) == text.format(first=TABLE.g.iloc[0])


def test_sorted_labels_and_validation_split_are_warned_of() -> None:
    y = np.repeat([0, 1, 2], 20)
    x = RNG.normal(size=(N, 2))
    made = model(3, "softmax", "sparse_categorical_crossentropy")
    with pytest.warns(SortedLabelsWarning) as told:
        made.fit(x, y, validation_split=0.3, verbose=0)
    assert str(told[0].message) == (
        "the targets are sorted and validation_split takes the last rows, 42 to 59. "
        "Shuffle the rows, or split them with stratify"
    )
    assert told[0].filename == __file__
    with pytest.warns(SortedLabelsWarning, match="42 to 59; 1 is not trained on at all"):
        made.fit(x, np.repeat([0, 1], [42, 18]), validation_split=0.3, verbose=0)


def test_shuffled_labels_are_not_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    y = np.resize([0, 1, 2], N)
    model(3, "softmax", "sparse_categorical_crossentropy").fit(
        RNG.normal(size=(N, 2)), y, validation_split=0.3, verbose=0
    )
    model(1, None, "mse").fit(RNG.normal(size=(N, 2)), np.arange(N) / 7, validation_split=0.3, verbose=0)
    assert not [warning for warning in recwarn if issubclass(warning.category, SortedLabelsWarning)]


def test_a_fit_says_which_rows_validate(capsys: pytest.CaptureFixture[str]) -> None:
    made = model()
    made.fit(TABLE[["a", "b"]], LABELS, validation_split=0.25, verbose=2)
    assert capsys.readouterr().out.startswith("Train on 45 samples, validate on 15 samples (the last rows, 45 to 59)\n")


def test_a_state_tree_holds_what_the_pipelines_learned() -> None:
    made, other = model(), model()
    for one in (made, other):
        one.pipeline = STEPS
        one.build((None, 4))
    made.fit(TABLE, LABELS, verbose=0)
    other.set_state_tree(made.get_state_tree())
    np.testing.assert_array_equal(other.predict(TABLE), made.predict(TABLE))
    assert other.predict_classes(TABLE, labels=True).tolist() == made.predict_classes(TABLE, labels=True).tolist()


def test_a_pipeline_for_several_inputs_is_refused() -> None:
    inputs = [Input((2,), name="left"), Input((2,), name="right")]
    made = Model(inputs, Dense(1)(Concatenate()(inputs)))
    made.compile("sgd", "mse")
    made.pipeline = {"standardize": {"type": "standardize"}}
    x = RNG.random((6, 2))
    with pytest.raises(ArgumentError) as error:
        made.fit([x, x], x[:, 0], verbose=0)
    assert str(error.value) == (
        "a pipeline prepares one input, and the model has 2 (left, right). Prepare them before fit with pipelines of "
        "their own, or in the model with preprocessing layers"
    )
