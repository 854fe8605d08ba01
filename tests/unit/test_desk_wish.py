"""What an agent's form says of an order is checked before anything is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from webdesk.desk_orders.wish import WishError, draft_json, read_wish

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
FORM = {
    "order": "0b5e2f0a-53d9-4a8e-8f3b-111111111111",
    "version": "3",
    "basket": '{"lines": [{"product": "LATTE", "quantity": 2}], "method": "delivery"}',
    "billing": "on_delivery",
    "due": "2026-11-25T18:00",
    "note": "  no   lid ",
    "total_cents": "880",
}


def test_a_form_is_read() -> None:
    wish = read_wish({**FORM, "street": "1 Elm", "city": "Chicago"}, CHICAGO, NOW)
    assert (wish.version, wish.note, wish.total_cents) == (3, "no lid", 880)
    assert wish.draft.due_at == datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    told = draft_json(wish, customer=8, suggestion=2)
    assert told["address"] == {"street": "1 Elm", "city": "Chicago"}
    assert (told["customer"], told["suggestion"]) == (8, 2), "what the dialogue knew stays"
    assert "suggested" not in told


def test_a_form_without_an_address_says_nothing_of_it() -> None:
    """An empty one says that it is the client's home."""
    assert "address" not in draft_json(read_wish(FORM, CHICAGO, NOW))
    emptied = {**FORM, "street": "", "city": "", "postcode": ""}
    assert draft_json(read_wish(emptied, CHICAGO, NOW))["address"] is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("order", "7", "incomplete"),
        ("version", "-1", "incomplete"),
        ("version", "9" * 30, "incomplete"),
        ("basket", "{}", "missing"),
        ("basket", "x", "no JSON"),
        ("billing", "card", "ways to pay"),
        ("due", "yesterday", "time"),
        ("due", "2020-01-01T10:00", "past|over|later"),
        ("note", "a" * 501, "500"),
        ("note", "a\x07", "can be read"),
        ("street", "1 Elm", "needs street and city"),
    ],
)
def test_what_is_wrong_is_said(field: str, value: str, said: str) -> None:
    with pytest.raises(WishError, match=said):
        read_wish({**FORM, field: value}, CHICAGO, NOW)
