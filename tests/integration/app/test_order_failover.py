"""Orders that nobody accepts: moved once by several workers, and told to whom they concern."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest
from redis.asyncio import Redis

from ari_app.worker import failover, order_news
from ari_app.worker.failover import look_after_orders, pass_over_one
from ari_app.worker.parts import Parts
from cordboard import keys
from db.orders import ask
from db.queries import sql
from support.beside import running
from support.shop_orders import (
    LAKE,
    LOOP,
    NAPER,
    OAK,
    ROSA_ID,
    draft,
    only_open,
    overdue,
    place,
    read,
)
from support.soon import soon

Connection = psycopg.Connection[dict[str, Any]]
PANTRY = 2


@pytest.fixture
def conn(connect: Callable[[], Connection]) -> Connection:
    conn = connect()
    only_open(conn, LOOP, LAKE)
    return conn


def working(*parts: Parts) -> AbstractAsyncContextManager[None]:
    return running(*(look_after_orders(one) for one in parts))


async def listening(conn: Connection, count: int = 1) -> None:
    """Workers hear what PostgreSQL tells."""
    query = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'LISTEN sales_order%%'"

    def look() -> bool:
        row = conn.execute(query + " AND datname = current_database()").fetchone()
        return bool(row and row["n"] >= count)

    await soon(look)


async def told(redis: Redis, stream: str) -> list[dict[str, Any]]:
    """The orders in a stream."""
    return [orjson.loads(fields["data"]) for _, fields in await redis.xrange(stream)]


def names(order: dict[str, Any]) -> list[str]:
    return [event["name"] for event in order["timeline"]]


async def test_what_is_not_accepted_in_time_goes_to_the_next_location(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    async with working(parts):
        await listening(conn)
        order = place(conn, parts.settings)
        await soon(lambda: redis.exists(keys.board(LOOP)))
        overdue(conn, order)
        await soon(lambda: redis.exists(keys.board(LAKE)))
    moved = read(conn, parts.settings, order)
    assert (moved["state"], moved["location"]["id"]) == ("placed", LAKE)
    assert moved["passed_over"] == ["PANTRY-LOOP"]
    assert names(moved)[-1] == "order.passed_over"
    # The board that lost it, the one that got it, the desk and the client hear the same.
    for stream in (keys.board(LOOP), keys.board(LAKE), keys.orders(PANTRY), keys.client(ROSA_ID)):
        assert (await told(redis, stream))[-1]["location"]["id"] == LAKE


async def test_two_workers_move_an_order_once(conn: Connection, parts: Parts) -> None:
    orders = [place(conn, parts.settings) for _ in range(6)]
    for order in orders:
        overdue(conn, order)
    done = 0
    while any(found := await asyncio.gather(*(pass_over_one(parts) for _ in range(4)))):
        done += sum(found)
    assert done == len(orders)
    for order in orders:
        moved = read(conn, parts.settings, order)
        assert names(moved).count("order.passed_over") == 1
        assert moved["passed_over"] == ["PANTRY-LOOP"]


async def test_an_order_that_no_location_takes_is_an_agents(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    only_open(conn, LOOP)
    order = place(conn, parts.settings)
    overdue(conn, order)
    async with working(parts):
        await soon(lambda: redis.exists(keys.orders(PANTRY)))
        await soon(lambda: read(conn, parts.settings, order)["needs_agent"])

        async def is_told() -> bool:
            return (await told(redis, keys.orders(PANTRY)))[-1]["needs_agent"]

        await soon(is_told)
    left = await told(redis, keys.board(LOOP))
    assert left[-1]["location"] is None
    assert names(left[-1])[-1] == "order.needs_agent"


async def test_a_location_that_was_closed_all_the_time_keeps_the_order(
    conn: Connection, parts: Parts
) -> None:
    """As on a national holiday, of which the database, which counts its minutes, knows nothing."""
    conn.execute(
        "WITH made AS (INSERT INTO schedule (subscriber_id, name, timezone)"
        " VALUES (2, 'Tomorrow', 'UTC') RETURNING id),"
        " hours AS (INSERT INTO opening_hours (schedule_id, weekday, opens_minute, closes_minute)"
        " SELECT id, extract(isodow FROM now() AT TIME ZONE 'UTC' + interval '1 day') - 1, 0, 1440"
        " FROM made)"
        " UPDATE location SET schedule_id = made.id FROM made WHERE location.id = %s",
        [LOOP],
    )
    due_at = (datetime.now(UTC) + timedelta(days=6)).isoformat()
    order = place(conn, parts.settings, due_at=due_at)
    overdue(conn, order)
    assert await pass_over_one(parts)
    waits = read(conn, parts.settings, order)
    assert (waits["location"]["id"], waits["passed_over"]) == (LOOP, [])
    assert datetime.fromisoformat(waits["accept_by"]) > datetime.now(UTC)
    assert await pass_over_one(parts) is False
    move = {"why": "No", "by": "user:12", "version": waits["version"]}
    ask(conn, parts.settings, sql.decline_order, order=order["order"], **move)
    assert await pass_over_one(parts)
    assert read(conn, parts.settings, order)["location"]["id"] == LAKE


async def test_what_is_accepted_at_the_last_moment_stays(conn: Connection, parts: Parts) -> None:
    order = place(conn, parts.settings)
    overdue(conn, order)
    seen = read(conn, parts.settings, order)
    move = {"state": "accepted", "by": "user:12", "version": seen["version"]}
    ask(conn, parts.settings, sql.advance_order, order=order["order"], **move)
    assert await pass_over_one(parts) is False
    assert read(conn, parts.settings, order)["location"]["id"] == LOOP


async def test_declined_goes_on_at_once(conn: Connection, parts: Parts, redis: Redis) -> None:
    async with working(parts):
        await listening(conn)
        order = place(conn, parts.settings)
        move = {"why": "Too busy", "by": "user:12", "version": order["version"]}
        ask(conn, parts.settings, sql.decline_order, order=order["order"], **move)
        await soon(lambda: read(conn, parts.settings, order)["location"]["id"] == LAKE)


async def test_a_location_that_is_full_at_the_last_moment_is_not_asked_again(
    conn: Connection, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_open(conn, LOOP, LAKE, OAK, NAPER)
    order = place(conn, parts.settings)
    overdue(conn, order)
    chosen: list[str] = []
    choose = failover.next_place

    def choose_late(*asked: Any) -> Any:
        place = choose(*asked)
        chosen.append(place.code)
        conn.execute("UPDATE location SET paused_at = now() WHERE id = %s", [LAKE])
        return place

    monkeypatch.setattr(failover, "next_place", choose_late)
    assert await pass_over_one(parts)
    assert chosen == ["PANTRY-LAKE", "PANTRY-OAK"]
    assert read(conn, parts.settings, order)["location"]["id"] == OAK


async def test_whoever_comes_is_not_sent_far_away(conn: Connection, parts: Parts) -> None:
    only_open(conn, LOOP, NAPER)
    fetched, brought = place(conn, parts.settings), place(conn, parts.settings, method="delivery")
    conn.execute("UPDATE sales_order SET postcode = '60540' WHERE id = %s", [brought["order"]])
    for order in (fetched, brought):
        overdue(conn, order)
        assert await pass_over_one(parts)
    assert read(conn, parts.settings, fetched)["needs_agent"], "45 km: a person asks before"
    assert read(conn, parts.settings, brought)["location"]["id"] == NAPER


# -- News


async def test_several_workers_tell_each_change_once(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    async with working(parts, parts, parts):
        await listening(conn, 3)
        orders = [place(conn, parts.settings) for _ in range(5)]

        async def all_told() -> bool:
            return len(await told(redis, keys.board(LOOP))) >= len(orders)

        await soon(all_told)
    heard = [(one["order"], one["version"]) for one in await told(redis, keys.board(LOOP))]
    assert sorted(set(heard)) == sorted(heard)
    assert {order for order, _ in heard} == {order["order"] for order in orders}


async def test_what_changed_while_nobody_listened_is_told_afterwards(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    async with working(parts):
        await listening(conn)
        first = place(conn, parts.settings)
        await soon(lambda: redis.exists(keys.board(LOOP)))
    missed = [place(conn, parts.settings) for _ in range(3)]
    async with working(parts):

        async def all_told() -> bool:
            return len(await told(redis, keys.board(LOOP))) == 4

        await soon(all_told)
    heard = [one["order"] for one in await told(redis, keys.board(LOOP))]
    assert heard == [order["order"] for order in (first, *missed)]


async def test_a_cut_connection_loses_no_news(conn: Connection, parts: Parts, redis: Redis) -> None:
    async with working(parts):
        await listening(conn)
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN sales_order%%' AND datname = current_database()"
        )
        order = place(conn, parts.settings)

        async def is_told() -> bool:
            return order["order"] in [one["order"] for one in await told(redis, keys.board(LOOP))]

        await soon(is_told)


async def test_looking_twice_tells_once(conn: Connection, parts: Parts, redis: Redis) -> None:
    place(conn, parts.settings)
    assert await order_news.look_up(parts) >= 1
    before = await redis.xlen(keys.client(ROSA_ID))
    await order_news.look_up(parts)
    assert await redis.xlen(keys.client(ROSA_ID)) == before == 1


async def test_clients_with_an_address_get_one_e_mail_a_step(
    conn: Connection, parts: Parts
) -> None:
    conn.execute("UPDATE customer SET email = 'rosa@example.com' WHERE id = %s", [ROSA_ID])
    order = place(conn, parts.settings)
    overdue(conn, order)
    await pass_over_one(parts)
    for _ in range(2):
        await order_news.tell_order(parts, order["order"], LOOP)
    sent = conn.execute(
        "SELECT recipient, subject FROM outbox WHERE order_id = %s ORDER BY created_at",
        [order["order"]],
    ).fetchall()
    assert {row["recipient"] for row in sent} == {"rosa@example.com"}
    placed, moved = (row["subject"] for row in sent)
    assert f"order {order['number']}" in placed
    assert moved.endswith(f"order {order['number']} is made elsewhere")


async def test_nobody_without_an_address_gets_one(conn: Connection, parts: Parts) -> None:
    conn.execute("UPDATE customer SET email = NULL WHERE id = %s", [ROSA_ID])
    order = place(conn, parts.settings)
    overdue(conn, order)
    await pass_over_one(parts)
    await order_news.tell_order(parts, order["order"], None)
    assert conn.execute("SELECT 1 FROM outbox").fetchall() == []


# -- Drafts


async def test_drafts_that_nobody_went_on_with_are_given_up(conn: Connection, parts: Parts) -> None:
    old, young = draft(), draft()
    for one in (old, young):
        ask(conn, parts.settings, sql.save_draft, draft=one)
    conn.execute("ALTER TABLE sales_order DISABLE TRIGGER sales_order_state")
    conn.execute(
        "UPDATE sales_order SET updated_at = now() - make_interval(hours => %s) WHERE id = %s",
        [parts.settings.draft_hours + 1, old["order"]],
    )
    conn.execute("ALTER TABLE sales_order ENABLE TRIGGER sales_order_state")
    async with working(parts):
        await soon(lambda: read(conn, parts.settings, old)["state"] == "abandoned")
    assert read(conn, parts.settings, young)["state"] == "draft"
