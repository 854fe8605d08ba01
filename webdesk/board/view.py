"""An order as a board shows it: what its location needs to make it, and no more. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordboard.orders.pricing import dollars

Json = dict[str, Any]

METHODS = {"pick_up": "Pick-up", "delivery": "Delivery", "appointment": "Appointment"}
SOURCES = {"phone": "by phone", "web": "on the web", "agent": "by an agent"}
DEEDS = {
    "order.begun": "Begun",
    "order.taken": "Taken up",
    "order.draft_saved": "Written down",
    "order.placed": "Ordered",
    "order.accepted": "Accepted",
    "order.ready": "Ready",
    "order.handed_over": "Handed over",
    "order.cancelled": "Cancelled",
    "order.moved": "Moved",
    "order.declined": "Declined",
    "order.passed_over": "Not accepted in time",
    "order.needs_agent": "Given to an agent",
    "order.client_told": "The client knows where it is made",
    "order.paid": "Paid",
}
#: Nobody at a location asks how it came to the order.
UNTOLD = frozenset({"order.taken", "order.draft_saved"})


def board_order(order: Mapping[str, Any], location: int) -> Json:
    """A card; of an order that is somewhere else now, only where that is."""
    head = {key: order[key] for key in ("order", "number", "version", "state")}
    place = order["location"]
    if place is None or place["id"] != location:
        return {**head, "here": False, "now_at": place["name"] if place else "an agent"}
    kept = ("method", "note", "due_at", "placed_at", "accept_by", "ended_at")
    return {
        **head,
        **{key: order[key] for key in kept},
        "here": True,
        "declined": is_declined(order),
        "client": short_name(order["client"]["name"]),
        "method_text": METHODS[order["method"]],
        "address": address(order),
        "payment": payment(order),
        "total": dollars(order["total_cents"]),
        "lines": [_line(line) for line in order["lines"]],
        "source": SOURCES[order["source"]],
        "timeline": [_event(event) for event in order["timeline"] if event["name"] not in UNTOLD],
    }


def is_declined(order: Mapping[str, Any]) -> bool:
    """Whether it is about to go elsewhere."""
    timeline = order["timeline"]
    last = timeline[-1]["name"] if timeline else ""
    return bool(order["state"] == "placed" and last == "order.declined")


def short_name(name: str) -> str:
    """First name and the initial of the last one: enough to call out.

    >>> short_name("Rosa Maria Klein"), short_name("Rosa"), short_name(" ")
    ('Rosa K.', 'Rosa', 'Client')
    """
    words = name.split()
    if not words:
        return "Client"
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 else words[0]


def address(order: Mapping[str, Any]) -> str | None:
    """Where it is delivered; None for any other method. An address that is sound only is empty."""
    if order["method"] != "delivery":
        return None
    client = order["client"]
    town = " ".join(part for part in (client["postcode"], client["city"]) if part)
    return ", ".join(part for part in (client["street"], town) if part)


def payment(order: Mapping[str, Any]) -> Json:
    """``state`` is ``due`` (take the total), ``open`` (to be paid by link), ``paid`` and so on."""
    link = order["payment"]
    if order["state"] == "cancelled":
        return {"state": "void", "text": "Nothing to take"}
    if order["billing"] == "on_account":
        return {"state": "account", "text": "On account"}
    if order["billing"] == "payment_link":
        paid = bool(link and link["state"] == "paid")
        return {"state": "paid" if paid else "open", "text": "Paid" if paid else "Not paid yet"}
    if order["state"] == "handed_over":
        return {"state": "paid", "text": "Taken"}
    return {"state": "due", "text": "Take"}


def _line(line: Mapping[str, Any]) -> Json:
    options = [option["name"] for option in line["options"]]
    return {"name": line["name"], "options": options, "quantity": line["quantity"]}


def _event(event: Mapping[str, Any]) -> Json:
    """One line of the timeline in words."""
    deed = DEEDS.get(event["name"], event["name"].partition(".")[2].replace("_", " ").capitalize())
    who = {"client": " by the client", "system": ""}.get(event["actor"], " by staff")
    why = event["data"].get("why")
    return {"at": event["at"], "text": f"{deed}{who}" + (f": {why}" if why else "")}
