"""Webhooks on their way: to a server that takes them, and to those that do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from aiohttp import web
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from ari_app.worker import post as posting
from ari_app.worker.parts import Parts
from ari_app.worker.usage import catch_up
from ari_app.worker.webhooks import Deliveries
from cordboard import webhooks
from cordboard.secrets import signing_key
from cordboard.settings import Settings
from db.demo.web import SECRETS
from db.demo.world import PANTRY
from db.pool import open_async_pool
from support.soon import soon

KEY = signing_key(SECRETS[PANTRY])

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """A merchant's server, which keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer: Answer = self._thanks
        self.url = ""

    async def _thanks(self, _: web.Request) -> web.Response:
        return web.Response(text="thanks")

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        return await self.answer(request)


@asynccontextmanager
async def listening() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}/hooks"
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with listening() as found:
        yield found


class Post:
    """The post office of one demo world."""

    def __init__(self, conn: psycopg.Connection[Any], parts: Parts) -> None:
        self.conn = conn
        self.parts = parts
        self.deliveries = Deliveries(parts)

    def queue(self, url: str, **payload: Any) -> str:
        self.conn.execute("UPDATE webhook_endpoint SET url = %s", [url])
        delivery = str(uuid4())
        self.conn.execute(
            "SELECT queue_webhook_v1(%s, 'entry.saved', %s, %s)",
            [PANTRY, Jsonb(payload), delivery],
        )
        return delivery

    async def go(self) -> int:
        """One round, and wait until everything in it has ended."""
        taken = await self.deliveries.take()
        await self.deliveries.settled()
        return taken

    def row(self, delivery: str) -> dict[str, Any]:
        row = self.conn.execute(
            "SELECT *, extract(epoch FROM due_at - now())::float8 AS in_s"
            " FROM webhook_delivery WHERE id = %s",
            [delivery],
        ).fetchone()
        assert row is not None
        return dict(row)

    def due_now(self) -> None:
        self.conn.execute("UPDATE webhook_delivery SET due_at = now() WHERE state = 'waiting'")


@pytest.fixture
async def office(fresh_database_url: str, stores: Settings, redis: Redis) -> AsyncIterator[Post]:
    settings = stores.model_copy(update={"webhook_private_targets": True})
    pool: AsyncConnectionPool[Any] = await open_async_pool(fresh_database_url, size=4, name="test")
    with psycopg.connect(fresh_database_url, autocommit=True, row_factory=dict_row) as conn:
        yield Post(conn, Parts(settings, pool, redis))
    await pool.close()


async def test_a_delivery_is_signed_and_made_once(office: Post, server: Server) -> None:
    delivery = office.queue(server.url, order="12 rolls")
    assert await office.go() == 1
    assert await office.go() == 0
    ((headers, body),) = server.got
    assert webhooks.verify(KEY, headers["X-CB-Signature"], body, now_s())
    assert not webhooks.verify(b"other" * 7, headers["X-CB-Signature"], body, now_s())
    assert f'"id":"{delivery}"'.encode() in body
    assert b'"data":{"order":"12 rolls"}' in body
    assert headers["Content-Type"] == "application/json"
    assert (headers["X-CB-Event"], headers["X-CB-Attempt"]) == ("entry.saved", "1")
    row = office.row(delivery)
    assert (row["state"], row["last_status"], row["last_error"]) == ("delivered", 200, None)


def now_s() -> int:
    return int(time.time())


async def test_a_server_that_fails_is_asked_again_with_the_same_body(
    office: Post, server: Server
) -> None:
    async def fail(_: web.Request) -> web.Response:
        return web.Response(status=500, text="no\nway \x1b[31m" + "x" * 10_000)

    server.answer = fail
    delivery = office.queue(server.url, a=1)
    waits = []
    for _ in range(3):
        await office.go()
        row = office.row(delivery)
        waits.append(round(row["in_s"]))
        assert row["state"] == "waiting"
        office.due_now()
    assert waits == list(webhooks.BACKOFF_S[:3])
    assert row["last_error"].startswith("answers 500: no way")
    assert row["last_error"].isprintable()
    assert len({body for _, body in server.got}) == 1
    assert [headers["X-CB-Attempt"] for headers, _ in server.got] == ["1", "2", "3"]
    server.answer = server._thanks
    await office.go()
    assert office.row(delivery)["state"] == "delivered"


async def test_after_the_last_try_it_is_dead_and_replay_brings_it(
    office: Post, server: Server
) -> None:
    async def fail(_: web.Request) -> web.Response:
        return web.Response(status=503)

    server.answer = fail
    delivery = office.queue(server.url)
    for _ in range(len(webhooks.BACKOFF_S) + 1):
        assert office.row(delivery)["state"] == "waiting"
        assert await office.go() == 1
        office.due_now()
    assert office.row(delivery)["state"] == "dead"
    assert await office.go() == 0
    server.answer = server._thanks
    office.conn.execute("SELECT replay_webhook_v1(%s, NULL)", [delivery])
    assert await office.go() == 1
    assert office.row(delivery)["state"] == "delivered"


async def test_a_redirect_is_not_followed(office: Post, server: Server) -> None:
    async with listening() as elsewhere:

        async def away(_: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(elsewhere.url)

        server.answer = away
        delivery = office.queue(server.url)
        await office.go()
        assert elsewhere.got == []
    row = office.row(delivery)
    assert (row["state"], row["last_status"]) == ("waiting", 307)
    assert "redirects are not followed" in row["last_error"]


async def test_a_server_that_wants_no_more(office: Post, server: Server) -> None:
    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=410)

    server.answer = gone
    delivery = office.queue(server.url)
    await office.go()
    assert office.row(delivery)["state"] == "dead"


async def test_a_server_that_is_down(office: Post) -> None:
    async with listening() as server:
        pass
    delivery = office.queue(server.url)
    await office.go()
    row = office.row(delivery)
    assert (row["state"], row["last_status"], row["attempts"]) == ("waiting", None, 1)
    assert "onnect" in row["last_error"]


@pytest.mark.parametrize("where", ["headers", "body"])
async def test_a_server_that_is_slow(
    office: Post, server: Server, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(posting, "TOTAL_S", 0.3)
    never = asyncio.Event()

    async def dawdle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=500)
        if where == "body":
            await answer.prepare(request)
        await never.wait()
        return answer

    server.answer = dawdle
    delivery = office.queue(server.url)
    await office.go()
    row = office.row(delivery)
    assert row["state"] == "waiting"
    assert "no answer in time" in row["last_error"]


async def test_an_endless_answer_is_not_read(office: Post, server: Server) -> None:
    async def pour(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=500)
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 65_536)
        except ConnectionError:
            return answer

    server.answer = pour
    delivery = office.queue(server.url)
    await office.go()
    assert office.row(delivery)["last_error"].startswith("answers 500: xxx")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001"])
async def test_a_private_target_gets_nothing(office: Post, server: Server, host: str) -> None:
    office.parts.settings = office.parts.settings.model_copy(
        update={"webhook_private_targets": False}
    )
    office.deliveries = Deliveries(office.parts)
    delivery = office.queue(server.url.replace("127.0.0.1", host))
    await office.go()
    assert server.got == []
    row = office.row(delivery)
    assert row["state"] == "dead"
    assert "is no public address" in row["last_error"]


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    office: Post, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere at a second look leads nobody astray: there is one look."""
    asked: list[str] = []

    async def look(url: str) -> list[str]:
        asked.append(url)
        return ["127.0.0.1"]

    monkeypatch.setattr(posting, "_resolve", look)
    url = server.url.replace("127.0.0.1", "merchant.invalid")
    delivery = office.queue(url)
    await office.go()
    assert asked == [url]
    assert server.got[0][0]["Host"].startswith("merchant.invalid:")
    assert office.row(delivery)["state"] == "delivered"


async def test_two_workers_share(office: Post, server: Server) -> None:
    wanted = {office.queue(server.url) for _ in range(12)}
    other = Deliveries(office.parts)
    for _ in range(6):
        await asyncio.gather(office.deliveries.take(), other.take())
        await asyncio.gather(office.deliveries.settled(), other.settled())
    ids = [headers["X-CB-Delivery"] for headers, _ in server.got]
    assert sorted(ids) == sorted(wanted)


async def test_the_task_runs_by_itself(office: Post, server: Server) -> None:
    running = asyncio.create_task(office.deliveries.run())
    delivery = office.queue(server.url)
    await soon(lambda: office.row(delivery)["state"] == "delivered", within=10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_legs_without_a_line_are_caught_up(office: Post) -> None:
    call = str(uuid4())
    office.conn.execute(
        "INSERT INTO call (id, subscriber_id, direction) VALUES (%s, %s, 'outbound')",
        [call, PANTRY],
    )
    office.conn.execute(
        "INSERT INTO call_leg (call_id, channel, party, answered, ended)"
        " VALUES (%s, 'c', '+13125550150', now() - interval '1 minute', now())",
        [call],
    )
    assert await catch_up(office.parts) == 1
    assert await catch_up(office.parts) == 0
