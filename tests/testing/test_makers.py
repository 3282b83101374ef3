"""A maker that fails is a failure of the suite, which says so."""

from __future__ import annotations

import pytest

from kexp import testing


@pytest.mark.parametrize(
    ("suite", "said", "arguments"),
    [
        ("check_activation", "activation's", ()),
        ("check_callback", "callback's", ()),
        ("check_constraint", "constraint's", ()),
        ("check_dataset", "data set's", ()),
        ("check_initializer", "initializer's", ()),
        ("check_kernels", "kernels'", ()),
        ("check_layer", "layer's", ((4, 5),)),
        ("check_loss", "loss's", ()),
        ("check_metric", "metric's", ()),
        ("check_optimizer", "optimizer's", ()),
        ("check_regularizer", "regularizer's", ()),
        ("check_schedule", "schedule's", ()),
    ],
)
def test_a_maker_that_fails_is_named(suite, said, arguments):
    with pytest.raises(AssertionError) as caught:
        getattr(testing, suite)(lambda: 1 / 0, *arguments)
    assert str(caught.value) == f"the {said} maker: ZeroDivisionError: division by zero"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_the_suites_are_all_here():
    suites = {name for name in testing.__all__ if name.startswith("check_")}
    assert suites == {name for name in dir(testing) if name.startswith("check_")}
    assert len(suites) == 15
