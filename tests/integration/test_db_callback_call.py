"""The call of a callback attempt in the database: its row, its data, what is told of it when."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from db.queries import sql
from support.dialplan import apply, now_ms
from support.requests import ask, one_value

Connection = psycopg.Connection[dict[str, Any]]

#: What nobody may be told before signing on.
SECRETS = ("+13125550150", "Rosa", "Klein", "Two please", "Baskets page", "R-17")


class Opened:
    """A call that is about to be made."""

    def __init__(self, conn: Connection, **wish: Any) -> None:
        self.conn = conn
        told = {"note": "Two please", "page_title": "Baskets page", **wish}
        self.request = ask(conn, **told)
        self.id = self.request.attempt()

    def open(self) -> dict[str, Any]:
        return dict(one_value(self.conn, sql.open_callback, call=self.id))

    def card(self) -> dict[str, Any]:
        return dict(one_value(self.conn, sql.call_card, call=self.id))

    def journal(self, **changed: Any) -> None:
        assert apply(self.conn, {"kind": "call", "call": self.id, "set": changed}) == 0


@pytest.fixture
def call(conn: Connection) -> Opened:
    return Opened(conn)


def customer_id(conn: Connection) -> int:
    row = conn.execute("SELECT id FROM customer WHERE last_name = 'Klein'").fetchone()
    assert row is not None
    return int(row["id"])


def test_its_row_has_the_data_of_rule_and_request(call: Opened) -> None:
    card = call.open()
    assert card["cti"]["DEPARTMENT"] == "orders"
    assert (card["cti"]["SUBJECT"], card["cti"]["ANI"]) == ("ORDERS", "+13125550150")
    assert card["web"]["note"] == "Two please"
    assert card["queue"]["code"] == "pantry-orders"


def test_a_number_that_belongs_to_one_customer_says_who_is_called(conn: Connection) -> None:
    card = Opened(conn, subscriber="halyard", subject="FIBER", number="+12125550140").open()
    assert (card["customer"]["name"], card["identified_by"]) == ("Dana Reed", ["ani"])
    assert card["verified"] is False
    assert [offer["kind"] for offer in card["offers"]] == ["service"]


@pytest.mark.parametrize(
    "wish",
    [
        {"subscriber": "halyard", "subject": "FIBER", "number": "+12125550141"},
        {"subscriber": "halyard", "subject": "FIBER", "number": "+12125550199"},
        # A customer of somebody else's.
        {"number": "+12125550140"},
    ],
    ids=["shared", "nobody's", "another company's"],
)
def test_nobody_is_guessed_from_a_number(conn: Connection, wish: dict[str, Any]) -> None:
    card = Opened(conn, **wish).open()
    assert (card["customer"], card["identified_by"], card["offers"]) == (None, [], [])


def test_a_code_that_we_do_not_know_leaves_the_number(conn: Connection) -> None:
    card = Opened(conn, customer_code="NOBODY-1").open()
    assert (card["customer"]["name"], card["identified_by"]) == ("Rosa Klein", ["ani"])


def test_opened_again_it_is_the_same(call: Opened) -> None:
    assert call.open() == call.open()
    rows = call.conn.execute("SELECT id FROM call WHERE request_id = %s", [call.request.id])
    assert len(rows.fetchall()) == 1


def test_the_customer_of_the_request_is_attached_with_the_offer(conn: Connection) -> None:
    call = Opened(conn, customer=customer_id(conn), customer_code="R-17")
    card = call.open()
    assert card["customer"]["name"] == "Rosa Klein"
    assert card["identified_by"] == ["code"]
    assert card["cti"]["CUSTOMER_NAME"] == "Rosa Klein"


def test_nothing_is_told_of_the_customer_before_sign_on(conn: Connection) -> None:
    call = Opened(conn, customer=customer_id(conn), customer_code="R-17")
    call.open()
    sealed = json.dumps(call.card())
    assert not [secret for secret in SECRETS if secret in sealed]
    assert call.card()["sign_on"] == "digit"

    call.journal(signed_on_ms=now_ms())
    whole = json.dumps(call.card())
    assert all(secret in whole for secret in SECRETS)
    assert call.card()["sign_on"] is None

    call.journal(signed_on_ms=None)
    assert call.card()["sign_on"] == "digit", "sealed again for the next agent"


def test_a_proof_counts_once(call: Opened) -> None:
    call.open()
    for _ in range(2):
        call.journal(proved_ms=now_ms())
    call.journal(signed_on_ms=now_ms())
    assert call.card()["identified_by"] == ["ani", "proof"]
    assert call.request.json["proved"]


def test_what_is_no_attempt_is_not_opened(conn: Connection) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert one_value(conn, sql.open_callback, call=nobody) is None
    assert one_value(conn, sql.callback_attempt, call=nobody) is None
