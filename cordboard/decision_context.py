"""Why an offer is not for this customer, or not for this contact. No I/O.

The strategy was formed ahead of time: since then the offer may have been withdrawn or presented,
and the customer may have changed. So all of it is looked at again, and then what this contact
allows.
"""

from __future__ import annotations

from cordboard import rules
from cordboard.decision_facts import NEVER, Facts, Offer
from cordboard.question import ANY_CHANNEL, Question

#: As in ``cordboard/strategy/reasons.py``, which imports numpy: not for one decision.
NOT_AMONG_BEST = "not_among_best"

_DAY_MS = 24 * 3600 * 1000
#: Statuses after which an offer is not made again, and the reason that says so.
_ANSWERED = {"accepted": "accepted", "declined": "declined", "withdrawn": "withdrawn"}


def why_not(question: Question, facts: Facts, offer: Offer) -> str:
    """The first reason that keeps an offer out; empty when nothing does."""
    return (
        _not_any_more(offer)
        or _not_copied(facts, offer)
        or _no_strategy(facts, offer)
        or _not_this_customer(facts, offer)
        or _not_again(question, facts, offer)
        or _not_listed(facts, offer)
        or _not_in_this_contact(question, facts, offer)
    )


def _not_any_more(offer: Offer) -> str:
    if not offer.active:
        return "not_active"
    return "" if offer.valid else "not_valid_today"


def _not_copied(facts: Facts, offer: Offer) -> str:
    """The customers database must know it: else nothing that becomes of it could be recorded."""
    return "" if facts.copied is None or offer.id in facts.copied else "not_copied"


def _no_strategy(facts: Facts, offer: Offer) -> str:
    """The strategy says nothing of it."""
    return "" if offer.id in facts.ranked or offer.id in facts.kept_out else "no_strategy"


def _not_listed(facts: Facts, offer: Offer) -> str:
    """Why it has no place in the list, when nothing keeps it out now.

    What kept it out when the list was formed is over: a cool-down ended, a rule was edited. There
    is no probability to rank it by until the list is formed anew.
    """
    if offer.id in facts.ranked:
        return ""
    return NOT_AMONG_BEST if facts.kept_out[offer.id] == NOT_AMONG_BEST else "not_listed_yet"


def _not_this_customer(facts: Facts, offer: Offer) -> str:
    """An answer that was given, another offer that was accepted, or a rule."""
    status = facts.past.get(offer.id, NEVER).status
    if status in _ANSWERED:
        return _ANSWERED[status]
    if other := _accepted_instead(facts, offer):
        return f"excluded_by:{other}"
    failed = next((one.name for one in offer.rules if not _holds(one.rule, facts)), None)
    return "" if failed is None else f"rule:{failed}"


def _holds(rule: rules.Rule | None, facts: Facts) -> bool:
    """A rule that cannot be read, or that asks for what is not known, lets nobody in."""
    try:
        return rule is not None and rules.holds(rule, facts.attributes)
    except KeyError:
        return False


def _accepted_instead(facts: Facts, offer: Offer) -> str:
    """Code of an accepted offer that shuts this one out."""
    for other in sorted(facts.exclusions.get(offer.id, ())):
        if facts.past.get(other, NEVER).status == "accepted":
            known = (one.code for one in facts.offers if one.id == other)
            return next(known, str(other))
    return ""


def _not_again(question: Question, facts: Facts, offer: Offer) -> str:
    """Presented often enough, or a short while ago; whoever said "later" is asked again."""
    past = facts.past.get(offer.id, NEVER)
    if offer.max_exposures and past.times >= offer.max_exposures:
        return "exposure_limit"
    rests_ms = offer.cooldown_days * _DAY_MS
    if past.last_ms and past.status != "later" and question.at_ms < past.last_ms + rests_ms:
        return "cooling_down"
    return ""


def _not_in_this_contact(question: Question, facts: Facts, offer: Offer) -> str:
    if facts.failure and offer.kind == "sales":
        return "outage"
    if offer.kind not in question.kinds:
        return "not_identified"
    if question.channel != ANY_CHANNEL and not set(offer.channels) & question.offer_channels:
        return "channel"
    # Whoever said what the call is about is not moved to others for the sake of another offer.
    elsewhere = offer.group not in ("", question.group)
    if elsewhere and question.reason and question.reason != offer.kind:
        return "reason_for_call"
    return ""
