"""Who calls, by number, account and SSN: every status, what is attached, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cordboard.identity import hash_ssn
from cordboard.settings import Settings
from support.dialplan import Dial

Connection = psycopg.Connection[dict[str, Any]]

DANA, SHARED, LENA, OTTO, PRIYA = (f"+12125550{n}" for n in (140, 141, 145, 146, 147))
MARCUS, MARCUS_SSN = "40010002", "900110002"

#: What became of an offer for Marcus, and that it was presented to him: begins a statement.
BECAME = " INSERT INTO customer_offer (customer_id, offer_id, status) SELECT 2, id, "
SHOWN = " INSERT INTO exposure (customer_id, offer_id, channel, at) SELECT 2, id, 'agent', "
CARE = " FROM offer WHERE code = 'HAL-CARE-PLUS'"
#: A failure that touches Marcus.
FAILS = (
    "INSERT INTO service_failure_account (failure_id, account_id) SELECT f.id, a.id"
    " FROM service_failure f, account a WHERE f.code = 'HAL-OUT-7' AND a.number = '40010002'"
)
ACCOUNT_LINE, PANTRY_LINE, SILENT_LINE = "+12025550101", "+12025550110", "+12025550111"


class TestOpenCall:
    def test_answers_what_the_dialplan_needs(self, dial: Dial) -> None:
        call = dial("+12025550102", DANA)
        assert call.line == {
            "subscriber": "halyard",
            "subscriber_name": "Halyard Telecom",
            "menu": "ivr-halyard-menu",
            "queue": "halyard-service",
            "identify": "ani",
            "schedule": None,
        }
        assert call.json["state"] == "ivr"
        assert [leg["role"] for leg in call.json["legs"]] == ["customer"]
        assert call.json["cti"]["CALL_ID"] == call.id

    def test_schedules(self, dial: Dial) -> None:
        assert dial("+12025550103").line["schedule"]["hours"] == []
        holidays = dial("+12025550104").line["schedule"]["holidays"]
        assert {day["name"] for day in holidays} == {"Founders' Day"}
        assert dial("+12025550112").line["schedule"]["country"] == "US"

    def test_unknown_did_makes_no_call(self, dial: Dial) -> None:
        call = dial("+12025559999")
        assert call.line is None
        assert call.value(b"SELECT 1 FROM call WHERE id = %(call)s") is None

    @pytest.mark.parametrize("ani", ["anonymous", "", "12", "+1'; DROP TABLE call;--", "x" * 300])
    def test_hostile_caller_id_is_kept_out(self, dial: Dial, ani: str) -> None:
        call = dial(ani=ani)
        assert call.json["ani"] is None
        assert "ANI" not in call.json["cti"]
        assert call.identify() == "ANONYMOUS"

    def test_asked_twice_answers_the_same(self, dial: Dial, conn: Connection) -> None:
        call = dial(ani=DANA)
        again = conn.execute(
            "SELECT * FROM open_call_v1(%s, '+12025550100', NULL)", [call.id]
        ).fetchone()
        assert again == call.line
        assert call.json["ani"] == DANA
        assert call.timeline == ["call.opened"]

    def test_close_call_ends_only_what_the_app_never_had(self, dial: Dial) -> None:
        call = dial()
        assert call.value(b"SELECT close_call_v1(%(call)s)") is True
        assert (call.json["state"], call.json["outcome"]) == ("ended", "abandoned_ivr")
        assert call.json["legs"][0]["ended"]
        queued = dial()
        queued.journal(kind="call", set={"state": "queued"})
        assert queued.value(b"SELECT close_call_v1(%(call)s)") is False
        assert queued.json["state"] == "queued"
        assert queued.json["legs"][0]["ended"], "who waited in the plain queue has hung up"


class TestIdentifyByAni:
    def test_found(self, dial: Dial) -> None:
        call = dial(ani=DANA)
        assert call.identify() == "FOUND"
        found = call.json
        assert (found["customer"], found["identified_by"]) == ("H10001", ["ani"])
        assert found["verified"] is False
        assert found["cti"]["CUSTOMER_NAME"] == "Dana Reed"
        assert found["cti"]["ACCOUNT_NUMBER"] == "40010001"
        assert found["cti"]["IDENTIFIED_BY"] == "ani"
        # The account was found by the number: the service offer. No SSN: no sales offer.
        assert found["cti"]["SERVICE_OFFER_CODE"] == "HAL-ROUTER"
        assert found["cti"]["SERVICE_OFFER_URL"].endswith(f"/offers/HAL-ROUTER?call={call.id}")
        assert "SALES_OFFER_CODE" not in found["cti"]
        assert [offer["kind"] for offer in found["offers"]] == ["service"]

    def test_not_enough_when_the_line_wants_the_account(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE, DANA)
        assert call.identify() == "NOT_ENOUGH"
        assert call.json["customer"] == "H10001"

    def test_not_enough_when_there_are_two_accounts(self, dial: Dial, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO account (customer_id, subscriber_id, number, product)"
            " VALUES (1, 1, '40999999', 'Mobile')"
        )
        call = dial(ani=DANA)
        assert call.identify() == "NOT_ENOUGH"
        assert "ACCOUNT_NUMBER" not in call.json["cti"]
        assert call.json["offers"] == []
        assert call.verify("40999999") == "ACCOUNT_FOUND"
        assert call.json["identified_by"] == ["ani", "account"]
        assert call.json["cti"]["ACCOUNT_NUMBER"] == "40999999"

    def test_ambiguous_unknown_anonymous(self, dial: Dial) -> None:
        assert dial(ani=SHARED).identify() == "AMBIGUOUS"
        assert dial(ani="+12125550199").identify() == "UNKNOWN"
        assert dial().identify() == "ANONYMOUS"

    def test_another_subscribers_customer_is_unknown_here(self, dial: Dial) -> None:
        assert dial(PANTRY_LINE, DANA).identify() == "UNKNOWN"

    def test_a_line_that_asks_nothing_attaches(self, conn: Connection, dial: Dial) -> None:
        conn.execute("UPDATE offer SET active = false WHERE code = 'PAN-SUBSTITUTE'")
        call = dial(SILENT_LINE, "+13125550150")
        assert call.line["identify"] == "none"
        assert call.identify() == "FOUND"
        assert call.json["cti"]["SERVICE_OFFER_URL"] == (
            "https://crm.example/accounts/50010001/offers?source=cordboard"
        )

    def test_priority_of_the_customer_becomes_the_calls(self, dial: Dial) -> None:
        call = dial(ani=PRIYA)
        call.identify()
        assert call.card["priority"] == 9

    def test_offer_without_url_is_a_code_alone(self, dial: Dial) -> None:
        call = dial(ani=OTTO)
        call.identify()
        assert call.json["cti"]["SERVICE_OFFER_CODE"] == "HAL-PAPERLESS"
        assert "SERVICE_OFFER_URL" not in call.json["cti"]
        assert call.card["offers"][0]["url"] is None
        assert call.card["required"] == []


class TestMatchOffers:
    """The stored procedure itself: rows of key and value."""

    @pytest.fixture
    def match(self, conn: Connection, database_settings: Settings) -> Callable[..., dict[str, str]]:
        key = database_settings.ssn_key.get_secret_value().encode()

        def match(account: str | None, ssn: str | None, subscriber: str = "halyard") -> Any:
            rows = conn.execute(
                "SELECT * FROM match_offers_v1(%s, %s, %s)",
                [subscriber, account, hash_ssn(ssn, key) if ssn else None],
            ).fetchall()
            assert all(row.keys() == {"key", "value"} for row in rows)
            return {row["key"]: row["value"] for row in rows}

        return match

    def test_both(self, match: Callable[..., dict[str, str]]) -> None:
        found = match(MARCUS, MARCUS_SSN)
        assert set(found) == {
            "CUSTOMER_ID", "CUSTOMER_NAME", "ACCOUNT_NUMBER", "IDENTIFIED_BY",
            "SALES_OFFER_CODE", "SALES_OFFER_URL", "SERVICE_OFFER_CODE", "SERVICE_OFFER_URL",
        }  # fmt: skip
        assert found["IDENTIFIED_BY"] == "account,ssn"

    def test_each_alone(self, match: Callable[..., dict[str, str]]) -> None:
        assert {k for k in match(MARCUS, None) if "OFFER" in k} == {
            "SERVICE_OFFER_CODE",
            "SERVICE_OFFER_URL",
        }
        assert {k for k in match(None, MARCUS_SSN) if "OFFER" in k} == {
            "SALES_OFFER_CODE",
            "SALES_OFFER_URL",
        }

    def test_nothing(self, match: Callable[..., dict[str, str]]) -> None:
        assert match(None, None) == {}
        assert match("49999999", "900999999") == {}
        assert match(MARCUS, MARCUS_SSN, "pantry") == {}
        assert match(MARCUS, MARCUS_SSN, "nobody") == {}

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ("UPDATE offer SET active = false WHERE code = 'HAL-CARE-PLUS'", "HAL-ROAMING"),
            ("UPDATE offer SET valid_from = current_date + 2, valid_to = NULL"
             " WHERE code = 'HAL-CARE-PLUS'", "HAL-ROAMING"),
            ("UPDATE offer SET valid_to = current_date - 2 WHERE code = 'HAL-CARE-PLUS'",
             "HAL-ROAMING"),
            ("UPDATE offer SET channels = '{web,chat}' WHERE code = 'HAL-CARE-PLUS'",
             "HAL-ROAMING"),
            (FAILS, "HAL-CARE-PLUS"),
            (BECAME + "'declined'" + CARE, "HAL-ROAMING"),
            (BECAME + "'accepted'" + CARE, "HAL-ROAMING"),
            (BECAME + "'later'" + CARE, "HAL-CARE-PLUS"),
            (SHOWN + "now() - interval '29 days'" + CARE, "HAL-ROAMING"),
            (SHOWN + "now() - interval '31 days'" + CARE, "HAL-CARE-PLUS"),
            (SHOWN + "now()" + CARE + ";" + BECAME + "'later'" + CARE, "HAL-CARE-PLUS"),
            (SHOWN + "now() - interval '90 days'" + CARE
             + "; UPDATE offer SET max_exposures = 1", "HAL-ROAMING"),
            (SHOWN + "now() - interval '90 days'" + CARE
             + "; UPDATE offer SET max_exposures = 0", "HAL-CARE-PLUS"),
            ("INSERT INTO offer_exclusion SELECT least(a.id, b.id), greatest(a.id, b.id)"
             " FROM offer a, offer b WHERE a.code = 'HAL-CARE-PLUS' AND b.code = 'HAL-ROUTER';"
             + BECAME + "'accepted' FROM offer WHERE code = 'HAL-ROUTER'", "HAL-ROAMING"),
            ("UPDATE offer_strategy SET offers = ARRAY(SELECT id FROM offer WHERE code ="
             " ANY ('{HAL-CARE-PLUS,HAL-ROAMING}') ORDER BY code DESC)", "HAL-ROAMING"),
        ],
    )  # fmt: skip
    def test_best_open_offer(
        self, conn: Connection, match: Callable[..., dict[str, str]], change: str, code: str
    ) -> None:
        conn.execute(change)  # type: ignore[call-overload]
        assert match(MARCUS, None)["SERVICE_OFFER_CODE"] == code

    @pytest.mark.parametrize(
        ("since", "sold"),
        [("", False), ("; UPDATE service_failure SET ended = now() - interval '1 minute'", True)],
    )
    def test_nothing_is_sold_to_whose_service_is_down(
        self, conn: Connection, match: Callable[..., dict[str, str]], since: str, sold: bool
    ) -> None:
        conn.execute(FAILS + since)  # type: ignore[call-overload]
        found = match(MARCUS, MARCUS_SSN)
        assert ("SALES_OFFER_CODE" in found, "SALES_OFFER_URL" in found) == (sold, sold)
        assert found["SERVICE_OFFER_CODE"] == "HAL-CARE-PLUS"

    def test_an_ssn_of_two_customers_says_nothing_alone(
        self, conn: Connection, match: Callable[..., dict[str, str]]
    ) -> None:
        conn.execute(
            "UPDATE customer SET ssn_hash = (SELECT ssn_hash FROM customer WHERE id = 2)"
            " WHERE id = 1"
        )
        assert match(None, MARCUS_SSN) == {}
        assert match(MARCUS, MARCUS_SSN)["IDENTIFIED_BY"] == "account,ssn"


class TestNotice:
    def test_only_for_accounts_that_the_failure_touches(self, dial: Dial) -> None:
        call = dial(ani=LENA)
        call.identify()
        notice = call.conn.execute("SELECT * FROM find_notice_v1(%s)", [call.id]).fetchone()
        assert notice is not None
        assert "outage" in notice["notice"]
        assert "{" not in notice["notice"]
        assert call.json["cti"]["SERVICE_FAILURE"] == "HAL-OUT-7"
        outage = call.card["outage"]
        assert outage["script"].startswith("Hello Lena, ")
        assert "40010005" in outage["script"]
        assert "{" not in outage["script"]
        other = dial(ani=DANA)
        other.identify()
        assert other.value(b"SELECT id FROM find_notice_v1(%(call)s)") is None
        assert other.card["outage"] is None

    def test_a_passed_promise_is_not_made(self, dial: Dial, conn: Connection) -> None:
        conn.execute("UPDATE service_failure SET expected_end = now() - interval '1 hour'")
        call = dial(ani=LENA)
        call.identify()
        assert call.card["outage"]["expected_end"] is None
        assert "do not know yet" in call.card["outage"]["script"]

    def test_an_ended_failure_is_over(self, dial: Dial, conn: Connection) -> None:
        conn.execute("UPDATE service_failure SET ended = now()")
        call = dial(ani=LENA)
        call.identify()
        assert "SERVICE_FAILURE" not in call.json["cti"]
        assert call.card["outage"] is None
