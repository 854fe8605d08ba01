"""An attempt as the engine hands it over: what could reach SIP is checked."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.attempt import parse

ID = "6f0c3f7e-1a55-4b5e-9d53-0a3c1ad0c001"
RULE = {"subject": "tv", "name": "Television", "destination": "group", "group": "halyard-sales"}
GIVEN = {
    "id": ID,
    "request": ID,
    "number": "+12125550140",
    "subscriber": {"code": "halyard", "name": "Halyard Telecom"},
    "visitor": None,
    "rule": RULE,
    "hold_text": "Please hold for {company}.",
    "entered_ms": 5,
    "proof_code": None,
}


def test_what_is_missing_has_a_default() -> None:
    attempt = parse(GIVEN)
    assert (attempt.visitor, attempt.proof_code, attempt.pages) == ("", "", ())
    assert (attempt.rule.placement, attempt.rule.sign_on) == ("customer_first", "digit")
    assert attempt.said(attempt.hold_text) == "Please hold for Halyard Telecom."


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "x"},
        {"number": "2125550140"},
        {"number": "+12125550140@evil"},
        {"number": "+1212555\r\n0140"},
        {"visitor": "x"},
        {"rule": {**RULE, "external": "+12125550140"}},
        {"rule": {**RULE, "group": None}},
        {"rule": {**RULE, "group": None, "external": "sip:a@b;transport=tcp"}},
        {"rule": {**RULE, "group": None, "external": "+1@evil"}},
        {"rule": {**RULE, "placement": "nobody"}},
        {"rule": {**RULE, "sign_on": "none"}},
    ],
)
def test_what_cannot_be_used_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=" "):
        parse({**GIVEN, **changed})


@pytest.mark.parametrize("external", ["+442071838750", "sip:desk@centre.example:5080"])
def test_a_call_centre_elsewhere_is_a_number_or_an_address(external: str) -> None:
    rule = parse({**GIVEN, "rule": {**RULE, "group": None, "external": external}}).rule
    assert (rule.group, rule.external) == ("", external)


def test_data_that_goes_with_the_call_is_cleaned() -> None:
    rule = {**RULE, "tag2": {"CAMPAIGN": "spring\r\nsale", "bad key": "x"}, "ring_agent_s": 9999}
    assert parse({**GIVEN, "rule": rule}).rule.tag2 == {"CAMPAIGN": "spring sale"}
    assert parse({**GIVEN, "rule": rule}).rule.ring_agent_s == 120
