"""The folder of a saved model, as MLflow loads and serves it."""

from __future__ import annotations

import json
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from kexp.data import form
from kexp.errors import ArgumentError
from kexp.layers import Dense, Input
from kexp.models import Model, Sequential
from kexp.tracking.flavor import write_folder
from kexp.tracking.schema import column_specs, tensor_specs

TABLE = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "g": ["x", "y", "x", "y"], "note": ["p", "q", "r", "s"]})


def trained() -> Sequential:
    model = Sequential([Dense(2, activation="softmax")], seed=1)
    model.pipeline = {
        "chosen": {"type": "select_columns", "columns": ["a", "g"]},
        "one_hot": {"columns": ["g"]},
        "standardize": {},
    }
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(TABLE, [0, 1, 0, 1], verbose=0)
    return model


def test_a_served_model_takes_raw_rows(tmp_path: Path) -> None:
    model = trained()
    write_folder(tmp_path / "model", model, form(TABLE))
    served = mlflow.pyfunc.load_model(str(tmp_path / "model"))
    np.testing.assert_array_equal(served.predict(TABLE), model.predict(TABLE))
    np.testing.assert_array_equal(served.predict(TABLE[["g", "a"]].iloc[:2]), model.predict(TABLE.iloc[:2]))


def test_the_columns_are_the_signature_and_those_that_no_step_needs_are_optional(tmp_path: Path) -> None:
    write_folder(tmp_path / "model", trained(), form(TABLE))
    signature = mlflow.pyfunc.load_model(str(tmp_path / "model")).metadata.signature
    found = [(column.name, column.type.name, column.required) for column in signature.inputs.inputs]
    assert found == [("a", "double", True), ("g", "string", True), ("note", "string", False)]


def test_arrays_and_several_inputs_are_served(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((3, 4), dtype=np.float32)
    plain = Sequential([Dense(2, input_dim=4)])
    write_folder(tmp_path / "plain", plain, form(x))
    served = mlflow.pyfunc.load_model(str(tmp_path / "plain"))
    np.testing.assert_array_equal(served.predict(x), plain.predict(x))
    a, b = Input((4,), name="a"), Input((4,), name="b")
    both = Model([a, b], {"sum": Dense(1)(a + b), "more": Dense(2)(b)})
    write_folder(tmp_path / "both", both, form({"a": x, "b": x}))
    got = mlflow.pyfunc.load_model(str(tmp_path / "both")).predict({"a": x, "b": x})
    want = both.predict({"a": x, "b": x})
    assert {name: values.shape for name, values in got.items()} == {"sum": (3, 1), "more": (3, 2)}
    np.testing.assert_array_equal(got["sum"], want["sum"])


def test_a_model_that_no_file_can_describe_leaves_no_folder(tmp_path: Path) -> None:
    class Written(Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Dense(1)

        def call(self, x: np.ndarray) -> np.ndarray:
            return self.inner(x)

    model = Written()
    model.predict(np.ones((2, 3)), verbose=0)
    with pytest.raises(ArgumentError):
        write_folder(tmp_path / "model", model, form(np.ones((2, 3))))
    assert not (tmp_path / "model").exists()


def test_forms_of_all_kinds_have_a_schema() -> None:
    assert tensor_specs(form(np.ones((5, 2, 2), "u1"))) == [
        {"type": "tensor", "tensor-spec": {"dtype": "uint8", "shape": [-1, 2, 2]}}
    ]
    named = {"name": "b", "type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}
    assert tensor_specs(form({"a": TABLE, "b": np.ones(3)})) == [named]
    assert tensor_specs(form(TABLE)) == tensor_specs(None) == []
    typed = pd.DataFrame({"i": pd.array([1], dtype="Int64"), "b": [True], "t": pd.to_datetime(["2026-01-01"])})
    assert [spec["type"] for spec in column_specs(form(typed))] == ["long", "boolean", "datetime"]
    assert json.dumps(column_specs(form(typed)))
