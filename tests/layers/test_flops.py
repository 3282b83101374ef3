"""Operations that layers count for one sample."""

from __future__ import annotations

from typing import Any

import pytest

import kexp.layers as kl
from kexp.layers import Input
from kexp.models import Model, Sequential
from kexp.models.summary import summary_rows, summary_text

STEPS, IMAGE, ROW = (5, 3), (6, 7, 2), (4,)
LSTM = 2 * 5 * (3 * 16 + 4 * 16)
CASES: list[tuple[Any, list[tuple[int, ...]], int | None]] = [
    (kl.Dense(3), [ROW], 2 * 4 * 3),
    (kl.Conv2D(3, 2), [IMAGE], 2 * (5 * 6) * (2 * 2 * 2 * 3)),
    (kl.Conv2DTranspose(3, 3, strides=2), [IMAGE], 2 * (6 * 7) * (3 * 3 * 2 * 3)),
    (kl.DepthwiseConv2D(2), [IMAGE], 2 * (5 * 6) * (2 * 2 * 2)),
    (kl.SeparableConv2D(3, 2), [IMAGE], 2 * (5 * 6) * (2 * 2 * 2 + 2 * 3)),
    (kl.LSTM(4), [STEPS], LSTM),
    (kl.GRU(4, return_sequences=True), [STEPS], 2 * 5 * (3 * 12 + 4 * 12)),
    (kl.SimpleRNN(4, return_state=True), [STEPS], 2 * 5 * (3 * 4 + 4 * 4)),
    (kl.RNN([kl.GRUCell(4), kl.SimpleRNNCell(2)]), [STEPS], 2 * 5 * (7 * 12 + 6 * 2)),
    (kl.Bidirectional(kl.LSTM(4)), [STEPS], 2 * LSTM),
    (kl.TimeDistributed(kl.Dense(2)), [STEPS], 5 * 2 * 3 * 2),
    (kl.Attention(), [STEPS, (4, 3)], 5 * 4 * (2 * 3 + 2 * 3)),
    (kl.Attention(score_mode="concat"), [STEPS, (4, 3)], 5 * 4 * (3 * 3 + 2 * 3)),
    (kl.MultiHeadAttention(2, 6), [STEPS, (4, 3)], 2 * (2 * 5 + 2 * 4) * 3 * 2 * 6 + 2 * 5 * 4 * 2 * (6 + 6)),
    (kl.MaxPooling2D(), [IMAGE], 4 * (3 * 3 * 2)),
    (kl.AveragePooling1D(2), [STEPS], 2 * (2 * 3)),
    (kl.GlobalAveragePooling2D(), [IMAGE], 6 * 7 * 2),
    (kl.BatchNormalization(), [ROW], 2 * 4),
    (kl.LayerNormalization(), [ROW], 7 * 4),
    (kl.Normalization(), [ROW], 2 * 4),
    (kl.Activation("tanh"), [ROW], 4),
    (kl.ReLU(), [ROW], 4),
    (kl.PReLU(), [ROW], 2 * 4),
    (kl.Add(), [ROW, ROW, ROW], 2 * 4),
    (kl.Multiply(), [ROW, ROW], 4),
    (kl.Dot(1), [ROW, ROW], 2 * 4),
    (kl.Concatenate(), [ROW, ROW], 0),
    (kl.Dropout(0.5), [ROW], 0),
    (kl.Flatten(), [IMAGE], 0),
    (kl.UpSampling2D(), [IMAGE], 0),
    (kl.UpSampling2D(interpolation="bilinear"), [IMAGE], None),
    (kl.RandomFlip(), [IMAGE], 0),
    (kl.Lambda(lambda x: x), [ROW], None),
]


@pytest.mark.parametrize("layer, shapes, count", CASES, ids=lambda value: getattr(value, "name", None))
def test_a_layer_counts_its_operations(layer: Any, shapes: list[tuple[int, ...]], count: int | None) -> None:
    inputs = [Input(shape) for shape in shapes]
    model = Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))
    assert summary_rows(model)[-1]["flops"] == count


def test_embeddings_are_looked_up() -> None:
    model = Sequential([Input((5,), dtype="int32"), kl.Embedding(7, 3)])
    assert summary_rows(model)[0]["flops"] == 0


def test_unknown_sizes_have_no_count() -> None:
    model = Sequential([Input((None, 3)), kl.LSTM(4, return_sequences=True), kl.LayerNormalization()])
    assert [row["flops"] for row in summary_rows(model)] == [None, None]


def test_all_uses_of_a_layer_and_of_a_model_are_counted() -> None:
    shared, x = kl.Dense(4), Input(ROW)
    inner = Model(x, shared(shared(x)))
    z = Input(ROW)
    model = Model(z, inner(inner(z)))
    assert summary_rows(inner)[0]["flops"] == 2 * 32
    assert summary_text(model, flops=True).endswith("FLOPs of one sample: 128")
