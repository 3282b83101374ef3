"""The preparation of the churn tutorial: columns 3 to 12, codes, one-hot less one column, standardized on 8000 rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from kexp.data import Pipeline
from kexp.splitters import Holdout

STEPS = {
    "select": {"type": "select_columns", "columns": list(range(3, 13))},
    "gender": {"type": "label_encode", "columns": ["Gender"]},
    "country": {"type": "one_hot", "columns": ["Geography"], "drop": "first"},
    "scale": {"type": "standardize"},
}


@pytest.fixture
def churn(real_data: Path) -> Any:
    return pandas.read_csv(real_data / "churn" / "Churn_Modelling.csv.gz")


def test_the_pipeline_gives_what_scikit_learn_gives(churn: Any) -> None:
    rows = Holdout(0.2, seed=0).rows(len(churn))
    train, test = train_test_split(churn.drop(columns="Exited"), test_size=0.2, random_state=0)
    pipeline = Pipeline(STEPS).fit(churn.iloc[rows["train"]])
    got = pipeline.transform(churn.iloc[rows["test"]])
    theirs = ColumnTransformer(
        [
            ("country", OneHotEncoder(drop="first", sparse_output=False), ["Geography"]),
            ("gender", OrdinalEncoder(), ["Gender"]),
        ],
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    columns = list(train.columns[3:13])
    prepared = theirs.fit_transform(train[columns])
    scaler = StandardScaler().fit(prepared)
    want = pandas.DataFrame(scaler.transform(theirs.transform(test[columns])), columns=prepared.columns)
    assert got.shape == (2000, 11)
    assert list(got.index) == list(test.index)
    np.testing.assert_allclose(got.to_numpy(), want[list(got.columns)].to_numpy(), rtol=1e-9, atol=1e-9)


def test_the_fitted_pipeline_survives_saving(churn: Any, tmp_path: Path) -> None:
    pipeline = Pipeline(STEPS).fit(churn[:8000])
    pipeline.save(tmp_path / "pipeline.json")
    again = Pipeline.load(tmp_path / "pipeline.json")
    assert again.transform(churn[8000:]).equals(pipeline.transform(churn[8000:]))
    assert again.steps["country"].get_state()["categories_"] == [["France", "Germany", "Spain"]]
