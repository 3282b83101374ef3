"""Optimizer: changes all trainable weights, one flat vector, by their gradient."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, Backend, Kernels, NumpyBackend
from kexp.core.component import Component, ScheduleSpec, fraction, number, positive_int, resolve, to_plain
from kexp.core.schedule import CalledRate, Schedule
from kexp.core.weight import Weight
from kexp.errors import ArgumentError, ShapeError, StateError

Slots = dict[str, Array]


class Optimizer(Component):
    """Contract of optimizers: `slots` names the state vectors, `update` changes w and them in place.

    Shapes: w, g and every slot (p,), the trainable weights of the model in one vector. A step clips the gradient,
    applies weight decay, updates, then averages (EMA). Frozen weights are left out: `update` runs on each stretch
    of the vector that learns. `iterations` counts calls of `apply`, of which `gradient_accumulation_steps` make one
    update; a schedule reads it before it is raised.
    """

    kind: ClassVar[str] = "optimizer"
    slots: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        learning_rate: ScheduleSpec = 0.01,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = {key: number(key, value, above=0) for key, value in clips.items() if value is not None}
        if len(given) > 1:
            raise ArgumentError(f"at most one of {', '.join(clips)} may be given. Received: {given}")
        self.clip = next(iter(given.items()), None)
        self.weight_decay = None if weight_decay is None else number("weight_decay", weight_decay, least=0)
        self.use_ema = use_ema
        self.ema_momentum = 1.0 if ema_momentum == 1 else fraction("ema_momentum", ema_momentum)
        every = ema_overwrite_frequency
        self.ema_every = None if every is None else positive_int("ema_overwrite_frequency", every)
        factor = loss_scale_factor
        self.loss_scale_factor = None if factor is None else number("loss_scale_factor", factor, above=0)
        steps = gradient_accumulation_steps
        self.accumulate = 1 if steps is None else positive_int("gradient_accumulation_steps", steps)
        self.name = name or self.registered_name()
        self.iterations = 0
        self.state: Slots = {}
        self._rate: float | Schedule = 0.0
        self.learning_rate = learning_rate
        self._backend: Backend = NumpyBackend()
        self._kernels = self._backend.kernels
        self._segments: list[Array] = []
        self._whole: list[tuple[Array, Array, Slots]] = []
        self._decaying: list[Array] = []
        self._spared: Callable[[Weight], bool] | None = None
        self._built = False
        self._plain = not (self.clip or self.weight_decay or use_ema or self.accumulate > 1 or self.loss_scale_factor)

    # --- what an optimizer's author writes ------------------------------------------------------------------

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        """Change w and slots in place by one step (`step` counts from 1). g may be used as work space."""
        raise NotImplementedError

    def slot_start(self, slot: str) -> float:
        """The start value of a slot: 0, unless overridden."""
        return 0.0

    def saved_groups(self) -> list[tuple[str, ...]]:
        """The slots as files of Keras hold them: those of one group stand side by side, weight by weight."""
        return [self.slots] if self.slots else []

    def saved_scale(self, slot: str) -> float:
        """What Keras' numbers of a slot are a multiple of ours by: 1, unless overridden."""
        return 1.0

    def saved_numbers(self) -> list[float]:
        """Numbers that Keras keeps behind the slots and that follow from the steps taken."""
        return []

    # --- use ------------------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> float:
        """The rate of the next step; a number, a schedule or a function may be set, and holds from that step on."""
        return self._rate if isinstance(self._rate, float) else float(self._rate.rate(self.iterations))

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if isinstance(value, Mapping):
            value = resolve("schedule", value)
        if callable(value) and not isinstance(value, Schedule) and not inspect.isclass(value):
            value = CalledRate(value)
        self._rate = value if isinstance(value, Schedule) else number("learning_rate", value, least=0)

    @property
    def schedule(self) -> Schedule | None:
        """The schedule that sets the rate, if one does."""
        return self._rate if isinstance(self._rate, Schedule) else None

    def exclude_from_weight_decay(
        self, var_list: Iterable[Weight] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Spare weights from weight decay: those of `var_list`, and those with one of `var_names` in their name.

        Raises: StateError if the optimizer is built already, by a first step of training.
        """
        if self._built:
            raise StateError(f"optimizer {self.name!r} is built already; call exclude_from_weight_decay before that")
        listed = list(var_list or ())
        wrong = next((weight for weight in listed if not isinstance(weight, Weight)), None)
        if wrong is not None:
            raise ArgumentError(f"var_list must hold weights, such as layer.weights. Received: {wrong!r}")
        if isinstance(var_names, str):
            raise ArgumentError(f"var_names must be a list, such as [{var_names!r}]. Received: {var_names!r}")
        names = re.compile("|".join(var_names or ()) or r"(?!)")
        self._spared = lambda weight: weight in listed or names.search(weight.name) is not None

    def build(
        self,
        w: Array,
        g: Array,
        segments: Sequence[slice],
        backend: Backend | None = None,
        weights: Sequence[Weight] = (),
    ) -> None:
        """Make the state for the vectors w and g; `segments` are the stretches of single weights, all that learn.

        `weights`: the weights that stand there; needed where some are excluded from weight decay.
        Called again after weights were frozen or released; the state is kept.
        Raises: ShapeError if the state belongs to a vector of another length.
        """
        self._backend = backend = backend or self._backend
        self._kernels = backend.kernels
        if any(len(values) != len(w) for values in self.state.values()):
            raise ShapeError(f"optimizer {self.name!r} has state for a model of another size; make a new optimizer")
        for name in self.state_names:
            if name in self.state:  # perhaps set from a checkpoint, then it still lies on the host
                self.state[name] = backend.asarray(self.state[name], dtype=w.dtype)
            else:
                start = self.slot_start(name) if name in self.slots else 0
                self.state[name] = w.copy() if name == "ema" else np.full_like(w, start)
        self._segments = [g[part] for part in segments]
        self._whole = [
            (w[part], g[part], {name: values[part] for name, values in self.state.items()})
            for part in _joined(segments)
        ]
        spared = self._spared
        decaying = segments
        if spared is not None:
            decaying = [part for part, weight in zip(segments, weights, strict=True) if not spared(weight)]
        self._decaying = [w[part] for part in _joined(decaying)]
        self._built = True

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of all state vectors: the slots, 'ema' and 'accumulated' where they are used."""
        more = {"ema": self.use_ema, "accumulated": self.accumulate > 1}
        return (*self.slots, *(name for name, used in more.items() if used))

    def apply(self) -> None:
        """One step on the vectors given to `build`: changes w, the state and `iterations`."""
        step = self.iterations + 1
        if self._plain:
            lr = self._rate if isinstance(self._rate, float) else float(self._rate.rate(self.iterations))
            for w, g, slots in self._whole:
                self.update(w, g, slots, step=step, lr=lr, kernels=self._kernels)
        else:
            self._apply_all(step)
        self.iterations = step

    def _apply_all(self, call: int) -> None:
        step = (call - 1) // self.accumulate + 1
        if self.loss_scale_factor:  # by which the loss was multiplied
            for _, g, _ in self._whole:
                g /= self.loss_scale_factor
        if self.accumulate == 1 or self._accumulated(due=call % self.accumulate == 0):
            self._clip()
            rate = self.learning_rate
            if self.weight_decay:  # not w *= 1 - decay, which in float32 would round most of the decay away
                for w in self._decaying:
                    w -= self._scaled(w, self.weight_decay * rate)
            for w, g, slots in self._whole:
                self.update(w, g, slots, step=step, lr=rate, kernels=self._kernels)
        if self.use_ema:  # on every call, those that only accumulate included, as in Keras
            self._average(step)

    def _accumulated(self, *, due: bool) -> bool:
        """Add the gradient up; if it is due, put the mean of all in its place."""
        for _, g, slots in self._whole:
            slots["accumulated"] += g
            if due:
                np.divide(slots["accumulated"], self.accumulate, out=g)
                slots["accumulated"].fill(0)
        return due

    def _average(self, step: int) -> None:
        keep = 0.0 if step == 1 else self.ema_momentum
        for w, _, slots in self._whole:
            slots["ema"] *= self._kernels.constant(keep, w)
            slots["ema"] += self._scaled(w, 1 - keep)
            if self.ema_every and step % self.ema_every == 0:
                w[...] = slots["ema"]

    def _scaled(self, w: Array, factor: float) -> Array:
        work: Array = np.multiply(w, self._kernels.constant(factor, w), out=self._kernels.work("scaled weights", w))
        return work

    def _clip(self) -> None:
        if self.clip is None:
            return
        how, limit = self.clip
        if how == "clipvalue":
            for _, g, _ in self._whole:
                np.clip(g, -limit, limit, out=g)
        elif how == "clipnorm":
            for part in self._segments:
                part *= limit / np.maximum(np.sqrt(np.dot(part, part)), limit)
        else:
            norm = np.sqrt(sum(np.dot(g, g) for _, g, _ in self._whole))
            for _, g, _ in self._whole:
                g *= limit / np.maximum(norm, limit)

    def finalize(self) -> None:
        """At the end of training: put the averaged weights in place, if `use_ema`."""
        if self.use_ema:
            for w, _, slots in self._whole:
                w[...] = slots["ema"]

    def get_config(self) -> dict[str, Any]:
        rate = self._rate.function if isinstance(self._rate, CalledRate) else self._rate
        return super().get_config() | {"learning_rate": to_plain(rate, "learning_rate")}

    def get_state(self) -> dict[str, Any]:
        """Steps taken, the rate (None where a schedule sets it) and copies of the state vectors."""
        rate = self._rate if isinstance(self._rate, float) else None
        slots = {name: values.copy() for name, values in self.state.items()}
        return {"iterations": self.iterations, "learning_rate": rate, "slots": slots}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to where `get_state` was; before or after `build`.

        Raises: StateError if the state is that of another kind of optimizer; ShapeError if of another model.
        """
        slots = state["slots"]
        if slots and set(slots) != set(self.state_names):
            raise StateError(
                f"optimizer {self.name!r} keeps {_listed(self.state_names)}. "
                f"Received the state of another one: {_listed(slots)}"
            )
        for name, values in slots.items():
            present = self.state.get(name)
            if present is None:
                self.state[name] = values.copy()
            elif len(present) != len(values):
                size = f"has {len(present)} numbers in {name!r}. Received: {len(values)}"
                raise ShapeError(f"optimizer {self.name!r} {size}")
            else:
                present[...] = self._backend.asarray(values)
        self.iterations = int(state["iterations"])
        if state["learning_rate"] is not None:
            self.learning_rate = state["learning_rate"]


def _joined(segments: Sequence[slice]) -> list[slice]:
    """Neighbouring stretches as one: the whole vector, unless something is frozen."""
    joined: list[slice] = []
    for part in segments:
        if joined and joined[-1].stop == part.start:
            joined[-1] = slice(joined[-1].start, part.stop)
        else:
            joined.append(part)
    return joined


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def get_optimizer(spec: Any) -> Optimizer:
    """The optimizer that `spec` names: a name, a mapping, a class or an object."""
    optimizer: Optimizer = resolve("optimizer", spec)
    return optimizer
