"""Nobody accepts an order in time: it goes to the next location, and the client is told."""

from __future__ import annotations

import orjson
import pytest

from cordboard import keys
from cordboard.orders.phrases import spelled
from cordboard.sipp import eventually
from support.database import Json
from support.regulars import FLAT_WHITE, LAKE, LOOP, OrderCall, Regular, Shop
from support.shop_orders import overdue

MAILBOX = "rosa@example.com"


@pytest.fixture
def rosa(shop: Shop) -> Regular:
    """A regular of Loop, who has an e-mail address."""
    rosa = shop.client("Rosa", FLAT_WHITE, FLAT_WHITE)
    shop.given.changed("customer", {"id": rosa.id}, email=MAILBOX)
    return rosa


@pytest.fixture
def order(shop: Shop, rosa: Regular) -> Json:
    """Ordered by telephone at Loop, where nobody looks at the board."""
    call = shop.call(rosa)
    call.goes(("main", "1"), ("readback", "1"))
    call.hears("done")
    call.leaves("automated")
    (order,) = rosa.orders()
    assert (order["state"], order["location"]) == ("placed", LOOP)
    return order


def on_board(shop: Shop, location: str, order: Json) -> Json | None:
    """An order as a board was told of it last; None: a board that is opened now lacks it."""
    query = "SELECT id FROM location WHERE code = %s"
    location_id = shop.database.value(query, location)
    shown = shop.database.rows("SELECT board_orders_v1(%s) AS shown", location_id)
    stream = shop.given.redis.xrange(keys.board(location_id))
    told = [orjson.loads(fields[b"data"]) for _, fields in stream]  # type: ignore[union-attr]
    last = next((one for one in reversed(told) if one["order"] == str(order["id"])), None)
    there = any(row["shown"]["order"] == str(order["id"]) for row in shown)
    return last if there else None


def mails(shop: Shop, order: Json) -> list[str]:
    """Subjects of what the client of an order was written."""
    query = "SELECT subject FROM outbox WHERE order_id = %s AND recipient = %s ORDER BY created_at"
    return [row["subject"] for row in shop.database.rows(query, order["id"], MAILBOX)]


def asks_for_the_last_order(shop: Shop, rosa: Regular) -> tuple[OrderCall, str]:
    """The client calls again, and hears what became of it."""
    call = shop.call(rosa)
    call.answers("main", "5")
    call.hears("last_order")
    return call, call.texts()[0]


def test_what_nobody_accepts_is_made_elsewhere(shop: Shop, rosa: Regular, order: Json) -> None:
    eventually(lambda: on_board(shop, LOOP, order), what="Loop's board has it")
    overdue(shop.database.connection, {"order": order["id"]})

    moved = eventually(lambda: on_board(shop, LAKE, order), what="Lakeside's board has it")
    assert (moved["state"], moved["location"]["code"]) == ("placed", LAKE)
    assert moved["passed_over"] == [LOOP]
    assert on_board(shop, LOOP, order) is None
    elsewhere = f"order {order['number']} is made elsewhere"
    eventually(lambda: mails(shop, order)[-1].endswith(elsewhere), what="the client is written")
    call, said = asks_for_the_last_order(shop, rosa)
    number = spelled(str(order["number"]))
    assert said.startswith(f"Order {number}, 2 Flat white with oat milk, 10 dollars 63, was")
    assert ", for Lake" in said
    call.leaves("abandoned_ivr")


def test_whoever_cannot_be_written_to_hears_it_in_the_next_call(shop: Shop) -> None:
    paul = shop.client("Paul", FLAT_WHITE)
    call = shop.call(paul)
    call.goes(("main", "1"), ("readback", "1"))
    call.hears("done")
    call.leaves("automated")
    (order,) = paul.orders()
    overdue(shop.database.connection, {"order": order["id"]})
    eventually(lambda: paul.orders()[0]["to_tell"], what="it is made elsewhere")

    call = shop.call(paul)
    call.hears("moved")
    number = spelled(str(order["number"]))
    assert call.texts()[0] == f"Your order {number} is made elsewhere now."
    call.hears("main")  # without a key: it was heard to its end
    assert not paul.orders()[0]["to_tell"], "nobody has to call"
    call.leaves("abandoned_ivr")


def test_what_no_location_accepts_is_a_persons(shop: Shop, rosa: Regular, order: Json) -> None:
    for row in shop.database.rows("SELECT code FROM location WHERE code <> %s AND active", LOOP):
        shop.location(row["code"], active=False)
    overdue(shop.database.connection, {"order": order["id"]})

    def waits() -> bool:
        return bool(rosa.orders()[0]["needs_agent"])

    eventually(waits, what="it waits for a person")
    needs = f"order {order['number']} needs a moment"
    eventually(lambda: mails(shop, order)[-1].endswith(needs), what="the client is written")
    call, said = asks_for_the_last_order(shop, rosa)
    assert said.endswith("waits for a location.")
    call.leaves("abandoned_ivr")
