"""LSTM: a long short-term memory over sequences."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.lstm_cell import LSTMCell
from kexp_plugins.layers.recurrent import Recurrent


class LSTM(Recurrent):
    """A long short-term memory: LSTMCell over a sequence; see Recurrent.

    Gates stand in the order i, f, g, o. `use_cudnn` has no effect here.
    Shapes: x (n, t, d) -> y (n, units), or (n, t, units) with return_sequences; states h and c (n, units).
    """

    def __init__(
        self,
        units: int,
        activation: ActivationSpec = "tanh",
        recurrent_activation: ActivationSpec = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        recurrent_initializer: InitializerSpec = "orthogonal",
        bias_initializer: InitializerSpec = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerSpec = None,
        recurrent_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        activity_regularizer: RegularizerSpec = None,
        kernel_constraint: ConstraintSpec = None,
        recurrent_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: bool | Literal["auto"] = "auto",
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
        self.use_cudnn = use_cudnn
        self._set_cell(
            LSTMCell(
                units=units,
                activation=activation,
                recurrent_activation=recurrent_activation,
                use_bias=use_bias,
                kernel_initializer=kernel_initializer,
                recurrent_initializer=recurrent_initializer,
                bias_initializer=bias_initializer,
                unit_forget_bias=unit_forget_bias,
                kernel_regularizer=kernel_regularizer,
                recurrent_regularizer=recurrent_regularizer,
                bias_regularizer=bias_regularizer,
                kernel_constraint=kernel_constraint,
                recurrent_constraint=recurrent_constraint,
                bias_constraint=bias_constraint,
                dropout=dropout,
                recurrent_dropout=recurrent_dropout,
                seed=seed,
                name="lstm_cell",
                dtype=self.dtype,
            )
        )

    @property
    def units(self) -> int:
        """The number of units."""
        return int(self.cell.units)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"lstm": LSTM}
