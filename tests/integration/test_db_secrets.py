"""Secrets in the database: shown once, two live at most, revoked at once, audited."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from cordboard.secrets import UnsealError, hash_secret, looks_like_secret, signing_key
from cordboard.settings import Settings
from db.demo.web import SECRETS
from db.errors import TooManySecrets
from db.policy import UnknownSubscriber
from db.secrets import UnknownSecret, list_secrets, new_secret, revoke_secret, signing_keys

Connection = psycopg.Connection[dict[str, Any]]
PANTRY = 2


@pytest.fixture
def conn(conn: Connection) -> Connection:
    conn.execute("SELECT 1")  # a transaction has begun, so that what is made is undone
    return conn


def test_the_demo_worlds_secret_signs(conn: Connection, postgres: Settings) -> None:
    assert signing_keys(conn, postgres, "pantry") == [signing_key(SECRETS[PANTRY])]
    assert signing_keys(conn, postgres, "nobody") == []


def test_a_secret_is_answered_once_and_stored_nowhere(conn: Connection, postgres: Settings) -> None:
    secret = new_secret(conn, postgres, "pantry", "shop")
    assert looks_like_secret(secret)
    row = conn.execute("SELECT * FROM subscriber_secret ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    assert row["secret_hash"] == hash_secret(secret)
    assert signing_key(secret) not in row["signing_key"]
    assert secret not in str(row)
    keys = signing_keys(conn, postgres, "pantry")
    assert keys == [signing_key(secret), signing_key(SECRETS[PANTRY])]


def test_two_are_live_at_most_and_a_revoked_one_makes_room(
    conn: Connection, postgres: Settings
) -> None:
    second = new_secret(conn, postgres, "pantry", "second")
    with pytest.raises(TooManySecrets, match="revoke one first"):
        new_secret(conn, postgres, "pantry", "third")
    first = next(row for row in list_secrets(conn, "pantry") if row["label"] == "demo")
    revoke_secret(conn, "pantry", first["id"])
    third = new_secret(conn, postgres, "pantry", "third")
    assert signing_keys(conn, postgres, "pantry") == [signing_key(third), signing_key(second)]
    labels = [(row["label"], row["revoked_at"] is None) for row in list_secrets(conn, "pantry")]
    assert labels == [("third", True), ("second", True), ("demo", False)]


def test_two_who_make_one_at_the_same_time(
    connect: Callable[[], Connection], postgres: Settings
) -> None:
    connections = [connect() for _ in range(4)]

    def make(conn: Connection) -> bool:
        try:
            new_secret(conn, postgres, "pantry")
        except TooManySecrets:
            return False
        return True

    with ThreadPoolExecutor() as pool:
        made = list(pool.map(make, connections))
    assert sorted(made) == [False, False, False, True]  # the demo world's own is the other one
    live = [row for row in list_secrets(connections[0], "pantry") if row["revoked_at"] is None]
    assert len(live) == 2


def test_only_a_live_secret_of_the_subscribers_own_is_revoked(
    conn: Connection, postgres: Settings
) -> None:
    (mine,) = list_secrets(conn, "pantry")
    with pytest.raises(UnknownSecret):
        revoke_secret(conn, "halyard", mine["id"])
    revoke_secret(conn, "pantry", mine["id"])
    with pytest.raises(UnknownSecret):
        revoke_secret(conn, "pantry", mine["id"])
    assert signing_keys(conn, postgres, "pantry") == []
    assert len(signing_keys(conn, postgres, "halyard")) == 1


def test_who_did_it_is_written_down(conn: Connection, postgres: Settings) -> None:
    new_secret(conn, postgres, "pantry", "shop", actor=10)
    (row,) = conn.execute("SELECT * FROM audit_entry WHERE entity LIKE 'secret:%'").fetchall()
    assert (row["actor_id"], row["action"]) == (10, "secret.made")
    assert row["data"] == {"subscriber": "pantry", "label": "shop"}


def test_a_subscriber_that_does_not_exist(conn: Connection, postgres: Settings) -> None:
    with pytest.raises(UnknownSubscriber):
        new_secret(conn, postgres, "nobody")


def test_another_key_of_the_platform_says_what_to_do(conn: Connection, postgres: Settings) -> None:
    other = postgres.model_copy(update={"secret_key": type(postgres.secret_key)("another")})
    with pytest.raises(UnsealError, match="cordboard secret new"):
        signing_keys(conn, other, "pantry")
    made = new_secret(conn, other, "pantry")
    assert signing_keys(conn, other, "pantry") == [signing_key(made)]  # the readable one counts
