"""Orders in words and figures, as pages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cordboard import visit_times
from cordboard.orders.phrases import away
from cordboard.orders.places import Why
from cordboard.orders.pricing import dollars

Json = Mapping[str, Any]

METHODS = {"pick_up": "Pick up", "delivery": "Delivery", "appointment": "Appointment"}
BILLING = {
    "on_delivery": "When you get it",
    "on_account": "On your account",
    "payment_link": "Online, on our payment partner's page",
}
STATES = {
    "draft": "Not sent yet",
    "placed": "Sent to the shop",
    "accepted": "Accepted",
    "ready": "Ready",
    "handed_over": "Handed over",
    "cancelled": "Cancelled",
    "abandoned": "Given up",
}
#: What the client sees of a timeline, and how.
EVENTS = {
    "order.begun": "You began the order",
    "order.placed": "You placed the order",
    "order.accepted": "The shop accepted it",
    "order.ready": "It is ready",
    "order.handed_over": "It was handed over",
    "order.cancelled": "It was cancelled",
    "order.moved": "Another location makes it",
    "order.passed_over": "Another location makes it, since the first could not take it in time",
    "order.needs_agent": "One of our people looks after it",
    "order.client_told": "You were told where it is made",
    "order.paid": "It is paid",
    "order.payment_declined": "The payment was declined",
    "order.to_pay_back": "One of our people pays back what you paid",
    "order.paid_back": "It was paid back",
}
WHY_NOT = {
    Why.INACTIVE: "takes no orders now",
    Why.NOT_AT: "cannot take this order",
    Why.METHOD: "does not do this",
    Why.PRODUCTS: "does not have all of it",
    Why.AREA: "too far away",
    Why.CLOSED: "closed at that time",
    Why.TOO_SOON: "cannot be ready by then",
    Why.FULL: "has as many orders as it can make",
}


def percent(basis_points: int) -> str:
    """A rate of tax.

    >>> percent(825), percent(1000)
    ('8.25 %', '10 %')
    """
    return f"{basis_points / 100:g} %"


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A time as one says it: today at 8:05 AM."""
    return visit_times.say(at, zone, now)


def distance(metres: float | None, country: str) -> str:
    """How far it is; empty when nobody knows."""
    return "" if metres is None else away(metres, country)


def timeline(order: Json, zone: ZoneInfo, now: datetime) -> list[dict[str, str]]:
    """What happened, oldest first, without what the client need not know."""
    told = [event for event in order["timeline"] if event["name"] in EVENTS]
    return [
        {
            "text": EVENTS[event["name"]],
            "at": event["at"],
            "when": moment(datetime.fromisoformat(event["at"]), zone, now),
        }
        for event in told
    ]


def headline(order: Json) -> str:
    """The state of an order in a few words."""
    if order["needs_agent"] and order["state"] == "placed":
        return "One of our people looks after it"
    return STATES[order["state"]]


FILTERS: dict[str, Callable[..., str]] = {"dollars": dollars, "percent": percent}
