"""The image transforms: which arrays they take, what chance does, and several maps in one warp."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp import plugins
from kexp.core.transform import Transform
from kexp.data import Pipeline
from kexp.errors import ArgumentError, DataError
from kexp.transforms import (
    CenterCrop,
    RandomAffine,
    RandomBrightness,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Resize,
)
from kexp_plugins.transforms import warping
from kexp_plugins.transforms.affine import one_after_the_other
from kexp_plugins.transforms.warping import Sampling, warp, warp_back

RNG = np.random.default_rng(0)
GRAY, COLOR = RNG.random((5, 6, 8), dtype=np.float32), RNG.random((5, 6, 8, 3), dtype=np.float32)
RANDOM: list[Transform] = [
    RandomFlip("horizontal"),
    RandomRotation(0.2),
    RandomTranslation(0.3, 0.2),
    RandomZoom(0.4),
    RandomShear(0.3, 0.3),
    RandomAffine("vertical", 0.1, 0.1, 0.1, 0.1),
    RandomBrightness(0.3, (0, 1)),
]
each_random = pytest.mark.parametrize("step", RANDOM, ids=lambda step: type(step).__name__)


def stream(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@each_random
def test_without_a_stream_images_stay_as_they_are(step: Transform) -> None:
    assert np.array_equal(step.transform(GRAY), GRAY)


@each_random
def test_images_without_channels_are_those_with_one(step: Transform) -> None:
    alone, one = step.transform(GRAY, stream()), step.transform(GRAY[..., None], stream())
    assert alone.shape == GRAY.shape
    assert np.array_equal(alone, one[..., 0])
    assert not np.array_equal(alone, GRAY)


@each_random
def test_channels_first_is_the_same_turned(step: Transform) -> None:
    turned = type(step)(**step.get_config() | {"data_format": "channels_first"})
    found = turned.transform(np.moveaxis(COLOR, -1, 1), stream())
    np.testing.assert_allclose(np.moveaxis(found, 1, -1), step.transform(COLOR, stream()), atol=1e-6)


@each_random
def test_every_image_has_draws_of_its_own(step: Transform) -> None:
    same = np.repeat(GRAY[:1], 32, axis=0)
    assert len(np.unique(step.transform(same, stream()).reshape(32, -1), axis=0)) > 1


@each_random
def test_bytes_become_floats(step: Transform) -> None:
    pixels = (255 * GRAY).astype(np.uint8)
    for found in (step.transform(pixels), step.transform(pixels, stream())):
        assert found.dtype == np.float32


def test_a_flip_mirrors_about_half_of_the_images() -> None:
    same = np.repeat(GRAY[:1], 1000, axis=0)
    found = RandomFlip("horizontal").transform(same, stream())
    mirrored = (found == same[:, :, ::-1]).all((1, 2))
    assert ((found == same).all((1, 2)) | mirrored).all()
    assert 400 < mirrored.sum() < 600


def test_both_flips_happen_together() -> None:
    same = np.repeat(GRAY[:1], 100, axis=0)
    found = RandomFlip().transform(same, stream())
    turned = (found == same[:, ::-1, ::-1]).all((1, 2))
    assert ((found == same).all((1, 2)) | turned).all() and turned.any()


def test_a_quarter_turn_is_exact() -> None:
    square = GRAY[:, :, :6]
    found = RandomRotation((0.25, 0.25)).transform(square, stream())
    np.testing.assert_allclose(found, np.rot90(square, 1, (1, 2)), atol=1e-5)


def test_a_translation_by_whole_pixels_moves_down_and_right() -> None:
    found = RandomTranslation((1 / 3, 1 / 3), (0.25, 0.25), "constant", fill_value=9.0).transform(GRAY, stream())
    np.testing.assert_allclose(found[:, 2:, 2:], GRAY[:, :-2, :-2], atol=1e-6)
    assert (found[:, :2] == 9).all() and (found[:, :, :2] == 9).all()


def test_a_zoom_by_minus_a_half_shows_half_as_much() -> None:
    ramp = np.tile(np.arange(9, dtype=np.float32), (1, 9, 1))
    found = RandomZoom((-0.5, -0.5)).transform(ramp, stream())
    np.testing.assert_allclose(found[0, 0], 2 + np.arange(9) / 2, atol=1e-6)


def test_a_chain_in_one_warp_reads_what_the_chain_reads() -> None:
    """Of a linear image, in whose inside no interpolation can be seen."""
    y, x = np.mgrid[:40, :40].astype(np.float32)
    image = np.stack([x, y, 3 * x - y], -1)[None]
    parts = [RandomRotation(0.05), RandomTranslation(0.05, 0.05), RandomZoom(0.1), RandomShear(0.1, 0.1)]
    maps = [part.maps(1, 40, 40, stream(seed)) for seed, part in enumerate(parts)]
    step_by_step, together = image, maps[0]
    for each in maps:
        step_by_step = warp(step_by_step, each, Sampling())
    for each in maps[1:]:
        together = one_after_the_other(together, each)
    inside = (0, slice(15, 25), slice(15, 25))
    np.testing.assert_allclose(warp(image, together, Sampling())[inside], step_by_step[inside], atol=1e-3)


def test_random_affine_draws_as_its_parts_do_one_after_the_other() -> None:
    whole = RandomAffine("horizontal", rotation=0.1, zoom=0.2)
    numbers = stream()
    parts = [RandomFlip("horizontal"), RandomRotation(0.1), RandomZoom(0.2)]
    drawn = [part.maps(4, 6, 8, numbers) for part in parts]  # type: ignore[attr-defined]
    want = one_after_the_other(one_after_the_other(drawn[0], drawn[1]), drawn[2])
    np.testing.assert_allclose(whole.maps(4, 6, 8, stream()), want, atol=1e-12)


@pytest.mark.parametrize("fill_mode", ["reflect", "wrap", "nearest", "constant"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_many_images_are_warped_as_each_alone(fill_mode: str, interpolation: str) -> None:
    images = RNG.random((50, 30, 30, 1))
    maps = RandomAffine("horizontal", 0.5, 0.9, 0.9, 0.5).maps(50, 30, 30, stream())
    sampling = Sampling(fill_mode, interpolation, 0.5)
    found = warp(images, maps, sampling)
    for i in (0, 35, 36, 49):  # pieces are of 36 images
        alone = warp(images[i : i + 1], maps[i : i + 1], sampling)
        np.testing.assert_allclose(found[i : i + 1], alone, atol=1e-12)


def test_images_with_more_pixels_than_floats_can_count_are_read_at_the_same_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maps = RandomAffine("horizontal", 0.5, 0.9).maps(5, 6, 8, stream())
    want = warp(COLOR, maps, Sampling())
    monkeypatch.setattr(warping, "EXACT", {"float32": 1})
    assert np.array_equal(warp(COLOR, maps, Sampling()), want)


@pytest.mark.parametrize("fill_mode", ["reflect", "wrap", "nearest", "constant"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_warp_back_is_the_transpose_of_warp(fill_mode: str, interpolation: str) -> None:
    x, dy = RNG.standard_normal((2, 40, 7, 5, 2))
    maps = RandomAffine("horizontal", 0.5, 0.9, 0.9, 0.5).maps(40, 7, 5, stream())
    sampling = Sampling(fill_mode, interpolation)
    np.testing.assert_allclose((warp(x, maps, sampling) * dy).sum(), (x * warp_back(dy, maps, sampling)).sum())


def test_random_crops_are_parts_of_their_images() -> None:
    found = RandomCrop(3, 4).transform(GRAY, stream())
    places = []
    for image, part in zip(GRAY, found, strict=True):
        windows = np.lib.stride_tricks.sliding_window_view(image, (3, 4))
        places.append(tuple(np.argwhere((windows == part).all((2, 3)))[0]))
    assert len(set(places)) > 1


def test_a_crop_without_a_stream_is_the_middle_resized() -> None:
    assert np.array_equal(RandomCrop(3, 3).transform(GRAY), Resize(3, 3, crop_to_aspect_ratio=True).transform(GRAY))
    assert RandomCrop(9, 4).transform(GRAY, stream()).shape == (5, 9, 4)


def test_bytes_stay_bytes_when_they_are_resized_or_cropped() -> None:
    pixels = (255 * COLOR).astype(np.uint8)
    assert Resize(3, 4, "bicubic").transform(pixels).dtype == np.uint8
    assert np.array_equal(CenterCrop(2, 4).transform(pixels), pixels[:, 2:4, 2:6])


def test_a_large_image_shrinks_as_by_the_whole_matrix() -> None:
    large = RNG.random((1, 300, 200, 3))
    found = Resize(5, 4).transform(large)
    rows = [(300 * (i + 0.5) / 5 - 0.5) for i in range(5)]
    columns = [(200 * (i + 0.5) / 4 - 0.5) for i in range(4)]
    want = [[large[0, int(r) : int(r) + 2, int(c) : int(c) + 2].mean((0, 1)) for c in columns] for r in rows]
    np.testing.assert_allclose(found[0], want, atol=1e-12)  # all places lie halfway between pixels


def test_a_pipeline_augments_by_chance_and_predicts_without() -> None:
    pipeline = Pipeline(
        {
            "scale": {"type": "rescale", "scale": 1 / 255},
            "move": {"type": "random_translation", "height_factor": 0.2, "width_factor": 0.2},
        }
    ).fit(GRAY)
    pixels = (255 * GRAY).astype(np.uint8)
    assert np.array_equal(pipeline.transform(pixels), pixels.astype(np.float32) * (1 / 255))
    first, second = pipeline.augment(pixels, stream(1)), pipeline.augment(pixels, stream(1))
    assert np.array_equal(first, second) and not np.array_equal(first, pipeline.augment(pixels, stream(2)))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"type": "random_rotation", "factor": 1.5}, "factor must be a number or a pair of numbers (from, to) in [-1, 1]. Received: 1.5"),
    ({"type": "random_rotation", "factor": "much"}, "factor must be a number or a pair of numbers (from, to) in [-1, 1]. Received: 'much'"),
    ({"type": "random_shear", "x_factor": -0.1}, "x_factor must be a number or a pair of numbers (from, to) in [0, 1]. Received: -0.1"),
    ({"type": "random_translation", "height_factor": (0, 1, 2), "width_factor": 0}, "height_factor must be a number or a pair of numbers (from, to) in [-1, 1]. Received: (0, 1, 2)"),
    ({"type": "random_zoom", "height_factor": (-1, 0)}, "height_factor must be above -1, at which an image has no size. Received: (-1, 0)"),
    ({"type": "random_flip", "mode": "sideways"}, "mode must be one of 'horizontal', 'vertical', 'horizontal_and_vertical'. Received: 'sideways'"),
    ({"type": "random_rotation", "factor": 0.1, "fill_mode": "mirror"}, "fill_mode must be one of 'reflect', 'wrap', 'constant', 'nearest'. Received: 'mirror'"),
    ({"type": "random_brightness", "factor": 0.1, "value_range": (1, 1)}, "value_range must be a pair of different numbers (low, high). Received: (1, 1)"),
    ({"type": "resize", "height": 0, "width": 3}, "height must be a positive int. Received: 0"),
    ({"type": "resize", "height": 2, "width": 3, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be true"),
    ({"type": "resize", "height": 2, "width": 3, "interpolation": "cubic"}, "interpolation must be one of 'bilinear', 'nearest', 'bicubic', 'lanczos3', 'lanczos5'. Received: 'cubic'"),
]  # fmt: skip


@pytest.mark.parametrize("spec, text", WRONG, ids=lambda value: value["type"] if isinstance(value, dict) else "")
@pytest.mark.parametrize("kind", ["transform", "layer"])
def test_wrong_arguments_are_told(kind: str, spec: dict[str, Any], text: str) -> None:
    name = "resizing" if kind == "layer" and spec["type"] == "resize" else spec["type"]
    with pytest.raises(ArgumentError) as caught:
        plugins.current()[kind].build(spec | {"type": name})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "x, text",
    [
        (
            np.zeros((3, 784)),
            "images must be (n, h, w), or (n, h, w, c) with channels. Received: an array of shape (3, 784) and dtype float64. For one image alone: (1, 3, 784)",
        ),
        (
            np.zeros((3, 4, 5, 1, 1)),
            "images must be (n, h, w), or (n, h, w, c) with channels. Received: an array of shape (3, 4, 5, 1, 1) and dtype float64",
        ),
        (np.array(["a", "b"]), "images must hold numbers. Received: an array of shape (2,) and dtype <U1"),
        (np.zeros((3, 0, 5)), "images must have pixels. Received: an array of shape (3, 0, 5) and dtype float64"),
    ],
)
def test_what_is_no_images_is_refused(x: Any, text: str) -> None:
    with pytest.raises(DataError) as caught:
        RandomFlip().transform(x, stream())
    assert str(caught.value) == text
