"""The demo world before it is loaded: always the same, all fictional, and as the README says."""

from __future__ import annotations

import re

from cordboard.settings import Settings
from db.demo import crowd, offers, people, world
from db.demo.catalogue import CODES, OFFERS
from db.demo.tables import Tables

WEB = "https://desk.example.com"


def fill() -> Tables:
    tables = Tables()
    world.fill(tables)
    people.fill(tables, Settings())
    offers.fill(tables, crowd.fill(tables, b"a key of the tests"), WEB)
    return tables


def test_the_same_each_time() -> None:
    first, second = fill(), fill()
    for table in ("customer", "account", "customer_phone", "customer_offer", "user_account"):
        assert first.rows(table) == second.rows(table)


def test_nobody_is_real() -> None:
    tables = fill()
    phones = {row["number"] for row in tables.rows("customer_phone") + tables.rows("did")}
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


def test_offers() -> None:
    by_code = {offer.code: offer for offer in OFFERS}
    assert len(by_code) == len(OFFERS) >= 20
    for customer, codes in offers.OFFERED.items():
        subscriber = crowd.NAMED[customer - 1].subscriber
        assert all(by_code[code].subscriber_id == subscriber for code in codes)
    kinds = {by_code[code].kind for code in offers.OFFERED[crowd.MARCUS]}
    assert kinds == {"sales", "service"}
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
