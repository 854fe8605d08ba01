"""The second way to form lists: parts of the work as files, on any machine, without a database.

A part is a folder with ``catalogue.json``, ``features.parquet`` and ``answers.parquet``;
:func:`form_part` adds ``lists.pgcopy``, which PostgreSQL's COPY reads. What happens in between is
what happens in :mod:`db.strategies.chunk`: the same rules in DuckDB, the same model.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
from psycopg import sql as composed

from db.strategies.chunk import Former, Range, Source
from db.strategies.claim import BuildError
from db.strategies.copy_rows import HEADER, TRAILER
from db.strategies.portable import NotPortable, facts_as_json, facts_from_json
from db.strategies.work import PIECE, Order

CATALOGUE, FEATURES, ANSWERS = "catalogue.json", "features.parquet", "answers.parquet"
LISTS = "lists.pgcopy"

#: Characters of a command's error that are told.
MOST_TOLD = 300


def form_part(part: Path) -> int:
    """Form the lists of one part; answers how many.

    The file appears under its name when it is whole, so a part may be done twice.

    Raises:
        NotPortable: the part is of another release, or damaged.
        OSError: a file is missing.
    """
    try:
        stored = json.loads((part / CATALOGUE).read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotPortable(f"{part / CATALOGUE} is no JSON ({error}): build again") from error
    former = Former(facts_from_json(stored))
    features = pq.read_table(part / FEATURES).combine_chunks()
    answers = pq.read_table(part / ANSWERS).combine_chunks()
    unfinished = part / f"{LISTS}.part"
    count = 0
    with unfinished.open("wb") as file:
        file.write(HEADER)
        for lists in former.form(features, answers):
            count += len(lists.customers)
            for piece in lists.rows(stored["build"]):
                file.write(piece)
        file.write(TRAILER)
    unfinished.rename(part / LISTS)
    return count


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Parts go through a folder that other machines see.

    Attributes:
        folder: for the parts, new or empty.
        command: forms one part; ``{part}`` is its folder and ``{number}`` its number, from 0.
        at_once: commands that run at a time.
    """

    folder: Path
    command: str = "cordboard strategies form {part}"
    at_once: int = 1

    def work(self, order: Order, ranges: Iterable[Range]) -> Iterator[tuple[int, int]]:
        """As ``work.work_alone``: yields subscriber and number of customers of each part.

        Raises:
            BuildError: the folder has something in it, or a command failed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if next(self.folder.iterdir(), None):
            raise BuildError(f"{self.folder} is not empty: name a new folder for the parts")
        parts = list(self._hand_out(order, ranges))
        targets = [psycopg.connect(url, autocommit=True) for url in order.targets]
        try:
            with ThreadPoolExecutor(self.at_once) as pool:
                done = pool.map(self._run, range(len(parts)), [part for part, *_ in parts])
                for (part, subscriber, customers), _ in zip(parts, done, strict=True):
                    for conn in targets:
                        _load(conn, order.table, part / LISTS)
                    yield subscriber, customers
        finally:
            for conn in targets:
                conn.close()
            for part, *_ in parts:
                forget(part)

    def _hand_out(self, order: Order, ranges: Iterable[Range]) -> Iterator[tuple[Path, int, int]]:
        """Write the parts; yields folder, subscriber, and number of customers of each."""
        catalogues = {
            subscriber: json.dumps({**facts_as_json(facts), "build": build})
            for subscriber, (build, facts) in order.jobs.items()
        }
        source = Source(order.customers_url)
        try:
            for number, which in enumerate(ranges):
                part = self.folder / f"part-{number:05}"
                part.mkdir()
                (part / CATALOGUE).write_text(catalogues[which.subscriber], encoding="utf-8")
                features = source.features(which)
                pq.write_table(features, part / FEATURES)
                pq.write_table(source.answers(which), part / ANSWERS)
                yield part, which.subscriber, len(features)
        finally:
            source.close()

    def _run(self, number: int, part: Path) -> None:
        words = program(shlex.split(self.command))
        places = {"{part}": str(part), "{number}": str(number)}
        for place, value in places.items():
            words = [word.replace(place, value) for word in words]
        try:
            ended = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            raise BuildError(f"{words[0]!r} cannot be run: {error.strerror}") from error
        if ended.returncode or not (part / LISTS).exists():
            said = ended.stderr.strip()[-MOST_TOLD:] or f"exit code {ended.returncode}"
            raise BuildError(f"{part.name} was not formed: {said}")


def program(words: list[str]) -> list[str]:
    """A command that begins with ``cordboard`` is this one, also where no PATH leads to it."""
    if words[:1] == ["cordboard"] and not shutil.which("cordboard"):
        return [sys.executable, "-m", "cordboard", *words[1:]]
    return words


def forget(part: Path) -> None:
    """Delete what is of customers in a part: nothing needs it any more."""
    for name in (FEATURES, ANSWERS):
        (part / name).unlink(missing_ok=True)


def _load(conn: psycopg.Connection[tuple[object, ...]], table: str, lists: Path) -> None:
    statement = composed.SQL("COPY {} FROM STDIN (FORMAT binary)").format(
        composed.Identifier(table)
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy, lists.open("rb") as file:
        while piece := file.read(PIECE):
            copy.write(piece)
