"""What an agent hears before the caller: subscriber, who, how we know, which offer. No I/O.

The announcement is a list of short phrases rather than one text: each is spoken once and kept, and
most of them (subscriber, offers, how identified) are the same for thousands of calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: How each way of identification is said.
_KNOWN_BY = {
    "ani": "phone number",
    "account": "account number",
    "ssn": "social security number",
    "agent": "look-up",
}
#: Longest phrase, characters; names come from a database that others fill.
_MAX_PHRASE = 120


def phrases(card: Mapping[str, Any]) -> list[str]:
    """The phrases for one call's card, in the order in which they are played."""
    spoken = [_where(card), _who(card), _how(card), *_offers(card), _outage(card)]
    return [phrase[:_MAX_PHRASE] for phrase in spoken if phrase]


def _where(card: Mapping[str, Any]) -> str:
    """Subscriber and queue: agents serve several of both."""
    names = [str((card.get(part) or {}).get("name") or "") for part in ("subscriber", "queue")]
    return f"{', '.join(filter(None, names))}." if any(names) else ""


def _who(card: Mapping[str, Any]) -> str:
    customer = card.get("customer")
    return f"{customer['name']}." if customer and customer.get("name") else "Unknown caller."


def _how(card: Mapping[str, Any]) -> str:
    if not card.get("customer"):
        return ""
    ways = [_KNOWN_BY[way] for way in card.get("identified_by") or () if way in _KNOWN_BY]
    known = f"Known by {_listed(ways)}, " if ways else ""
    state = "verified." if card.get("verified") else "not verified."
    return known + state if known else state.capitalize()


def _offers(card: Mapping[str, Any]) -> list[str]:
    """Only offers that light an icon: those with a code and a URL."""
    lit = [o for o in card.get("offers") or () if o.get("code") and o.get("url")]
    return [f"{o['kind'].capitalize()} offer: {o.get('title') or o['code']}." for o in lit]


def _outage(card: Mapping[str, Any]) -> str:
    return "The account is touched by a service failure." if card.get("outage") else ""


def _listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
