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

Connection = psycopg.Connection[dict[str, Any]]

AVA, BEN = 1, 2
BUNDLE, FIBER, TV, CARE = "HAL-FIBER-BUNDLE", "HAL-FIBER-1000", "HAL-TV", "HAL-CARE-PLUS"


def ask(conn: Connection) -> Callable[..., Any]:
    """One statement, its one value."""

    def value(query: str, *values: Any) -> Any:
        row = conn.execute(query.encode(), values).fetchone()
        return None if row is None else next(iter(row.values()))

    return value


def start(conn: Connection, settings: Settings) -> SqlCall:
    """Marcus Bell, verified, decided on, in contact with Ava."""
    call = SqlCall(conn, settings, "+12025550101")
    assert call.verify("40010002", "900110002") == "VERIFIED"
    call.answer(AVA)
    store_decision(ask(conn), call.id, MARCUS_ENTRIES)
    return call


@pytest.fixture
def call(conn: Connection, database_settings: Settings) -> SqlCall:
    return start(conn, database_settings)


def present(call: SqlCall, code: str, agent: int = AVA) -> bool:
    with named_errors(), call.conn.transaction():
        return bool(call.value(sql.present_offer, agent=agent, code=code))


def open_page(call: SqlCall, code: str, agent: int = AVA) -> bool:
    return bool(call.value(sql.open_offer, agent=agent, code=code))


def exposures(call: SqlCall) -> list[dict[str, Any]]:
    return call.conn.execute(
        "SELECT x.*, o.code FROM exposure x JOIN offer o ON o.id = x.offer_id"
        " WHERE call_id = %s ORDER BY x.id",
        [call.id],
    ).fetchall()


def outcomes(call: SqlCall) -> dict[str, str | None]:
    return {row["code"]: row["outcome"] for row in exposures(call)}


def status_of(call: SqlCall, code: str) -> Any:
    return ask(call.conn)(
        "SELECT status::text FROM customer_offer co JOIN offer o ON o.id = co.offer_id"
        " WHERE customer_id = 2 AND o.code = %s",
        code,
    )


def attached(call: SqlCall) -> dict[str, str]:
    return {offer["kind"]: offer["code"] for offer in call.card["offers"]}


def in_force(call: SqlCall) -> dict[str, str]:
    """Offer -> code, of the call's JSON."""
    return {told["offer"]: told["code"] for told in call.json["dispositions"]}


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


class TestAnotherOffer:
    def test_it_takes_the_place_of_the_first_of_its_kind(self, call: SqlCall) -> None:
        assert attached(call) == {"sales": BUNDLE, "service": CARE}
        assert present(call, FIBER) is True
        assert attached(call) == {"sales": FIBER, "service": CARE}
        cti = call.card["cti"]
        assert cti["SALES_OFFER_CODE"] == FIBER
        assert f"/offers/{FIBER}?call={call.id}" in cti["SALES_OFFER_URL"]
        ranked = {one["code"]: one["attached"] for one in call.card["ranking"]}
        assert ranked == {BUNDLE: False, FIBER: True, CARE: True, TV: False}
        (told,) = [e for e in call.conn.execute(sql.call_timeline, {"call": call.id})
                   if e["name"] == "offer.attached"]  # fmt: skip
        assert told["data"] == {"kind": "sales", "code": FIBER, "instead": BUNDLE, "agent": AVA}

    def test_sent_twice_it_is_told_once(self, call: SqlCall) -> None:
        assert present(call, FIBER) is True
        assert present(call, FIBER) is False
        assert call.timeline.count("offer.attached") == 1

    def test_its_exposure_has_no_chance_of_the_policy(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        present(call, FIBER)
        open_page(call, FIBER)
        assert [(x["code"], x["rank"], x["chance"]) for x in exposures(call)] == [
            (BUNDLE, 1, pytest.approx(0.95)),
            (FIBER, 2, None),
        ]

    def test_each_offer_keeps_its_code(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        present(call, FIBER)
        assert "sales" not in call.card["dispositions"]
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-2")
        assert call.card["dispositions"] == {"sales": "ACCEPTED"}
        assert in_force(call) == {BUNDLE: "DECLINED", FIBER: "ACCEPTED"}
        assert outcomes(call) == {BUNDLE: "declined", FIBER: "accepted"}
        assert (status_of(call, BUNDLE), status_of(call, FIBER)) == ("declined", "accepted")
        results = {one["code"]: one["result"] for one in call.card["ranking"]}
        assert (results[BUNDLE], results[FIBER]) == ("Declined", "Accepted")

    def test_back_to_the_first_everything_is_as_it_was(self, call: SqlCall) -> None:
        open_page(call, BUNDLE)
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        present(call, FIBER)
        present(call, BUNDLE)
        assert call.card["dispositions"] == {"sales": "DECLINED"}
        (sales,) = [offer for offer in call.card["offers"] if offer["kind"] == "sales"]
        assert sales["opened"]
        assert sales["rank"] == 1
        call.dispose(AVA, "sales", "LATER", "form-key-2")
        assert in_force(call) == {BUNDLE: "LATER"}

    def test_what_was_said_of_the_first_is_not_the_seconds(self, call: SqlCall) -> None:
        present(call, FIBER)  # in another tab
        with pytest.raises(errors.OfferReplaced), named_errors(), call.conn.transaction():
            call.dispose(AVA, "sales", "ACCEPTED", "form-key-1", offer=BUNDLE)
        assert in_force(call) == {}
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-1", offer=FIBER)
        assert in_force(call) == {FIBER: "ACCEPTED"}

    def test_time_runs_out_for_the_one_presented_now(self, call: SqlCall) -> None:
        call.dispose(AVA, "sales", "DECLINED", "form-key-1")
        present(call, FIBER)
        timed_out = {"offer_kind": "sales", "code": "SYS_TIMEOUT", "key": f"{call.id}:sales"}
        assert call.journal(kind="disposition", agent=AVA, **timed_out) == 0
        assert in_force(call) == {BUNDLE: "DECLINED", FIBER: "SYS_TIMEOUT"}

    @pytest.mark.parametrize(
        ("agent", "code", "error"),
        [
            (BEN, FIBER, errors.NotYourCall),
            (AVA, TV, errors.OfferNotAttached),  # kept out
            (AVA, "HAL-ROUTER", errors.OfferNotAttached),  # not in the ranking
            (AVA, "PAN-FAMILY", errors.OfferNotAttached),  # another company's
            (AVA, "x'; DROP TABLE call; --", errors.OfferNotAttached),
        ],
    )
    def test_refused(self, call: SqlCall, agent: int, code: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            present(call, code, agent)
        assert attached(call) == {"sales": BUNDLE, "service": CARE}

    def test_withdrawn_a_moment_ago(self, call: SqlCall) -> None:
        call.conn.execute("UPDATE offer SET active = false WHERE code = %s", [FIBER])
        with pytest.raises(errors.OfferWithdrawn):
            present(call, FIBER)

    def test_a_closed_call_stays_as_it_is(self, call: SqlCall) -> None:
        call.journal(kind="call", set={"state": "ended"})
        with pytest.raises(errors.CallClosed):
            present(call, FIBER)

    def test_a_call_without_a_decision_has_nothing_else(
        self, conn: Connection, database_settings: Settings
    ) -> None:
        call = SqlCall(conn, database_settings, "+12025550101")
        call.verify("40010002", "900110002")
        call.answer(AVA)
        assert (call.card["ranking"], call.card["decision"]) == ([], None)
        with pytest.raises(errors.OfferNotAttached):
            present(call, FIBER)


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
