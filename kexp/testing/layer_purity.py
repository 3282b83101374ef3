"""Checks that a layer writes into nothing that is not its own, and keeps nothing on itself."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

from kexp.backend import Array
from kexp.core.layer import Layer
from kexp.testing.arrays import Untouched, host, is_float, require_close, require_finite
from kexp.testing.layer_case import LayerCase, named, outputs
from kexp.testing.report import Subject


def require_same(subject: Subject, got: list[tuple[str, Array]], want: list[tuple[str, Array]], rtol: float) -> None:
    """Fail unless two runs gave the same."""
    expected = dict(want)
    subject.require(set(dict(got)) == set(expected), f"gives {sorted(dict(got))}, not {sorted(expected)}")
    for name, array in got:
        require_close(subject.at(name), array, expected[name], rtol)


def check_untouched(case: LayerCase) -> None:
    """Neither forward nor pullback changes inputs, weights or dy; the pullback leaves the output alone."""
    layer = case.layer()
    for training, subject in case.modes():
        batch = case.batch()
        weights = [(f"weight {weight.key!r}", weight.value) for weight in layer.weights]
        inputs = [(f"input {place}", x) for place, x in enumerate(batch.inputs)]
        masks = [(f"mask {place}", mask) for place, mask in enumerate(batch.masks)]
        before = Untouched([*inputs, *masks, *weights])
        run = case.run(layer, batch, training, subject)
        before.require(subject, "forward")
        if not any(map(is_float, run.parts)):
            continue
        cotangents = case.cotangents(run.parts)
        given = Untouched([("dy", dy) for dy in cotangents])
        output = Untouched([("the output", y) for y in run.parts])
        run.back(cotangents)
        for remembered in (before, given, output):
            remembered.require(subject, "the pullback")


def check_pullback_is_pure(case: LayerCase) -> None:
    """Called twice, the pullback gives the same; a call for another dy does not overwrite the first results."""
    if not case.differentiable():
        return
    layer = case.layer()
    for training, subject in case.modes():
        run = case.run(layer, case.batch(), training, subject)
        first = named(*run.back(case.cotangents(run.parts)))
        kept = [(name, host(array)) for name, array in first]
        run.back(case.cotangents(run.parts, draw=1))
        require_same(subject.at("first result after a second pullback"), first, kept, 0.0)
        again = named(*run.back(case.cotangents(run.parts)))
        require_same(subject.at("same pullback twice"), again, kept, 1e-12)


def check_determinism(case: LayerCase) -> None:
    """The same stream gives the same results: from one layer twice, and from a second one."""
    layer = case.layer()
    for training, subject in case.modes():
        want = _results(case, layer, training, subject)
        require_same(subject.at("same stream twice"), _results(case, layer, training, subject), want, 1e-12)
        other = _results(case, case.layer(), training, subject)
        require_same(subject.at("second layer, same stream"), other, want, 1e-12)


def _results(case: LayerCase, layer: Layer, training: bool, subject: Subject) -> list[tuple[str, Array]]:
    run = case.run(layer, case.batch(), training, subject)
    results = outputs(run)
    if any(map(is_float, run.parts)):
        results += named(*run.back(case.cotangents(run.parts)))
    return [(name, host(array)) for name, array in results]


def check_two_nodes(case: LayerCase) -> None:
    """One layer at two nodes, forward, forward, back, back, gives what each gives alone: no state on the layer."""
    if not case.differentiable():
        return
    for training, subject in case.modes():
        subject = subject.at("one layer at two nodes")
        shared, wanted = case.layer(), []
        for draw in (0, 1):
            alone = case.run(case.layer(), case.batch(draw), training, subject)
            wanted.append(named(*alone.back(case.cotangents(alone.parts, draw))))
            wanted[-1] = [(name, host(array)) for name, array in wanted[-1]]
        runs = [case.run(shared, case.batch(draw), training, subject) for draw in (0, 1)]
        for draw, run in enumerate(runs):
            got = named(*run.back(case.cotangents(run.parts, draw)))
            require_same(subject, got, wanted[draw], 1e-9)


def check_rows(case: LayerCase) -> None:
    """In inference a row's output does not depend on the rows beside it; a batch of 1 runs in training too."""
    layer, batch = case.layer(), case.batch()
    count = len(batch.inputs[0])
    for training, subject in case.modes():
        whole = case.run(layer, batch, training, subject)
        for row in (0, count - 1):
            near = subject.at("batch of 1")
            single = case.run(layer, batch.rows(slice(row, row + 1)), training, near)
            for (name, alone), (_, together) in zip(outputs(single), outputs(whole), strict=True):
                shape = (1, *together.shape[1:])
                near.require(alone.shape == shape, f"{name} has the shape {tuple(alone.shape)}, not {shape}")
                if training:
                    require_finite(near.at(name), alone)
                else:
                    beside = subject.at(f"row {row} alone and in a batch", name)
                    require_close(beside, alone, together[row : row + 1], 1e-9)


def check_copies(case: LayerCase) -> None:
    """An unbuilt layer can be copied and pickled; the copy computes the same."""
    training, subject = case.training[0], case.subject
    want = outputs(case.run(case.layer(), case.batch(), training, subject))
    ways: dict[str, Callable[[Layer], Layer]] = {
        "copy": copy.deepcopy,
        "pickle": lambda layer: pickle.loads(pickle.dumps(layer)),
    }
    for way, copied in ways.items():
        with subject.at(way).running():
            twin = copied(case.make())
        got = outputs(case.run(case.layer(made=twin), case.batch(), training, subject.at(way)))
        require_same(subject.at(way), got, want, 1e-12)
