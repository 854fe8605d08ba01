"""The commands ``webhooks`` and ``outbox``, on a demo world."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from click.testing import Result

from cordboard.secrets import unseal
from cordboard.settings import Settings
from cordboard.stack.errors import StackError

Run = Callable[..., Result]
Connection = psycopg.Connection[dict[str, Any]]


def dead(conn: Connection) -> str:
    delivery = str(uuid4())
    conn.execute(
        "INSERT INTO webhook_delivery (id, subscriber_id, event, payload, state, attempts,"
        " last_error) VALUES (%s, 2, 'entry.saved', '{}', 'dead', 9, 'answers 500')",
        [delivery],
    )
    return delivery


def refused(answer: Result) -> str:
    assert isinstance(answer.exception, StackError), answer.output
    return str(answer.exception)


def test_dead_letters_are_listed_and_replayed(run: Run, connect: Callable[[], Connection]) -> None:
    conn = connect()
    first, second, third = (dead(conn) for _ in range(3))
    listed = run("webhooks", "list", "--state", "dead").stdout
    assert all(one in listed for one in (first, second, third))
    assert "pantry  entry.saved  dead  9 tries  answers 500" in listed
    rows = json.loads(run("webhooks", "list", "--subscriber", "pantry", "--json").stdout)
    assert {row["id"] for row in rows} == {first, second, third}

    assert "1 on their way again" in run("webhooks", "replay", first).stdout
    assert "not dead" in refused(run("webhooks", "replay", first))
    assert "no webhook delivery" in refused(run("webhooks", "replay", str(uuid4())))
    assert "2 on their way again" in run("webhooks", "replay", "--all", "pantry").stdout
    assert run("webhooks", "list", "--state", "dead").stdout == "No such deliveries.\n"
    assert run("webhooks", "replay").exit_code == 2
    assert run("webhooks", "replay", "x").exit_code == 2


def test_of_several_all_or_none_are_replayed(run: Run, connect: Callable[[], Connection]) -> None:
    one = dead(connect())
    refused(run("webhooks", "replay", one, str(uuid4())))
    assert one in run("webhooks", "list", "--state", "dead").stdout


def test_an_endpoint_is_set_and_stopped(
    run: Run, connect: Callable[[], Connection], postgres: Settings
) -> None:
    answer = run("webhooks", "set", "halyard", "https://halyard.example/hooks").stdout
    found = re.search(r"\b[0-9a-f]{64}\b", answer)
    assert found is not None
    row = (
        connect()
        .execute(
            "SELECT e.* FROM webhook_endpoint e JOIN subscriber s ON s.id = e.subscriber_id"
            " WHERE s.code = 'halyard'"
        )
        .fetchone()
    )
    assert row is not None
    key = unseal(bytes(row["signing_key"]), postgres.secret_key.get_secret_value())
    assert (row["url"], row["active"]) == ("https://halyard.example/hooks", True)
    assert key.hex() == found[0]
    assert run("webhooks", "stop", "halyard").exit_code == 0
    row = (
        connect().execute("SELECT active FROM webhook_endpoint WHERE subscriber_id = 1").fetchone()
    )
    assert row == {"active": False}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x/", "https://", "x", "http://a b/"])
def test_what_is_no_web_address(run: Run, url: str) -> None:
    assert "no web address" in refused(run("webhooks", "set", "pantry", url))


def test_nobody(run: Run) -> None:
    assert "no subscriber" in refused(run("webhooks", "set", "nobody", "https://a.example/"))
    assert "no subscriber" in refused(run("webhooks", "stop", "nobody"))


def failed_mail(conn: Connection) -> str:
    mail = str(uuid4())
    conn.execute(
        "INSERT INTO outbox (id, subscriber_id, recipient, subject, body, state, attempts,"
        " last_error) VALUES (%s, 2, 'tess@example.com', 'Order 12', 'Ready', 'failed', 7, '550')",
        [mail],
    )
    return mail


def test_failed_mails_are_listed_and_tried_again(
    run: Run, connect: Callable[[], Connection]
) -> None:
    conn = connect()
    first, second = failed_mail(conn), failed_mail(conn)
    listed = run("outbox", "list", "--state", "failed").stdout
    assert f"{first}  " in listed
    assert "tess@example.com  Order 12  failed  7 tries  550" in listed
    assert {row["id"] for row in json.loads(run("outbox", "list", "--json").stdout)} == {
        first,
        second,
    }
    assert "1 of 1 on their way again" in run("outbox", "retry", first).stdout
    assert "0 of 1 on their way again" in run("outbox", "retry", first).stdout
    assert "1 of 1 on their way again" in run("outbox", "retry", "--all").stdout
    assert run("outbox", "list", "--state", "failed").stdout == "No such e-mails.\n"
    assert "Give the ids" in run("outbox", "retry").output
