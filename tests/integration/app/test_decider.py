"""The app's own decider on a database: what it reads, and what it says when there is none."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from cordboard.question import Question
from cordboard.settings import Settings
from decider import DeciderAway, LocalDecider
from decider.local import open_local
from support.dialplan import now_ms
from support.web import with_values

MARCUS = 2
NO_CALL = "00000000-0000-4000-8000-000000000000"
ASKED = Question("", MARCUS, "halyard", group="halyard-service", at_ms=now_ms())


@pytest.fixture
async def decider(database_settings: Settings) -> AsyncIterator[LocalDecider]:
    opened = await open_local(database_settings)
    yield opened
    await opened.close()


async def test_the_second_question_is_answered_as_the_first(decider: LocalDecider) -> None:
    first, second = await decider.decide(ASKED), await decider.decide(ASKED)
    assert first.ranking
    assert first.ranking == second.ranking, "what it knows of the catalogue was not sent again"
    assert first.id != second.id


async def test_facts_of_somebody_else_are_not_used(decider: LocalDecider) -> None:
    lena = await decider.decide(Question("", 5, "halyard", at_ms=now_ms()))
    assert lena.context["outage"]
    read = await decider._read(Question("", 5, "halyard"))
    assert (await decider.decide(ASKED, read)).context["outage"] is None


async def test_of_a_call_that_nobody_knows_there_are_no_facts(decider: LocalDecider) -> None:
    found = await decider.facts_of_call(NO_CALL)
    assert found is not None
    assert found.customer == 0


async def test_without_a_database_it_says_so_soon(database_settings: Settings) -> None:
    gone = with_values(database_settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    decider = await open_local(gone)
    began = time.monotonic()
    assert await decider.facts_of_call(NO_CALL) is None
    with pytest.raises(DeciderAway, match="did not answer in time"):
        await decider.decide(ASKED)
    assert time.monotonic() - began < 3
    await decider.close()
