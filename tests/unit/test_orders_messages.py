"""What clients are told of their orders by e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordboard.orders.messages import messages

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
ORDER = "6f1c1a52-3f0e-4a54-9d0a-6a0f0a7d5a10"


def event(name: str, actor: str = "user:7", minutes_ago: int = 1, **data: Any) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    return {"at": at, "name": f"order.{name}", "actor": actor, "data": data}


def order(*timeline: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "order": ORDER,
        "number": 12,
        "method": "pick_up",
        "due_at": (NOW + timedelta(minutes=20)).isoformat(),
        "location": {
            "name": "Loop",
            "street": "1 Adams",
            "city": "Chicago",
            "timezone": "America/Chicago",
        },
        "subscriber": {"name": "Corner Pantry", "timezone": "America/Chicago"},
        "lines": [
            {"name": "Latte", "quantity": 2, "options": [{"name": "Large"}, {"name": "Oat milk"}]},
            {"name": "Bagel", "quantity": 1, "options": []},
        ],
        "total_cents": 880,
        "timeline": list(timeline),
        **changes,
    }


def subjects(*timeline: dict[str, Any], **changes: Any) -> list[str]:
    return [message.subject for message in messages(order(*timeline, **changes), NOW)]


def test_acceptance_says_where_and_when_by_the_clock_there() -> None:
    (message,) = messages(order(event("accepted")), NOW)
    assert message.subject == "Corner Pantry: order 12 is accepted"
    assert "Loop, 1 Adams, Chicago has accepted your order. It is ready at 8:50 AM." in message.body
    assert "2 x Latte (Large, Oat milk)\n1 x Bagel\nTotal with tax: $8.80" in message.body


def test_what_is_paid_back_is_told_twice() -> None:
    """That it will be, and that it was; also to whoever cancelled."""
    amount = {"amount_cents": 1626}
    told = order(
        event("cancelled", actor="client"),
        event("to_pay_back", actor="system", **amount),
        event("paid_back", **amount),
    )
    owed, done = messages(told, NOW)
    assert owed.subject == "Corner Pantry: order 12 will be paid back"
    assert (
        "You have paid $16.26 for this order, which is cancelled. One of our people pays it back"
        in owed.body
    )
    assert "We have paid $16.26 back to you." in done.body


def test_a_subject_is_never_longer_than_the_outbox_takes() -> None:
    subscriber = {"name": "P" * 120, "timezone": "America/Chicago"}
    (subject,) = subjects(event("passed_over"), subscriber=subscriber)
    assert len(subject) == 120
    assert subject.endswith("P: order 12 is made elsewhere")


def test_a_placed_order_is_told_with_where_it_is_paid() -> None:
    placed = event("placed", actor="client")
    (message,) = messages(
        order(placed, billing="payment_link"), NOW, "https://x/order/pantry/pay/t"
    )
    assert message.subject == "Corner Pantry: order 12 is with us"
    assert "It is ready at 8:50 AM.\n\nYou can pay it here: https://x/order" in message.body
    for unpaid in (
        order(placed, billing="on_delivery"),
        order(placed, billing="payment_link", total_cents=0),
    ):
        (message,) = messages(unpaid, NOW, "https://x/order/pantry/pay/t")
        assert "pay" not in message.body
    (message,) = messages(order(placed, billing="payment_link"), NOW)
    assert "pay" not in message.body


@pytest.mark.parametrize(
    ("method", "said"),
    [("delivery", "It is with you at"), ("appointment", "Your appointment is at")],
)
def test_the_method_decides_what_is_said_of_the_time(method: str, said: str) -> None:
    (message,) = messages(order(event("accepted"), method=method), NOW)
    assert said in message.body


def test_a_cancellation_gives_the_reason_if_there_is_one() -> None:
    (with_reason,) = messages(order(event("cancelled", why="The oven is broken")), NOW)
    assert "The reason: The oven is broken\n" in with_reason.body
    (without,) = messages(order(event("cancelled")), NOW)
    assert "was cancelled.\n" in without.body


def test_an_order_that_went_on_tells_each_step_in_order() -> None:
    steps = event("passed_over", "system"), event("needs_agent", "system"), event("ready")
    assert subjects(*steps, location=None, method="delivery") == [
        "Corner Pantry: order 12 is made elsewhere",
        "Corner Pantry: order 12 needs a moment",
        "Corner Pantry: order 12 is on its way soon",
    ]


def test_nobody_is_told_what_they_did_themselves_or_what_is_inside_business() -> None:
    assert subjects(event("cancelled", "client")) == []
    assert subjects(event("declined"), event("handed_over")) == []


def test_what_happened_yesterday_is_no_news() -> None:
    assert subjects(event("accepted", minutes_ago=25 * 60)) == []


def test_the_same_moment_has_the_same_id_and_another_has_another() -> None:
    twice = event("accepted", minutes_ago=9), event("accepted", minutes_ago=2)
    first, second = messages(order(*twice), NOW)
    assert first.id != second.id
    assert [first.id, second.id] == [m.id for m in messages(order(*twice), NOW)]
