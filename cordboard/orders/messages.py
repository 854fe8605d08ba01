"""What a client is told of an order by e-mail, out of its timeline. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from cordboard.orders.phrases import when
from cordboard.orders.pricing import dollars

Json = Mapping[str, Any]

#: What happened longer ago is no news: it was told then, or nobody could.
NEWS = timedelta(days=1)
#: As ``outbox.subject`` takes it; the name of a subscriber alone may be as long.
LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail; of the same moment of the same order it has the same ``id``."""

    id: UUID
    subject: str
    body: str


#: Name in the timeline -> end of the subject, and the text.
WORDS = {
    "order.placed": ("is with us", "Thank you for your order. {place} makes it. {ready}{pay}"),
    "order.accepted": ("is accepted", "{place} has accepted your order. {ready}"),
    "order.ready": ("is ready", "Your order is ready for you at {place}."),
    "order.cancelled": ("was cancelled", "We are sorry: your order was cancelled. {why}"),
    "order.moved": ("is made elsewhere", "{place} makes your order now. {ready}"),
    "order.passed_over": (
        "is made elsewhere",
        "The location that you chose could not take your order in time; {place} makes it instead."
        " {ready}",
    ),
    "order.to_pay_back": (
        "will be paid back",
        "You have paid {amount} for this order, which is cancelled. One of our people pays it back,"
        " and calls you if there is a question.",
    ),
    "order.paid_back": ("was paid back", "We have paid {amount} back to you."),
    "order.needs_agent": (
        "needs a moment",
        "None of our locations could take your order in time. One of our people looks after it now,"
        " and calls you if there is a question.",
    ),
}
ON_ITS_WAY = ("is on its way soon", "Your order is ready and will be brought to you.")


def messages(order: Json, now: datetime, pay: str = "") -> Iterator[Message]:
    """All that is to be told of an order (``order_json_v1``), the oldest first.

    The ids keep what was told before from being told again. ``pay`` is the address under which an
    order that is paid by a link can be paid; empty when nobody takes payments.
    """
    for event in order["timeline"]:
        at = datetime.fromisoformat(event["at"])
        # What clients do themselves they need not be told, but that we have it.
        news = event["actor"] != "client" or event["name"] == "order.placed"
        if event["name"] in WORDS and news and now - at <= NEWS:
            yield _message(order, event, now, pay)


def _message(order: Json, event: Json, now: datetime, pay: str) -> Message:
    head, text = WORDS[event["name"]]
    if event["name"] == "order.ready" and order["method"] == "delivery":
        head, text = ON_ITS_WAY
    data = event["data"]
    values = {
        "place": _place(order),
        "ready": _ready(order, now),
        "pay": f"\n\nYou can pay it here: {pay}" if pay and _is_to_be_paid(order) else "",
        "amount": dollars(data.get("amount_cents", 0)),
        "why": f"The reason: {data['why']}" if data.get("why") else "",
    }
    shop, what = order["subscriber"]["name"], f": order {order['number']} {head}"
    subject = shop[: LONGEST_SUBJECT - len(what)] + what
    body = f"Hello,\n\n{text.format_map(values).rstrip()}\n\n{_summary(order)}\n\n{shop}\n"
    return Message(uuid5(UUID(order["order"]), f"{event['name']} {event['at']}"), subject, body)


def _is_to_be_paid(order: Json) -> bool:
    return order.get("billing") == "payment_link" and order["total_cents"] > 0


def _place(order: Json) -> str:
    place = order["location"]
    return f"{place['name']}, {place['street']}, {place['city']}" if place else "Our location"


def _ready(order: Json, now: datetime) -> str:
    place = order["location"]
    zone = ZoneInfo((place or order["subscriber"])["timezone"])
    due = datetime.fromisoformat(order["due_at"]).astimezone(zone)
    said = when(due, now)
    return {
        "delivery": f"It is with you {said}.",
        "appointment": f"Your appointment is {said}.",
    }.get(order["method"], f"It is ready {said}.")


def _summary(order: Json) -> str:
    lines = [f"{line['quantity']} x {_named(line)}" for line in order["lines"]]
    return "\n".join([*lines, f"Total with tax: {dollars(order['total_cents'])}"])


def _named(line: Json) -> str:
    options = ", ".join(option["name"] for option in line["options"])
    return f"{line['name']} ({options})" if options else str(line["name"])
