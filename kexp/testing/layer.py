"""check_layer: the contract of layers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from kexp.core.layer import Layer
from kexp.testing.config import require_round_trip
from kexp.testing.layer_case import Inputs, LayerCase, outputs
from kexp.testing.layer_contexts import (
    check_device,
    check_output_shape,
    check_reuse,
    check_skip_activation,
    check_wants_dx,
    check_without_pullback,
)
from kexp.testing.layer_gradients import check_dtypes, check_form, check_gradients
from kexp.testing.layer_purity import (
    check_copies,
    check_determinism,
    check_pullback_is_pure,
    check_rows,
    check_two_nodes,
    check_untouched,
    require_same,
)
from kexp.testing.report import Subject, run_checks


def check_config(case: LayerCase) -> None:
    """get_config survives JSON, and from_config and the registry make the same layer of it."""
    training, batch = case.training[0], case.batch()
    want = outputs(case.run(case.layer(), batch, training, case.subject))

    def same(subject: Subject, twin: Layer) -> None:
        got = case.run(case.layer(made=twin), batch, training, subject)
        require_same(subject, outputs(got), want, 1e-12)

    require_round_trip(case.subject, case.make(), same)


CHECKS: dict[str, Callable[[LayerCase], None]] = {
    "form": check_form,
    "untouched": check_untouched,
    "determinism": check_determinism,
    "dtypes": check_dtypes,
    "gradients": check_gradients,
    "pure pullback": check_pullback_is_pure,
    "two nodes": check_two_nodes,
    "rows": check_rows,
    "reuse": check_reuse,
    "wants dx": check_wants_dx,
    "without pullback": check_without_pullback,
    "skip activation": check_skip_activation,
    "output shape": check_output_shape,
    "config": check_config,
    "copies": check_copies,
    "device": check_device,
}
"""The checks of check_layer, by the names that `skip` takes."""


def check_layer(
    make: Callable[[], Layer],
    input_shape: Any,
    *,
    inputs: Inputs | None = None,
    training: Sequence[bool] = (False, True),
    seed: int = 0,
    rtol: float = 1e-5,
    skip: Collection[str] = (),
) -> None:
    """Fail unless the layers that `make` gives keep the contract of layers.

    `input_shape`: the batch axis, of at least 2, included; a list of shapes for a layer of several inputs.
    `inputs(rng)`: the inputs, where normal random numbers will not do: an array, or a list with an array or a pair
    (array, mask) for each input. Whole numbers keep their dtype. `rtol`: of gradients against finite differences.
    `skip`: names of checks to leave out (see CHECKS), for a layer that is meant to break one.

    Raises: AssertionError that names class, mode and what differs, such as
    "Dense, training=False, weight 'bias': pullback gives 16.67, finite differences 8.337".

    In a test: `check_layer(lambda: MyLayer(3), (4, 5))`.
    """
    run_checks("layers", CHECKS, LayerCase(make, input_shape, inputs, training, seed, rtol), skip)
