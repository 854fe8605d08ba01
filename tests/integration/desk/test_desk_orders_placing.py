"""An order of the desk is placed once, as it was read back, and where it can be served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from db.demo.world import NEVER
from support.desk_order import EVANSTON, KNIVES, LATTE, Call, call, customer, gus
from support.regulars import LAKE, LOOP
from support.shop_orders import pay

__all__ = ["call", "customer", "gus"]

Json = dict[str, Any]
CHICAGO = ZoneInfo("America/Chicago")


def test_placed_once_as_it_was_read_back(call: Call) -> None:
    draft = call.draft()
    saved = call.send(draft["order"], call.shown()["order"]["version"]).json["order"]
    asked = {"path": "/place", "total_cents": saved["total_cents"]}
    placed = [call.send(draft["order"], saved["version"], **asked) for _ in "12"]
    assert [one.status_code for one in placed] == [200, 200]
    assert [one.json["order"]["state"] for one in placed] == ["placed", "placed"]
    late = call.send(draft["order"], saved["version"], lines=[{**LATTE, "quantity": 3}])
    assert late.status_code == 409
    purchases = "SELECT count(*) FROM purchase WHERE order_id = %s"
    assert call.database.value(purchases, draft["order"]) == 1


def test_a_price_that_has_changed_is_read_back_again(call: Call) -> None:
    draft = call.draft()
    saved = call.send(draft["order"], call.shown()["order"]["version"]).json["order"]
    refused = call.send(draft["order"], saved["version"], "/place", total_cents=1)
    assert (refused.status_code, refused.json["code"]) == (409, "price-changed")
    assert saved["total"] in refused.json["detail"]
    assert call.order(draft["order"])["state"] == "draft"


def test_the_address_is_the_drafts_and_is_read_back(call: Call) -> None:
    draft, there = call.draft(), {"street": "5 Elm Street", "city": "Chicago", "postcode": "60601"}
    version = call.shown()["order"]["version"]
    home = call.send(draft["order"], version, method="delivery").json["order"]
    assert "delivered to 1 Reed Street, Chicago 60601" in home["readback"]
    saved = call.send(draft["order"], home["version"], method="delivery", **there)
    assert saved.status_code == 200, saved.text
    seen = call.shown()["order"]
    assert {name: seen[name] for name in there} == there, "for another window, another agent"
    assert "delivered to 5 Elm Street, Chicago 60601" in seen["readback"]
    asked = {"path": "/place", "total_cents": seen["total_cents"], "method": "delivery"}
    placed = call.send(draft["order"], seen["version"], **asked)
    assert placed.status_code == 200, placed.text
    assert call.order(draft["order"])["street"] == "5 Elm Street"


def at_night() -> str:
    return f"{datetime.now(CHICAGO) + timedelta(days=8):%Y-%m-%d}T03:00"


def at_once() -> str:
    return f"{datetime.now(CHICAGO) + timedelta(minutes=3):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due": at_night, "at": EVANSTON}, "closed at that time"),
        ({"due": at_once}, "cannot be ready by then"),
        (
            {"method": "delivery", "street": "1 A", "city": "B", "postcode": "99501"},
            "too far away",
        ),
        ({"method": "appointment", "lines": [KNIVES], "at": LAKE}, "does not have all of it"),
        ({"method": "appointment", "lines": [KNIVES], "at": EVANSTON}, "does not do this"),
    ],
)
def test_nothing_is_placed_where_it_cannot_be_served(call: Call, changes: Json, said: str) -> None:
    # Times count from when the test runs: the suite is collected long before.
    changes = {name: made() if callable(made) else made for name, made in changes.items()}
    order = str(uuid4())
    saved = call.send(order, 0, **changes).json["order"]
    asked = {"path": "/place", "total_cents": saved["total_cents"], **changes}
    refused = call.send(order, saved["version"], **asked)
    assert (refused.status_code, refused.json["code"]) == (422, "cannot-serve")
    assert said in refused.json["detail"]
    assert call.order(order)["state"] == "draft"


def test_a_location_that_closes_while_the_order_is_read_out(call: Call) -> None:
    draft = call.draft()
    saved = call.send(draft["order"], call.shown()["order"]["version"]).json["order"]
    asked = {"path": "/place", "total_cents": saved["total_cents"]}
    # Another schedule stands for the clock.
    with call.database.changed("location", {"code": LOOP}, schedule_id=NEVER):
        refused = call.send(draft["order"], saved["version"], **asked)
        assert (refused.status_code, refused.json["code"]) == (422, "cannot-serve")
        assert "closed" in refused.json["detail"]
    placed = call.send(draft["order"], saved["version"], **asked)
    assert placed.status_code == 200, placed.text
    with call.database.changed("location", {"code": LOOP}, active=False):
        again = call.send(draft["order"], saved["version"], **asked)
        assert again.json["order"]["state"] == "placed", "what was placed is answered as it is"


def test_nothing_is_delivered_to_nowhere(call: Call, customer: int) -> None:
    query = "UPDATE customer SET street = NULL, city = NULL WHERE id = %s"
    call.database.connection.execute(query, [customer])
    order = str(uuid4())
    saved = call.send(order, 0, method="delivery").json["order"]
    assert "address: ask" in saved["readback"]
    asked = {"path": "/place", "total_cents": saved["total_cents"], "method": "delivery"}
    refused = call.send(order, saved["version"], **asked)
    assert (refused.status_code, refused.json["code"]) == (422, "cannot-serve")
    assert "where it is delivered" in refused.json["detail"]


def settle(call: Call, order: str) -> None:
    """The provider says that the order is paid."""
    pay(call.database.connection, call.settings, {"order": order})


def make_ready(call: Call, order: str) -> None:
    """The location has made it."""
    query = "SELECT advance_order_v1(%s, %s, 'user:12', %s)"
    for state in ("accepted", "ready"):
        call.database.value(query, order, state, call.order(order)["version"])


@pytest.mark.parametrize(
    ("too_late", "said"),
    [(settle, "is paid by now"), (make_ready, "is ready and cannot be changed any more")],
)
def test_a_change_of_what_cannot_be_changed_any_more_is_asked_about(
    call: Call, too_late: Callable[[Call, str], None], said: str
) -> None:
    def place(seen: Json, **more: Any) -> Any:
        agreed = {"total_cents": seen["total_cents"], **more}
        return call.send(seen["order"], seen["version"], "/place", **agreed)

    link = {"billing": "payment_link"}
    first = place(call.send(str(uuid4()), 0, **link).json["order"], **link).json["order"]
    draft = call.draft(replaces=first["order"])
    too_late(call, first["order"])
    version = call.order(draft["order"])["version"]
    refused = place(call.send(draft["order"], version, note="Hot").json["order"], note="Hot")
    assert (refused.status_code, refused.json["code"]) == (409, "order-stays")
    assert f"order {first['number']} {said}" in refused.json["detail"]
    assert "another order" in refused.json["detail"]
    kept = call.order(draft["order"])
    assert (kept["state"], kept["replaces"], kept["note"]) == ("draft", None, "Hot")
    placed = place(refused.json["order"], note="Hot")
    assert placed.status_code == 200, placed.text
    assert placed.json["order"]["state"] == "placed"
    assert call.order(first["order"])["state"] != "cancelled"
