"""An agent presents another offer of the ranking: it takes the place of the first, once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cordboard.settings import Settings
from db import errors
from db.errors import named_errors
from db.queries import sql
from support.dialplan import SqlCall
from support.exposures import (
    AVA,
    BUNDLE,
    CARE,
    FIBER,
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

BEN, TV = 2, "HAL-TV"


@pytest.fixture
def call(conn: Connection, database_settings: Settings) -> SqlCall:
    return start(conn, database_settings)


def test_it_takes_the_place_of_the_first_of_its_kind(call: SqlCall) -> None:
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


def test_sent_twice_it_is_told_once(call: SqlCall) -> None:
    assert present(call, FIBER) is True
    assert present(call, FIBER) is False
    assert call.timeline.count("offer.attached") == 1


def test_its_exposure_has_no_chance_of_the_policy(call: SqlCall) -> None:
    open_page(call, BUNDLE)
    present(call, FIBER)
    open_page(call, FIBER)
    assert [(x["code"], x["rank"], x["chance"]) for x in exposures(call)] == [
        (BUNDLE, 1, pytest.approx(0.95)),
        (FIBER, 2, None),
    ]


def test_each_offer_keeps_its_code(call: SqlCall) -> None:
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


def test_back_to_the_first_everything_is_as_it_was(call: SqlCall) -> None:
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


def test_what_was_said_of_the_first_is_not_the_seconds(call: SqlCall) -> None:
    present(call, FIBER)  # in another tab
    with pytest.raises(errors.OfferReplaced), named_errors(), call.conn.transaction():
        call.dispose(AVA, "sales", "ACCEPTED", "form-key-1", offer=BUNDLE)
    assert in_force(call) == {}
    call.dispose(AVA, "sales", "ACCEPTED", "form-key-1", offer=FIBER)
    assert in_force(call) == {FIBER: "ACCEPTED"}


def test_time_runs_out_for_the_one_presented_now(call: SqlCall) -> None:
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
def test_refused(call: SqlCall, agent: int, code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        present(call, code, agent)
    assert attached(call) == {"sales": BUNDLE, "service": CARE}


def test_withdrawn_a_moment_ago(call: SqlCall) -> None:
    call.conn.execute("UPDATE offer SET active = false WHERE code = %s", [FIBER])
    with pytest.raises(errors.OfferWithdrawn):
        present(call, FIBER)


def test_a_closed_call_stays_as_it_is(call: SqlCall) -> None:
    call.journal(kind="call", set={"state": "ended"})
    with pytest.raises(errors.CallClosed):
        present(call, FIBER)


def test_a_call_without_a_decision_has_nothing_else(
    conn: Connection, database_settings: Settings
) -> None:
    call = SqlCall(conn, database_settings, "+12025550101")
    call.verify("40010002", "900110002")
    call.answer(AVA)
    assert (call.card["ranking"], call.card["decision"]) == ([], None)
    with pytest.raises(errors.OfferNotAttached):
        present(call, FIBER)
