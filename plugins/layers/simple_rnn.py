"""SimpleRNN: a fully connected recurrent layer."""

from __future__ import annotations

from typing import Any

from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.recurrent import Recurrent
from kexp_plugins.layers.simple_rnn_cell import SimpleRNNCell


class SimpleRNN(Recurrent):
    """A fully connected recurrent layer: SimpleRNNCell over a sequence; see Recurrent.

    Shapes: x (n, t, d) -> y (n, units), or (n, t, units) with return_sequences.
    """

    def __init__(
        self,
        units: int,
        activation: ActivationSpec = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        recurrent_initializer: InitializerSpec = "orthogonal",
        bias_initializer: InitializerSpec = "zeros",
        kernel_regularizer: RegularizerSpec = None,
        recurrent_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        activity_regularizer: RegularizerSpec = None,
        kernel_constraint: ConstraintSpec = None,
        recurrent_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            activity_regularizer=activity_regularizer,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            **kwargs,
        )
        self._set_cell(
            SimpleRNNCell(
                units=units,
                activation=activation,
                use_bias=use_bias,
                kernel_initializer=kernel_initializer,
                recurrent_initializer=recurrent_initializer,
                bias_initializer=bias_initializer,
                kernel_regularizer=kernel_regularizer,
                recurrent_regularizer=recurrent_regularizer,
                bias_regularizer=bias_regularizer,
                kernel_constraint=kernel_constraint,
                recurrent_constraint=recurrent_constraint,
                bias_constraint=bias_constraint,
                dropout=dropout,
                recurrent_dropout=recurrent_dropout,
                seed=seed,
                name="simple_rnn_cell",
                dtype=self.dtype,
            )
        )

    @property
    def units(self) -> int:
        """The number of units."""
        return int(self.cell.units)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"simple_rnn": SimpleRNN}
