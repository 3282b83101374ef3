"""Convolutions: against plain loops, in blocks, in both data formats; traps; and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexp.core.context import Context
from kexp.errors import ArgumentError, ShapeError
from kexp.layers import (
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Cropping1D,
    Cropping2D,
    DepthwiseConv2D,
    SeparableConv2D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from kexp.layers import Layer as AnyLayer
from kexp.testing import check_layer
from kexp_plugins.layers import convolving, depthwise


def run(layer: AnyLayer, x: Any, dy: Any = None) -> tuple[Any, Any, dict[str, Any]]:
    """Output, input cotangent (of ones unless given) and gradients."""
    layer.ensure_built((None, *x.shape[1:]))
    y, pullback = layer.forward(x, ctx=Context(True))
    (dx,), gradients = pullback(np.cos(np.arange(y.size)).reshape(y.shape) if dy is None else dy)
    return y, dx, gradients


def by_loops(x: Any, kernel: Any, strides: Any, dilation: Any, pads: Any) -> Any:
    """A convolution written out, position after position."""
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    rows, columns = (dilation[0] * (kernel.shape[0] - 1), dilation[1] * (kernel.shape[1] - 1))
    out = []
    for i in range(0, x.shape[1] - rows, strides[0]):
        for j in range(0, x.shape[2] - columns, strides[1]):
            patch = x[:, i : i + rows + 1 : dilation[0], j : j + columns + 1 : dilation[1]]
            out.append(np.einsum("nabc,abcf->nf", patch, kernel))
    height = len(range(0, x.shape[1] - rows, strides[0]))
    return np.stack(out, 1).reshape(len(x), height, -1, kernel.shape[-1])


small = st.integers(1, 3)
pairs = st.tuples(small, small)


@given(st.tuples(st.integers(7, 9), st.integers(7, 9)), pairs, pairs, st.booleans(), st.sampled_from(["valid", "same"]))
@settings(max_examples=40, deadline=None)
def test_conv2d_is_the_sum_over_patches(size: Any, kernel: Any, steps: Any, holes: bool, padding: str) -> None:
    strides, dilation = ((1, 1), steps) if holes else (steps, (1, 1))
    layer = Conv2D(3, kernel, strides=strides, dilation_rate=dilation, padding=padding, dtype="float64", use_bias=False)
    x = np.random.default_rng(0).standard_normal((2, *size, 2))
    y = run(layer, x)[0]
    pads = [(0, 0), (0, 0)]
    if padding == "same":
        for axis in (0, 1):
            out = -(-size[axis] // strides[axis])
            total = max((out - 1) * strides[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - size[axis], 0)
            pads[axis] = (total // 2, total - total // 2)
        assert y.shape[1:3] == tuple(-(-n // s) for n, s in zip(size, strides, strict=True))
    np.testing.assert_allclose(y, by_loops(x, layer.kernel, strides, dilation, pads), atol=1e-12)


def every(**options: Any) -> list[AnyLayer]:
    """One of each kind, with strides and without, float64."""
    options = {"dtype": "float64", "bias_initializer": "ones", "activation": "softmax"} | options
    return [
        Conv2D(4, 3, padding="same", **options),
        Conv2D(4, (2, 3), strides=2, **options),
        Conv2D(4, 3, groups=2, padding="same", **options),
        Conv2D(4, 2, groups=2, strides=2, **options),
        DepthwiseConv2D(3, depth_multiplier=2, padding="same", **options),
        SeparableConv2D(3, 2, strides=2, **options),
        Conv2DTranspose(3, 3, strides=2, padding="same", **options),
        Conv2DTranspose(3, 2, dilation_rate=2, **options),
    ]


@pytest.mark.parametrize("number", range(8))
def test_blocks_of_any_size_give_the_same(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, x = every()[number], np.random.default_rng(0).standard_normal((5, 6, 7, 4))
    want = run(layer, x)
    for values in (1, 700):
        monkeypatch.setattr(convolving, "PATCH_VALUES", values)
        monkeypatch.setattr(depthwise, "BLOCK_VALUES", values)
        got = run(layer, x)
        for one, other in zip([*got[:2], *got[2].values()], [*want[:2], *want[2].values()], strict=True):
            np.testing.assert_allclose(one, other, atol=1e-12)


def test_layers_keep_the_contract_in_blocks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convolving, "PATCH_VALUES", 1)
    monkeypatch.setattr(depthwise, "BLOCK_VALUES", 1)
    check_layer(lambda: Conv2D(4, 3, groups=2, padding="same", activation="tanh"), (3, 4, 5, 2))
    check_layer(lambda: Conv2D(3, 3, strides=2), (3, 5, 5, 2))
    check_layer(lambda: SeparableConv2D(3, 2, depth_multiplier=2), (3, 4, 5, 2))


@pytest.mark.parametrize("number", range(8))
def test_both_data_formats_give_the_same(number: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 6, 7, 4))
    last = every(activation="tanh")[number]
    first = every(activation="tanh", data_format="channels_first")[number]
    y, dx, gradients = run(last, x)
    first.ensure_built((None, 4, 6, 7))
    first.set_weights(last.get_weights())
    dy = np.moveaxis(np.cos(np.arange(y.size)).reshape(y.shape), -1, 1)
    turned, dturned, also = run(first, np.moveaxis(x, -1, 1), dy)
    np.testing.assert_allclose(np.moveaxis(turned, 1, -1), y, atol=1e-12)
    np.testing.assert_allclose(np.moveaxis(dturned, 1, -1), dx, atol=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(also[name], gradient, atol=1e-12)


def test_an_odd_number_of_zeros_has_the_larger_half_at_the_end() -> None:
    layer = Conv1D(1, 2, padding="same", kernel_initializer="ones")
    assert run(layer, np.array([[[1.0], [2.0], [4.0]]]))[0].ravel().tolist() == [3, 6, 4]


def test_a_causal_convolution_sees_no_later_step() -> None:
    layer = Conv1D(2, 3, padding="causal", dilation_rate=2, dtype="float64")
    x = np.random.default_rng(0).standard_normal((1, 9, 2))
    before = run(layer, x)[0].copy()
    x[:, 5:] = 100
    after = run(layer, x)[0]
    np.testing.assert_array_equal(after[:, :5], before[:, :5])
    assert (after[:, 5:] != before[:, 5:]).all()


def test_the_limit_of_start_values_counts_the_receptive_field() -> None:
    kernels = {
        "kernel": (Conv2D(64, (3, 5)), 15 * (8 + 64)),
        "depthwise_kernel": (SeparableConv2D(4, (3, 5), depth_multiplier=40), 15 * (8 + 40)),
    }
    for name, (layer, fans) in kernels.items():
        layer.ensure_built((None, 9, 9, 8))
        assert np.abs(getattr(layer, name)).max() == pytest.approx(np.sqrt(6 / fans), rel=0.01)


def test_a_transposed_convolution_is_the_input_gradient_of_a_convolution() -> None:
    conv = Conv2D(3, 3, strides=2, padding="same", use_bias=False, dtype="float64")
    x, dy = (
        np.random.default_rng(0).standard_normal((2, 6, 6, 2)),
        np.random.default_rng(1).standard_normal((2, 3, 3, 3)),
    )
    dx = run(conv, x, dy)[1]
    turned = Conv2DTranspose(2, 3, strides=2, padding="same", use_bias=False, dtype="float64")
    turned.ensure_built((None, 3, 3, 3))
    turned.set_weights([conv.kernel])
    np.testing.assert_allclose(run(turned, dy)[0], dx, atol=1e-12)


def test_an_empty_batch_gives_an_empty_output_and_no_gradient() -> None:
    for layer in every(activation="relu"):
        y, dx, gradients = run(layer, np.zeros((0, 6, 7, 4)))
        assert len(y) == len(dx) == 0
        assert all((gradient == 0).all() for gradient in gradients.values())


ARGUMENTS = [
    (lambda: Conv2D(0, 3), "filters must be a positive int. Received: 0"),
    (lambda: Conv2D(2, (3, 3, 3)), "kernel_size must be an int or 2 ints, of at least 1. Received: (3, 3, 3)"),
    (lambda: Conv1D(2, 0), "kernel_size must be an int, of at least 1. Received: 0"),
    (lambda: Conv2D(2, 3, padding="causal"), "padding must be one of 'valid', 'same'. Received: 'causal'"),
    (
        lambda: Conv2D(2, 3, strides=2, dilation_rate=(1, 2)),
        "strides above 1 and a dilation_rate above 1 do not go together. "
        "Received: strides=(2, 2), dilation_rate=(1, 2)",
    ),
    (lambda: Conv2D(3, 3, groups=2), "filters must be a multiple of groups. Received: filters=3, groups=2"),
    (
        lambda: Conv2DTranspose(3, 3, strides=2, output_padding=2),
        "output_padding must be below the stride of its axis. Received: output_padding=(2, 2), strides=(2, 2)",
    ),
    (
        lambda: ZeroPadding2D((1, -1)),
        "padding must be an int, two ints (height, width) or two pairs ((top, bottom), (left, right)), none below 0. "
        "Received: (1, -1)",
    ),
    (lambda: ZeroPadding1D((1, 2, 3)), "padding must be an int or 2 ints, of at least 0. Received: (1, 2, 3)"),
    (
        lambda: UpSampling2D(interpolation="linear"),
        "interpolation must be one of 'nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'. Received: 'linear'",
    ),
    (
        lambda: Conv2D(2, 3, data_format="nchw"),
        "data_format must be one of 'channels_last', 'channels_first'. Received: 'nchw'",
    ),
]


@pytest.mark.parametrize("make, text", ARGUMENTS, ids=lambda value: value if isinstance(value, str) else "")
def test_arguments_that_cannot_be_are_refused(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text


TURNED = (
    "\nThis looks like channels_first, and the layer has data_format='channels_last': "
    "set data_format='channels_first' or move the channel axis."
)
SHAPES = [
    (
        lambda: Conv2D(2, 3),
        (None, 28, 28),
        "layer 'conv2d' (Conv2D) needs inputs (n, h, w, c): 3 axes without the batch's. Received: (None, 28, 28). "
        "If it is the channel axis that is missing: (None, 28, 28, 1)",
    ),
    (
        lambda: Conv1D(2, 3, data_format="channels_first"),
        (None, 5, 5, 5),
        "layer 'conv1d' (Conv1D) needs inputs (n, c, t): 2 axes without the batch's. Received: (None, 5, 5, 5)",
    ),
    (
        lambda: Conv2D(2, 5),
        (None, 3, 32, 32),
        "layer 'conv2d' (Conv2D): a kernel of (5, 5) does not fit into an input of (3, 32). "
        "Received: (None, 3, 32, 32). Use padding='same', a smaller kernel or larger inputs." + TURNED,
    ),
    (
        lambda: Conv1D(2, 3, dilation_rate=3),
        (None, 6, 8),
        "layer 'conv1d' (Conv1D): a kernel of (3,) (over (7,) with its holes) does not fit into an input of (6,). "
        "Received: (None, 6, 8). Use padding='same', a smaller kernel or larger inputs.",
    ),
    (
        lambda: Conv2D(4, 3, groups=2),
        (None, 8, 8, 3),
        "layer 'conv2d' (Conv2D): 3 channels cannot be shared out to 2 groups",
    ),
    (
        lambda: Conv2D(4, 3),
        (None, 8, 8, None),
        "layer 'conv2d' (Conv2D) needs to know the number of channels. Received: (None, 8, 8, None). "
        "Give it by input_shape=...",
    ),
    (
        lambda: Conv2DTranspose(4, 2, strides=2, padding="same", output_padding=0),
        (None, 1, 3, 2),
        "layer 'conv2d_transpose' (Conv2DTranspose): the output would have the size (0, 4). Received: (None, 1, 3, 2)",
    ),
    (
        lambda: Cropping1D((2, 1)),
        (None, 3, 2),
        "layer 'cropping1d' (Cropping1D): nothing is left of an input of (3,) without margins of ((2, 1),). "
        "Received: (None, 3, 2)",
    ),
    (
        lambda: Cropping2D(1),
        (None, 3, 2),
        "layer 'cropping2d' (Cropping2D) needs inputs (n, h, w, c): 3 axes without the batch's. "
        "Received: (None, 3, 2). If it is the channel axis that is missing: (None, 3, 2, 1)",
    ),
]


@pytest.mark.parametrize("make, shape, text", SHAPES, ids=lambda value: value if isinstance(value, str) else "")
def test_inputs_that_do_not_fit_are_refused(make: Any, shape: Any, text: str) -> None:
    layer = make()
    with pytest.raises(ShapeError) as caught:
        layer.ensure_built(shape)
        layer.compute_output_shape(shape)
    assert str(caught.value) == text


def test_images_with_the_channels_elsewhere_are_recognised() -> None:
    layer = Conv2D(8, 3)
    layer.ensure_built((None, 32, 32, 3))
    with pytest.raises(ShapeError) as caught:
        layer(np.zeros((2, 3, 32, 32)))
    assert str(caught.value) == (
        "layer 'conv2d' (Conv2D) was built for 3 channels: inputs (None, 32, 32, 3). Received: (None, 3, 32, 32)"
        + TURNED
    )
