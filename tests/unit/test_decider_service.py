"""The decision service: who may ask, what is refused and how; both deciders that ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from cordboard.decision import Question
from cordboard.settings import Settings
from decider import DeciderAway, open_decider, open_decider_sync
from decider.service import application
from decider.wire import LONGEST, headers, question_json
from support.decider import TOKEN, FixedDecider, serving

ASKED = Question("", 7, "halyard", channel="api", at_ms=1)
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def decider() -> FixedDecider:
    return FixedDecider()


@pytest.fixture
async def url(decider: FixedDecider) -> AsyncIterator[str]:
    async with serving(decider) as url:
        yield url


async def ask(url: str, method: str = "POST", path: str = "/decide", **more: Any) -> Any:
    """Status, content type and JSON or text of an answer."""
    async with aiohttp.ClientSession() as session, session.request(method, url + path, **more) as a:
        is_json = a.content_type.endswith("json")
        return a.status, a.content_type, await (a.json(content_type=None) if is_json else a.text())


def settings(url: str, token: str = TOKEN) -> Settings:
    return Settings(port_base=1024, decider_url=url, decider_token=token)


async def test_a_question_is_answered_with_the_stored_record(url: str) -> None:
    status, kind, told = await ask(url, data=question_json(ASKED), headers=headers(TOKEN))
    assert (status, kind) == (200, "application/json")
    assert [entry["code"] for entry in told["ranking"]] == ["FIBER", "CARE"]
    assert (told["subscriber"], told["channel"], told["route"]["to"]) == ("halyard", "api", "plain")


@pytest.mark.parametrize(
    "offered",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}],
)
async def test_whoever_does_not_know_the_token_learns_nothing(
    url: str, decider: FixedDecider, offered: dict[str, str]
) -> None:
    status, kind, told = await ask(url, data=question_json(ASKED), headers={**JSON, **offered})
    assert (status, kind, told["code"]) == (401, "application/problem+json", "wrong-token")
    assert decider.asked == []


@pytest.mark.parametrize(
    ("body", "more", "status", "code"),
    [
        (b"{", {}, 400, "bad-json"),
        (b"{}", {}, 422, "invalid"),
        (b"[]", {}, 422, "invalid"),
        (b" " * (LONGEST + 1), {}, 413, "too-large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "not-json"),
    ],
)
async def test_bad_questions_are_refused_with_a_problem_document(
    url: str, decider: FixedDecider, body: bytes, more: dict[str, str], status: int, code: str
) -> None:
    got, kind, told = await ask(url, data=body, headers={**headers(TOKEN), **more})
    assert (got, kind, told["code"], told["status"]) == (
        status,
        "application/problem+json",
        code,
        status,
    )
    assert told["type"].endswith(code)
    assert told["title"]
    assert told["detail"]
    assert decider.asked == []


async def test_a_huge_body_that_tells_no_length_is_refused_too(url: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LONGEST // 65536 + 2):
            yield b" " * 65536

    status, _, told = await ask(url, data=pieces(), headers=headers(TOKEN))
    assert (status, told["code"]) == (413, "too-large")


async def test_other_addresses_and_methods_are_problems_too(url: str) -> None:
    assert (await ask(url, "GET"))[0] == 405
    assert (await ask(url, "GET", "/elsewhere"))[2]["code"] == "not-found"


async def test_a_database_that_is_away_and_a_slip_are_told_apart(
    url: str, decider: FixedDecider
) -> None:
    decider.away = True
    status, _, told = await ask(url, data=question_json(ASKED), headers=headers(TOKEN))
    assert (status, told["code"]) == (503, "database-away")
    assert (await ask(url, "GET", "/readyz"))[::2] == (503, "offers database: PoolTimeout")
    decider.away, decider.broken = False, True
    status, _, told = await ask(url, data=question_json(ASKED), headers=headers(TOKEN))
    assert (status, told["code"]) == (500, "failed")
    assert "slip" not in str(told)


async def test_health_and_figures(url: str) -> None:
    assert (await ask(url, "GET", "/healthz"))[::2] == (200, "ok\n")
    assert (await ask(url, "GET", "/readyz"))[0] == 200
    await ask(url, data=question_json(ASKED), headers=headers(TOKEN))
    _, _, figures = await ask(url, "GET", "/metrics", headers=headers(TOKEN))
    assert 'cordboard_decider_answers_total{status="200"}' in figures
    assert "cordboard_decider_seconds_bucket" in figures


@pytest.mark.parametrize("offered", [{}, {"Authorization": "Bearer wrong"}])
async def test_figures_are_not_for_whoever_comes_by_a_proxy_on_this_machine(
    url: str, offered: dict[str, str]
) -> None:
    status, _, told = await ask(url, "GET", "/metrics", headers=offered)
    assert (status, told["code"]) == (401, "wrong-token")


def test_without_a_token_there_is_no_service(decider: FixedDecider) -> None:
    async def ready() -> list[str]:
        return []

    with pytest.raises(ValueError, match="CORDBOARD_DECIDER_TOKEN"):
        application(decider, "", ready)


async def test_the_remote_decider_decides_as_the_service_does(
    url: str, decider: FixedDecider
) -> None:
    remote = await open_decider(settings(url))
    try:
        assert await remote.facts_of_call("") is None
        first, second = await remote.decide(ASKED), await remote.decide(ASKED)
    finally:
        await remote.close()
    assert decider.asked == [ASKED, ASKED]
    assert [entry.offer.code for entry in first.ranking] == ["FIBER", "CARE"]
    assert first.as_json() == second.as_json()


async def test_so_does_the_one_for_threads(url: str, decider: FixedDecider) -> None:
    remote = open_decider_sync(settings(url))
    try:
        found = await asyncio.gather(*(asyncio.to_thread(remote.decide, ASKED) for _ in range(8)))
    finally:
        remote.close()
    assert {one.id for one in found} == {found[0].id}
    assert len(decider.asked) == 8


@pytest.mark.parametrize("token", [TOKEN, "wrong"])
async def test_a_service_that_cannot_or_will_not_is_away(
    url: str, decider: FixedDecider, token: str
) -> None:
    decider.away = token == TOKEN
    remote, threads = (
        await open_decider(settings(url, token)),
        open_decider_sync(settings(url, token)),
    )
    with pytest.raises(DeciderAway, match="refused"):
        await remote.decide(ASKED)
    with pytest.raises(DeciderAway, match="refused"):
        await asyncio.to_thread(threads.decide, ASKED)
    await remote.close()
    threads.close()


async def test_a_service_that_started_anew_is_asked_again_at_once(decider: FixedDecider) -> None:
    """Connections that were kept are closed by then; nobody may notice."""
    async with serving(decider) as first:
        port = first.rpartition(":")[2]
        remote, threads = await open_decider(settings(first)), open_decider_sync(settings(first))
        await remote.decide(ASKED)
        await asyncio.to_thread(threads.decide, ASKED)
    async with serving(decider, port=int(port)):
        await remote.decide(ASKED)
        await asyncio.to_thread(threads.decide, ASKED)
    await remote.close()
    threads.close()


async def test_nobody_there_and_nobody_answering_are_away_within_half_a_second() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    for url in (f"http://127.0.0.1:{port}", "http://127.0.0.1:9"):
        remote, threads = await open_decider(settings(url)), open_decider_sync(settings(url))
        began = loop.time()
        with pytest.raises(DeciderAway):
            await remote.decide(ASKED)
        with pytest.raises(DeciderAway):
            await asyncio.to_thread(threads.decide, ASKED)
        assert loop.time() - began < 1.5
        await remote.close()
    server.close()
    await server.wait_closed()
