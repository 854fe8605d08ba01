"""What a board shows of an order, and what it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webdesk.board.view import address, board_order

LOOP = {"id": 1, "code": "PANTRY-LOOP", "name": "Loop"}


def order(**changes: Any) -> dict[str, Any]:
    return {
        "order": "6f1c1a52-3f0e-4a54-9d0a-6a0f0a7d5a10",
        "number": 12,
        "version": 3,
        "state": "placed",
        "source": "phone",
        "location": LOOP,
        "client": {
            "id": 7,
            "code": "P10001",
            "name": "Rosa Klein",
            "number": "+13125550150",
            "street": "12 Adams",
            "city": "Chicago",
            "postcode": "60601",
        },
        "method": "delivery",
        "billing": "on_delivery",
        "payment": None,
        "note": "Ring twice",
        "lines": [
            {
                "product": "LATTE",
                "name": "Latte",
                "options": [{"choice": "Milk", "code": "OAT", "name": "oat milk"}],
                "quantity": 2,
                "unit_cents": 450,
            }
        ],
        "total_cents": 1090,
        "due_at": "2026-11-25T15:00:00.000Z",
        "placed_at": "2026-11-25T14:30:00.000Z",
        "accept_by": "2026-11-25T14:35:00.000Z",
        "ended_at": None,
        "timeline": [
            event("begun", "client"),
            event("draft_saved", "client"),
            event("placed", "client"),
        ],
        **changes,
    }


def event(name: str, actor: str = "user:5", **data: Any) -> dict[str, Any]:
    return {"at": "2026-11-25T14:30:00.000Z", "name": f"order.{name}", "actor": actor, "data": data}


def test_a_card_has_what_is_needed_to_make_it() -> None:
    card = board_order(order(), 1)
    assert (card["client"], card["address"]) == ("Rosa K.", "12 Adams, 60601 Chicago")
    assert card["lines"] == [{"name": "Latte", "options": ["oat milk"], "quantity": 2}]
    assert (card["total"], card["payment"]["text"]) == ("$10.90", "Take")
    assert [one["text"] for one in card["timeline"]] == [
        "Begun by the client",
        "Ordered by the client",
    ]


def test_nothing_else_of_the_client_leaves_the_server() -> None:
    for shown in (board_order(order(), 1), board_order(order(), 2)):
        text = json.dumps(shown)
        assert not any(word in text for word in ("Klein", "+1312", "P10001"))


@pytest.mark.parametrize(
    ("place", "now_at"),
    [({**LOOP, "id": 2, "name": "Lakeside"}, "Lakeside"), (None, "an agent")],
)
def test_of_an_order_elsewhere_only_that_is_shown(place: Any, now_at: str) -> None:
    shown = board_order(order(location=place), 1)
    assert set(shown) == {"order", "number", "version", "state", "here", "now_at"}
    assert (shown["here"], shown["now_at"]) == (False, now_at)


@pytest.mark.parametrize(
    ("billing", "link", "state"),
    [
        ("on_delivery", None, "due"),
        ("on_account", None, "account"),
        ("payment_link", None, "open"),
        ("payment_link", {"state": "open"}, "open"),
        ("payment_link", {"state": "paid"}, "paid"),
    ],
)
def test_whether_money_is_to_be_taken(billing: str, link: Any, state: str) -> None:
    assert board_order(order(billing=billing, payment=link), 1)["payment"]["state"] == state


def test_when_it_is_over_no_money_is_to_be_taken() -> None:
    assert board_order(order(state="handed_over"), 1)["payment"]["text"] == "Taken"
    assert board_order(order(state="cancelled"), 1)["payment"]["state"] == "void"


def test_an_address_is_for_deliveries_and_may_be_sound_only() -> None:
    nowhere = {**order()["client"], "street": None, "city": None, "postcode": None}
    assert address(order(method="pick_up")) is None
    assert address(order(client=nowhere)) == ""


def test_declined_is_said_until_it_is_placed_elsewhere() -> None:
    declined = [event("placed"), event("declined", why="Too busy")]
    card = board_order(order(timeline=declined), 1)
    assert card["declined"]
    assert card["timeline"][-1]["text"] == "Declined by staff: Too busy"
    assert not board_order(order(timeline=[*declined, event("passed_over", "system")]), 1)[
        "declined"
    ]
    assert not board_order(order(timeline=declined, state="cancelled"), 1)["declined"]
