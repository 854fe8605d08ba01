"""The rules of the dialling policy: each looks at one question, and says what it saw.

``RULES`` is the table of contents. A rule has no I/O and answers a :class:`Finding` whether or not
it is against the call, so that the simulator can show all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cordboard import calling_hours, hours
from cordboard.dialled_number import DialledNumber
from cordboard.policy_facts import Facts, Policy

Json = dict[str, Any]

#: A call needs a leg to the customer and one to the agent.
LEGS_PER_CALL = 2
#: How soon it is worth asking again when too many are dialled at the moment.
SOON = timedelta(seconds=10)

#: Moves between the calling hours and the subscriber's hours before they count as disjoint.
_MOST_MOVES = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says: ``code`` is the reason for a refusal, ``passed`` whether it has none.

    ``sentence`` may be read to a visitor; ``saw`` is for those inside. ``again`` is when time alone
    may have changed the answer; None when it does not.
    """

    code: str
    passed: bool
    sentence: str
    saw: Json
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the facts, the number as it came and as it was read, the time."""

    facts: Facts
    text: str
    number: DialledNumber | None
    now: datetime

    @property
    def zones(self) -> list[ZoneInfo]:
        """Where the called party may be; where the subscriber is when nobody knows."""
        names = self.number.zones if self.number else ()
        return [ZoneInfo(name) for name in names] or [self.facts.zone]

    def next_allowed(self) -> datetime | None:
        """When neither calling hours nor the subscriber's are against it; None when never."""
        if self.number is None or self.facts.policy is None:
            return None
        moment = self.now
        for _ in range(_MOST_MOVES):
            begins = calling_hours.next_allowed(self.facts.policy.hours, self.zones, moment)
            opens = begins
            if begins is not None and self.facts.schedule is not None:
                opens = hours.next_opening(self.facts.schedule, begins)
            if opens is None:
                return None
            moment = opens.astimezone(UTC)
            if opens == begins:
                return moment
        return None


Rule = Callable[[Asked, Policy], Finding]


def valid_number(asked: Asked) -> Finding:
    """It can be somebody's number."""
    sentence = "This is not a telephone number that can be called. Check its digits."
    number = asked.number.e164 if asked.number else None
    return Finding("invalid_number", asked.number is not None, sentence, {"number": number})


def no_policy(facts: Facts) -> Finding:
    """The subscriber has a policy; without one it calls nobody."""
    sentence = f"{facts.company} does not call anybody yet: it has no dialling policy."
    return Finding("no_policy", False, sentence, {})


def region_allowed(asked: Asked, policy: Policy) -> Finding:
    """The subscriber calls this country."""
    assert asked.number
    saw = {"region": asked.number.region, "allowed": sorted(policy.regions)}
    sentence = f"{asked.facts.company} does not call numbers of this country."
    return Finding("region_not_allowed", asked.number.region in policy.regions, sentence, saw)


def type_allowed(asked: Asked, policy: Policy) -> Finding:
    """It is of a kind that is called: not premium, not a satellite."""
    assert asked.number
    kind = asked.number.kind
    saw = {"type": kind, "allowed": sorted(policy.number_types)}
    sentence = f"{asked.facts.company} does not call {kind.replace('_', ' ')} numbers."
    return Finding("number_type_not_allowed", kind in policy.number_types, sentence, saw)


def not_our_own(asked: Asked, _policy: Policy) -> Finding:
    """It is nobody's line of this platform, where a call would go round in a circle."""
    sentence = "This is one of our own numbers. Give the number at which you can be reached."
    line = asked.facts.own_line
    return Finding("own_number", not line, sentence, {"line": line or None})


def not_on_the_list(asked: Asked, _policy: Policy) -> Finding:
    """Whoever has it did not ask to be left alone."""
    sentence = "This number is on a list of numbers that are not called."
    listed = asked.facts.do_not_call
    return Finding("do_not_call", not listed, sentence, {"listed": listed or None})


def within_calling_hours(asked: Asked, policy: Policy) -> Finding:
    """It is not early or late where the called party may be."""
    clocks = {zone.key: asked.now.astimezone(zone).strftime("%a %H:%M") for zone in asked.zones}
    passed = all(calling_hours.allowed(policy.hours, zone, asked.now) for zone in asked.zones)
    saw = {
        "hours": str(policy.hours),
        "clocks": clocks,
        "zone_known": bool(asked.number and asked.number.zones),
    }
    sentence = f"This number is called from {policy.hours} only, where it is."
    again = None if passed else asked.next_allowed()
    return Finding("outside_calling_hours", passed, sentence, saw, again)


def subscriber_open(asked: Asked, _policy: Policy) -> Finding:
    """The subscriber's own hours and holidays."""
    schedule = asked.facts.schedule
    if schedule is None:
        return Finding("subscriber_closed", True, "", {"hours": "always open"})
    found = hours.status(schedule, asked.now)
    clock = asked.now.astimezone(schedule.zone).strftime("%a %H:%M")
    saw = {"clock": clock, "zone": schedule.zone.key, "state": found.state.value}
    if found.state is hours.State.OPEN:
        return Finding("subscriber_closed", True, "", saw)
    again = asked.next_allowed()
    if found.holiday:
        sentence = f"{asked.facts.company} is closed today: {found.holiday.name}."
        return Finding("holiday", False, sentence, saw | {"holiday": found.holiday.name}, again)
    sentence = f"{asked.facts.company} is closed at this time."
    return Finding("subscriber_closed", False, sentence, saw, again)


def calls_to_number(asked: Asked, policy: Policy) -> Finding:
    """Nobody is called all day."""
    sentence = "This number was called too often in the last 24 hours."
    return _counted(
        "too_many_calls_to_number",
        asked.facts.calls_to_number_day,
        policy.per_number_day,
        sentence,
    )


def requests_of_visitor(asked: Asked, policy: Policy) -> Finding:
    """One browser does not have many numbers called."""
    sentence = "From this browser too many calls were asked for in the last hour."
    return _counted(
        "too_many_from_visitor",
        asked.facts.requests_of_visitor_hour,
        policy.per_visitor_hour,
        sentence,
    )


def calls_of_subscriber(asked: Asked, policy: Policy) -> Finding:
    """The subscriber's calls in the last minute."""
    return _counted(
        "too_many_for_subscriber",
        asked.facts.calls_of_subscriber_minute,
        policy.per_subscriber_minute,
        f"{asked.facts.company} has many calls to make at the moment. Try again shortly.",
        asked.now + SOON,
    )


def calls_of_all(asked: Asked, _policy: Policy) -> Finding:
    """Calls of all subscribers in the last minute."""
    return _counted(
        "too_many_everywhere",
        asked.facts.calls_of_all_minute,
        asked.facts.most_calls_a_minute,
        "Many calls are made at the moment. Try again shortly.",
        asked.now + SOON,
    )


def free_legs(asked: Asked, policy: Policy) -> Finding:
    """There is room for both legs of another call."""
    passed = asked.facts.legs + LEGS_PER_CALL <= policy.concurrent_legs
    saw = {"legs": asked.facts.legs, "needed": LEGS_PER_CALL, "limit": policy.concurrent_legs}
    sentence = f"All lines of {asked.facts.company} are busy. Try again shortly."
    # Legs that exist end by themselves; a limit below one call's legs does not.
    curable = policy.concurrent_legs >= LEGS_PER_CALL
    return Finding("too_many_legs", passed, sentence, saw, _soon(asked) if curable else None)


def money_left(asked: Asked, policy: Policy) -> Finding:
    """Less than the cap was spent since midnight where the subscriber is."""
    passed = asked.facts.spent_cents < policy.daily_spend_cents
    saw = {"spent_cents": asked.facts.spent_cents, "limit_cents": policy.daily_spend_cents}
    sentence = f"{asked.facts.company} makes no more calls today."
    again = _next_midnight(asked) if policy.daily_spend_cents else None
    return Finding("spend_cap_reached", passed, sentence, saw, again)


def proof(asked: Asked, policy: Policy) -> Finding:
    """The number is the visitor's, or that will be proved in the call, if that is asked for."""
    passed = not policy.proof_required or asked.facts.proof != "impossible"
    sentence = (
        f"{asked.facts.company} calls numbers only whose owners key a code that its page shows."
    )
    return Finding(
        "not_proved", passed, sentence, {"asked": policy.proof_required, "proof": asked.facts.proof}
    )


#: What is looked at after the number itself, in this order.
RULES: tuple[Rule, ...] = (
    region_allowed,
    type_allowed,
    not_our_own,
    not_on_the_list,
    within_calling_hours,
    subscriber_open,
    calls_to_number,
    requests_of_visitor,
    calls_of_subscriber,
    calls_of_all,
    free_legs,
    money_left,
    proof,
)
#: Rules that cannot look at what is no number.
NEED_NUMBER = frozenset(
    {
        region_allowed,
        type_allowed,
        not_our_own,
        not_on_the_list,
        within_calling_hours,
        calls_to_number,
    }
)
#: Reasons that another time cures for certain.
HOURS = frozenset({"outside_calling_hours", "subscriber_closed", "holiday"})
#: Every reason that can be given.
REASONS = HOURS | {
    "invalid_number", "no_policy", "region_not_allowed", "number_type_not_allowed", "own_number",
    "do_not_call", "too_many_calls_to_number", "too_many_from_visitor", "too_many_for_subscriber",
    "too_many_everywhere", "too_many_legs", "spend_cap_reached", "not_proved",
}  # fmt: skip


def _counted(
    code: str, count: int, limit: int, sentence: str, again: datetime | None = None
) -> Finding:
    return Finding(
        code, count < limit, sentence, {"count": count, "limit": limit}, again if limit else None
    )


def _soon(asked: Asked) -> datetime:
    return asked.now + SOON


def _next_midnight(asked: Asked) -> datetime:
    today = asked.now.astimezone(asked.facts.zone)
    tomorrow = today.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return tomorrow.astimezone(UTC)
