"""A decision's reasons in sentences, for agents and operations. No I/O."""

from __future__ import annotations

from collections.abc import Callable

from cordboard.decision_facts import Offer, Past

#: Reason -> sentence. Those with a detail after a colon stand in ``_WITH_DETAIL``.
_SENTENCES = {
    "not_active": "The offer is not active any more.",
    "withdrawn": "The offer was taken back from this customer.",
    "not_valid_today": "The offer is not valid today.",
    "not_copied": "It is new, and not yet copied to the customers (cordboard offers sync).",
    "accepted": "The customer has accepted it already.",
    "declined": "The customer has declined it.",
    "outage": "The customer's service is down: no sales offer until it works again.",
    "not_identified": "The caller is not identified well enough for this kind of offer.",
    "channel": "It cannot be presented in this kind of contact.",
    "reason_for_call": "Another group presents it, and the customer is here for something else.",
    "not_among_best": "Eligible, but others of its kind are worth more for this customer.",
    "not_listed_yet": "Nothing keeps it out any more: it is ranked by the next build.",
    "no_strategy": "It is not in the customer's strategy: that was formed without it, or not yet.",
}
_WITH_DETAIL: dict[str, Callable[[str], str]] = {
    "rule": lambda name: f"The rule “{name}” does not hold.",
    "excluded_by": lambda code: f"The customer has accepted {code}, which excludes it.",
}


def entry_words(why: str, offer: Offer, p: float | None, ev_cents: int | None, past: Past) -> str:
    """The reason of an entry of the ranking."""
    code, _, detail = why.partition(":")
    if why == "eligible" and p is not None and ev_cents is not None:
        return (
            f"Eligible: {p:.1%} likely × {money(offer.value_cents)} = {money(ev_cents)} expected;"
            f" {_presented(past.times)}."
        )
    if code == "cooling_down":
        return f"It was presented within the last {_count(offer.cooldown_days, 'day')}."
    if code == "exposure_limit":
        return f"It was presented {_times(past.times)}, as often as it may be."
    if code in _WITH_DETAIL:
        return _WITH_DETAIL[code](detail)
    return _SENTENCES.get(code, f"Kept out: {why}.")


def money(cents: int) -> str:
    """Cents as an amount; the subscriber's currency is not named.

    >>> money(1250050)
    '12,500.50'
    """
    return f"{cents / 100:,.2f}"


def _presented(times: int) -> str:
    return f"presented {_times(times)} before" if times else "never presented before"


def _times(times: int) -> str:
    return "once" if times == 1 else f"{times} times"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
