"""Models as graphs of layers, and the engine that runs them."""

from kexp.graph.engine import Engine
from kexp.graph.graph import Graph, Node, Tensor, chain, input_tensor
from kexp.graph.weights import FlatWeights

__all__ = ["Engine", "FlatWeights", "Graph", "Node", "Tensor", "chain", "input_tensor"]
