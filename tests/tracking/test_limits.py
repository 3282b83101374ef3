"""Names and values fit MLflow's limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils import validation

from kexp.tracking import limits
from kexp.tracking.limits import MAX_NAME, Names, fit_text


@given(st.lists(st.text(max_size=20) | st.text("./: a", max_size=5)))
def test_names_are_accepted_by_mlflow_and_stay_apart(names: list[str]) -> None:
    fit = Names()
    fitted = {name: fit.fit(name) for name in names}
    for name in fitted.values():
        validation._validate_param_name(name)
    assert len(set(fitted.values())) == len(set(names))


def test_names_that_fit_stay_as_they_are() -> None:
    names = ["train/loss", "val_accuracy", "layers.hidden_1.units", "mean squared-error", "größe"]
    assert [Names().fit(name) for name in names] == names


def test_long_names_stay_apart() -> None:
    names = Names()
    first, second = names.fit("x" * 300 + "a"), names.fit("x" * 300 + "b")
    assert first != second
    assert max(len(first), len(second)) <= MAX_NAME


def test_text_is_cut_with_a_mark_and_fit_for_any_database() -> None:
    assert fit_text("short", 10, "…") == "short"
    assert fit_text("a" * 7000, 6000, limits.PARAM_MARK) == "a" * (6000 - 35) + "… (cut; whole value in config.yaml)"
    assert fit_text("a\0b\udcff", 10, "…") == "a\N{REPLACEMENT CHARACTER}b?"


def test_limits_are_within_those_of_the_installed_mlflow() -> None:
    assert limits.MAX_PARAM_VALUE <= validation.MAX_PARAM_VAL_LENGTH
    assert limits.MAX_TAG_VALUE <= validation.MAX_TAG_VAL_LENGTH
    assert limits.MAX_NAME <= validation.MAX_ENTITY_KEY_LENGTH
    assert limits.MAX_EXPERIMENT_NAME <= validation.MAX_EXPERIMENT_NAME_LENGTH
    assert limits.PARAMS_PER_BATCH <= validation.MAX_PARAMS_TAGS_PER_BATCH
    assert limits.METRICS_PER_BATCH <= validation.MAX_METRICS_PER_BATCH
