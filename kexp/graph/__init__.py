"""Models as graphs of layers, and the engine that runs them."""

from kexp.graph.engine import Engine
from kexp.graph.graph import Entry, Graph, Node, Tensor, apply, chain, input_tensor, name_layers
from kexp.graph.settling import settle
from kexp.graph.weights import FlatWeights

__all__ = [
    "Engine",
    "Entry",
    "FlatWeights",
    "Graph",
    "Node",
    "Tensor",
    "apply",
    "chain",
    "input_tensor",
    "name_layers",
    "settle",
]
