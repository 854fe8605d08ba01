"""What agents do: codes, notes, offers opened, look-ups; and what is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cordboard.settings import Settings
from db import errors
from db.errors import named_errors
from db.queries import sql
from support.dialplan import SqlCall

Connection = psycopg.Connection[dict[str, Any]]

AVA, BEN, GUS = 1, 2, 7
MARCUS = "40010002"


def start(conn: Connection, settings: Settings) -> SqlCall:
    """Marcus Bell, verified, with both offers, in contact with Ava."""
    call = SqlCall(conn, settings, "+12025550101")
    assert call.verify(MARCUS, "900110002") == "VERIFIED"
    call.answer(AVA)
    return call


@pytest.fixture
def call(conn: Connection, database_settings: Settings) -> SqlCall:
    return start(conn, database_settings)


def status_of(call: SqlCall, code: str) -> Any:
    return call.value(
        b"SELECT coalesce(co.status, 'open')::text FROM call c"
        b" JOIN offer o ON o.subscriber_id = c.subscriber_id AND o.code = %(code)s"
        b" LEFT JOIN customer_offer co ON co.customer_id = c.customer_id AND co.offer_id = o.id"
        b" WHERE c.id = %(call)s",
        code=code,
    )


class TestDispositions:
    def test_recorded_and_the_offer_moves_on(self, call: SqlCall) -> None:
        row = call.dispose(AVA, "sales", "ACCEPTED", "form-key-1", "Wants it on Friday")
        assert row == {
            "kind": "sales",
            "code": "ACCEPTED",
            "label": "Accepted",
            "resulting_status": "accepted",
            "replayed": False,
        }
        assert status_of(call, "HAL-FIBER-BUNDLE") == "accepted"
        assert status_of(call, "HAL-CARE-PLUS") == "open"
        (told,) = call.json["dispositions"]
        assert (told["code"], told["agent"], told["note"]) == (
            "ACCEPTED",
            "ava",
            "Wants it on Friday",
        )
        assert call.card["dispositions"] == {"sales": "ACCEPTED"}
        assert "disposition.recorded" in call.timeline

    def test_a_code_without_result_leaves_the_offer(self, call: SqlCall) -> None:
        call.dispose(AVA, "service", "RESOLVED", "form-key-1")
        assert status_of(call, "HAL-CARE-PLUS") == "open"

    def test_the_same_form_twice_is_stored_once(self, call: SqlCall) -> None:
        first = call.dispose(AVA, "sales", "LATER", "form-key-1")
        again = call.dispose(AVA, "sales", "LATER", "form-key-1")
        assert again == {**first, "replayed": True}
        assert call.value(b"SELECT count(*) FROM disposition WHERE call_id = %(call)s") == 1
        assert call.timeline.count("disposition.recorded") == 1

    def test_another_code_replaces_and_the_old_one_is_audited(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-2")
        assert status_of(call, "HAL-FIBER-BUNDLE") == "accepted"
        assert [d["code"] for d in call.json["dispositions"]] == ["ACCEPTED"]
        audit = call.conn.execute(
            "SELECT actor_id, action, data FROM audit_entry WHERE entity = %s", [f"call:{call.id}"]
        ).fetchall()
        assert len(audit) == 1
        assert audit[0]["action"] == "disposition.replaced"
        assert audit[0]["data"]["code"] == "DECLINED"
        # The first form again, late: still the answer of its time, and nothing changes.
        late = call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        assert (late["code"], late["replayed"]) == ("DECLINED", True)
        assert [d["code"] for d in call.json["dispositions"]] == ["ACCEPTED"]

    def test_a_closed_call_keeps_its_code(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        call.journal(kind="call", set={"state": "ended"})
        with pytest.raises(errors.CallClosed), named_errors(), call.conn.transaction():
            call.dispose(AVA, "sales", "ACCEPTED", "form-key-2")
        # A kind that has none yet may still get one.
        assert call.dispose(AVA, "service", "RESOLVED", "form-key-3")["replayed"] is False

    @pytest.mark.parametrize(
        ("agent", "kind", "code", "error"),
        [
            (BEN, "sales", "ACCEPTED", errors.NotYourCall),
            (GUS, "sales", "ACCEPTED", errors.NotYourCall),
            (AVA, "sales", "RESOLVED", errors.UnknownCode),
            (AVA, "sales", "nonsense'; --", errors.UnknownCode),
            (AVA, "system", "SYS_TIMEOUT", errors.UnknownCode),
            (AVA, "sales", "SYS_TIMEOUT", errors.UnknownCode),
            (AVA, "gossip", "ACCEPTED", errors.UnknownCode),
        ],
    )
    def test_refused(
        self, call: SqlCall, agent: int, kind: str, code: str, error: type[Exception]
    ) -> None:
        with pytest.raises(error), named_errors(), call.conn.transaction():
            call.dispose(agent, kind, code, "form-key-1")
        assert call.json["dispositions"] == []
        assert status_of(call, "HAL-FIBER-BUNDLE") == "open"

    def test_unknown_call(self, conn: Connection) -> None:
        params = {"call": "00000000-0000-0000-0000-000000000000", "agent": AVA, "kind": "sales",
                  "code": "ACCEPTED", "note": "", "key": "form-key-1", "offer": None}  # fmt: skip
        with pytest.raises(errors.UnknownCall), named_errors():
            conn.execute(sql.record_disposition, params)

    def test_key_of_another_kind(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-1")
        with pytest.raises(errors.KeyReused), named_errors():
            call.dispose(AVA, "service", "RESOLVED", "form-key-1")

    def test_two_tabs_at_once_store_one(
        self,
        connect: Callable[[], Connection],
        fresh_database_url: str,
        database_settings: Settings,
    ) -> None:
        call = start(connect(), database_settings)
        answers: list[bool] = []

        def press(conn: Connection) -> None:
            call_there = SqlCall.__new__(SqlCall)
            call_there.conn, call_there.id = conn, call.id
            answers.append(
                call_there.dispose(AVA, "sales", "NOT-OFFERED", f"tab-{call.id}")["replayed"]
            )

        threads = [threading.Thread(target=press, args=[connect()]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(answers) == [False, True, True, True]


class TestOffersAndNotes:
    def test_opening_an_offer(self, call: SqlCall) -> None:
        params = {"agent": AVA, "code": "HAL-FIBER-BUNDLE"}
        page = call.conn.execute(sql.offer_page, {"call": call.id, **params}).fetchone()
        assert page is not None
        assert (page["first_name"], page["account"], page["agent_name"]) == (
            "Marcus", MARCUS, "Ava Lindqvist",
        )  # fmt: skip
        assert call.value(sql.open_offer, **params) is True
        assert call.value(sql.open_offer, **params) is False
        assert status_of(call, "HAL-FIBER-BUNDLE") == "presented"
        assert call.card["offers"][0]["opened"]

    def test_only_for_the_agent_and_the_offers_of_the_call(self, call: SqlCall) -> None:
        for agent, code in ((BEN, "HAL-FIBER-BUNDLE"), (AVA, "HAL-TV")):
            params = {"call": call.id, "agent": agent, "code": code}
            assert call.conn.execute(sql.offer_page, params).fetchone() is None
        with pytest.raises(errors.OfferNotAttached), named_errors(), call.conn.transaction():
            call.value(sql.open_offer, agent=AVA, code="HAL-TV")
        with pytest.raises(errors.NotYourCall), named_errors():
            call.value(sql.open_offer, agent=BEN, code="HAL-FIBER-BUNDLE")

    def test_notes(self, call: SqlCall) -> None:
        call.value(sql.save_note, agent=AVA, body="First <b>words</b>")
        call.value(sql.save_note, agent=AVA, body="Second words")
        assert call.card["note"] == "Second words"
        with pytest.raises(errors.NotYourCall), named_errors():
            call.value(sql.save_note, agent=BEN, body="Mine")

    def test_history_shows_calls_and_offers(self, call: SqlCall) -> None:
        params = {"customer": 2, "call": call.id, "agent": AVA, "limit": 10}
        (past,) = call.conn.execute(sql.customer_calls, params).fetchall()
        assert past["dispositions"][0]["code"] == "LATER"
        assert past["note"]
        offers = call.conn.execute(sql.customer_offers, params).fetchall()
        assert {row["kind"] for row in offers} == {"sales", "service"}
        # Gus works for another subscriber.
        elsewhere = {**params, "agent": GUS}
        assert call.conn.execute(sql.customer_calls, elsewhere).fetchall() == []
        assert call.conn.execute(sql.customer_offers, elsewhere).fetchall() == []


class TestLookUp:
    @pytest.fixture
    def search(self, conn: Connection) -> Callable[..., list[str]]:
        def search(agent: int = AVA, subscriber: str = "halyard", **by: str) -> list[str]:
            asked = {"account": "", "phone": "", "name": "", **by}
            params = {"agent": agent, "subscriber": subscriber, **asked}
            rows = conn.execute(sql.search_customers, params).fetchall()
            assert all("ssn" not in key for row in rows for key in row)
            return [row["name"] for row in rows]

        return search

    def test_by_account_phone_and_name(self, search: Callable[..., list[str]]) -> None:
        assert search(account=MARCUS) == ["Marcus Bell"]
        assert search(phone="+12125550141") == ["Ines Ortega", "Paul Ortega"]
        assert search(name="orteg") == ["Ines Ortega", "Paul Ortega"]
        assert search(name="Marcus B") == ["Marcus Bell"]
        assert search(name="marcus bell") == ["Marcus Bell"]

    @pytest.mark.parametrize("name", ["%", "_", "  ", "'; DROP TABLE call; --", "\\"])
    def test_nothing_special_in_a_name(self, search: Callable[..., list[str]], name: str) -> None:
        assert search(name=name) == []

    def test_at_most_twenty(self, search: Callable[..., list[str]]) -> None:
        assert len(search(name="a")) == 20

    def test_one_subscriber_only(self, search: Callable[..., list[str]]) -> None:
        assert search(subscriber="pantry", account="50010001") == []  # Ava is not theirs
        assert search(agent=GUS, subscriber="pantry", account="50010001") == ["Rosa Klein"]
        assert search(agent=GUS, subscriber="pantry", account=MARCUS) == []

    def attach(self, call: SqlCall, customer: int, key: str, agent: int = AVA) -> dict[str, Any]:
        query = json.dumps({"name": "Dana\r\nReed", "account": ""})
        params = {"agent": agent, "query": query, "customer": customer, "key": key}
        return dict(call.value(sql.attach_lookup, **params))

    def test_attach_to_an_unknown_call(self, conn: Connection, database_settings: Settings) -> None:
        call = SqlCall(conn, database_settings, ani="+12125550199")
        call.identify()
        call.answer(AVA)
        card = self.attach(call, 1, "lookup-key-1")
        assert card["customer"]["name"] == "Dana Reed"
        assert card["identified_by"] == ["agent"]
        assert card["verified"] is False
        assert card["cti"]["LOOKUP_CUSTOMER_ID"] == "H10001"
        assert card["cti"]["LOOKUP_QUERY"] == "name=Dana Reed"
        assert [offer["kind"] for offer in card["offers"]] == ["service"]
        assert self.attach(call, 1, "lookup-key-1") == card
        assert call.timeline.count("lookup.attached") == 1
        gathered = call.value(b"SELECT gathered FROM customer_lookup WHERE call_id = %(call)s")
        assert gathered["DNIS"] == "+12025550100"

    def test_attach_to_a_known_call_adds_only_data(self, call: SqlCall) -> None:
        card = self.attach(call, 1, "lookup-key-1")
        assert card["customer"]["name"] == "Marcus Bell"
        assert card["identified_by"] == ["account", "ssn"]
        assert card["cti"]["LOOKUP_CUSTOMER_NAME"] == "Dana Reed"

    def test_refused(self, call: SqlCall) -> None:
        rosa = call.value(b"SELECT id FROM customer WHERE last_name = 'Klein'")
        with pytest.raises(errors.UnknownCustomer), named_errors(), call.conn.transaction():
            self.attach(call, rosa, "lookup-key-1")
        with pytest.raises(errors.NotYourCall), named_errors():
            self.attach(call, 1, "lookup-key-2", agent=BEN)
