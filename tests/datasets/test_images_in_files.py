"""Images in files: the data set image_folder, image_dataset_from_directory, and single images in and out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kexp import datasets, plugins, utils
from kexp.core.source import is_source
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.layers import Dense, Flatten, Input, Rescaling
from kexp.models import Sequential
from kexp_plugins.datasets.image_folder import ImageFolder

ENDINGS = (".png", ".PNG", ".bmp", ".gif", ".jpg", ".jpeg")
FORMATS = "(.bmp, .gif, .jpeg, .jpg, .png)"


def shade(label: int, number: int) -> int:
    """The gray of a class's picture."""
    return 100 * label + 5 * number + 10


def draw(folder: Path, classes: tuple[str, ...] = ("cat", "dog"), count: int = 10) -> Path:
    """`count` pictures of 7 by 5 pixels for each class, each of one gray, in all the formats; returns the folder."""
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            pixels = np.full((7, 5), shade(label, number), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number:02}{ENDINGS[number % len(ENDINGS)]}")
    return folder


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return draw(tmp_path / "pets")


# --- the data set -------------------------------------------------------------------------------------------------


def test_twenty_images_load_with_labels_of_their_folders(pets: Path) -> None:
    train = (
        plugins.current()["dataset"]
        .build({"type": "image_folder", "path": str(pets), "image_size": [4, 6]})
        .load()["train"]
    )
    assert len(train.x) == 20 and is_source(train.x)
    x = train.x.take(slice(None))
    assert x.shape == (20, 4, 6, 3) and x.dtype == np.float32
    assert train.y.tolist() == [0] * 10 + [1] * 10 and train.y.dtype == np.int32
    wanted = [shade(label, number) for label in (0, 1) for number in range(10)]
    np.testing.assert_allclose(x[:, 0, 0, 0], wanted, atol=1)  # JPEG rounds
    assert ImageFolder(str(pets)).classes == ["cat", "dog"]


def test_rows_come_in_the_order_they_are_asked_for(pets: Path) -> None:
    x = datasets.image_folder(pets, image_size=4, color_mode="grayscale")["train"].x
    assert x.shape == (20, 4, 4, 1)
    found = x.take(np.array([13, 0, 13]))[:, 0, 0, 0]
    np.testing.assert_allclose(found, [shade(1, 3), shade(0, 0), shade(1, 3)], atol=1)


def test_color_modes_and_data_formats(pets: Path) -> None:
    color = np.zeros((7, 5, 4), dtype=np.uint8)
    color[...] = 10, 20, 30, 40
    Image.fromarray(color).save(pets / "cat" / "!first.png")
    for mode, wanted in (("rgb", [10, 20, 30]), ("rgba", [10, 20, 30, 40]), ("grayscale", [18])):
        x = ImageFolder(str(pets), image_size=3, color_mode=mode, data_format="channels_first").load()["train"].x  # type: ignore[arg-type]
        assert x.take(slice(0, 1))[0, :, 0, 0].tolist() == wanted


def test_images_keep_their_proportions_by_cropping_or_padding(tmp_path: Path) -> None:
    draw(tmp_path)
    pixels = np.repeat(np.array([0, 50, 100, 150, 200], dtype=np.uint8)[None], 3, axis=0)
    Image.fromarray(pixels).save(tmp_path / "cat" / "!first.png")
    crop = ImageFolder(str(tmp_path), image_size=3, crop_to_aspect_ratio=True).load()["train"].x.take(slice(0, 1))
    assert crop[0, 0, :, 0].tolist() == [50, 100, 150]
    pad = ImageFolder(str(tmp_path), image_size=5, pad_to_aspect_ratio=True, fill_value=9.0).load()["train"].x
    assert pad.take(slice(0, 1))[0, :, 1, 0].tolist() == [9, 50, 50, 50, 9]


def test_folders_of_splits_are_splits(tmp_path: Path) -> None:
    for name, count in (("train", 4), ("val", 2), ("test", 3)):
        draw(tmp_path / name, count=count)
    made = ImageFolder(str(tmp_path), image_size=2)
    assert made.splits == ("train", "validation", "test")
    assert {name: len(split) for name, split in made.load().items()} == {"train": 8, "validation": 4, "test": 6}


def test_classes_may_be_chosen_and_ordered(tmp_path: Path) -> None:
    draw(tmp_path, ("a", "b", "c"), 2)
    split = ImageFolder(str(tmp_path), image_size=2, class_names=["c", "a"]).load()["train"]
    np.testing.assert_allclose(split.x.take(np.array([0, 2]))[:, 0, 0, 0], [shade(2, 0), shade(0, 0)], atol=1)


def test_without_labels_files_may_lie_anywhere(pets: Path) -> None:
    Image.new("L", (2, 2)).save(pets / "loose.png")
    split = ImageFolder(str(pets), labels=None, image_size=2).load()["train"]
    assert len(split.x) == 21 and split.y is None


def test_links_are_followed_if_wanted(pets: Path, tmp_path: Path) -> None:
    draw(tmp_path / "more", ("far",), 3)
    (pets / "dog" / "link").symlink_to(tmp_path / "more" / "far")
    assert len(ImageFolder(str(pets)).load()["train"]) == 20
    assert len(ImageFolder(str(pets), follow_links=True).load()["train"]) == 23


def test_what_file_managers_leave_behind_does_not_count(pets: Path) -> None:
    (pets / ".git").mkdir()
    (pets / "cat" / ".DS_Store").write_text("")
    (pets / "cat" / "Thumbs.db").write_text("")
    assert len(ImageFolder(str(pets)).load()["train"]) == 20


def spoilt(pets: Path, how: str) -> Path:
    """The folder, or one in it, made wrong."""
    if how == "no folder":
        return pets / "nowhere"
    if how == "a file":
        return pets / "cat" / "00.png"
    if how == "empty":
        (pets / "empty").mkdir()
        return pets / "empty"
    if how == "an empty class":
        (pets / "eel").mkdir()
    if how == "one class":
        return draw(pets.parent / "single", ("cat",))
    if how == "loose images":
        Image.new("L", (2, 2)).save(pets / "loose.png")
    if how == "mixed files":
        (pets / "dog" / "notes.txt").write_text("good dog")
    if how == "another class":
        draw(pets.parent / "cut" / "train", count=2)
        draw(pets.parent / "cut" / "test", ("cat", "cow"), 2)
        return pets.parent / "cut"
    return pets


@pytest.mark.parametrize(
    "how, kind, text",
    [
        ("no folder", MissingFileError, "there is no folder {place}"),
        ("a file", DataError, "{place} is a file; a folder of images was expected"),
        ("empty", DataError, "{place} holds no folders: put the images of each class into a folder of its own"),
        ("an empty class", DataError, f"{{place}}/eel holds no images {FORMATS}"),
        ("one class", DataError, "{place} holds one class alone, 'cat': there is nothing to tell apart. Add folders of other classes, or set labels to null (in Python: None)"),
        ("loose images", DataError, "{place} holds 1 images outside of any class, 'loose.png' first. Put each class into a folder of its own, or set labels to null (in Python: None)"),
        ("mixed files", DataError, f"{{place}}/dog/notes.txt is no image {FORMATS}. Take it out of the folder, or convert it"),
        ("another class", DataError, "{place}/test has a folder 'cow', which is no class: cat, dog"),
    ],
)  # fmt: skip
def test_folders_that_cannot_be_used_are_told(pets: Path, how: str, kind: type[Exception], text: str) -> None:
    place = spoilt(pets, how)
    with pytest.raises(kind) as caught:
        ImageFolder(str(place)).load()
    assert str(caught.value) == text.format(place=place)


def test_a_folder_without_images_is_told_without_labels_too(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        ImageFolder(str(tmp_path), labels=None).load()
    assert str(caught.value) == f"{tmp_path} holds no images {FORMATS}"


def test_a_damaged_image_is_named(pets: Path) -> None:
    whole = (pets / "cat" / "00.png").read_bytes()
    source = ImageFolder(str(pets), image_size=4).load()["train"].x
    (pets / "cat" / "00.png").write_bytes(b"no image at all")
    with pytest.raises(DataError) as caught:
        source.take(slice(None))
    assert str(caught.value) == f"{pets}/cat/00.png: no image that can be read. Remove it, or put a sound copy in place"
    (pets / "cat" / "00.png").write_bytes(whole[:-30])
    with pytest.raises(DataError, match=r"cat/00.png: the image is damaged or cut off: .*\. Remove it"):
        source.take(np.array([3, 0]))
    (pets / "cat" / "00.png").unlink()
    with pytest.raises(MissingFileError) as gone:
        source.take(np.array([0]))
    assert str(gone.value) == f"there is no image file {pets}/cat/00.png"


@pytest.mark.parametrize(
    "arguments, text",
    [
        ({"path": ""}, "path must be the name of a folder. Received: ''"),
        ({"color_mode": "cmyk"}, "color_mode must be one of 'grayscale', 'rgb', 'rgba'. Received: 'cmyk'"),
        ({"image_size": (3, 0)}, "image_size must be an int or 2 ints, of at least 1. Received: (3, 0)"),
        ({"labels": None, "class_names": ["a", "b"]}, "class_names must be different names, for labels='inferred'. Received: ['a', 'b']"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be true"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_told(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        ImageFolder(**{"path": "x"} | arguments)
    assert str(caught.value) == text


def test_a_class_that_is_not_there_is_told(pets: Path) -> None:
    with pytest.raises(DataError) as caught:
        ImageFolder(str(pets), class_names=["cat", "cow"]).load()
    assert str(caught.value) == f"{pets} has no folder 'cow'. Its folders: cat, dog"


# --- image_dataset_from_directory ---------------------------------------------------------------------------------


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """The folder for which Keras' order is known."""
    for name in ("a/0", "a/1", "a/10", "a/2", "a/3", "a/sub/z", "b/0", "b/1", "b/10", "b/2", "b/3"):
        path = tmp_path / "listed" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (3, 3), int(name[-1], 36)).save(path)
    (tmp_path / "listed" / "a" / "notes.txt").write_text("")
    return tmp_path / "listed"


def names(made: Any, folder: Path) -> list[str]:
    return [str(Path(path).relative_to(folder)).removesuffix(".png") for path in made.file_paths]


SHUFFLED = ["b/10", "a/sub/z", "a/0", "a/10", "a/1", "b/3", "b/1", "a/2", "b/0", "b/2", "a/3"]  # Keras 3, seed 7


def test_files_and_labels_have_the_order_of_keras(listed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = utils.image_dataset_from_directory(listed, shuffle=False)
    assert names(plain, listed) == ["a/0", "a/1", "a/10", "a/2", "a/3", "a/sub/z", "b/0", "b/1", "b/10", "b/2", "b/3"]
    assert plain.class_names == ["a", "b"]
    mixed = utils.image_dataset_from_directory(listed, seed=7)
    assert names(mixed, listed) == SHUFFLED
    assert mixed.labels.tolist() == [1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0]
    given = utils.image_dataset_from_directory(listed, [5, 3, 5, 3, 5, 3, 5, 3, 5, 3, 5], seed=7)
    assert given.labels.tolist() == [5, 3, 5, 5, 3, 5, 3, 3, 5, 3, 5] and given.class_names == ["3", "5"]
    assert capsys.readouterr().out == "Found 11 files belonging to 2 classes.\n" * 3


def test_the_validation_subset_is_the_last_part_as_in_keras(listed: Path) -> None:
    options: dict[str, Any] = {"validation_split": 0.3, "seed": 7, "image_size": 2, "verbose": False}
    training, validation = utils.image_dataset_from_directory(listed, subset="both", **options)
    assert names(training, listed) == SHUFFLED[:-3] and names(validation, listed) == SHUFFLED[-3:]
    alone = utils.image_dataset_from_directory(listed, subset="validation", **options)
    assert alone.file_paths == validation.file_paths


def test_batches_are_floats_and_the_labels_asked_for(pets: Path) -> None:
    shapes = {"int": (8,), "categorical": (8, 2), "binary": (8, 1)}
    for mode, shape in shapes.items():
        made = utils.image_dataset_from_directory(pets, label_mode=mode, batch_size=8, image_size=(4, 6), verbose=False)  # type: ignore[arg-type]
        batches = list(made)
        assert len(made) == len(batches) == 3
        x, y = batches[0]
        assert x.shape == (8, 4, 6, 3) and x.dtype == np.float32
        assert y.shape == shape and y.dtype == (np.int32 if mode == "int" else np.float32)
        assert batches[2][0].shape == (4, 4, 6, 3)
    bare = utils.image_dataset_from_directory(pets, labels=None, image_size=4, verbose=False)
    assert next(iter(bare)).shape == (20, 4, 4, 3) and bare.class_names is None
    single = utils.image_dataset_from_directory(pets, batch_size=None, image_size=4, verbose=False)
    assert next(iter(single))[0].shape == (4, 4, 3) and len(single) == 20


def test_images_and_labels_stay_together_and_each_loop_has_its_order(pets: Path) -> None:
    made = utils.image_dataset_from_directory(pets, batch_size=20, image_size=2, seed=1, verbose=False)
    loops = [next(iter(made)) for _ in range(2)]
    for x, y in loops:
        assert ((x[:, 0, 0, 0] > 80) == (y == 1)).all()
    assert not np.array_equal(loops[0][1], loops[1][1])
    again = utils.image_dataset_from_directory(pets, batch_size=20, image_size=2, seed=1, verbose=False)
    assert np.array_equal(next(iter(again))[0], loops[0][0])


def test_a_model_learns_from_a_folder(pets: Path) -> None:
    made = utils.image_dataset_from_directory(pets, batch_size=5, image_size=4, seed=1, verbose=False)
    model = Sequential([Input((4, 4, 3)), Rescaling(1 / 255), Flatten(), Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(made, epochs=3, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    split = datasets.image_folder(pets, image_size=4)["train"]
    history = model.fit(split.x, split.y, epochs=3, batch_size=5, verbose=0)
    assert len(history.history["loss"]) == 3
    assert model.predict(split.x, verbose=0).shape == (20, 2)


@pytest.mark.parametrize(
    "arguments, text",
    [
        ({"validation_split": 0.2}, "validation_split and subset go together: give both or neither"),
        ({"validation_split": 0.2, "subset": "both"}, "give a seed with validation_split and shuffle, or the two subsets overlap"),
        ({"validation_split": 1.2, "subset": "both"}, "validation_split must be between 0 and 1. Received: 1.2"),
        ({"labels": [1, 2]}, "labels has 2 entries, and {folder} 20 images"),
        ({"labels": None, "class_names": ["cat"]}, "class_names can only be given with labels='inferred'. Received: ['cat']"),
        ({"class_names": ["cow"]}, "class_names has 'cow', and {folder} no such folder. It has: ['cat', 'dog']"),
        ({"label_mode": "binary", "class_names": ["cat"]}, "label_mode 'binary' needs two classes. {folder} has 1: ['cat']"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told(pets: Path, arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        utils.image_dataset_from_directory(pets, verbose=False, **arguments)
    assert str(caught.value) == text.format(folder=pets)


# --- single images ------------------------------------------------------------------------------------------------


def test_an_image_survives_a_file(tmp_path: Path) -> None:
    for depth in (1, 3, 4):
        x = np.random.default_rng(depth).integers(0, 256, (4, 6, depth)).astype(np.float32)
        utils.save_img(tmp_path / "x.png", x, scale=False)
        back = utils.load_img(tmp_path / "x.png", color_mode={1: "grayscale", 3: "rgb", 4: "rgba"}[depth])  # type: ignore[arg-type]
        assert np.array_equal(utils.img_to_array(back), x)
        assert np.array_equal(utils.img_to_array(back, "channels_first", "uint8"), x.transpose(2, 0, 1))


def test_values_are_stretched_to_bytes_unless_told_otherwise() -> None:
    x = np.array([[[-1.0], [0.0]], [[1.0], [3.0]]])
    assert np.asarray(utils.array_to_img(x)).tolist() == [[0, 63], [127, 255]]
    assert np.asarray(utils.array_to_img(np.full((1, 1, 3), 7.0))).tolist() == [[[0, 0, 0]]]


def test_a_target_size_crops_to_keep_proportions(tmp_path: Path) -> None:
    Image.fromarray(np.repeat(np.array([[0, 50, 100, 150]], dtype=np.uint8), 2, axis=0)).save(tmp_path / "x.png")
    found = utils.load_img(tmp_path / "x.png", "grayscale", (2, 2), keep_aspect_ratio=True)
    assert np.asarray(found).tolist() == [[50, 100], [50, 100]]
    assert utils.load_img(str(tmp_path / "x.png").encode(), target_size=(3, 5)).size == (5, 3)
    assert utils.load_img(io.BytesIO((tmp_path / "x.png").read_bytes())).size == (4, 2)


def test_what_cannot_be_an_image_is_told(tmp_path: Path) -> None:
    wrong: list[tuple[Any, str]] = [
        (np.zeros((2, 2)), "an image must be (h, w, c), for one channel (h, w, 1). Received: an array of shape (2, 2)"),
        (np.zeros((2, 2, 2)), "an image must have 1, 3 or 4 channels. Received: an array of shape (2, 2, 2)"),
        (np.full((2, 2, 1), np.nan), "an image must hold finite numbers; this one holds NaN or infinity"),
    ]
    for x, text in wrong:
        with pytest.raises(DataError) as caught:
            utils.array_to_img(x)
        assert str(caught.value) == text
    with pytest.raises(DataError) as caught:
        utils.save_img(tmp_path / "x.jpg", np.zeros((2, 2, 4)))
    assert str(caught.value) == "JPEG files have no transparency: give 3 channels, x[..., :3], or another format"
    with pytest.raises(DataError, match="the image cannot be written as 'nope': "):
        utils.save_img(tmp_path / "x.nope", np.zeros((2, 2, 3)))
    with pytest.raises(MissingFileError):
        utils.load_img(tmp_path / "nowhere.png")
