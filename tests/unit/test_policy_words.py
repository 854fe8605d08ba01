"""The simulator: every rule has a question and says what it saw; times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from test_policy import FACTS, NOON, ROSA, WEEKDAYS, facts

from cordboard.policy import judge
from cordboard.policy_rules import REASONS
from cordboard.policy_words import QUESTIONS, saw
from cordboard.wall_clock import read_moment

NEW_YORK = ZoneInfo("America/New_York")


def words(number: str = ROSA, at: datetime = NOON, **changed: object) -> dict[str, str]:
    verdict = judge(facts(**changed), number, at)
    return {finding.code: saw(finding) for finding in verdict.findings}


def test_every_reason_has_its_question() -> None:
    assert set(QUESTIONS) == REASONS


def test_what_the_rules_saw_of_an_ordinary_call() -> None:
    assert words() == {
        "invalid_number": "read as +13125550150",
        "region_not_allowed": "US; called: US",
        "number_type_not_allowed": (
            "fixed line or mobile; called: fixed line, fixed line or mobile, mobile"
        ),
        "own_number": "no line of ours",
        "do_not_call": "on no list",
        "outside_calling_hours": "08:00 to 21:00; it is Tue 12:00 in America/Chicago",
        "subscriber_closed": "always open",
        "too_many_calls_to_number": "0 of 5",
        "too_many_from_visitor": "0 of 5",
        "too_many_for_subscriber": "0 of 60",
        "too_many_everywhere": "0 of 600",
        "too_many_legs": "0 of 100; a call needs 2",
        "spend_cap_reached": "0.00 of 1,000 cents",
        "not_proved": "not asked for",
    }


def test_what_they_saw_of_others() -> None:
    assert words("pizza")["invalid_number"] == "nobody can have it"
    satellite = words("+881612345678")
    assert satellite["region_not_allowed"] == "no country; called: US"
    assert satellite["outside_calling_hours"].endswith("(zone unknown: the subscriber's counts)")
    assert "and 39 more zones" in words("+18005550100")["outside_calling_hours"]
    told = words(own_line="Orders", do_not_call="asked", proof_required=True, proof="impossible")
    assert told["own_number"] == "our line “Orders”"
    assert told["do_not_call"] == "listed: asked"
    assert told["not_proved"] == "no page can show a code"
    closed = words(at=datetime(2026, 5, 6, 12, 0, tzinfo=FACTS.zone), schedule=WEEKDAYS)
    assert closed["holiday"] == "holiday (Founders' Day); it is Wed 12:00 in America/Chicago"
    assert words(policy=None)["no_policy"] == "there is none"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T18:00", datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
        (" 2026-11-24 18:00 ", datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
        ("2026-11-24T18:00Z", datetime(2026, 11, 24, 18, 0, tzinfo=UTC)),
        ("2026-11-24T18:00+05:30", datetime(2026, 11, 24, 12, 30, tzinfo=UTC)),
        ("2026-11-01T01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # the first of two
        ("2026-05-05", datetime(2026, 5, 5, 4, 0, tzinfo=UTC)),
    ],
)
def test_times_that_are_typed(text: str, moment: datetime) -> None:
    assert read_moment(text, NEW_YORK) == moment


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a time"),
        ("tomorrow", "not a time"),
        ("2026-13-01T00:00", "not a time"),
        ("0001-01-01T00:00+14:00", "not a time"),
        ("9999-12-31T23:59", "not a time"),
        ("0001-01-01T00:00", "2000 to 2100"),
        ("2101-01-01T00:00Z", "2000 to 2100"),
        ("2026-03-08T02:30", "does not exist"),
    ],
)
def test_what_is_no_time(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_moment(text, NEW_YORK)
