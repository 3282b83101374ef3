"""The layers that kexp brings along: `from kexp.layers import Dense`."""

from kexp.core.layer import Layer
from kexp.graph import input_tensor
from kexp_plugins.layers.activation import Activation
from kexp_plugins.layers.dense import Dense
from kexp_plugins.layers.dropout import Dropout
from kexp_plugins.layers.flatten import Flatten
from kexp_plugins.layers.input_layer import InputLayer
from kexp_plugins.layers.reshape import Reshape

Input = input_tensor

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Layer", "Reshape"]
