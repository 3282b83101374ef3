"""The image layers in models and by themselves: when chance acts, single images, bytes, shapes that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.errors import ShapeError
from kexp.layers import (
    CenterCrop,
    Conv2D,
    Dense,
    Flatten,
    Input,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Resizing,
)
from kexp.models import Sequential

RNG = np.random.default_rng(0)
IMAGES = RNG.random((6, 8, 10, 3), dtype=np.float32)
RANDOM: list[Layer] = [
    RandomFlip("horizontal", seed=1),
    RandomRotation(0.2, seed=1),
    RandomTranslation(0.2, 0.2, seed=1),
    RandomZoom(0.3, seed=1),
    RandomShear(0.3, seed=1),
    RandomBrightness(0.3, (0, 1), seed=1),
    RandomContrast(0.3, (0, 1), seed=1),
]
each_random = pytest.mark.parametrize("layer", RANDOM, ids=lambda layer: type(layer).__name__)


@each_random
def test_chance_acts_in_training_alone(layer: Layer) -> None:
    for training in (False, True):
        y, _ = layer.forward(IMAGES, ctx=Context(training))
        assert np.array_equal(y, IMAGES) == (not training)


@each_random
def test_called_by_itself_it_acts_unless_told_otherwise(layer: Layer) -> None:
    assert not np.array_equal(layer(IMAGES), IMAGES)
    assert np.array_equal(layer(IMAGES, training=False), IMAGES)


@each_random
def test_one_image_by_itself_is_a_batch_of_one(layer: Layer) -> None:
    twin = type(layer).from_config(layer.get_config())
    again = type(layer).from_config(layer.get_config())
    one = twin(IMAGES[0])
    assert one.shape == (8, 10, 3)
    assert np.array_equal(one, again(IMAGES[:1])[0])


@each_random
def test_the_same_seed_gives_the_same_draws(layer: Layer) -> None:
    first, second = (type(layer).from_config(layer.get_config()) for _ in range(2))
    assert np.array_equal(first(IMAGES), second(IMAGES))
    assert not np.array_equal(first(IMAGES), first(IMAGES))


def test_bytes_become_floats_but_are_resized_as_bytes() -> None:
    pixels = (255 * IMAGES).astype(np.uint8)
    assert RandomFlip()(pixels).dtype == np.float32
    assert CenterCrop(4, 4)(pixels).dtype == np.float32
    assert Resizing(4, 4)(pixels).dtype == np.uint8


def test_all_images_of_a_batch_are_cropped_at_one_place() -> None:
    layer = RandomCrop(3, 4, seed=2)
    for _ in range(3):
        y = layer(IMAGES)
        windows = np.lib.stride_tricks.sliding_window_view(IMAGES, (3, 4), (1, 2)).transpose(0, 1, 2, 4, 5, 3)
        found = (windows == y[:, None, None]).all((0, 3, 4, 5))
        assert found.sum() == 1
    assert np.array_equal(layer(IMAGES, training=False), Resizing(3, 4, crop_to_aspect_ratio=True)(IMAGES))


def test_a_model_trains_behind_augmentation_and_predicts_without() -> None:
    model = Sequential(
        [
            Input((8, 10, 3)),
            RandomFlip("horizontal"),
            RandomRotation(0.1),
            RandomZoom(0.1),
            Resizing(6, 6),
            Conv2D(2, 3),
            RandomTranslation(0.1, 0.1),
            Flatten(),
            Dense(2, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(IMAGES, np.array([0, 1, 0, 1, 0, 1]), epochs=2, batch_size=4, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert np.array_equal(model.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0))


@pytest.mark.parametrize(
    "layer, size", [(Resizing(4, 5), (4, 5)), (CenterCrop(4, 5), (4, 5)), (RandomFlip(), (None, 9))]
)
def test_unknown_sizes_stay_unknown_or_become_known(layer: Layer, size: Any) -> None:
    assert layer.compute_output_shape((None, None, 9, 1)) == (None, *size, 1)


def test_images_without_channels_are_told_how_to_get_some() -> None:
    with pytest.raises(ShapeError) as caught:
        Sequential([Input((28, 28)), RandomFlip(name="flip")])
    assert str(caught.value) == (
        "layer 'flip' (RandomFlip) needs inputs (n, h, w, c): 3 axes without the batch's. Received: (None, 28, 28). "
        "If it is the channel axis that is missing: (None, 28, 28, 1)"
    )


def test_contrast_scales_differences_by_up_to_the_factor_to_both_sides() -> None:
    """Keras' documentation; its code, for a single number, makes images stronger alone."""
    image = np.zeros((1, 2, 2, 1), dtype=np.float32)
    image[0, 0] = 1
    spread = [np.ptp(RandomContrast(0.4, (-9, 9), seed=seed)(image)) for seed in range(60)]
    assert 0.6 <= min(spread) < 0.7 and 1.3 < max(spread) <= 1.4
