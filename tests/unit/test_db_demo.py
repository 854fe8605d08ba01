"""The demo world before it is loaded: always the same, all fictional, and as the README says."""

from __future__ import annotations

import re

import phonenumbers
from psycopg.types.json import Jsonb

from cordboard.identity import hash_pin
from cordboard.secrets import hash_secret, looks_like_secret, signing_key, unseal
from cordboard.settings import ROOT, Settings
from db.demo import crowd, offers, people, web, world
from db.demo.catalogue import CODES, OFFERS
from db.demo.tables import Tables

WEB = "https://desk.example.com"


KEY = b"a key of the tests"
SETTINGS = Settings.model_validate(
    {"port_base": 40000, "ssn_key": KEY.decode(), "secret_key": "another key of the tests"}
)


def fill() -> Tables:
    tables = Tables()
    world.fill(tables)
    people.fill(tables, SETTINGS)
    offers.fill(tables, crowd.fill(tables, KEY), WEB)
    web.fill(tables, SETTINGS)
    return tables


def test_the_same_each_time() -> None:
    first, second = fill(), fill()
    for table in ("customer", "account", "customer_phone", "purchase", "user_account"):
        assert first.rows(table) == second.rows(table)


def test_nobody_is_real() -> None:
    tables = fill()
    phones = {row["number"] for row in tables.rows("customer_phone") + tables.rows("did")}
    phones |= {row["number"] for row in tables.rows("do_not_call") + tables.rows("phone_device")}
    phones |= {row["external"] for row in tables.rows("routing_rule")}
    phones -= {None}
    assert all(re.fullmatch(r"\+1[2-9]\d\d55501\d\d", phone) for phone in phones)
    assert all(row["email"].endswith("@example.com") for row in tables.rows("customer"))
    everybody = crowd.fill(Tables(), b"a key of the tests")
    assert all(900_000_000 <= int(one.ssn) <= 999_999_999 for one in everybody)
    for field in ("ssn", "account", "id"):
        assert len({getattr(one, field) for one in everybody}) == len(everybody)


def test_people_whom_readme_and_tests_name() -> None:
    found = {f"{one.first_name} {one.last_name}": one for one in crowd.NAMED}
    assert found["Dana Reed"].phone == "+12125550140"
    assert (found["Marcus Bell"].account, found["Marcus Bell"].ssn) == ("40010002", "900110002")
    assert found["Marcus Bell"].phone is None
    assert found["Ines Ortega"].phone == found["Paul Ortega"].phone
    assert found["Priya Nair"].priority == 9
    names = {username for _, username, *_ in people.AGENTS}
    assert names == {"ava", "ben", "cleo", "dario", "emil", "fay", "gus", "hana"}
    assert [username for _, username, *_ in people.REMOTE] == ["iris"]


def test_who_is_called_at_a_number_has_no_sip_account_and_comes_last() -> None:
    tables = fill()
    (iris,) = (row for row in tables.rows("phone_device") if row["number"])
    assert (iris["number"], iris["sip_username"], iris["ha1"]) == ("+12025550191", None, None)
    levels = {
        row["user_id"]: row["level"]
        for row in tables.rows("group_member")
        if row["group_id"] == world.ORDERS
    }
    assert levels[iris["user_id"]] == 9 == max(levels.values())


def test_every_agent_has_the_pin_and_nobody_else() -> None:
    for row in fill().rows("user_account"):
        assert row["pin_hash"] == (hash_pin("4711", KEY) if row["role"] == "agent" else None)


def test_offers() -> None:
    by_code = {offer.code: offer for offer in OFFERS}
    assert len(by_code) == len(OFFERS) >= 20
    assert by_code["HAL-PAPERLESS"].full_url(WEB) is None
    assert by_code["HAL-MESH"].full_url(WEB) == f"{WEB}/offers/HAL-MESH?call={{call}}"


def test_scripts_name_only_what_can_be_filled() -> None:
    known = {
        "first_name",
        "last_name",
        "account",
        "product",
        "agent_name",
        "subscriber",
        "expected_end",
    }
    for offer in OFFERS:
        assert set(re.findall(r"{(\w*)}", offer.script + offer.description)) <= known, offer.code


def test_codes_have_one_for_every_end() -> None:
    assert {entry.kind for entry in CODES} == {"sales", "service", "system"}
    assert "SYS_TIMEOUT" in {entry.code for entry in CODES}


class TestWeb:
    def test_every_subscriber_has_its_own_of_everything(self) -> None:
        tables = fill()
        for table in ("web_presence", "dialling_policy", "tariff", "subscriber_secret"):
            owners = {row["subscriber_id"] for row in tables.rows(table)}
            assert owners == {world.HALYARD, world.PANTRY}, table

    def test_at_least_six_pages_each_by_digits_of_their_own(self) -> None:
        rows = fill().rows("page")
        for subscriber in (world.HALYARD, world.PANTRY):
            digits = [row["digits"] for row in rows if row["subscriber_id"] == subscriber]
            assert len(set(digits)) == len(digits) >= 6
        framings = {(row["subscriber_id"], row["framing"]) for row in rows}
        assert framings == {(1, "frame"), (1, "window"), (2, "frame"), (2, "window")}

    def test_the_shops_pages_may_be_framed_from_the_shop(self) -> None:
        tables = fill()
        (pantry,) = (r for r in tables.rows("web_presence") if r["subscriber_id"] == world.PANTRY)
        assert pantry["origins"] == ["http://127.0.0.1:40081", "http://localhost:40081"]
        baskets = next(row for row in tables.rows("page") if row["digits"] == "12")
        assert baskets["url"] == "http://127.0.0.1:40081/baskets"

    def test_rules_show_every_order_and_both_kinds_of_sign_on(self) -> None:
        rows = {(r["subscriber_id"], r["subject_code"]): r for r in fill().rows("routing_rule")}
        placements = {code: rows[2, code]["placement"] for code in ("ORDERS", "HELP", "FAST")}
        assert placements == {"ORDERS": "customer_first", "HELP": "agent_first", "FAST": "both"}
        assert rows[2, "PARTNER"]["external"] == "+12025550190"
        assert rows[2, "PARTNER"]["group_id"] is None
        assert rows[1, "SUPPORT"]["sign_on"] == "pin"
        assert all(isinstance(row["tag2"], Jsonb) for row in rows.values())

    def test_secrets_are_those_of_the_readme_and_can_be_used(self) -> None:
        tables = fill()
        secret_key = SETTINGS.secret_key.get_secret_value()
        for row in tables.rows("subscriber_secret"):
            secret = web.SECRETS[row["subscriber_id"]]
            assert looks_like_secret(secret)
            assert row["secret_hash"] == hash_secret(secret)
            assert unseal(row["signing_key"], secret_key) == signing_key(secret)
            assert f"`{secret}`" in (ROOT / "README.md").read_text(encoding="utf-8")
        (hook,) = tables.rows("webhook_endpoint")
        assert hook["url"] == "http://127.0.0.1:40081/hooks"
        assert unseal(hook["signing_key"], secret_key) == signing_key(web.SECRETS[world.PANTRY])

    def test_numbers_that_are_dialled_can_be_real_ones(self) -> None:
        tables = fill()
        rows = tables.rows("do_not_call") + tables.rows("customer_phone")
        numbers = {row["number"] for row in rows + tables.rows("phone_device")} - {None}
        for number in numbers:
            assert phonenumbers.is_valid_number(phonenumbers.parse(number)), number
