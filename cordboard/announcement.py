"""What an agent hears before the caller: subscriber, who, how we know, which offer. No I/O.

The caller waits meanwhile, so it is short: the desk shows the rest. It is a list of phrases rather
than one text: each is spoken once and kept, and most (subscriber, how known, offers) are the same
for thousands of calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: How each way of identification is said; of several, the first in this order.
_KNOWN_BY = {
    "account": "By account number.",
    "ssn": "By social security number.",
    "ani": "By phone number.",
    "agent": "By look-up.",
}
#: What the caller answered when the IVR presented an offer.
_ANSWERS = {"interested": "Is interested.", "later": "Later.", "not_interested": "Declined."}
#: Longest phrase, characters; names come from a database that others fill.
_MAX_PHRASE = 80


def phrases(card: Mapping[str, Any]) -> list[str]:
    """The phrases for one call's card, in the order in which they are played."""
    spoken = [_subscriber(card), _who(card), _how(card), *_offers(card), _outage(card)]
    return [phrase[:_MAX_PHRASE] for phrase in spoken if phrase]


def _subscriber(card: Mapping[str, Any]) -> str:
    name = str((card.get("subscriber") or {}).get("name") or "")
    return f"{name}." if name else ""


def _who(card: Mapping[str, Any]) -> str:
    customer = card.get("customer")
    return f"{customer['name']}." if customer and customer.get("name") else "Unknown caller."


def _how(card: Mapping[str, Any]) -> str:
    if not card.get("customer"):
        return ""
    ways = set(card.get("identified_by") or ())
    if card.get("verified"):
        return "Verified."
    return next((said for way, said in _KNOWN_BY.items() if way in ways), "Not verified.")


def _offers(card: Mapping[str, Any]) -> list[str]:
    """Only offers that light an icon: those with a code and a URL."""
    lit = [o for o in card.get("offers") or () if o.get("code") and o.get("url")]
    said = [f"{o['kind'].capitalize()}: {o.get('title') or o['code']}." for o in lit]
    return [*said, _ANSWERS.get(str((card.get("cti") or {}).get("OFFER_ANSWER")), "")]


def _outage(card: Mapping[str, Any]) -> str:
    return "Service failure." if card.get("outage") else ""
