"""Every question and every status, on the demo world in a real PostgreSQL."""

from __future__ import annotations

import threading
import time
import uuid
import wave
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from cordboard.settings import Settings
from support.agi_server import call, serving, with_folder
from support.fake_asterisk import FakeAsterisk
from support.people import (
    ACCOUNT_LINE,
    CUSTOMER_LINE,
    DANA,
    HOLIDAY_DESK,
    INES,
    LENA,
    MARCUS,
    MENU_LINE,
    NIGHT_DESK,
    NOBODY,
    PANTRY_NO_QUESTIONS,
    PANTRY_ORDERS,
    PAUL,
    ROSA,
    STRANGER,
)

Row = dict[str, Any]


@pytest.fixture(scope="module")
def settings(database_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return with_folder(database_settings, tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def port(settings: Settings) -> Iterator[int]:
    with serving(settings, settings.database) as port:
        yield port


@pytest.fixture
def look(settings: Settings) -> Iterator[Callable[..., Row]]:
    """Reads one row of the database."""
    with psycopg.connect(settings.database, autocommit=True, row_factory=dict_row) as connection:

        def one(query: str, *values: object) -> Row:
            row = connection.execute(query, values).fetchone()  # type: ignore[arg-type]
            assert row is not None
            return row

        yield one


def verify(asterisk: FakeAsterisk, account: str = "", ssn: str = "") -> str:
    asterisk.variables |= {"CB_ACCOUNT": account, "CB_SSN": ssn}
    return asterisk.ask("verify-account")["CB_VERIFY_STATUS"]


# --- open-call ---------------------------------------------------------------------------------
def test_an_open_line_says_where_the_call_goes(port: int, look: Callable[..., Row]) -> None:
    variables = call(port, CUSTOMER_LINE, DANA.phone).variables
    opened = variables.pop("CB_CALL_ID")
    assert variables == {
        "CB_OPEN_STATUS": "OPEN",
        "CB_SUBSCRIBER": "halyard",
        "CB_MENU": "ivr-main",
        "CB_QUEUE": "halyard-service",
        "CB_IDENTIFY": "ani",
    }
    row = look("SELECT ani, dnis, state FROM call WHERE id = %s", opened)
    assert row == {"ani": DANA.phone, "dnis": CUSTOMER_LINE, "state": "ivr"}


def test_each_line_has_its_own_policy_and_menu(port: int) -> None:
    assert call(port, ACCOUNT_LINE).variables["CB_IDENTIFY"] == "account"
    assert call(port, PANTRY_NO_QUESTIONS).variables["CB_IDENTIFY"] == "none"
    assert call(port, MENU_LINE).variables["CB_MENU"] == "ivr-halyard-menu"


@pytest.mark.parametrize("dialled", ["12025550100", "2025550100", "+1 (202) 555-0100"])
def test_the_number_dialled_may_come_in_another_form(port: int, dialled: str) -> None:
    assert call(port, dialled).variables["CB_OPEN_STATUS"] == "OPEN"


def test_a_closed_line_and_a_holiday_name_their_announcement(port: int) -> None:
    closed, holiday = (call(port, did).variables for did in (NIGHT_DESK, HOLIDAY_DESK))
    assert (closed["CB_OPEN_STATUS"], closed["CB_PROMPT"]) == ("CLOSED", "closed")
    assert holiday["CB_OPEN_STATUS"] == "HOLIDAY"
    assert holiday["CB_PROMPT"].startswith("holiday")


@pytest.mark.parametrize("dialled", [NOBODY, "", "s", "1", "x" * 300, "'; DROP TABLE did; --"])
def test_an_unknown_number_leaves_no_row(port: int, look: Callable[..., Row], dialled: str) -> None:
    variables = call(port, dialled).variables
    assert variables["CB_OPEN_STATUS"] == "UNKNOWN_DID"
    assert not look("SELECT count(*) FROM call WHERE id = %s", variables["CB_CALL_ID"])["count"]


@pytest.mark.parametrize("ani", [
    "unknown", "anonymous", "", "9" * 300, "${SHELL(id)}", "' OR 1=1 --", "+1212555014x", '"',
])  # fmt: skip
def test_a_caller_without_a_proper_number_is_anonymous(
    port: int, look: Callable[..., Row], ani: str
) -> None:
    asterisk = call(port, CUSTOMER_LINE, ani)
    assert (
        look("SELECT ani FROM call WHERE id = %s", asterisk.variables["CB_CALL_ID"])["ani"] is None
    )
    assert asterisk.ask("identify-caller")["CB_IDENTIFY_STATUS"] == "ANONYMOUS"


def test_who_hangs_up_before_the_id_is_set_is_closed(port: int, look: Callable[..., Row]) -> None:
    asterisk = FakeAsterisk(port, dialled=CUSTOMER_LINE, callerid="+12125550188")
    asterisk.hang_up_before = "EXEC MSet"
    asterisk.ask("open-call")
    until = time.monotonic() + 5
    query = "SELECT state, outcome FROM call WHERE ani = '+12125550188'"
    while look(query)["state"] != "ended":
        assert time.monotonic() < until
    assert look(query)["outcome"] == "abandoned_ivr"


# --- identify-caller ---------------------------------------------------------------------------
@pytest.mark.parametrize(("did", "ani", "status"), [
    (CUSTOMER_LINE, DANA.phone, "FOUND"),
    (ACCOUNT_LINE, DANA.phone, "NOT_ENOUGH"),
    (CUSTOMER_LINE, INES.phone, "AMBIGUOUS"),
    (CUSTOMER_LINE, STRANGER, "UNKNOWN"),
    (CUSTOMER_LINE, ROSA.phone, "UNKNOWN"),
    (PANTRY_ORDERS, ROSA.phone, "FOUND"),
])  # fmt: skip
def test_the_number_says_who_calls_or_not(port: int, did: str, ani: str, status: str) -> None:
    assert call(port, did, ani).ask("identify-caller")["CB_IDENTIFY_STATUS"] == status


@pytest.mark.parametrize("call_id", ["", "nonsense", str(uuid.UUID(int=7))])
@pytest.mark.parametrize(("question", "status"), [
    ("identify-caller", "CB_IDENTIFY_STATUS"),
    ("service-notice", "CB_NOTICE_STATUS"),
])  # fmt: skip
def test_a_call_that_was_never_opened_is_told(
    port: int, question: str, status: str, call_id: str
) -> None:
    asterisk = FakeAsterisk(port, variables={"CB_CALL_ID": call_id})
    assert asterisk.ask(question)[status] in ("UNAVAILABLE", "NONE")


# --- verify-account ----------------------------------------------------------------------------
def test_account_and_ssn_verify_and_open_both_offers(port: int, look: Callable[..., Row]) -> None:
    asterisk = call(port, ACCOUNT_LINE, STRANGER)
    assert verify(asterisk, MARCUS.account) == "ACCOUNT_FOUND"
    assert verify(asterisk, MARCUS.account, MARCUS.ssn) == "VERIFIED"
    row = look(
        "SELECT identified_by, verified, cti FROM call WHERE id = %s",
        asterisk.variables["CB_CALL_ID"],
    )
    assert row["identified_by"] == ["account", "ssn"]
    assert row["verified"] is True
    assert row["cti"]["SALES_OFFER_CODE"]
    assert row["cti"]["SERVICE_OFFER_CODE"]
    assert MARCUS.ssn not in str(row)


def test_an_ssn_alone_is_found(port: int) -> None:
    assert verify(call(port, ACCOUNT_LINE, STRANGER), "", MARCUS.ssn) == "SSN_FOUND"


@pytest.mark.parametrize(("account", "ssn"), [
    ("", ""), ("12345", ""), ("1234567890123", ""), ("4001000*", ""), ("abcdefgh", ""),
    ("40010002", "12345678"), ("40010002", "1234567890"), ("40010002", "12345678x"),
    ("' OR 1=1", ""),
])  # fmt: skip
def test_digits_that_cannot_be_right_are_invalid(port: int, account: str, ssn: str) -> None:
    assert verify(call(port, ACCOUNT_LINE), account, ssn) == "INVALID"


def test_wrong_ssns_are_told_and_then_locked(port: int) -> None:
    asterisk = call(port, ACCOUNT_LINE)
    said = [verify(asterisk, PAUL.account, "900110099") for _ in range(4)]
    assert said == ["WRONG_SSN", "WRONG_SSN", "WRONG_SSN", "LOCKED"]
    assert verify(asterisk, PAUL.account, PAUL.ssn) == "LOCKED"


def test_an_account_of_another_subscriber_does_not_exist_here(port: int) -> None:
    assert verify(call(port, PANTRY_ORDERS), MARCUS.account) == "NOT_FOUND"
    assert verify(call(port, PANTRY_ORDERS), ROSA.account) == "ACCOUNT_FOUND"


# --- service-notice ----------------------------------------------------------------------------
def test_a_failure_that_touches_the_account_is_spoken(port: int) -> None:
    asterisk = call(port, CUSTOMER_LINE, LENA.phone)
    asterisk.ask("identify-caller")
    variables = asterisk.ask("service-notice")
    assert variables["CB_NOTICE_STATUS"] == "NOTICE"
    with wave.open(f"{variables['CB_NOTICE']}.wav") as sound:
        assert sound.getnframes() > 8000


def test_who_is_not_touched_hears_nothing(port: int) -> None:
    asterisk = call(port, CUSTOMER_LINE, DANA.phone)
    asterisk.ask("identify-caller")
    assert asterisk.ask("service-notice")["CB_NOTICE_STATUS"] == "NONE"


# --- close-call --------------------------------------------------------------------------------
@pytest.mark.parametrize(("argument", "outcome"), [
    ("closed", "closed"), ("abandoned_ivr", "abandoned_ivr"), ("fallback", "fallback"),
    ("x'; --", "failed"),
])  # fmt: skip
def test_a_call_is_closed_with_its_outcome(
    port: int, look: Callable[..., Row], argument: str, outcome: str
) -> None:
    asterisk = call(port, CUSTOMER_LINE)
    asterisk.ask("close-call", argument)
    row = look("SELECT state, outcome FROM call WHERE id = %s", asterisk.variables["CB_CALL_ID"])
    assert row == {"state": "ended", "outcome": outcome}


def test_many_callers_at_once_share_the_threads(port: int) -> None:
    callers = [FakeAsterisk(port, dialled=CUSTOMER_LINE) for _ in range(20)]
    asking = [threading.Thread(target=caller.ask, args=("open-call",)) for caller in callers]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(10)
    assert len({caller.variables["CB_CALL_ID"] for caller in callers}) == 20
    assert {caller.variables["CB_OPEN_STATUS"] for caller in callers} == {"OPEN"}
