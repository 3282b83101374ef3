"""imdb, rt_polarity, text_folder and text_dataset_from_directory, on small files of their formats and on real ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import datasets
from kexp.core.files import DataFile
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.testing import check_dataset
from kexp.utils import text_dataset_from_directory
from kexp_plugins.datasets import imdb
from kexp_plugins.datasets.imdb import IMDB
from kexp_plugins.datasets.rt_polarity import RTPolarity
from kexp_plugins.datasets.text_folder import TextFolder

REVIEWS: dict[str, list[list[int]]] = {
    "train": [[1, 2, 3], [4, 5], [1, 9, 2, 8], [7], [5, 5]],
    "test": [[2], [6, 1, 2], [3, 4, 5, 6, 7]],
}


def ragged(rows: list[list[int]]) -> Any:
    made = np.empty(len(rows), dtype=object)
    made[:] = rows
    return made


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' file with eight reviews, its hash taken for the published one."""
    place = tmp_path / "keras" / "imdb.npz"
    place.parent.mkdir()
    parts = {f"x_{name}": ragged(rows) for name, rows in REVIEWS.items()}
    np.savez(place, **parts, y_train=np.array([0, 1, 0, 1, 1]), y_test=np.array([1, 0, 1]))
    sha = hashlib.sha256(place.read_bytes()).hexdigest()
    monkeypatch.setattr(imdb, "ARCHIVE", DataFile("imdb.npz", "http://127.0.0.1:9/imdb.npz", sha, 1))
    return place


def in_order(part: str) -> list[list[int]]:
    """Reviews as Keras shuffles them: one generator for both parts, the training part first."""
    stream, orders = np.random.RandomState(113), {}
    for name, rows in REVIEWS.items():
        orders[name] = np.arange(len(rows))
        stream.shuffle(orders[name])
    return [REVIEWS[part][place] for place in orders[part]]


def test_imdb_gives_reviews_as_keras_does(archive: Path) -> None:
    (x_train, y_train), (x_test, _) = datasets.imdb.load_data(str(archive))
    assert x_train.tolist() == [[1, *(2 if word == 9 else word + 3 for word in row)] for row in in_order("train")]
    assert x_test.tolist() == [[1, *(word + 3 for word in row)] for row in in_order("test")]
    assert (
        y_train.tolist() == np.array([0, 1, 0, 1, 1])[[REVIEWS["train"].index(r) for r in in_order("train")]].tolist()
    )


def test_imdb_leaves_out_rare_words_frequent_words_and_long_reviews(archive: Path) -> None:
    def train(**arguments: Any) -> Any:
        return IMDB(str(archive), **arguments).load()["train"].x.tolist()

    rows = in_order("train")
    assert train(num_words=6, start_char=None, index_from=0) == [[w if w < 6 else 2 for w in row] for row in rows]
    assert train(num_words=6, skip_top=2, start_char=None, index_from=0, oov_char=None) == [
        [w for w in row if 2 <= w < 6] for row in rows
    ]
    assert train(maxlen=4, num_words=50) == [[1, *(w + 3 for w in row)] for row in rows if len(row) < 3]
    with pytest.raises(DataError, match=r"^imdb: no review has fewer than maxlen=2 words\. Make maxlen larger$"):
        train(maxlen=2)


def test_imdb_pads_for_a_config(archive: Path) -> None:
    split = IMDB(str(archive), pad_to=3, num_words=50).load()["train"]
    assert split.x.dtype == np.int32
    assert split.x.tolist() == [([0, 0, 0, 1, *(w + 3 for w in row)])[-3:] for row in in_order("train")]
    with pytest.raises(ArgumentError, match="^padding and truncating need pad_to$"):
        IMDB(padding="post")
    check_dataset(lambda: IMDB(str(archive), pad_to=3), duplicates=1.0)


def test_imdb_is_not_unpickled_before_its_hash_was_checked(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(DataError, match="this is not the published file"):
        IMDB(str(archive)).load()
    with pytest.raises(MissingFileError, match=r"1 file of the data set 'imdb' not found"):
        IMDB(str(archive.parent / "nowhere")).load()


def test_the_word_index_is_checked_and_its_absence_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingFileError, match=r"imdb_word_index\.json \(1641221 bytes\)\n.*\n    md5 bfafd718"):
        datasets.imdb.get_word_index()
    place = tmp_path / "home" / "datasets" / "imdb" / "imdb_word_index.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"the": 1, "and": 2}), encoding="utf-8")
    with pytest.raises(DataError, match="this is not the published file.\nmd5 expected: bfafd718"):
        datasets.imdb.get_word_index()
    digest = hashlib.md5(place.read_bytes()).hexdigest()
    monkeypatch.setattr(imdb, "WORD_INDEX", replace(imdb.WORD_INDEX, sha256=f"md5:{digest}"))
    assert datasets.imdb.get_word_index() == {"the": 1, "and": 2}
    assert datasets.imdb.get_word_index(str(place)) == {"the": 1, "and": 2}


def test_sentences_are_those_of_the_files(monkeypatch: pytest.MonkeyPatch, real_data: Path) -> None:
    monkeypatch.setenv("KEXP_DATA", str(real_data))
    whole = RTPolarity(test_fraction=0.0).load()["train"]
    assert len(whole.x) == 10662
    assert whole.y.tolist() == [0] * 5331 + [1] * 5331
    assert whole.x[0].strip() == "simplistic , silly and tedious ."
    assert whole.x[5331].startswith('the rock is destined to be the 21st century\'s new " conan "')
    assert any("…" in text for text in whole.x), "byte 0x85 is dots, no end of a line"
    splits = RTPolarity().load()
    assert len(splits["train"].x) == 8529
    assert Counter(splits["test"].y.tolist()) in ({0: 1066, 1: 1067}, {0: 1067, 1: 1066})


def test_a_damaged_file_of_sentences_is_refused(tmp_path: Path) -> None:
    for name in ("rt-polarity.neg", "rt-polarity.pos"):
        (tmp_path / name).write_text("bad\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"rt-polarity\.neg: this is not the published file"):
        RTPolarity(str(tmp_path)).load()


def texts_in(folder: Path, **classes: dict[str, bytes]) -> Path:
    for name, files in classes.items():
        (folder / name).mkdir(parents=True)
        for file, content in files.items():
            (folder / name / file).write_bytes(content)
    return folder


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    return texts_in(
        tmp_path / "reviews",
        pos={"2.txt": b"great\nfilm", "1.txt": "äh".encode()},
        neg={"1.txt": b"bad", "0.txt": b"\xef\xbb\xbfpoor", "3.txt": b"dull"},
    )


def test_a_folder_of_texts_gives_texts_and_labels(reviews: Path) -> None:
    data = TextFolder(str(reviews))
    split = data.load()["train"]
    assert data.classes == ["neg", "pos"]
    assert split.x.tolist() == ["poor", "bad", "dull", "äh", "great\nfilm"]
    assert (split.y.tolist(), split.y.dtype) == ([0, 0, 0, 1, 1], np.int32)
    assert TextFolder(str(reviews), class_names=["pos", "neg"]).load()["train"].y.tolist() == [0, 0, 1, 1, 1]
    assert datasets.text_folder(str(reviews))["train"].x.tolist() == split.x.tolist()
    check_dataset(lambda: TextFolder(str(reviews)))


def test_folders_of_splits_are_splits(tmp_path: Path) -> None:
    for split in ("train", "test"):
        texts_in(tmp_path / "all" / split, a={"1.txt": b"x"}, b={"1.txt": split.encode()})
    data = TextFolder(str(tmp_path / "all"))
    assert data.splits == ("train", "test")
    assert data.load()["test"].x.tolist() == ["x", "test"]


def test_a_folder_of_texts_says_what_is_wrong(reviews: Path, tmp_path: Path) -> None:
    def refused(folder: Path, text: str, **arguments: Any) -> None:
        with pytest.raises(DataError) as caught:
            TextFolder(str(folder), **arguments).load()
        assert str(caught.value) == text

    place = reviews / "pos" / "1.txt"
    refused(
        reviews,
        f"{reviews / 'neg' / '0.txt'}: byte 0 (0xef) is no ascii. Give the encoding that the file has, such as cp1252, "
        "or write it anew in this one",
        encoding="ascii",
    )
    refused(reviews, f"{reviews} has no folder 'meh'. Its folders: neg, pos", class_names=["pos", "meh"])
    place.write_bytes(b"")
    refused(reviews, f"{place}: the file is empty. Remove it, or write its text")
    place.rename(reviews / "pos" / "1.png")
    refused(reviews, f"{reviews / 'pos' / '1.png'} is no text (.txt). Take it out of the folder")
    one = texts_in(tmp_path / "one", a={"1.txt": b"x"})
    refused(one, f"{one} holds one class alone, 'a': there is nothing to tell apart. Add folders of other classes")
    (one / "b").mkdir()
    refused(one, f"{one / 'b'} holds no texts (.txt)")
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(empty, f"{empty} holds no folders: put the texts of each class into a folder of its own")
    with pytest.raises(MissingFileError, match="there is no folder"):
        TextFolder(str(tmp_path / "nowhere")).load()
    with pytest.raises(ArgumentError, match="^encoding must be one that Python knows, such as utf-8"):
        TextFolder("x", encoding="utf-99")


def test_batches_of_texts_come_from_a_folder_as_in_keras(reviews: Path) -> None:
    batches = text_dataset_from_directory(reviews, batch_size=2, shuffle=False, max_length=3, verbose=False)
    assert [(x.tolist(), y.tolist()) for x, y in batches] == [
        (["poo", "bad"], [0, 0]),
        (["dul", "äh"], [0, 1]),
        (["gre"], [1]),
    ]
    assert batches.class_names == ["neg", "pos"]
    kept, held_out = text_dataset_from_directory(
        reviews, label_mode="binary", batch_size=8, validation_split=0.4, subset="both", seed=1, verbose=False
    )
    order = list(range(5))
    np.random.RandomState(1).shuffle(order)
    names = ["poor", "bad", "dull", "äh", "great\nfilm"]
    (x, y), *_ = held_out
    assert x.tolist() == [names[place] for place in order[3:]]
    assert y.tolist() == [[float(place > 2)] for place in order[3:]]
    assert len(kept.file_paths) == 3
    (reviews.parent / "nothing").mkdir()
    with pytest.raises(DataError, match=r"nothing holds no texts \(\.txt\)$"):
        text_dataset_from_directory(reviews.parent / "nothing", labels=None, verbose=False)
