"""What was presented in a call: written once, with the decision behind it and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cordboard.attributes import ATTRIBUTES
from cordboard.settings import Settings
from db import errors
from db.errors import named_errors
from db.queries import sql
from support.decisions import MARCUS_ENTRIES, store_decision
from support.dialplan import SqlCall
from support.exposures import (
    AVA,
    BUNDLE,
    CARE,
    FIBER,
    ask,
    attached,
    exposures,
    in_force,
    open_page,
    outcomes,
    present,
    start,
    status_of,
)

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def call(conn: Connection, database_settings: Settings) -> SqlCall:
    return start(conn, database_settings)


class TestExposure:
    def test_opening_the_page_is_one_with_what_was_decided(self, call: SqlCall) -> None:
        assert open_page(call, BUNDLE) is True
        (one,) = exposures(call)
        assert (one["code"], one["channel"], one["agent_id"], one["rank"]) == (
            BUNDLE, "agent", AVA, 1,
        )  # fmt: skip
        assert (one["p"], one["chance"]) == (pytest.approx(0.3), pytest.approx(0.95))
        assert one["decision_id"] is not None
        assert set(one["features"]) == {attribute.name for attribute in ATTRIBUTES.values()}
        assert one["features"]["presented_90d"] == 0  # as they were before
        now = ask(call.conn)("SELECT calls_30d FROM customer_features_v1(2)")
        assert one["features"]["calls_30d"] == now - 1  # so was the list formed, without this call
        assert one["outcome"] is None
        assert status_of(call, BUNDLE) == "presented"
        (told,) = call.json["exposures"]
        assert (told["offer"], told["kind"], told["agent"]) == (BUNDLE, "sales", "ava")

    def test_opened_again_it_is_the_same(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        assert open_page(call, BUNDLE) is False
        assert len(exposures(call)) == 1

    def test_nothing_computed_is_an_exposure(self, call: SqlCall) -> None:
        assert call.card["ranking"]
        assert exposures(call) == []

    def test_nobody_known_nobody_exposed(
        self, conn: Connection, database_settings: Settings
    ) -> None:
        call = SqlCall(conn, database_settings, ani="+12125550199")
        call.answer(AVA)
        assert ask(conn)("SELECT expose_offer_v1(%s, 1, 'agent', 1)", call.id) is False
        assert exposures(call) == []

    def test_another_companys_offer(self, call: SqlCall) -> None:
        theirs = ask(call.conn)("SELECT id FROM offer WHERE code = 'PAN-FAMILY'")
        with pytest.raises(errors.OfferNotAttached), named_errors():
            ask(call.conn)("SELECT expose_offer_v1(%s, %s, 'agent', 1)", call.id, theirs)

    def test_an_offer_that_had_no_row_gets_its_status(self, call: SqlCall) -> None:
        assert status_of(call, FIBER) is None
        present(call, FIBER)
        open_page(call, FIBER)
        assert status_of(call, FIBER) == "presented"

    def test_what_was_decided_for_another_customer_says_nothing(self, call: SqlCall) -> None:
        call.conn.execute("UPDATE call SET customer_id = 1 WHERE id = %s", [call.id])
        assert call.card["ranking"] == []
        assert call.card["decision"] is None
        open_page(call, BUNDLE)
        assert exposures(call)[0]["p"] is None

    def test_two_tabs_at_once_write_one(
        self, connect: Callable[[], Connection], database_settings: Settings
    ) -> None:
        call = start(connect(), database_settings)
        written: list[bool] = []

        def press(conn: Connection) -> None:
            params = {"call": call.id, "agent": AVA, "code": BUNDLE}
            row = conn.execute(sql.open_offer, params).fetchone()
            assert row is not None
            written.append(row["first"])

        threads = [threading.Thread(target=press, args=[connect()]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(written) == [False, False, False, True]
        assert len(exposures(call)) == 1


class TestOutcome:
    def test_a_code_is_the_exposures_outcome(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        call.dispose(AVA, "sales", "LATER", "form-key-1")
        assert outcomes(call) == {BUNDLE: "later"}
        assert exposures(call)[0]["outcome_at"] is not None

    def test_another_code_changes_it(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-2")
        assert outcomes(call) == {BUNDLE: "accepted"}
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")  # the first form again, late
        assert outcomes(call) == {BUNDLE: "accepted"}

    def test_who_answered_was_asked(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        assert outcomes(call) == {BUNDLE: "declined"}

    @pytest.mark.parametrize("before", [[], ["RESOLVED"]])
    def test_it_has_the_attributes_without_its_own_answer(
        self, call: SqlCall, before: list[str]
    ) -> None:
        """Also when a code of this call is replaced by it: `service_calls_90d` counts both."""
        for at, code in enumerate([*before, "DECLINED"]):
            call.dispose(AVA, "service", code, f"form-key-{at}")
        (one,) = exposures(call)
        assert (one["code"], one["outcome"]) == (CARE, "declined")
        assert one["features"]["service_calls_90d"] == 0
        now = ask(call.conn)("SELECT service_calls_90d FROM customer_features_v1(2)")
        assert now == 1

    def test_a_code_that_answers_nothing_is_no_presentation(self, call: SqlCall) -> None:
        call.dispose(AVA, "service", "RESOLVED", "form-key-1")
        assert exposures(call) == []

    def test_what_did_not_come_up_leaves_no_exposure(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        call.dispose(AVA, "sales", "NOT-OFFERED", "form-key-1")
        assert exposures(call) == []

    def test_opened_after_that_it_is_presented_anew(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        call.dispose(AVA, "sales", "NOT-OFFERED", "form-key-1")
        assert [offer["opened"] for offer in call.card["offers"]] == [None, None]
        assert open_page(call, BUNDLE) is True
        assert outcomes(call) == {BUNDLE: None}
        call.dispose(AVA, "sales", "DECLINED", "form-key-2")
        assert outcomes(call) == {BUNDLE: "declined"}

    def test_taken_back_it_is_to_be_had_again(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-1")
        assert status_of(call, BUNDLE) == "accepted"
        call.dispose(AVA, "sales", "NOT-OFFERED", "form-key-2")
        assert exposures(call) == []
        assert status_of(call, BUNDLE) == "later"
        call.dispose(AVA, "sales", "DECLINED", "form-key-3")
        assert outcomes(call) == {BUNDLE: "declined"}

    def test_an_answer_of_an_earlier_call_stands(
        self, call: SqlCall, database_settings: Settings
    ) -> None:
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-1")
        again = SqlCall(call.conn, database_settings, "+12025550101")
        again.verify("40010002", "900110002")
        again.answer(AVA)
        store_decision(ask(call.conn), again.id, MARCUS_ENTRIES)
        present(again, BUNDLE)
        again.dispose(AVA, "sales", "NOT-OFFERED", "form-key-9")
        assert status_of(call, BUNDLE) == "accepted"

    def test_time_ran_out_says_nothing_of_the_customer(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        timed_out = {"offer_kind": "sales", "code": "SYS_TIMEOUT", "key": f"{call.id}:sales"}
        assert call.journal(kind="disposition", agent=AVA, **timed_out) == 0
        assert outcomes(call) == {BUNDLE: None}

    @pytest.mark.parametrize(
        ("code", "answer"),
        [
            ("SYS_IVR_ACCEPTED", "accepted"),
            ("SYS_IVR_DECLINED", "declined"),
            ("SYS_IVR_LATER", "later"),
        ],
    )
    def test_a_digit_answers_the_automated_presentation(
        self, call: SqlCall, code: str, answer: str
    ) -> None:
        value = ask(call.conn)
        offer = value("SELECT id FROM offer WHERE code = %s", BUNDLE)
        assert value("SELECT expose_offer_v1(%s, %s, 'ivr', NULL)", call.id, offer) is True
        told = "SELECT record_system_disposition_v1(%s, 'sales', %s, %s, %s)"
        assert value(told, call.id, code, f"{call.id}:ivr", BUNDLE) is True
        assert value(told, call.id, code, f"{call.id}:ivr", BUNDLE) is False
        assert outcomes(call) == {BUNDLE: answer}
        assert exposures(call)[0]["channel"] == "ivr"
        assert status_of(call, BUNDLE) == answer
        (first, *_) = call.card["ranking"]
        assert (first["presented"], first["answer"]) == ("ivr", answer)

    def test_an_answer_to_an_offer_not_known_here_is_no_answer_to_the_attached_one(
        self, call: SqlCall
    ) -> None:
        answer = {"offer_kind": "sales", "code": "SYS_IVR_ACCEPTED", "offer": "HAL-NOT-COPIED"}
        assert call.journal(kind="disposition", key=f"{call.id}:ivr", **answer) == 1
        assert attached(call)["sales"] == BUNDLE
        assert (in_force(call), exposures(call), status_of(call, BUNDLE)) == ({}, [], None)
        errors_of = "SELECT error FROM journal_error WHERE entry ->> 'call' = %s"
        kept = ask(call.conn)(errors_of, call.id)
        assert "HAL-NOT-COPIED is not known here" in kept


def test_history_says_how_often_and_when(call: SqlCall) -> None:
    open_page(call, BUNDLE)
    params = {"customer": 2, "agent": AVA}
    found = call.conn.execute(sql.customer_offers, params).fetchall()
    presented = {row["code"]: (row["presented"], row["presented_at"]) for row in found}
    assert presented[BUNDLE][0] == 1
    assert presented[BUNDLE][1] is not None
    assert presented[CARE] == (0, None)


def test_another_customer_forgets_what_was_decided(call: SqlCall) -> None:
    call.verify("40010003", "900110003")
    assert call.card["customer"]["code"] != "H10002"
    assert (call.card["ranking"], call.card["decision"]) == ([], None)
