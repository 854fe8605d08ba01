"""E-mail to clients: sent once, tried again, given up, tried by hand again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from redis.asyncio import Redis

from ari_app.worker.outbox import send_due
from ari_app.worker.parts import Parts
from cordboard.mail import BACKOFF_S, Mail, MailError
from cordboard.settings import Settings
from db.pool import open_async_pool


class Post:
    """Takes e-mail, or fails as it is told."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.fails: MailError | None = None

    def send(self, mail: Mail) -> None:
        if self.fails:
            raise self.fails
        self.sent.append(mail)


@pytest.fixture
async def parts(fresh_database_url: str, database_settings: Settings) -> AsyncIterator[Parts]:
    pool = await open_async_pool(fresh_database_url, size=2, name="test")
    redis = Redis.from_url(database_settings.redis)
    yield Parts(database_settings, pool, redis)
    await redis.aclose()
    await pool.close()


class Outbox:
    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def put(self) -> str:
        mail = str(uuid4())
        self._connection.execute(
            "INSERT INTO outbox (id, subscriber_id, recipient, subject, body)"
            " VALUES (%s, 2, 'tess@example.com', 'Order 1', 'Ready')",
            (mail,),
        )
        return mail

    def row(self, mail: str) -> dict[str, Any]:
        row = self._connection.execute("SELECT * FROM outbox WHERE id = %s", (mail,)).fetchone()
        assert row is not None
        return row

    def is_due_now(self, mail: str) -> None:
        self._connection.execute("UPDATE outbox SET next_at = now() WHERE id = %s", (mail,))

    def retry(self, mail: str) -> bool:
        row = self._connection.execute("SELECT retry_mail_v1(%s) AS r", (mail,)).fetchone()
        return bool(row and row["r"])


@pytest.fixture
def outbox(fresh_database_url: str) -> Iterator[Outbox]:
    with psycopg.connect(fresh_database_url, autocommit=True, row_factory=dict_row) as connection:
        yield Outbox(connection)


async def test_what_is_due_is_sent_once(parts: Parts, outbox: Outbox) -> None:
    post, mail = Post(), outbox.put()
    assert await send_due(parts, post) == 1
    assert await send_due(parts, post) == 0
    assert [(one.id, one.recipient) for one in post.sent] == [(mail, "tess@example.com")]
    assert outbox.row(mail)["state"] == "sent"
    assert not outbox.retry(mail)


async def test_a_server_that_is_away_is_tried_again_and_not_for_ever(
    parts: Parts, outbox: Outbox
) -> None:
    post, mail = Post(), outbox.put()
    post.fails = MailError("connection refused")
    for attempt in range(1, len(BACKOFF_S) + 1):
        assert await send_due(parts, post) == 1
        row = outbox.row(mail)
        assert (row["state"], row["attempts"]) == ("waiting", attempt)
        assert row["last_error"] == "connection refused"
        assert await send_due(parts, post) == 0  # not before its time
        outbox.is_due_now(mail)
    await send_due(parts, post)
    assert outbox.row(mail)["state"] == "failed"
    assert outbox.retry(mail)
    post.fails = None
    await send_due(parts, post)
    assert outbox.row(mail)["state"] == "sent"


async def test_what_is_refused_for_good_is_not_tried_again(parts: Parts, outbox: Outbox) -> None:
    post, mail = Post(), outbox.put()
    post.fails = MailError("550 nobody here", final=True)
    await send_due(parts, post)
    assert outbox.row(mail)["state"] == "failed"
    assert await send_due(parts, post) == 0


async def test_two_workers_send_each_mail_once(parts: Parts, outbox: Outbox) -> None:
    mails = {outbox.put() for _ in range(12)}
    posts = [Post(), Post()]
    for _ in range(2):
        await asyncio.gather(*(send_due(parts, post) for post in posts))
    sent = [mail.id for post in posts for mail in post.sent]
    assert sorted(sent) == sorted(mails)
