"""Chunks of customers, formed and copied into the new table, by one process or several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql as composed

from db.strategies.chunk import Former, Lists, Range, Source
from db.strategies.claim import BuildError
from db.strategies.copy_rows import HEADER, TRAILER
from db.strategies.facts import Facts

#: Bytes that are handed to the server at once.
PIECE = 1 << 18
#: Chunks that each process has before it when it ends one.
AHEAD = 2


@dataclass(frozen=True)
class Order:
    """What a process must know to work.

    Attributes:
        customers_url: the database that has the customers.
        targets: the databases that get the lists.
        table: which is filled there.
        jobs: subscriber -> id of its build, and what is known.
    """

    customers_url: str
    targets: tuple[str, ...]
    table: str
    jobs: Mapping[int, tuple[int, Facts]]


class Worker:
    """Forms chunk after chunk; keeps its connections."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._source = Source(order.customers_url)
        self._targets = [psycopg.connect(url, autocommit=True) for url in order.targets]
        self._formers: dict[int, Former] = {}

    def do(self, which: Range) -> int:
        """Form the lists of one chunk and store them; answers how many customers it has."""
        build, facts = self._order.jobs[which.subscriber]
        if which.subscriber not in self._formers:
            self._formers[which.subscriber] = Former(facts)
        features, answers = self._source.features(which), self._source.answers(which)
        lists = self._formers[which.subscriber].form(features, answers)
        return copy_lists(self._targets, self._order.table, build, lists)

    def close(self) -> None:
        """Give the connections back."""
        self._source.close()
        for conn in self._targets:
            conn.close()


def copy_lists(
    targets: Iterable[psycopg.Connection[Any]], table: str, build: int, lists: Iterable[Lists]
) -> int:
    """Append lists to a table of each target; answers how many."""
    statement = composed.SQL("COPY {} FROM STDIN (FORMAT binary)").format(
        composed.Identifier(table)
    )
    count = 0
    with ExitStack() as stack:
        copies = [
            stack.enter_context(stack.enter_context(conn.cursor()).copy(statement))
            for conn in targets
        ]
        _write(copies, HEADER)
        for some in lists:
            count += len(some.customers)
            for piece in some.rows(build):
                for at in range(0, len(piece), PIECE):
                    _write(copies, piece[at : at + PIECE])
        _write(copies, TRAILER)
    return count


def _write(copies: Iterable[psycopg.Copy], piece: bytes | memoryview) -> None:
    for copy in copies:
        copy.write(piece)


def work_alone(order: Order, ranges: Iterable[Range]) -> Iterator[tuple[int, int]]:
    """Do it here; yields subscriber and number of customers of each chunk that is stored."""
    worker = Worker(order)
    try:
        for which in ranges:
            yield which.subscriber, worker.do(which)
    finally:
        worker.close()


def work_in_processes(
    order: Order, ranges: Iterable[Range], processes: int
) -> Iterator[tuple[int, int]]:
    """As :func:`work_alone`, by so many processes, in whatever order they end.

    Raises:
        BuildError: a process was killed.
    """
    with _pool(order, processes) as pool:
        waiting: dict[Future[int], int] = {}
        left = iter(ranges)
        more = True
        while more or waiting:
            while more and len(waiting) < processes * AHEAD:
                which = next(left, None)
                if which is None:
                    more = False
                else:
                    waiting[pool.submit(_do, which)] = which.subscriber
            done, _ = wait(waiting, return_when=FIRST_COMPLETED) if waiting else (set(), set())
            for future in done:
                yield waiting.pop(future), _result(future)


@contextmanager
def _pool(order: Order, processes: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        processes,
        # A fork would share connections and the locks of threads.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(order,),
    )
    with _one_thread_each():
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        else:
            pool.shutdown()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """The processes are as many as there are processors: each multiplies matrices in one thread."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _result(future: Future[int]) -> int:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise BuildError(
            "a process that formed strategies was killed (out of memory?); the lists from before"
            " are in force. Build again."
        ) from error


_worker: Worker | None = None


def _begin(order: Order) -> None:
    """In a process of the pool."""
    global _worker
    # Whoever stops the build with Ctrl-C speaks to the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()
    _worker = Worker(order)


def _end_with(parent: object) -> None:
    """Nobody is left to take the results of a process whose parent was killed."""
    with suppress(Exception):
        parent.join()  # type: ignore[attr-defined]
    os._exit(1)


def _do(which: Range) -> int:
    assert _worker is not None
    return _worker.do(which)
