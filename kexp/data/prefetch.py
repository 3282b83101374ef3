"""Prefetch: results of a function, computed ahead of their use by worker threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def prefetched(tasks: Iterable[Task], function: Callable[[Task], Result], workers: int) -> Generator[Result]:
    """function(task) for each task, in the order of the tasks.

    With `workers` = 0 each is computed when it is asked for; else by that many threads, at most `workers` + 1 of
    them ahead of the one in use. What a call raises is raised here, in its place. Closing the iterator ends the
    threads; those that are at work finish their task first.
    """
    if not workers:
        yield from map(function, tasks)
        return
    left = iter(tasks)
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="kexp-data")
    try:
        for task in left:
            pending.append(pool.submit(function, task))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
