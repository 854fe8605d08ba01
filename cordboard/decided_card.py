"""What a decision changes on a call's card: ranking, attached offers, call data. No I/O.

The same is applied to the database by ``record_decision_v1``, a moment later.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from cordboard import cti

Json = dict[str, Any]

_HTTP = re.compile(r"https?://[^\s\"<>]+")


def changes(card: Mapping[str, Any], record: Mapping[str, Any], *, required: bool) -> Json:
    """The fields of the card that change.

    Args:
        card: as it is.
        record: the decision's JSON.
        required: whether the group wants a code for each offer whose icon is lit.
    """
    chosen = {kind: code for kind, code in record["chosen"].items() if not _opened(card, kind)}
    entries = {entry["offer"]: entry for entry in record["ranking"]}
    kept = [offer for offer in card.get("offers") or () if offer["kind"] not in chosen]
    attached = [_attached(card, entries[id_]) for id_ in chosen.values() if id_ in entries]
    offers = sorted([*kept, *attached], key=lambda offer: str(offer["kind"]))
    codes = {offer["code"] for offer in offers}
    return {
        "offers": offers,
        "cti": _data(card.get("cti") or {}, attached, chosen),
        "required": [offer["kind"] for offer in offers if offer["url"]] if required else [],
        "ranking": [_shown(entry, codes) for entry in record["ranking"]],
        "decision": {name: record[name] for name in ("id", "route", "explored")},
    }


def _opened(card: Mapping[str, Any], kind: str) -> bool:
    """Whether the agent has opened the page of this kind: that offer stays."""
    offers = card.get("offers") or ()
    return any(offer["kind"] == kind and offer.get("opened") for offer in offers)


def _attached(card: Mapping[str, Any], entry: Mapping[str, Any]) -> Json:
    url = filled_url(entry["url"], card)
    shown = {name: entry[name] for name in ("kind", "code", "title", "rank")}
    return {**shown, "url": url or None, "opened": None}


def _shown(entry: Mapping[str, Any], codes: Collection[str]) -> Json:
    """An entry of the ranking as the desk shows it, before anything was presented."""
    attached = entry["code"] in codes
    return {**entry, "attached": attached, "presented": None, "answer": None, "result": None}


def _data(data: Mapping[str, Any], offers: list[Json], kinds: Collection[str]) -> dict[str, str]:
    """Call data with the codes and addresses of what is attached now."""
    names = {f"{kind.upper()}_OFFER_{what}" for kind in kinds for what in ("CODE", "URL")}
    found: dict[str, Any] = {key: value for key, value in data.items() if key not in names}
    for offer in offers:
        prefix = offer["kind"].upper()
        found |= {f"{prefix}_OFFER_CODE": offer["code"], f"{prefix}_OFFER_URL": offer["url"]}
    return cti.clean(found)


def filled_url(url: str, card: Mapping[str, Any]) -> str:
    """An offer's address filled for one call; empty when it is none, or too long to travel.

    >>> filled_url("https://x.example/{customer}?c={call}", {"id": "7", "customer": {"code": "Ä"}})
    'https://x.example/%C3%84?c=7'
    """
    customer = card.get("customer") or {}
    values = {"{call}": card.get("id"), "{account}": customer.get("account")}
    for name, value in {**values, "{customer}": customer.get("code")}.items():
        url = url.replace(name, quote(str(value or ""), safe=""))
    return url if _HTTP.fullmatch(url) and len(url) <= cti.MAX_VALUE else ""
