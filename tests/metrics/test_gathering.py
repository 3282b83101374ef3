"""Metrics of thresholds, classes and values: arguments, several results, names, and their place in a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexp.core.component import resolve
from kexp.errors import ArgumentError, ShapeError
from kexp.layers import Dense
from kexp.metrics import (
    AUC,
    Accuracy,
    Crossentropy,
    F1Score,
    FBetaScore,
    LogCoshError,
    Mean,
    MeanMetricWrapper,
    Precision,
    R2Score,
    Recall,
    SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy,
    Sum,
    TruePositives,
    binary_accuracy,
    get,
)
from kexp.models import Sequential


def test_mean_and_sum_gather_values() -> None:
    mean, total = Mean(), Sum()
    for values in ([1.0, 2.0, 3.0], [6.0]):
        mean.update_state(values)
        total.update_state(values)
    assert (mean.result(), total.result()) == (3.0, 12.0)
    assert Mean()([1.0, 3.0], sample_weight=[1.0, 0.0]) == 1.0
    assert Sum()([1.0, 3.0], [2.0, 1.0]) == 5.0
    assert Mean()(4.0) == Sum()(4.0) == 4.0
    mean.reset_state()
    assert mean.result() == 0.0
    assert (mean.name, total.name) == ("mean", "sum")


def test_a_wrapped_function_gets_its_arguments() -> None:
    def near(y_true: Any, y_pred: Any, within: float = 0.0) -> Any:
        return np.abs(y_true - y_pred) <= within

    metric = MeanMetricWrapper(near, within=0.5)
    assert metric(np.zeros(4), np.array([0.1, 0.5, 0.6, 0.0])) == 0.75
    assert metric.name == "near"


@pytest.mark.parametrize("make", [Precision, Recall, TruePositives])
def test_several_thresholds_give_several_results_in_their_order(make: Any) -> None:
    y, p = np.array([[1, 1, 0, 1]]), np.array([[0.1, 0.6, 0.7, 0.9]])
    alone = [make(thresholds=t)(y, p) for t in (0.8, 0.2, 0.5)]
    np.testing.assert_allclose(make(thresholds=[0.8, 0.2, 0.5])(y, p), alone)
    assert isinstance(alone[0], float)


def test_of_equal_predictions_the_first_is_in_the_top() -> None:
    metric = Precision(top_k=1)
    assert metric(np.array([[1, 0, 0]]), np.array([[0.5, 0.5, 0.1]])) == 1.0


def test_predictions_that_are_no_numbers_are_positive_nowhere() -> None:
    y, p = np.ones((1, 2)), np.array([[np.nan, 0.9]])
    assert TruePositives()(y, p) == 1.0
    assert TruePositives(thresholds=[0.0, 0.5, 1.0])(y, p).tolist() == [1.0, 1.0, 0.0]
    assert SparseTopKCategoricalAccuracy(k=1)(np.array([0]), p) == 0.0


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 30),
    thresholds=st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
)
def test_counts_are_those_of_comparing_one_by_one(n: int, thresholds: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, p = rng.integers(0, 2, (n, 1)), np.round(rng.uniform(0, 1, (n, 1)), 1).astype(np.float32)
    weight = rng.uniform(0, 2, n)
    want = [float((weight[:, None] * y * (p > np.float32(t))).sum()) for t in thresholds]
    np.testing.assert_allclose(np.ravel(TruePositives(thresholds=thresholds)(y, p, weight)), want)


def test_a_perfect_ranking_has_an_area_of_1_and_a_random_one_of_one_half() -> None:
    y = np.array([[0], [0], [1], [1]])
    assert AUC()(y, np.array([[0.1], [0.4], [0.6], [0.9]])) == pytest.approx(1.0)
    assert AUC()(y, np.full((4, 1), 0.5)) == pytest.approx(0.5)


def test_scores_of_each_class_stand_in_the_logs_with_their_place() -> None:
    model = Sequential([Dense(3, activation="softmax")])
    model.compile(optimizer="sgd", loss="categorical_crossentropy", metrics=[F1Score(), "auc"])
    history = model.fit(np.eye(4), np.eye(3)[[0, 1, 2, 0]], epochs=1, verbose=0).history
    assert list(history) == ["loss", "f1_score_0", "f1_score_1", "f1_score_2", "auc"]
    assert model.metrics_names == list(history)


def test_ignored_samples_count_only_without_weights_as_in_keras() -> None:
    y, p = np.array([0, 1]), np.array([[0.5, 0.5], [0.1, 0.9]])
    assert SparseCategoricalCrossentropy(ignore_class=1)(y, p) == pytest.approx(np.log(2) / 2)
    assert SparseCategoricalCrossentropy(ignore_class=1)(y, p, np.ones(2)) == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("y", "p", "name"),
    [((8, 1), (8, 1), "Binary"), ((8,), (8, 4), "SparseCategorical"), ((8, 1), (8, 4), "SparseCategorical"),
     ((8, 4), (8, 4), "Categorical")],
)  # fmt: skip
def test_crossentropy_becomes_the_metric_that_the_shapes_ask_for(y: Any, p: Any, name: str) -> None:
    chosen = Crossentropy(name="ce").for_shapes(y, (None, *p[1:]))
    assert (type(chosen).__name__, chosen.name) == (f"{name}Crossentropy", "ce")


@pytest.mark.parametrize(
    ("alias", "name"),
    [("mape", "mean_absolute_percentage_error"), ("msle", "mean_squared_logarithmic_error"), ("bce", "BinaryCrossentropy"),
     ("kld", "kl_divergence"), ("AUC", "auc"), ("rmse", "root_mean_squared_error"), ("R2Score", "r2_score")],
)  # fmt: skip
def test_short_names_of_metrics_are_known(alias: str, name: str) -> None:
    assert type(resolve("metric", alias)) is type(resolve("metric", name))


def test_log_cosh_error_has_keras_name() -> None:
    assert LogCoshError().name == "logcosh"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Precision(thresholds=1.5), "thresholds must be numbers from 0 to 1. Received: 1.5"),
        (lambda: Recall(thresholds=[]), "thresholds must be numbers from 0 to 1. Received: []"),
        (lambda: Recall(top_k=0), "top_k must be a positive int. Received: 0"),
        (lambda: AUC(num_thresholds=1), "num_thresholds must be an int above 1. Received: 1"),
        (lambda: AUC(num_labels=3), "num_labels is for multi_label=True alone. Received: 3"),
        (lambda: AUC(curve="LIFT"), "curve must be one of 'ROC', 'PR', 'PRGAIN', 'roc', 'pr', 'prgain'. Received: 'LIFT'"),
        (lambda: F1Score(average="mean"), "average must be one of None, 'micro', 'macro', 'weighted'. Received: 'mean'"),
        (lambda: FBetaScore(beta=0.0), "beta must be a finite number above 0. Received: 0.0"),
        (lambda: FBetaScore(threshold=1.2), "threshold must be None or a number above 0, at most 1. Received: 1.2"),
        (lambda: R2Score(num_regressors=-1), "num_regressors must be an int of at least 0. Received: -1"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("metric", "shape", "text"),
    [
        (F1Score(), (4,), "metric 'f1_score' needs targets and predictions (n, k). Received: (4,) and (4,)"),
        (
            Precision(class_id=1),
            (4,),
            "metric 'precision' needs predictions (n, k) for a class_id. Received: (4,)",
        ),
        (R2Score(), (4,), "metric 'r2_score' needs targets and predictions (n, k). Received: (4,)"),
        (
            AUC(multi_label=True, num_labels=2),
            (4, 3),
            "metric 'auc' needs predictions of shape (n, 2). Received: (4, 3)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(metric: Any, shape: tuple[int, ...], text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        metric.update_state(np.zeros(shape), np.zeros(shape))
    assert str(caught.value) == text


def test_thresholds_of_ones_own_need_no_number_of_them() -> None:
    auc = AUC(num_thresholds=None, thresholds=[0.7, 0.2])
    assert auc.num_thresholds == 4
    assert auc.thresholds == pytest.approx([0.0, 0.2, 0.7, 1.0], abs=1e-6)
    with pytest.raises(ArgumentError) as error:
        AUC(num_thresholds=None)
    assert str(error.value) == "num_thresholds must be an int above 1. Received: None"


def test_get_finds_a_metric_by_name_mapping_or_function() -> None:
    assert isinstance(get("acc"), Accuracy) and get("acc").name == "acc"
    auc = get({"type": "auc", "curve": "PR"})
    assert isinstance(auc, AUC) and auc.curve == "PR"
    assert get(binary_accuracy)([[1.0], [0.0]], [[0.9], [0.8]]) == 0.5
