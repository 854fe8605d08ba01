"""What the rules of the dialling policy saw, in words: for the simulator and the command line."""

from __future__ import annotations

from collections.abc import Callable

from cordboard.policy_rules import Finding, Json

#: Code of a finding -> the question that its rule asks.
QUESTIONS = {
    "invalid_number": "Is it a telephone number?",
    "no_policy": "Is there a dialling policy?",
    "region_not_allowed": "Is its region called?",
    "number_type_not_allowed": "Is its kind called?",
    "own_number": "Is it one of our own lines?",
    "do_not_call": "Is it on a do-not-call list?",
    "outside_calling_hours": "May people be called at this hour there?",
    "subscriber_closed": "Is the subscriber open?",
    "holiday": "Is the subscriber open?",
    "too_many_calls_to_number": "Calls to this number, last 24 hours",
    "too_many_from_visitor": "Requests of this visitor, last hour",
    "too_many_for_subscriber": "Calls for this subscriber, last minute",
    "too_many_everywhere": "Calls for all subscribers, last minute",
    "too_many_legs": "Lines in use for this subscriber",
    "spend_cap_reached": "Spent today",
    "not_proved": "Must the number be proved?",
}

#: Most zones that are named; the others are counted.
_NAMED_ZONES = 3


def saw(finding: Finding) -> str:
    """What the rule saw, as a short line."""
    return _WORDS.get(finding.code, _counted)(finding.saw)


def _number(saw: Json) -> str:
    return f"read as {saw['number']}" if saw["number"] else "nobody can have it"


def _region(saw: Json) -> str:
    region = "no country" if saw["region"] == "001" else saw["region"]
    return f"{region}; called: {', '.join(saw['allowed']) or 'none'}"


def _type(saw: Json) -> str:
    allowed = ", ".join(map(_plain, saw["allowed"])) or "none"
    return f"{_plain(saw['type'])}; called: {allowed}"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _line(saw: Json) -> str:
    return f"our line “{saw['line']}”" if saw["line"] else "no line of ours"


def _listed(saw: Json) -> str:
    return f"listed: {saw['listed']}" if saw["listed"] else "on no list"


def _hours(saw: Json) -> str:
    clocks = [f"{clock} in {zone}" for zone, clock in saw["clocks"].items()]
    more = len(clocks) - _NAMED_ZONES
    there = ", ".join(clocks[:_NAMED_ZONES]) + (f" and {more} more zones" if more > 0 else "")
    unknown = "" if saw["zone_known"] else " (zone unknown: the subscriber's counts)"
    return f"{saw['hours']}; it is {there}{unknown}"


def _open(saw: Json) -> str:
    if "clock" not in saw:
        return "always open"
    holiday = f" ({saw['holiday']})" if "holiday" in saw else ""
    return f"{saw['state'].lower()}{holiday}; it is {saw['clock']} in {saw['zone']}"


def _counted(saw: Json) -> str:
    return f"{saw['count']:,} of {saw['limit']:,}"


def _legs(saw: Json) -> str:
    return f"{saw['legs']:,} of {saw['limit']:,}; a call needs {saw['needed']}"


def _money(saw: Json) -> str:
    return f"{saw['spent_cents']:,.2f} of {saw['limit_cents']:,} cents"


def _proof(saw: Json) -> str:
    if not saw["asked"]:
        return "not asked for"
    return {
        "proved": "proved in the last 30 days",
        "possible": "the called person keys the code that the page shows",
        "impossible": "no page can show a code",
    }[saw["proof"]]


_WORDS: dict[str, Callable[[Json], str]] = {
    "invalid_number": _number,
    "no_policy": lambda _: "there is none",
    "region_not_allowed": _region,
    "number_type_not_allowed": _type,
    "own_number": _line,
    "do_not_call": _listed,
    "outside_calling_hours": _hours,
    "subscriber_closed": _open,
    "holiday": _open,
    "too_many_legs": _legs,
    "spend_cap_reached": _money,
    "not_proved": _proof,
}
