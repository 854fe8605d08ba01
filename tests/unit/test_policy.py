"""The dialling policy: each reason alone, all reasons together, and when it is allowed next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard import hours
from cordboard.calling_hours import CallingHours
from cordboard.dialled_number import read_number
from cordboard.policy import Verdict, judge
from cordboard.policy_facts import Facts, Policy, facts_from_json
from cordboard.policy_rules import NEED_NUMBER, REASONS, RULES

NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
ROSA = "+13125550150"  # Chicago
POLICY = Policy(
    regions=frozenset({"US"}),
    number_types=frozenset({"fixed_line", "mobile", "fixed_line_or_mobile"}),
    hours=CallingHours(8 * 60, 21 * 60),
    per_number_day=5,
    per_visitor_hour=5,
    per_subscriber_minute=60,
    concurrent_legs=100,
    daily_spend_cents=1000,
    proof_required=False,
)
FACTS = Facts("pantry", "Corner Pantry", CHICAGO, POLICY)
WEEKDAYS = hours.Schedule(
    CHICAGO,
    tuple(hours.Hours(day, 9 * 60, 17 * 60) for day in range(5)),
    {date(2026, 5, 6): hours.Holiday("Founders' Day")},
)
#: A Tuesday.
NOON = datetime(2026, 5, 5, 12, 0, tzinfo=CHICAGO)


def facts(**changed: Any) -> Facts:
    own = {name: changed.pop(name) for name in list(changed) if hasattr(FACTS, name)}
    return replace(FACTS, **{"policy": replace(POLICY, **changed), **own})


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.reasons]


def test_an_ordinary_call_is_allowed_and_every_rule_says_so() -> None:
    verdict = judge(FACTS, ROSA, NOON)
    assert verdict.allowed
    assert verdict.reasons == ()
    assert len(verdict.findings) == len(RULES) + 1
    assert verdict.next_allowed == NOON
    assert verdict.ask_again is None
    assert not verdict.only_hours


@pytest.mark.parametrize("text", ["", "pizza", "911", "+1", "+1202555", "+12025550150;ext=1",
                                  "+120255501500", "+11111111111", "١٢٠٢٥٥٥٠١٥٠"])  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    verdict = judge(FACTS, text, NOON)
    assert codes(verdict) == ["invalid_number"]
    assert verdict.e164 is None
    assert verdict.next_allowed is None
    assert verdict.ask_again is None
    assert len(verdict.findings) == 1 + len(RULES) - len(NEED_NUMBER)


@pytest.mark.parametrize("text", ["(312) 555-0150", "312.555.0150", "13125550150"])
def test_a_national_number_is_read_by_the_region(text: str) -> None:
    verdict = judge(FACTS, text, NOON, "US")
    assert (verdict.allowed, verdict.e164) == (True, ROSA)


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("+442079460000", ["region_not_allowed"]),
        ("+12505550199", ["region_not_allowed"]),  # Canada, though it begins with +1
        ("+19005550100", ["number_type_not_allowed"]),
        ("+18005550100", ["number_type_not_allowed"]),
        ("+881612345678", ["region_not_allowed", "number_type_not_allowed"]),
    ],
)
def test_regions_and_types(number: str, found: list[str]) -> None:
    always = facts(hours=CallingHours(0, 1440))
    assert codes(judge(always, number, NOON)) == found


def test_a_satellite_is_one_even_where_its_region_would_be_allowed() -> None:
    number = read_number("+881612345678", "US")
    assert number is not None
    assert (number.region, number.kind, number.zones) == ("001", "satellite", ())


@pytest.mark.parametrize(
    ("changed", "code", "cured_by_time"),
    [
        ({"own_line": "Orders"}, "own_number", False),
        ({"do_not_call": "asked"}, "do_not_call", False),
        ({"calls_to_number_day": 5}, "too_many_calls_to_number", False),
        ({"per_number_day": 0}, "too_many_calls_to_number", False),
        ({"requests_of_visitor_hour": 5}, "too_many_from_visitor", False),
        ({"calls_of_subscriber_minute": 60}, "too_many_for_subscriber", True),
        ({"per_subscriber_minute": 0}, "too_many_for_subscriber", False),
        ({"calls_of_all_minute": 600}, "too_many_everywhere", True),
        ({"legs": 99}, "too_many_legs", True),
        ({"concurrent_legs": 1}, "too_many_legs", False),
        ({"spent_cents": 1000.0}, "spend_cap_reached", True),
        ({"daily_spend_cents": 0}, "spend_cap_reached", False),
        ({"proof_required": True, "proof": "impossible"}, "not_proved", False),
    ],
)
def test_each_reason_alone(changed: dict[str, Any], code: str, cured_by_time: bool) -> None:
    verdict = judge(facts(**changed), ROSA, NOON)
    assert codes(verdict) == [code]
    assert (verdict.ask_again is not None) is cured_by_time
    assert not verdict.only_hours
    (finding,) = verdict.reasons
    assert finding.sentence.endswith(".")
    assert finding.saw


@pytest.mark.parametrize(
    "changed",
    [
        {"calls_to_number_day": 4},
        {"requests_of_visitor_hour": 4},
        {"calls_of_subscriber_minute": 59},
        {"calls_of_all_minute": 599},
        {"legs": 98},
        {"spent_cents": 999.99},
        {"proof_required": True, "proof": "possible"},
        {"proof_required": True, "proof": "proved"},
    ],
)
def test_up_to_the_limit_it_is_allowed(changed: dict[str, Any]) -> None:
    assert judge(facts(**changed), ROSA, NOON).allowed


def test_calling_hours_are_those_of_the_called_party() -> None:
    morning = datetime(2026, 5, 5, 8, 30, tzinfo=CHICAGO)
    assert judge(FACTS, ROSA, morning).allowed
    verdict = judge(FACTS, "+18085550150", morning)  # Honolulu, half past three
    assert codes(verdict) == ["outside_calling_hours"]
    assert verdict.only_hours
    assert verdict.next_allowed == datetime(2026, 5, 5, 13, 0, tzinfo=CHICAGO)
    assert verdict.ask_again == verdict.next_allowed
    assert verdict.reasons[0].saw["clocks"] == {"Pacific/Honolulu": "Tue 03:30"}


def test_a_number_that_may_be_in_many_zones_is_called_when_all_allow() -> None:
    free = facts(number_types=POLICY.number_types | {"toll_free"})
    verdict = judge(free, "+18005550100", datetime(2026, 5, 5, 9, 0, tzinfo=NEW_YORK))
    assert codes(verdict) == ["outside_calling_hours"]
    assert len(verdict.reasons[0].saw["clocks"]) > 10
    assert verdict.next_allowed is not None
    assert judge(free, "+18005550100", verdict.next_allowed).allowed


def test_where_nobody_knows_the_zone_the_subscribers_counts() -> None:
    at_sea = facts(regions=frozenset({"001"}), number_types=frozenset({"satellite"}))
    verdict = judge(at_sea, "+881612345678", datetime(2026, 5, 5, 6, 0, tzinfo=CHICAGO))
    assert verdict.reasons[0].saw == {
        "hours": "08:00 to 21:00",
        "clocks": {"America/Chicago": "Tue 06:00"},
        "zone_known": False,
    }


def test_closed_says_so_and_when_it_opens() -> None:
    shop = facts(schedule=WEEKDAYS)
    verdict = judge(shop, ROSA, datetime(2026, 5, 5, 18, 0, tzinfo=CHICAGO))
    assert codes(verdict) == ["subscriber_closed"]
    assert verdict.only_hours
    # The day after is a holiday.
    assert verdict.next_allowed == datetime(2026, 5, 7, 9, 0, tzinfo=CHICAGO)


def test_a_holiday_is_named() -> None:
    verdict = judge(facts(schedule=WEEKDAYS), ROSA, datetime(2026, 5, 6, 12, 0, tzinfo=CHICAGO))
    assert codes(verdict) == ["holiday"]
    assert "Founders' Day" in verdict.reasons[0].sentence


def test_next_allowed_needs_both_kinds_of_hours() -> None:
    shop = facts(schedule=WEEKDAYS)
    verdict = judge(shop, "+18085550150", datetime(2026, 5, 5, 8, 0, tzinfo=CHICAGO))
    # Honolulu is five hours behind: from 13:00 Chicago time until the shop closes at 17:00.
    assert verdict.next_allowed == datetime(2026, 5, 5, 13, 0, tzinfo=CHICAGO)
    early = facts(schedule=WEEKDAYS, hours=CallingHours(8 * 60, 9 * 60))
    assert judge(early, "+18085550150", NOON).next_allowed == NOON + timedelta(hours=1)
    never = facts(schedule=WEEKDAYS, hours=CallingHours(15 * 60, 16 * 60))
    assert judge(never, "+18085550150", NOON).next_allowed is None


def test_hours_that_never_meet_are_not_waited_for() -> None:
    never = facts(schedule=WEEKDAYS, hours=CallingHours(15 * 60, 16 * 60))
    verdict = judge(never, "+18085550150", NOON)
    assert codes(verdict) == ["outside_calling_hours"]
    assert not verdict.only_hours
    assert verdict.ask_again is None


def test_all_reasons_are_given_not_only_the_first() -> None:
    everything = facts(
        own_line="Orders", do_not_call="asked", schedule=WEEKDAYS, calls_to_number_day=9,
        requests_of_visitor_hour=9, calls_of_subscriber_minute=99, calls_of_all_minute=999,
        legs=999, spent_cents=9999, proof_required=True, proof="impossible",
    )  # fmt: skip
    verdict = judge(everything, "+449098790000", datetime(2026, 5, 5, 4, 0, tzinfo=CHICAGO))
    assert set(codes(verdict)) == REASONS - {
        "invalid_number", "no_policy", "holiday", "outside_calling_hours",
    }  # fmt: skip
    assert verdict.ask_again is None


def test_the_spend_cap_is_over_at_midnight_where_the_subscriber_is() -> None:
    verdict = judge(facts(spent_cents=1000.0), ROSA, NOON)
    assert verdict.ask_again == datetime(2026, 5, 6, 0, 0, tzinfo=CHICAGO)
    long_day = datetime(2026, 11, 1, 0, 30, tzinfo=CHICAGO)  # of 25 hours
    verdict = judge(facts(spent_cents=1000.0, hours=CallingHours(0, 1440)), ROSA, long_day)
    assert verdict.ask_again == datetime(2026, 11, 2, 0, 0, tzinfo=CHICAGO).astimezone(UTC)


def test_who_has_no_policy_calls_nobody() -> None:
    verdict = judge(replace(FACTS, policy=None), ROSA, NOON)
    assert codes(verdict) == ["no_policy"]
    assert verdict.next_allowed is None


def test_what_is_told_outside_has_nothing_that_the_rules_saw() -> None:
    told = judge(facts(calls_to_number_day=7, do_not_call="court order"), ROSA, NOON).as_json()
    assert told["allowed"] is False
    assert told["number"] == ROSA
    assert [reason["code"] for reason in told["reasons"]] == [
        "do_not_call", "too_many_calls_to_number",
    ]  # fmt: skip
    assert "court order" not in str(told)


def test_facts_as_the_database_answers_them() -> None:
    data = {
        "subscriber": {"id": 2, "code": "pantry", "name": "Corner Pantry",
                       "timezone": "America/Chicago", "country": "US"},
        "policy": {"subscriber_id": 2, "regions": ["US"],
                   "number_types": ["fixed_line", "mobile", "fixed_line_or_mobile"],
                   "calls_from_minute": 480, "calls_until_minute": 1260, "per_number_day": 5,
                   "per_visitor_hour": 5, "per_subscriber_minute": 60, "concurrent_legs": 100,
                   "daily_spend_cents": 1000, "proof_required": False},
        "schedule": None, "own_line": None, "do_not_call": None, "calls_to_number_day": 0,
        "requests_of_visitor_hour": 0, "calls_of_subscriber_minute": 0, "calls_of_all_minute": 0,
        "legs": 0, "spent_cents": 0, "proved": False,
    }  # fmt: skip
    assert facts_from_json(data, 600, can_prove=True) == FACTS
    assert facts_from_json(data, 600, can_prove=False).proof == "impossible"
    assert facts_from_json(data | {"proved": True}, 600, can_prove=False).proof == "proved"
    bare = facts_from_json(data | {"policy": None}, 600, can_prove=True)
    assert bare.policy is None


NUMBERS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"\+?[0-9 ().-]{1,20}", fullmatch=True),
    st.sampled_from([ROSA, "+18085550150", "+18005550100", "+881612345678", "+442079460000"]),
)


@settings(deadline=None)  # a busy machine is no failure
@given(number=NUMBERS, now=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)))
def test_any_text_at_any_time_gets_a_verdict_that_agrees_with_itself(
    number: str, now: datetime
) -> None:
    shop = facts(schedule=WEEKDAYS, regions=frozenset({"US", "GB"}))
    verdict = judge(shop, number, now.replace(tzinfo=UTC))
    assert verdict.allowed == (not verdict.reasons)
    assert set(codes(verdict)) <= REASONS
    assert (verdict.e164 is None) == (codes(verdict)[:1] == ["invalid_number"])
    if verdict.next_allowed:
        assert verdict.next_allowed >= verdict.at
        later = judge(shop, number, verdict.next_allowed)
        assert not {"outside_calling_hours", "subscriber_closed", "holiday"} & set(codes(later))
    if verdict.only_hours:
        assert verdict.ask_again == verdict.next_allowed


@given(
    counts=st.tuples(*[st.integers(0, 12)] * 3),
    limits=st.tuples(*[st.integers(0, 12)] * 3),
)
def test_more_calls_or_a_lower_limit_never_allow_more(
    counts: tuple[int, int, int], limits: tuple[int, int, int]
) -> None:
    def verdict(more: int) -> Verdict:
        return judge(
            facts(
                calls_to_number_day=counts[0] + more,
                requests_of_visitor_hour=counts[1] + more,
                legs=counts[2] + more,
                per_number_day=limits[0],
                per_visitor_hour=limits[1],
                concurrent_legs=limits[2],
            ),
            ROSA,
            NOON,
        )

    assert set(codes(verdict(0))) <= set(codes(verdict(1)))
