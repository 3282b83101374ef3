"""Predict: the outputs of a graph for all samples of a feed."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import numpy as np

from kexp.data import Batched
from kexp.graph import Engine
from kexp.training.callbacks import CallbackList


def predict(
    engine: Engine, feed: Batched, batch_size: int, callbacks: CallbackList, steps: int | None = None
) -> list[np.ndarray[Any, Any]]:
    """The outputs for all samples of a feed, on the host, one array for each output."""
    callbacks.call("on_predict_begin", {})
    n = feed.n if steps is None or feed.n is None else min(feed.n, steps * batch_size)
    parts: list[list[np.ndarray[Any, Any]]] = []
    whole: list[np.ndarray[Any, Any]] = []
    done = 0
    with closing(feed.blocks(batch_size, single=True, stop=steps)) as blocks:
        for batch, block in enumerate(blocks):
            callbacks.call("on_predict_batch_begin", batch, {})
            outputs = [feed.backend.to_host(output) for output in engine.forward(block.xs)]
            if n is None:
                parts.append([output.copy() for output in outputs])
            elif not whole:
                whole = [np.empty((n, *output.shape[1:]), dtype=output.dtype) for output in outputs]
            for kept, output in zip(whole, outputs, strict=bool(whole)):
                kept[done : done + len(block)] = output
            done += len(block)
            callbacks.call("on_predict_batch_end", batch, {})
    callbacks.call("on_predict_end", {})
    return whole or [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
