"""Catalogues that a decider has read: kept by version, few of them, and read again when gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from random import Random
from typing import Any

import orjson
import pytest

from cordboard.decision_facts import NOBODY
from cordboard.question import Question
from decider.facts import Catalogues, DeciderAway, Unread
from decider.local import LocalDecider
from decider.sync import SyncLocalDecider

Json = dict[str, Any]

ASKED = Question("", 7, "halyard", channel="api", at_ms=1)


def answer(known: str, version: str, subscriber: str = "halyard", title: str = "") -> Json:
    """What the database answers to who knows these: the catalogue only when it is another."""
    strategy: Json = {"version": version, "strategy": None, "policy": {}}
    if version not in orjson.loads(known).get(subscriber, ()):
        care = {"id": 4, "code": "CARE", "kind": "service", "title": title or version}
        strategy |= {"offers": [{**care, "channels": ["agent"]}], "exclusions": []}
    customer = {"id": 7, "attributes": {}, "past": {}, "failure": None}
    return {"facts": {"customer": customer, "subscriber": subscriber, "strategy": strategy}}


def ask(catalogues: Catalogues, version: str, subscriber: str = "halyard") -> bool:
    """Whether the catalogue had to be sent."""
    row = answer(catalogues.known(), version, subscriber)
    assert catalogues.facts_of_row(row).offers[0].title == version
    return "offers" in row["facts"]["strategy"]


def test_versions_that_take_turns_are_sent_once() -> None:
    catalogues = Catalogues()
    assert [ask(catalogues, version) for version in "abcabcbca"] == [True] * 3 + [False] * 6


def test_answers_that_were_on_their_way_are_understood_in_any_order() -> None:
    catalogues = Catalogues()
    ask(catalogues, "a")
    late = [answer(catalogues.known(), "a") for _ in range(3)]
    for version in "bcd":
        ask(catalogues, version)
    assert {catalogues.facts_of_row(row).offers[0].title for row in late} == {"a"}


def test_the_least_lately_used_go() -> None:
    catalogues = Catalogues(kept=4, kept_each=2)
    assert [ask(catalogues, version) for version in "abacab"] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]
    for code in ("pantry", "others", "more"):
        ask(catalogues, "a", code)
    assert orjson.loads(catalogues.known()) == {
        "halyard": ["b"],
        "pantry": ["a"],
        "others": ["a"],
        "more": ["a"],
    }
    assert orjson.loads(catalogues.known("pantry")) == {"pantry": ["a"]}


def test_a_catalogue_that_went_meanwhile_is_not_made_up() -> None:
    with pytest.raises(Unread):
        Catalogues().facts_of_row(answer('{"halyard": ["a"]}', "a"))


@pytest.mark.parametrize("offers", ["x", [{}], [{"id": 1, "channels": None}]])
def test_another_release_is_told_apart(offers: Any) -> None:
    row = answer("{}", "a")
    row["facts"]["strategy"]["offers"] = offers
    with pytest.raises(DeciderAway, match="another release"):
        Catalogues().facts_of_row(row)
    assert Catalogues().facts_of_row({"facts": None}) is NOBODY


class Forgetful:
    """A pool whose database believes, the first times, that everything is known."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked: list[str] = []

    def row(self, parameters: Json) -> Json:
        self.asked.append(parameters["known"])
        known = '{"halyard": ["a"]}' if len(self.asked) <= self.times else parameters["known"]
        return answer(known, "a")


class _Cursor:
    def __init__(self, row: Json) -> None:
        self.row = row

    def fetchone(self) -> Json:
        return self.row


class _AsyncCursor(_Cursor):
    async def fetchone(self) -> Json:  # type: ignore[override]
        return self.row


class AsyncPool(Forgetful):
    @asynccontextmanager
    async def connection(self, timeout: float) -> AsyncIterator[AsyncPool]:  # noqa: ASYNC109
        yield self

    async def execute(self, _query: bytes, parameters: Json) -> _AsyncCursor:
        return _AsyncCursor(self.row(parameters))


class SyncPool(Forgetful):
    @contextmanager
    def connection(self, timeout: float) -> Iterator[SyncPool]:
        yield self

    def execute(self, _query: bytes, parameters: Json) -> _Cursor:
        return _Cursor(self.row(parameters))


async def test_it_is_asked_once_more_for_all_of_it() -> None:
    pool = AsyncPool(times=1)
    decision = await LocalDecider(pool, random=Random(1)).decide(ASKED)  # type: ignore[arg-type]
    assert [entry.offer.code for entry in decision.ranking] == ["CARE"]
    assert len(pool.asked) == 2


def test_by_threads_too() -> None:
    pool = SyncPool(times=1)
    decision = SyncLocalDecider(pool, random=Random(1)).decide(ASKED)  # type: ignore[arg-type]
    assert [entry.offer.code for entry in decision.ranking] == ["CARE"]
    assert len(pool.asked) == 2


async def test_what_is_read_before_the_customer_is_known_waits_for_the_question() -> None:
    assert await LocalDecider(AsyncPool(times=1)).facts_of_call("c") is None  # type: ignore[arg-type]


#: Opens a decider in a process of its own and makes the first choice by Thompson sampling.
FIRST_CHOICE = """
import asyncio, sys
from cordboard.settings import Settings
from random import Random
from cordboard.exploration import Candidate, choose
from decider.local import open_local
from decider.sync import open_local_sync

assert "numpy" not in sys.modules, "imported by everybody"
settings = Settings(port_base=1024, database_url="postgresql://nobody@127.0.0.1:9/x")
if sys.argv[1] == "sync":
    open_local_sync(settings).close()
else:
    async def opened():
        await (await open_local(settings)).close()
    asyncio.run(opened())
before = set(sys.modules)
choose("thompson", 0.0, [Candidate(0.5, 1.0, 1)] * 2, Random(1))
assert set(sys.modules) == before, sorted(set(sys.modules) - before)[:3]
"""


@pytest.mark.parametrize("way", ["sync", "async"])
def test_what_exploring_needs_is_there_before_the_first_call(way: str) -> None:
    command = [sys.executable, "-c", FIRST_CHOICE, way]
    subprocess.run(command, check=True, timeout=30)
