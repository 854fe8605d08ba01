"""What is known when somebody wants a number dialled: the subscriber's policy, and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from cordboard import hours
from cordboard.calling_hours import CallingHours


@dataclass(frozen=True, slots=True)
class Policy:
    """What a subscriber allows; a limit of 0 allows nothing."""

    regions: frozenset[str]
    number_types: frozenset[str]
    hours: CallingHours
    per_number_day: int
    per_visitor_hour: int
    per_subscriber_minute: int
    concurrent_legs: int
    daily_spend_cents: int
    proof_required: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when somebody wants a number dialled; counts leave out the request itself.

    ``policy`` is None for a subscriber that has none; ``schedule`` is None for one that visitors
    reach at any time. ``own_line`` and ``do_not_call`` are the line's name and the list's reason,
    empty when the number is on neither. ``proof`` is ``proved``, ``possible`` (the called person
    can key a code that a page shows) or ``impossible``.
    """

    subscriber: str
    company: str
    zone: ZoneInfo
    policy: Policy | None
    schedule: hours.Schedule | None = None
    own_line: str = ""
    do_not_call: str = ""
    calls_to_number_day: int = 0
    requests_of_visitor_hour: int = 0
    calls_of_subscriber_minute: int = 0
    calls_of_all_minute: int = 0
    legs: int = 0
    spent_cents: float = 0
    proof: str = "possible"
    most_calls_a_minute: int = 600


def facts_from_json(data: Mapping[str, Any], most_calls_a_minute: int, can_prove: bool) -> Facts:
    """Facts from what ``policy_facts_v1`` answers.

    Raises:
        KeyError, ValueError, ZoneInfoNotFoundError: it is not of this form.
    """
    own, schedule, policy = data["subscriber"], data["schedule"], data["policy"]
    proof = "proved" if data["proved"] else "possible" if can_prove else "impossible"
    return Facts(
        subscriber=own["code"],
        company=own["name"],
        zone=ZoneInfo(own["timezone"]),
        policy=_policy_from_json(policy) if policy else None,
        schedule=hours.from_json(schedule) if schedule else None,
        own_line=data["own_line"] or "",
        do_not_call=data["do_not_call"] or "",
        calls_to_number_day=data["calls_to_number_day"],
        requests_of_visitor_hour=data["requests_of_visitor_hour"],
        calls_of_subscriber_minute=data["calls_of_subscriber_minute"],
        calls_of_all_minute=data["calls_of_all_minute"],
        legs=data["legs"],
        spent_cents=data["spent_cents"],
        proof=proof,
        most_calls_a_minute=most_calls_a_minute,
    )


def _policy_from_json(data: Mapping[str, Any]) -> Policy:
    return Policy(
        regions=frozenset(data["regions"]),
        number_types=frozenset(data["number_types"]),
        hours=CallingHours(data["calls_from_minute"], data["calls_until_minute"]),
        per_number_day=data["per_number_day"],
        per_visitor_hour=data["per_visitor_hour"],
        per_subscriber_minute=data["per_subscriber_minute"],
        concurrent_legs=data["concurrent_legs"],
        daily_spend_cents=data["daily_spend_cents"],
        proof_required=data["proof_required"],
    )
