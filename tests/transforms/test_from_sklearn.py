"""Transformers of scikit-learn as steps of a pipeline."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from sklearn.preprocessing import PowerTransformer, StandardScaler

from kexp.data import Pipeline
from kexp.errors import ArgumentError, DataError, StateError
from kexp.transforms import FromSklearn, Rescale

X = np.random.default_rng(0).normal(5, 3, (30, 2))


def test_a_transformer_does_in_a_pipeline_what_it_does_alone() -> None:
    pipeline = Pipeline([Rescale(2.0), FromSklearn(StandardScaler())]).fit(X)
    np.testing.assert_allclose(pipeline.transform(X), StandardScaler().fit_transform(2 * X))
    np.testing.assert_allclose(pipeline.inverse(pipeline.transform(X)), X)


def test_tables_stay_tables() -> None:
    frame = pandas.DataFrame(X, columns=["a", "b"], index=np.arange(30) + 5)
    step = FromSklearn(PowerTransformer())
    step.fit([frame[:10], frame[10:]])
    made = step.transform(frame)
    assert list(made.columns) == ["a", "b"]
    assert list(made.index) == list(frame.index)


def test_saving_is_refused_by_name() -> None:
    pipeline = Pipeline([FromSklearn(StandardScaler())]).fit(X)
    with pytest.raises(ArgumentError) as caught:
        pipeline.to_json()
    assert "StandardScaler(), an object of Python, cannot be written to a config or saved with a model." in str(
        caught.value
    )


def test_what_is_no_transformer_or_fails_is_said() -> None:
    with pytest.raises(ArgumentError, match=r"^transformer must have the methods fit and transform\. Received: 3$"):
        FromSklearn(3)
    with pytest.raises(StateError, match=r"^StandardScaler\(\) must be fitted on training data first$"):
        FromSklearn(StandardScaler()).transform(X)
    with pytest.raises(DataError, match=r"^StandardScaler\(\): could not convert string to float"):
        FromSklearn(StandardScaler()).fit([np.array([["a"], ["b"]])])
