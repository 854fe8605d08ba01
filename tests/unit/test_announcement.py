"""What the agent hears before the caller."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.announcement import phrases

DANA: dict[str, Any] = {
    "subscriber": {"code": "halyard", "name": "Halyard Telecom"},
    "customer": {"name": "Dana Reed"},
    "identified_by": ["ani"],
    "verified": False,
    "offers": [{"kind": "service", "code": "HAL-ROUTER", "title": "A router", "url": "https://x/"}],
}


def test_subscriber_who_how_and_which_offer() -> None:
    assert phrases(DANA) == [
        "Halyard Telecom.",
        "Dana Reed.",
        "By phone number.",
        "Service: A router.",
    ]


def test_a_verified_caller_is_said_to_be_so() -> None:
    verified = {**DANA, "identified_by": ["account", "ssn"], "verified": True}
    assert "Verified." in phrases(verified)


def test_an_offer_whose_icon_stays_dark_is_not_said() -> None:
    dark = {**DANA, "offers": [{"kind": "sales", "code": "X", "title": "T", "url": None}]}
    assert phrases(dark) == ["Halyard Telecom.", "Dana Reed.", "By phone number."]


@pytest.mark.parametrize(
    ("answer", "said"),
    [("interested", "Is interested."), ("later", "Later."), ("not_interested", "Declined.")],
)
def test_what_was_answered_to_the_ivr_is_said(answer: str, said: str) -> None:
    assert phrases({**DANA, "cti": {"OFFER_ANSWER": answer}})[-1] == said


def test_an_outage_is_said() -> None:
    assert phrases({**DANA, "outage": {"id": 1}})[-1] == "Service failure."


def test_a_caller_whom_nobody_knows() -> None:
    assert phrases({"subscriber": None, "customer": None, "offers": []}) == ["Unknown caller."]


def test_a_very_long_name_does_not_keep_the_caller_waiting() -> None:
    long = {**DANA, "customer": {"name": "Wolfeschlegelsteinhausen " * 20}}
    assert max(len(phrase) for phrase in phrases(long)) <= 80
