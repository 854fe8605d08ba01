"""Who calls, by number, account and SSN: every status, what is attached, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cordboard.identity import hash_ssn
from cordboard.settings import Settings
from support.dialplan import SqlCall

Connection = psycopg.Connection[dict[str, Any]]
Dial = Callable[..., SqlCall]

DANA, SHARED, LENA, OTTO, PRIYA = (f"+12125550{n}" for n in (140, 141, 145, 146, 147))
MARCUS, MARCUS_SSN = "40010002", "900110002"
ACCOUNT_LINE, PANTRY_LINE, SILENT_LINE = "+12025550101", "+12025550110", "+12025550111"


@pytest.fixture
def dial(conn: Connection, database_settings: Settings) -> Dial:
    def dial(dnis: str = "+12025550100", ani: str | None = None) -> SqlCall:
        return SqlCall(conn, database_settings, dnis, ani)

    return dial


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

    def test_a_line_that_asks_nothing_attaches(self, dial: Dial) -> None:
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


class TestVerifyAccount:
    def test_account_then_ssn(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        assert call.verify(MARCUS) == "ACCOUNT_FOUND"
        assert call.json["cti"]["CED_ACCOUNT"] == MARCUS
        assert call.json["cti"]["SERVICE_OFFER_CODE"] == "HAL-CARE-PLUS"
        assert "SALES_OFFER_CODE" not in call.json["cti"]
        assert call.verify(MARCUS, MARCUS_SSN) == "VERIFIED"
        found = call.json
        assert found["identified_by"] == ["account", "ssn"]
        assert found["verified"] is True
        assert found["cti"]["SALES_OFFER_CODE"] == "HAL-FIBER-BUNDLE"
        assert found["cti"]["VERIFIED"] == "true"
        assert [offer["kind"] for offer in found["offers"]] == ["sales", "service"]
        assert call.card["required"] == ["sales", "service"]

    def test_repeating_changes_nothing(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        call.verify(MARCUS, MARCUS_SSN)
        before = call.json
        assert call.verify(MARCUS, MARCUS_SSN) == "VERIFIED"
        assert call.verify(MARCUS) == "VERIFIED"
        assert call.json == before

    def test_ssn_with_a_known_number(self, dial: Dial) -> None:
        call = dial(ani=DANA)
        call.identify()
        assert call.verify(None, "900110001") == "VERIFIED"
        assert call.json["identified_by"] == ["ani", "ssn"]
        assert call.json["cti"]["SALES_OFFER_CODE"] == "HAL-FIBER-1000"
        assert call.json["cti"]["SERVICE_OFFER_CODE"] == "HAL-ROUTER"

    def test_ssn_with_a_shared_number(self, dial: Dial) -> None:
        call = dial(ani=SHARED)
        call.identify()
        assert call.verify("", "900110004") == "VERIFIED"
        assert call.json["cti"]["CUSTOMER_NAME"] == "Paul Ortega"
        assert call.json["identified_by"] == ["ani", "ssn"]
        assert "SERVICE_OFFER_CODE" in call.json["cti"]

    def test_account_with_a_shared_number(self, dial: Dial) -> None:
        call = dial(ani=SHARED)
        call.identify()
        assert call.verify("40010003") == "ACCOUNT_FOUND"
        assert call.json["identified_by"] == ["account"]
        assert call.verify("40010003", "900110003") == "VERIFIED"

    def test_ssn_alone(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        assert call.verify(None, MARCUS_SSN) == "SSN_FOUND"
        found = call.json
        assert (found["identified_by"], found["verified"]) == (["ssn"], False)
        assert found["cti"]["SALES_OFFER_CODE"] == "HAL-FIBER-BUNDLE"
        assert "SERVICE_OFFER_CODE" not in found["cti"]
        # The account afterwards makes it whole.
        assert call.verify(MARCUS) == "VERIFIED"
        assert call.json["identified_by"] == ["ssn", "account"]

    def test_account_of_one_and_ssn_of_another(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        assert call.verify(MARCUS, "900110001") == "WRONG_SSN"
        found = call.json
        assert found["cti"]["CUSTOMER_NAME"] == "Marcus Bell"
        assert (found["identified_by"], found["verified"]) == (["account"], False)
        assert [offer["kind"] for offer in found["offers"]] == ["service"]

    def test_keyed_account_beats_the_number(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE, DANA)
        call.identify()
        assert call.verify(MARCUS, MARCUS_SSN) == "VERIFIED"
        found = call.json
        assert found["customer"] == "H10002"
        assert found["identified_by"] == ["account", "ssn"]
        assert found["cti"]["SERVICE_OFFER_CODE"] == "HAL-CARE-PLUS"

    def test_number_of_one_and_ssn_of_another(self, dial: Dial) -> None:
        call = dial(ani=DANA)
        call.identify()
        assert call.verify(None, MARCUS_SSN) == "WRONG_SSN"
        assert call.json["customer"] == "H10001"
        assert call.json["identified_by"] == ["ani"]

    def test_not_found(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        assert call.verify("49999999") == "NOT_FOUND"
        assert call.verify("49999999", "900999999") == "NOT_FOUND"
        assert call.json["customer"] is None
        assert call.verify("49999999", MARCUS_SSN) == "SSN_FOUND"

    def test_another_subscribers_account_does_not_exist(self, dial: Dial) -> None:
        call = dial(PANTRY_LINE)
        assert call.verify(MARCUS, MARCUS_SSN) == "NOT_FOUND"
        assert call.json["customer"] is None

    def test_closed_account_does_not_exist(self, dial: Dial, conn: Connection) -> None:
        conn.execute("UPDATE account SET status = 'closed' WHERE number = %s", [MARCUS])
        assert dial(ACCOUNT_LINE).verify(MARCUS) == "NOT_FOUND"

    @pytest.mark.parametrize("account", [None, "", "123", "1" * 13, "4001000x", "' OR 1=1 --"])
    def test_invalid(self, dial: Dial, account: str | None) -> None:
        call = dial(ACCOUNT_LINE)
        assert call.verify(account) == "INVALID"
        assert call.json["cti"].keys() & {"CED_ACCOUNT"} == set()

    def test_hash_of_wrong_length_is_invalid(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        assert call.value(b"SELECT verify_account_v1(%(call)s, NULL, 'abc'::bytea)") == "INVALID"

    def test_three_wrong_ssns_lock_the_call(self, dial: Dial) -> None:
        call = dial(ACCOUNT_LINE)
        assert [call.verify(MARCUS, "900999999") for _ in range(3)] == ["WRONG_SSN"] * 3
        assert call.verify(MARCUS, MARCUS_SSN) == "LOCKED"
        assert call.json["verified"] is False
        # Guessing without an account counts as well.
        guesser = dial(ACCOUNT_LINE)
        for _ in range(3):
            assert guesser.verify(None, "900999999") == "NOT_FOUND"
        assert guesser.verify(None, MARCUS_SSN) == "LOCKED"

    def test_five_wrong_ssns_lock_the_account_for_an_hour(
        self, dial: Dial, conn: Connection
    ) -> None:
        for _ in range(5):
            assert dial(ACCOUNT_LINE).verify(MARCUS, "900999999") == "WRONG_SSN"
        late = dial(ACCOUNT_LINE)
        assert late.verify(MARCUS, MARCUS_SSN) == "LOCKED"
        assert late.json["customer"] == "H10002"  # by the account, which is not a secret
        conn.execute("UPDATE verification_attempt SET at = at - interval '61 minutes'")
        assert dial(ACCOUNT_LINE).verify(MARCUS, MARCUS_SSN) == "VERIFIED"

    def test_a_right_ssn_sets_the_count_of_the_account_back(self, dial: Dial) -> None:
        for _ in range(3):
            for _ in range(4):
                assert dial(ACCOUNT_LINE).verify(MARCUS, "900999999") == "WRONG_SSN"
            assert dial(ACCOUNT_LINE).verify(MARCUS, MARCUS_SSN) == "VERIFIED"

    def test_digits_are_in_no_event(self, dial: Dial, conn: Connection) -> None:
        call = dial(ACCOUNT_LINE)
        call.verify(MARCUS, MARCUS_SSN)
        rows = conn.execute("SELECT * FROM call_event WHERE call_id = %s", [call.id]).fetchall()
        assert MARCUS_SSN not in str(rows)
        attempts = conn.execute("SELECT * FROM verification_attempt").fetchall()
        assert MARCUS_SSN not in str(attempts)

    def test_unknown_call_is_an_error(self, conn: Connection) -> None:
        with pytest.raises(psycopg.Error) as error:
            conn.execute("SELECT verify_account_v1(gen_random_uuid(), '40010001', NULL)")
        assert error.value.sqlstate == "CB001"


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
            ("UPDATE customer_offer SET status = 'declined' FROM offer"
             " WHERE id = offer_id AND code = 'HAL-CARE-PLUS'", "HAL-ROAMING"),
            ("UPDATE customer_offer SET status = 'later' FROM offer"
             " WHERE id = offer_id AND code = 'HAL-CARE-PLUS'", "HAL-CARE-PLUS"),
            ("UPDATE customer_offer SET rank = 9 FROM offer"
             " WHERE id = offer_id AND code = 'HAL-CARE-PLUS'", "HAL-ROAMING"),
        ],
    )  # fmt: skip
    def test_best_open_offer(
        self, conn: Connection, match: Callable[..., dict[str, str]], change: str, code: str
    ) -> None:
        conn.execute(change)  # type: ignore[call-overload]
        assert match(MARCUS, None)["SERVICE_OFFER_CODE"] == code

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
