"""Pipelines: fitted on training rows, applied to raw data, saved whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kexp.core.transform import Transform
from kexp.data import Pipeline, class_labels
from kexp.errors import ArgumentError, DataError, MissingFileError, StateError, UnknownNameError

TABLE = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0], "country": ["fr", "de", "fr", "es"]})


class Noise(Transform):
    """Adds random numbers in training."""

    random = True

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        return x if stream is None else x + stream.random(x.shape)


class Pairs(Transform):
    """Sums of neighbouring rows."""

    keeps_rows = False

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        return x[1:] + x[:-1]

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        return self.transform(x), y[1:]


class Reader:
    """A source of rows that counts its reads."""

    def __init__(self, rows: np.ndarray[Any, Any]) -> None:
        self.rows = rows
        self.reads = 0

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: Any) -> Any:
        self.reads += 1
        return self.rows[rows]


def fitted() -> Pipeline:
    steps = {"countries": {"type": "one_hot", "columns": ["country"]}, "scale": {"type": "standardize"}}
    return Pipeline(steps).fit(TABLE)


def test_steps_are_fitted_one_after_the_other_on_what_the_steps_before_made() -> None:
    x = fitted().transform(TABLE)
    assert list(x.columns) == ["age", "country_de", "country_es", "country_fr"]
    np.testing.assert_allclose(x.to_numpy().mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(x.to_numpy().std(0), 1)


def test_raw_rows_may_have_other_columns_in_any_order_and_come_as_arrays_or_dicts() -> None:
    pipeline = fitted()
    want = pipeline.transform(TABLE).to_numpy()
    shuffled = TABLE.assign(more=1)[["country", "more", "age"]]
    rows = [[20.0, "fr"], [30.0, "de"], [40.0, "fr"], [50.0, "es"]]
    dicts = [{"country": country, "age": age} for age, country in rows]
    for raw in (shuffled, rows, np.array(rows, dtype=object), dicts):
        np.testing.assert_array_equal(pipeline.transform(raw).to_numpy(), want)


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(DataError) as error:
        fitted().transform(TABLE[["age"]])
    assert str(error.value) == "the table lacks the columns country. It has: age"
    with pytest.raises(DataError) as error:
        fitted().transform(np.zeros((2, 5)))
    assert str(error.value) == (
        "the data must be a table with the columns age, country, or rows of 2 values. "
        "Received: an array of shape (2, 5)"
    )


def test_an_error_names_the_step() -> None:
    with pytest.raises(DataError, match="^pipeline step 'countries': "):
        fitted().transform(TABLE.assign(country="xx"))


def test_a_pipeline_must_be_fitted_first() -> None:
    with pytest.raises(StateError) as error:
        Pipeline({"scale": "standardize"}).transform(np.ones((2, 1)))
    assert str(error.value) == (
        "pipeline step 'scale' must be fitted on training data first: fit the model, or call pipeline.fit(x)"
    )


def test_wrong_steps_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="no transform is called 'standardise' \\(at pipeline.scale\\)"):
        Pipeline({"scale": "standardise"})
    with pytest.raises(ArgumentError, match="a pipeline is made of transforms. Received: 3"):
        Pipeline([3])


def test_steps_of_a_list_are_called_after_their_types() -> None:
    assert list(Pipeline(["cast", "standardize", "cast"]).steps) == ["cast", "standardize", "cast_2"]


def test_saved_and_loaded_it_gives_the_same_bytes(tmp_path: Path) -> None:
    pipeline = fitted()
    pipeline.save(tmp_path / "p.json")
    again = Pipeline.load(tmp_path / "p.json")
    assert again.get_config() == pipeline.get_config()
    assert again.columns == ["age", "country"]
    assert again.width == 4
    pd.testing.assert_frame_equal(again.transform(TABLE), pipeline.transform(TABLE), check_exact=True)


def test_inverse_undoes_the_steps_from_the_last_to_the_first() -> None:
    y = np.array(["b", "a", "c", "b"])
    pipeline = Pipeline(["label_encode", "to_categorical"]).fit(y)
    assert pipeline.width == 3
    assert pipeline.inverse(pipeline.transform(y)).tolist() == y.tolist()


def test_a_source_is_fitted_in_chunks_and_transformed_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kexp.data.rows.CHUNK_BYTES", 256)
    rows = np.random.default_rng(0).normal(5, 3, (100, 4))
    source = Reader(rows)
    pipeline = Pipeline([{"type": "rescale", "scale": 2.0}, "standardize"]).fit(source)
    assert source.reads > 5
    source.reads = 0
    mapped = pipeline.transform(source)
    assert (len(mapped), source.reads) == (100, 0)
    want = (rows - rows.mean(0)) / rows.std(0)
    np.testing.assert_allclose(mapped.take(np.array([3, 1])), want[[3, 1]], rtol=1e-12)


def test_random_steps_wait_for_training_batches() -> None:
    head, tail = Pipeline([{"type": "rescale", "scale": 2.0}, Noise(), {"type": "rescale", "scale": 3.0}]).parts()
    assert [len(head), len(tail)] == [1, 2]
    x = np.ones((2, 2))
    whole = Pipeline([*head.steps.values(), *tail.steps.values()])
    assert whole.transform(x).tolist() == [[6, 6], [6, 6]]
    noisy = tail.augment(head.transform(x), np.random.default_rng(0))
    np.testing.assert_allclose(noisy, 6 + 3 * np.random.default_rng(0).random((2, 2)))


def test_steps_that_change_the_rows_change_inputs_and_targets_together() -> None:
    pipeline = Pipeline([Pairs()]).fit(np.arange(4.0))
    x, y = pipeline.pair(np.arange(4.0), np.arange(4))
    assert (x.tolist(), y.tolist()) == ([1, 3, 5], [1, 2, 3])
    with pytest.raises(DataError, match="pipeline step 'pairs' changes the rows, so it cannot be used on data read"):
        pipeline.transform(Reader(np.arange(4.0)))


def test_neighbours_that_can_be_done_in_one_go_are() -> None:
    flip, turn, zoom = (
        {"type": "random_flip"},
        {"type": "random_rotation", "factor": 0.1},
        {"type": "random_zoom", "height_factor": 0.2},
    )
    _, tail = Pipeline({"a": flip, "b": turn, "c": zoom, "d": {"type": "random_brightness", "factor": 0.1}}).parts()
    assert list(tail.steps) == ["a, b, c", "d"]
    x = np.random.default_rng(1).random((3, 9, 9)).astype(np.float32)
    turned_only = Pipeline([turn])
    both = Pipeline([turn, {"type": "random_zoom", "height_factor": (0.0, 0.0)}]).parts()[1]
    np.testing.assert_allclose(
        both.augment(x, np.random.default_rng(0)), turned_only.augment(x, np.random.default_rng(0)), atol=1e-5
    )
    _, apart = Pipeline([turn, {**zoom, "fill_mode": "nearest"}]).parts()
    assert len(apart) == 2


def test_an_error_in_a_fit_names_the_step() -> None:
    with pytest.raises(DataError, match=r"^pipeline step 'scale': column 1, row 2: the value is missing"):
        Pipeline({"scale": "standardize"}).fit(np.array([[1.0, 2], [3, 4], [5, np.nan]]))


@pytest.mark.parametrize("one", ["standardize", {"type": "standardize", "ddof": 1}])
def test_a_single_step_belongs_into_a_list(one: Any) -> None:
    with pytest.raises(ArgumentError) as error:
        Pipeline(one)
    assert str(error.value) == (
        "a pipeline is made of a list of steps, or a map of names to steps; a single step goes into a list. "
        f"Received: {one!r}"
    )


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"config": {}, "state": {"dtype": 1}}'])
def test_a_damaged_pipeline_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pipeline.json"
    with pytest.raises(MissingFileError, match=f"^no such file: {file}$"):
        Pipeline.load(file)
    file.write_text(text)
    with pytest.raises(DataError, match=f"^{file}: this is no pipeline as Pipeline.to_json writes it: "):
        Pipeline.load(file)


def test_an_error_in_a_fit_by_chunks_names_the_step_once() -> None:
    class Chunks:
        def __len__(self) -> int:
            return 3

        def take(self, rows: Any) -> Any:
            return pd.DataFrame({"a": [1.0, 2, np.nan], "b": ["x", "y", None]})[["a", "b"]].iloc[rows]

    with pytest.raises(DataError, match=r"^pipeline step 'code': column 'b', row 2: the value is missing"):
        Pipeline({"code": "one_hot", "scale": "standardize"}).fit(Chunks())
    lazy = Pipeline(
        {
            "cut": {"type": "cast", "dtype": "int64", "columns": ["a"]},
            "scale": {"type": "standardize", "columns": ["a"]},
        }
    )
    with pytest.raises(DataError, match=r"^pipeline step 'cut': column 'a', row 2: "):
        lazy.fit(Chunks())


def test_labels_are_read_from_a_source() -> None:
    class Labels:
        def __len__(self) -> int:
            return 4

        def take(self, rows: Any) -> Any:
            return np.array([[0, 1], [1, 0], [1, 0], [0, 1]])[rows]

    assert class_labels(Labels()).tolist() == [1, 0, 0, 1]


def test_the_name_of_a_step_stands_for_its_type() -> None:
    pipeline = Pipeline({"rescale": {"scale": 2.0}}).fit(np.ones((1, 1)))
    assert pipeline.transform(np.ones((1, 1))).tolist() == [[2.0]]
