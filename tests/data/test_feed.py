"""Feeds: orders, blocks, workers and augmentation."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from kexp.backend import NumpyBackend
from kexp.callbacks import Callback
from kexp.core.streams import stream
from kexp.data import ArraySource, Feed
from kexp.data.order import ChunkOrder
from kexp.data.prefetch import prefetched
from kexp.data.rows import take_rows
from kexp.errors import ArgumentError, DataError
from kexp.layers import Dense
from kexp.models import Sequential

X = np.arange(1000 * 3, dtype="float32").reshape(1000, 3)


class Rows:
    """A source of X that lies in chunks, and remembers what it was asked for."""

    chunk_rows = 16

    def __init__(self, fail_at: int | None = None) -> None:
        self.asked: list[Any] = []
        self.fail_at = fail_at

    def __len__(self) -> int:
        return len(X)

    def take(self, rows: Any) -> Any:
        self.asked.append(rows)
        found = X[rows]
        if self.fail_at is not None and self.fail_at in found[:, 0] / 3:
            raise ZeroDivisionError("a broken row")
        return found


def feed(source: Any, y: Any = None) -> Feed:
    return Feed([source], [ArraySource(X[:, :1] if y is None else y)], [], NumpyBackend())


def batches(of: Feed, size: int = 30, **arguments: Any) -> list[Any]:
    found = []
    for block in of.blocks(size, **arguments):
        found += [block.xs[0][i : i + size].copy() for i in range(0, len(block), size)]
    return found


def same(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture(autouse=True)
def small_reads(monkeypatch: Any) -> None:
    monkeypatch.setattr("kexp.data.feed.READ_BYTES", 16 * 130)
    monkeypatch.setattr("kexp.data.feed.BLOCK_ROWS", 70)


@pytest.mark.parametrize(
    ("n", "chunk", "block"), [(1000, 16, 120), (1000, 7, 30), (5, 16, 3), (64, 16, 64), (17, 16, 5)]
)
def test_a_chunk_order_holds_every_row_once(n: int, chunk: int, block: int) -> None:
    for seed in range(20):
        order = ChunkOrder(n, chunk, block, np.random.default_rng(seed))
        assert len(order) == n
        assert sorted(order[0:n].tolist()) == list(range(n))


def test_a_block_of_a_chunk_order_comes_from_few_chunks() -> None:
    order = ChunkOrder(1000, 16, 120, np.random.default_rng(0))
    rows = order[120:240]
    assert len(set(rows // 16)) <= 120 // 16 + 2
    assert rows.tolist() != sorted(rows)


def test_a_chunk_order_cut_anywhere_is_the_same_order() -> None:
    order = ChunkOrder(1000, 16, 120, np.random.default_rng(0))
    whole = order[0:1000]
    assert np.array_equal(order[77:501], whole[77:501])
    assert not np.array_equal(whole, ChunkOrder(1000, 16, 120, np.random.default_rng(1))[0:1000])


def test_data_in_memory_are_shuffled_by_one_permutation() -> None:
    order = feed(ArraySource(X)).order(30, True, np.random.default_rng(4))
    assert np.array_equal(order, np.random.default_rng(4).permutation(1000))


@pytest.mark.parametrize("make", [lambda: ArraySource(X), Rows], ids=["memory", "chunks"])
@pytest.mark.parametrize("workers", [0, 1, 2, 4])
def test_batches_depend_on_no_workers_blocks_or_starts(make: Any, workers: int) -> None:
    plain = feed(make())
    plain.workers = 0
    order = plain.order(30, True, np.random.default_rng(0))
    wanted = batches(plain, order=order)
    assert [len(batch) for batch in wanted] == [30] * 33 + [10]
    threaded = feed(make())
    threaded.workers = workers
    assert same(batches(threaded, order=order), wanted)
    assert same(batches(threaded, order=order, single=True), wanted)
    assert same(batches(threaded, order=order, start=9, stop=20), wanted[9:20])
    assert same(batches(threaded, order=order, start=34), [])


@pytest.mark.parametrize("workers", [0, 3])
def test_augmentation_has_a_stream_of_its_own_for_each_batch(workers: int) -> None:
    def noisy(source: Any) -> Feed:
        made = feed(source)
        made.workers = workers
        made.augment = lambda xs, numbers: [xs[0] + numbers.random()]
        return made

    def streams(batch: int) -> np.random.Generator:
        return stream(1, "data", f"augment/0/{batch}")

    wanted = [X[i : i + 30] + streams(i // 30).random() for i in range(0, 1000, 30)]
    for source in (ArraySource(X), Rows()):
        assert same(batches(noisy(source), streams=streams), wanted)
        assert same(batches(noisy(source), streams=streams, start=5, single=True), wanted[5:])
        assert same(batches(noisy(source)), [X[i : i + 30] for i in range(0, 1000, 30)])


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_error_of_a_worker_comes_out_as_it_is_and_leaves_no_thread(workers: int) -> None:
    broken = Rows(fail_at=500)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    with pytest.raises(ZeroDivisionError, match="a broken row"):
        model.fit(broken, X[:, 0], batch_size=30, verbose=0, workers=workers)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kexp-data")]


def test_leaving_early_leaves_no_thread() -> None:
    class Leave(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 1:
                raise KeyboardInterrupt

    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    with pytest.raises(KeyboardInterrupt):
        model.fit(Rows(), X[:, 0], batch_size=10, verbose=0, workers=2, callbacks=[Leave()])
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kexp-data")]


def test_workers_read_ahead_by_a_bounded_number_of_tasks() -> None:
    started: list[int] = []
    results = prefetched(range(100), lambda task: started.append(task) or task, 2)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    results.close()
    assert max(started) <= 4 + 3


def test_data_in_memory_are_read_by_no_thread_unless_they_are_augmented() -> None:
    where: list[str] = []

    class Told(ArraySource):
        def take(self, rows: Any) -> Any:
            where.append(threading.current_thread().name)
            return super().take(rows)

    plain = feed(Told(X))
    batches(plain)
    assert set(where) == {"MainThread"}
    plain.augment = lambda xs, _: xs
    where.clear()
    batches(plain, streams=lambda _: np.random.default_rng(0))
    assert any(name.startswith("kexp-data") for name in where)


def test_a_part_of_a_source_keeps_its_chunks() -> None:
    half = feed(take_rows(Rows(), slice(100, 600)), X[100:600, :1])
    assert half.chunk_rows == 16
    assert same(batches(half), [X[i : min(i + 30, 600)] for i in range(100, 600, 30)])


def test_workers_must_be_a_number() -> None:
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError) as error:
        model.fit(X, X[:, 0], workers=-1)
    assert str(error.value) == "workers must be None, or a number of threads from 0. Received: -1"


def test_the_longest_rows_say_in_which_chunks_data_are_shuffled() -> None:
    labels = Rows()
    labels.take = lambda rows: X[rows][:, :1]  # type: ignore[method-assign]
    labels.chunk_rows = 1000
    mixed = Feed([Rows()], [labels], [], NumpyBackend())
    assert mixed.chunk_rows == 16
    alone = Feed([ArraySource(X)], [labels], [], NumpyBackend())
    assert alone.chunk_rows == 1000


@pytest.mark.parametrize("cut", [slice(100, 600), slice(900, None), slice(50, 60, 3), slice(None, None, -1)])
def test_some_rows_of_a_source_are_found_without_a_list_of_them(cut: slice) -> None:
    source = Rows()
    some = take_rows(source, cut)
    assert len(some) == len(X[cut])
    for rows in (slice(0, 1), slice(2, 4), slice(None), slice(0, 0), np.array([3, 0, 3])):
        assert np.array_equal(some.take(rows), X[cut][rows])
    assert not isinstance(some.rows, np.ndarray)
    assert isinstance(source.asked[1], slice)


@pytest.mark.parametrize(
    ("taken", "text"),
    [
        (lambda rows: X[rows][:1], "the source of x was asked for 120 rows, and gave 1"),
        (lambda rows: X[rows][:, : 3 if rows.stop == 1 else 2],
         "the source of x gave samples of shape (2,), and (3,) at first"),
    ],
)  # fmt: skip
def test_a_source_that_gives_something_else_than_it_was_asked_for_is_refused(taken: Any, text: str) -> None:
    source = Rows()
    source.take = taken  # type: ignore[method-assign]
    with pytest.raises(DataError) as error:
        batches(feed(source), single=True)
    assert str(error.value) == text


def test_targets_and_weights_of_another_length_than_asked_for_are_refused() -> None:
    source = Rows()
    source.take = lambda rows: X[rows][:1, 0]  # type: ignore[method-assign]
    for ys, weights, name in (([source], [], "y"), ([ArraySource(X)], [source], "sample_weight")):
        with pytest.raises(DataError, match=f"the source of {name} was asked for"):
            batches(Feed([ArraySource(X)], ys, weights, NumpyBackend()))
