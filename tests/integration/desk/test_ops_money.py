"""Statements and dead letters, as ops see them and act on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import redis
from flask import Flask
from ops_words import Ops, enter
from psycopg.types.json import Jsonb

from support.database import Database

#: A month in which no other test makes calls.
MONTH = "2032-05"
NOON = datetime(2032, 5, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    return Ops(enter(app, live, database, "olga"), database)


@pytest.fixture
def call_id(database: Database) -> Iterator[str]:
    """A call of 90 seconds to a customer, 80 of them with an agent on a SIP phone."""
    made, conn = str(uuid4()), database.connection
    conn.execute(
        "INSERT INTO call (id, subscriber_id, direction, started) VALUES (%s, 2, 'outbound', %s)",
        [made, NOON],
    )
    for channel, role, party, seconds in (
        ("customer", "customer", "+13125550150", 90),
        ("agent", "agent", "gus", 80),
    ):
        conn.execute(
            "INSERT INTO call_leg (call_id, channel, role, party, started, answered, ended)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [made, channel, role, party, NOON, NOON, NOON + timedelta(seconds=seconds)],
        )
    conn.execute("SELECT apply_usage_v1(%s)", [made])
    yield made
    conn.execute("DELETE FROM usage_line WHERE call_id = %s", [made])
    conn.execute("DELETE FROM call WHERE id = %s", [made])


class TestStatement:
    def test_from_the_sum_to_the_leg(self, olga: Ops, call_id: str) -> None:
        page = olga.page(f"/ops/usage?month={MONTH}")
        assert "2.2500" in page
        assert f"/ops/usage/pantry/{MONTH}" in page
        lines = olga.page(f"/ops/usage/pantry/{MONTH}")
        assert f"/ops/usage/calls/{call_id}#customer" in lines
        assert "05 May 07:00:00" in lines, "Chicago is five hours behind"
        legs = olga.page(f"/ops/usage/calls/{call_id}")
        assert "2 legs, 2.2500 cents" in legs
        assert "Not billed" in legs

    def test_the_file(self, olga: Ops, call_id: str) -> None:
        text = olga.page(f"/ops/usage/pantry/{MONTH}.csv")
        header, line = text.strip().splitlines()
        values = dict(zip(header.split(","), line.split(","), strict=True))
        assert values["call_id"] == call_id
        assert Decimal(values["amount_cents"]) == Decimal("2.25")

    def test_a_leg_without_a_tariff_is_told(
        self, olga: Ops, call_id: str, database: Database
    ) -> None:
        database.connection.execute("DELETE FROM usage_line WHERE call_id = %s", [call_id])
        assert "1 leg fits no tariff" in olga.page(f"/ops/usage?month={MONTH}")

    def test_what_is_no_month_is_told_and_kept(self, olga: Ops) -> None:
        answer = olga.web.client.get("/ops/usage?month=May%202032")
        assert answer.status_code == 422
        assert 'value="May 2032"' in answer.text
        assert "is no month" in answer.text

    @pytest.mark.parametrize(
        "path",
        [
            f"/ops/usage/nobody/{MONTH}",
            "/ops/usage/pantry/2032-13",
            "/ops/usage/pantry/x.csv",
            "/ops/usage/calls/1a20560b-6e53-48de-a11a-4b13be8747b5",
            "/ops/usage/calls/x",
        ],
    )
    def test_what_is_not_there(self, olga: Ops, path: str) -> None:
        assert olga.web.client.get(path).status_code == 404

    def test_pages_of_lines(
        self, olga: Ops, call_id: str, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("webdesk.ops.usage.SHOWN", 2)
        for leg in range(4):
            database.connection.execute(
                "INSERT INTO call_leg (call_id, channel, party, started, answered, ended)"
                " VALUES (%s, %s, '+13125550150', %s, %s, %s)",
                [call_id, f"more-{leg}", NOON, NOON, NOON],
            )
        database.connection.execute("SELECT apply_usage_v1(%s)", [call_id])
        seen: list[str] = []
        path = f"/ops/usage/pantry/{MONTH}"
        while path:
            page = olga.page(path)
            seen += re.findall(rf"{call_id}#([a-z0-9-]+)", page)
            found = re.search(r'href="([^"]+after=\d+)"', page)
            path = found[1] if found else ""
        assert sorted(seen) == ["customer", "more-0", "more-1", "more-2", "more-3"]


@pytest.fixture
def dead(database: Database) -> Iterator[list[str]]:
    """Two dead letters of Corner Pantry."""
    ids = [str(uuid4()), str(uuid4())]
    for one in ids:
        database.connection.execute(
            "INSERT INTO webhook_delivery (id, subscriber_id, event, payload, state, attempts,"
            " last_error) VALUES (%s, 2, 'entry.saved', %s, 'dead', 9, %s)",
            [one, Jsonb({}), "answers 500: <b>no</b>"],
        )
    yield ids
    database.connection.execute("DELETE FROM webhook_delivery WHERE id = ANY(%s)", [ids])


class TestDeadLetters:
    def test_they_are_shown_and_replayed(self, olga: Ops, dead: list[str]) -> None:
        page = olga.page("/ops/webhooks")
        assert all(one in page for one in dead)
        assert "answers 500: &lt;b&gt;no&lt;/b&gt;" in page
        answer = olga.send("/ops/webhooks/replay", delivery=dead[0])
        assert answer.status_code == 302
        page = olga.page(answer.headers["Location"])
        assert "1 on its way again." in page
        assert dead[0] not in page
        (entry,) = olga.audit(f"webhook_delivery:{dead[0]}")
        assert (entry["action"], entry["actor"]) == ("webhook.replayed", "olga")
        assert dead[0] in olga.page("/ops/webhooks?state=waiting&subscriber=pantry")

    def test_twice_is_once(self, olga: Ops, dead: list[str]) -> None:
        for expected in ("2 on their way again.", "0 of 2 on their way again"):
            answer = olga.send("/ops/webhooks/replay", delivery=dead)
            assert expected in olga.page(answer.headers["Location"])
        assert len(olga.audit(f"webhook_delivery:{dead[0]}")) == 1

    def test_only_with_the_token_of_the_form(self, olga: Ops, dead: list[str]) -> None:
        answer = olga.web.client.post("/ops/webhooks/replay", data={"delivery": dead[0]})
        assert answer.status_code == 400
        assert dead[0] in olga.page("/ops/webhooks")

    @pytest.mark.parametrize("path", ["?state=gone", "?subscriber=nobody"])
    def test_a_list_that_is_none(self, olga: Ops, path: str) -> None:
        assert olga.web.client.get(f"/ops/webhooks{path}").status_code == 404

    def test_an_id_that_is_none(self, olga: Ops) -> None:
        assert olga.send("/ops/webhooks/replay", delivery="x").status_code == 404


@pytest.mark.parametrize("path", ["/ops/usage", "/ops/webhooks", f"/ops/usage/pantry/{MONTH}.csv"])
@pytest.mark.parametrize("username", ["ava", "sofia"])
def test_nobody_else_sees_them(
    app: Flask, live: redis.Redis, database: Database, path: str, username: str
) -> None:
    web = enter(app, live, database, username)
    assert web.client.get(path).status_code == 403
