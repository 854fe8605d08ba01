"""The call card as a person reads it: numbers formatted, scripts filled, bad URLs taken out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import phonenumbers

from cordboard import script

Json = dict[str, Any]

#: Words for how a customer was identified.
IDENTIFIED = {
    "ani": "caller ID",
    "account": "account number",
    "ssn": "social security number",
    "agent": "you, by look-up",
}


def number_text(number: str | None) -> str:
    """A telephone number as people write it; what is not a number stays as it is.

    >>> number_text("+12125550140")
    '+1 212-555-0140'
    """
    if not number:
        return "No number"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def web_url(url: object) -> str:
    """``url`` when a browser may be sent there, else ``""``."""
    if not isinstance(url, str):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def identified_text(how: list[str]) -> str:
    """``["ani", "ssn"]`` -> "caller ID and social security number"."""
    words = [IDENTIFIED.get(step, step) for step in how]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def present_card(card: Json, agent_name: str, zone: str = "UTC") -> Json:
    """A card, or some fields of one, with what the page shows added."""
    shown = dict(card)
    for field in ("ani", "dnis"):
        if field in card:
            shown[f"{field}_text"] = number_text(card[field])
    if "identified_by" in card:
        shown["identified_text"] = identified_text(card["identified_by"] or [])
    if "offers" in card:
        offers = card["offers"] or []
        shown["offers"] = [{**offer, "url": web_url(offer.get("url"))} for offer in offers]
    if card.get("ranking"):
        shown["ranking"] = [present_entry(entry) for entry in card["ranking"]]
    if card.get("web"):
        shown["web"] = _present_web(card["web"])
    if card.get("outage"):
        shown["outage"] = _present_outage(card["outage"], card, agent_name, zone)
    return shown


def present_entry(entry: Json) -> Json:
    """One entry of a ranking as an agent reads it; ``has_page`` instead of the unfilled address."""
    shown = {name: value for name, value in entry.items() if name != "url"}
    return {
        **shown,
        "has_page": bool(web_url(entry.get("url"))),
        "p_text": percent_text(entry.get("p")),
        "value_text": dollar_text(entry.get("value_cents")),
        "ev_text": dollar_text(entry.get("ev_cents")),
    }


def percent_text(p: float | None) -> str:
    """A probability as people read it; empty for none.

    >>> percent_text(0.304), percent_text(0.0254), percent_text(0.0004)
    ('30%', '2.5%', 'under 0.1%')
    """
    if p is None:
        return ""
    percent = 100 * p
    if 0 < percent < 0.1:
        return "under 0.1%"
    return f"{percent:.0f}%" if percent >= 9.95 or percent == 0 else f"{percent:.1f}%"


def dollar_text(cents: int | None) -> str:
    """Cents as dollars; without cents from a hundred dollars on. Empty for none.

    >>> dollar_text(36000), dollar_text(1250), dollar_text(123456)
    ('$360', '$12.50', '$1,235')
    """
    if cents is None:
        return ""
    return f"${cents / 100:,.0f}" if cents >= 100_00 else f"${cents / 100:,.2f}"


def _present_web(web: Json) -> Json:
    """What a visitor's browser said is not to be trusted: addresses that are none are taken out."""
    shown = dict(web)
    if "page_url" in web:
        shown["page_url"] = web_url(web["page_url"])
    for name in ("pages", "pushes"):
        if web.get(name):
            shown[name] = [{**page, "url": web_url(page.get("url"))} for page in web[name]]
    return shown


def _present_outage(outage: Json, card: Json, agent_name: str, zone: str) -> Json:
    now = datetime.now(UTC)
    expected = script.spoken_time(outage.get("expected_end"), zone, now)
    values = {**script_values(card, agent_name), "expected_end": expected}
    return {
        **outage,
        "expected_text": expected,
        "zone": zone.rpartition("/")[2].replace("_", " "),
        "script": script.as_json(outage.get("script") or "", values),
    }


def script_values(card: Json, agent_name: str) -> dict[str, object]:
    """What a card knows for the placeholders of a script."""
    customer = card.get("customer") or {}
    first, _, last = str(customer.get("name") or "").rpartition(" ")
    return {
        "first_name": customer.get("first_name") or first or last,
        "last_name": customer.get("last_name") or last,
        "name": customer.get("name"),
        "account": customer.get("account"),
        "product": customer.get("product"),
        "detail": (card.get("outage") or {}).get("detail"),
        "agent_name": agent_name,
        "subscriber": (card.get("subscriber") or {}).get("name"),
    }


def present_event(kind: str, data: str, agent_name: str, zones: dict[str, str]) -> str:
    """The JSON of a desk event as the browser receives it, on one line."""
    if kind not in ("call.offered", "call.updated", "offer.attached"):
        return " ".join(data.splitlines())
    event: Json = orjson.loads(data)
    field = "call" if kind == "call.offered" else "changed"
    card = event.get(field) or {}
    shown = present_card(card, agent_name, zone_of(card, zones))
    return orjson.dumps({**event, field: shown}).decode()


def zone_of(card: Json, zones: dict[str, str]) -> str:
    """Time zone of the card's subscriber, as far as it is known."""
    return zones.get((card.get("subscriber") or {}).get("code", ""), "UTC")
