"""Keyed digits: what account number and SSN say of a caller, and how often they may be tried."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.dialplan import Dial

Connection = psycopg.Connection[dict[str, Any]]

DANA, SHARED, LENA, OTTO, PRIYA = (f"+12125550{n}" for n in (140, 141, 145, 146, 147))
MARCUS, MARCUS_SSN = "40010002", "900110002"
ACCOUNT_LINE, PANTRY_LINE, SILENT_LINE = "+12025550101", "+12025550110", "+12025550111"


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
