"""The board of a location: who may see it, what is done once, and its live stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import redis
from flask import Flask

from cordboard import keys
from cordboard.settings import Settings
from db.orders import ask
from db.queries import sql
from support.database import Database
from support.shop_orders import LAKE, LOOP, place, read, remove
from support.web import Message, Web, messages

Json = dict[str, Any]


@pytest.fixture
def loop(app: Flask) -> Web:
    web = Web(app)
    assert web.log_in("loop").status_code == 302
    return web


@pytest.fixture
def shop(web_settings: Settings, database: Database) -> Iterator[Shop]:
    shop = Shop(web_settings, database)
    yield shop
    remove(database.connection, shop.placed)
    database.connection.execute("UPDATE location SET paused_at = NULL")


class Shop:
    """Orders that tests place, on a connection that commits."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.placed: list[Json] = []

    def place(self, location: int = LOOP, **changes: Any) -> Json:
        self.placed.append(place(self.database.connection, self.settings, location, **changes))
        return self.placed[-1]

    def read(self, order: Json) -> Json:
        return read(self.database.connection, self.settings, order)

    def tell(self, live: redis.Redis, order: Json, *locations: int) -> None:
        """As the worker does."""
        data = orjson.dumps(self.read(order))
        for location in locations or (LOOP,):
            live.xadd(keys.board(location), {"type": "order.changed", "data": data})


def cards(web: Web, location: int = LOOP) -> dict[str, Json]:
    return {one["order"]: one for one in web.get(f"/board/{location}/state").json["orders"]}


def press(web: Web, order: Json, deed: str, location: int = LOOP, **fields: Any) -> Any:
    fields = {"version": order["version"], **fields}
    return web.post(f"/board/{location}/orders/{order['order']}/{deed}", **fields)


def follow(web: Web, position: str, last_event_id: str = "") -> Iterator[Message]:
    headers = {"Accept": "text/event-stream"}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    url = f"/board/{LOOP}/events?from={position}"
    answer = web.client.get(url, headers=headers, buffered=False)
    assert answer.status_code == 200, answer.text
    return (one for one in messages(answer) if one.type != "heartbeat")


# -- Who


def test_a_location_logs_in_and_sees_its_board_and_nothing_else(loop: Web) -> None:
    assert loop.client.get("/", follow_redirects=True).request.path == f"/board/{LOOP}"
    assert loop.get(f"/board/{LAKE}").status_code == 403
    assert loop.get(f"/board/{LAKE}/events").status_code == 403
    assert loop.get(f"/board/{LAKE}/print").status_code == 403
    assert loop.post(f"/board/{LAKE}/pause", paused="1").status_code == 403
    for elsewhere in ("/desk", "/floor", "/ops", "/ops/audit"):
        assert loop.get(elsewhere).status_code == 403, elsewhere


def test_agents_see_no_board(app: Flask) -> None:
    web = Web(app)
    web.log_in("ava")
    assert web.get("/board").status_code == 403
    assert web.get(f"/board/{LOOP}").status_code == 403


@pytest.mark.parametrize("username", ["sofia", "olga"])
def test_supervisors_and_ops_choose_a_location(app: Flask, username: str) -> None:
    web = Web(app)
    web.log_in(username)
    page = web.client.get("/board").text
    assert "Corner Pantry Loop" in page
    assert "Corner Pantry Lakeside" in page
    assert web.client.get(f"/board/{LAKE}").status_code == 200
    assert web.get("/board/999").status_code == 404


def test_the_unknown_must_log_in(app: Flask) -> None:
    assert Web(app).get(f"/board/{LOOP}/state").status_code == 401


def test_who_is_moved_sees_the_other_board_at_once(loop: Web, database: Database) -> None:
    move = "UPDATE location_staff SET location_id = %s WHERE user_id = 12"
    database.connection.execute(move, [LAKE])
    try:
        assert loop.get(f"/board/{LOOP}").status_code == 403
        assert loop.get(f"/board/{LAKE}").status_code == 200
    finally:
        database.connection.execute(move, [LOOP])


def test_a_log_in_without_a_location_is_told_what_to_do(loop: Web, database: Database) -> None:
    database.connection.execute("DELETE FROM location_staff WHERE user_id = 12")
    try:
        answer = loop.get("/board")
        assert answer.status_code == 403
        assert "cordboard staff move" in answer.json["detail"]
    finally:
        database.connection.execute("INSERT INTO location_staff VALUES (12, %s)", [LOOP])


# -- What is done


def test_an_order_goes_from_new_to_handed_over(loop: Web, shop: Shop) -> None:
    order = shop.place()
    card = cards(loop)[order["order"]]
    for deed, state in (("accept", "accepted"), ("ready", "ready"), ("hand-over", "handed_over")):
        answer = press(loop, card, deed)
        assert answer.status_code == 200, answer.text
        card = answer.json["order"]
        assert card["state"] == state
    actors = [event["actor"] for event in shop.read(order)["timeline"]][-3:]
    assert actors == ["user:12"] * 3


def test_pressed_twice_is_done_once(loop: Web, shop: Shop) -> None:
    order = shop.place()
    first, second = (press(loop, order, "accept", minutes="25") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json == second.json
    done = [event["name"] for event in shop.read(order)["timeline"]]
    assert done.count("order.accepted") == 1


def test_who_comes_too_late_is_told_how_it_is_now(loop: Web, shop: Shop) -> None:
    order = shop.place()
    press(loop, order, "accept")
    late = press(loop, order, "decline", why="Too busy")
    assert (late.status_code, late.json["code"]) == (409, "order-changed")
    assert "it is accepted now" in late.json["detail"]
    assert late.json["order"]["state"] == "accepted"
    assert shop.read(order)["state"] == "accepted"


def test_accepting_may_say_when_it_is_ready(loop: Web, shop: Shop) -> None:
    as_promised, later = shop.place(), shop.place()
    assert press(loop, as_promised, "accept").json["order"]["due_at"] == as_promised["due_at"]
    assert press(loop, later, "accept", minutes="90").json["order"]["due_at"] > later["due_at"]


@pytest.mark.parametrize("minutes", ["0", "601", "-5", "1.5", "soon", "٣"])
def test_minutes_are_a_number_in_bounds(loop: Web, shop: Shop, minutes: str) -> None:
    answer = press(loop, shop.place(), "accept", minutes=minutes)
    assert (answer.status_code, answer.json["code"]) == (422, "bad-number")


@pytest.mark.parametrize("version", ["", "x", "0", "99999999999"])
def test_without_a_version_nothing_is_done(loop: Web, shop: Shop, version: str) -> None:
    order = shop.place()
    assert press(loop, {**order, "version": version}, "accept").status_code == 422
    assert shop.read(order)["state"] == "placed"


def test_a_cancellation_needs_a_reason_that_can_be_read(loop: Web, shop: Shop) -> None:
    order = shop.place()
    for why in ("", "  ", "a" * 201, "bell \a"):
        assert press(loop, order, "cancel", why=why).status_code == 422, why
    assert press(loop, order, "cancel", why=" No\n oven ").status_code == 200
    assert shop.read(order)["timeline"][-1]["data"]["why"] == "No oven"


def test_nobody_touches_the_order_of_another_location(app: Flask, loop: Web, shop: Shop) -> None:
    order = shop.place(LAKE)
    supervisor = Web(app)
    supervisor.log_in("sofia")
    for web in (loop, supervisor):
        answer = press(web, order, "accept", location=LOOP)
        assert (answer.status_code, answer.json["code"]) == (409, "order-changed")
        assert "Corner Pantry Lakeside" in answer.json["detail"]
        assert "client" not in answer.json["order"]
    assert shop.read(order)["state"] == "placed"


def test_what_is_no_order_is_not_found(loop: Web) -> None:
    nobody = {"order": "6f1c1a52-3f0e-4a54-9d0a-6a0f0a7d5a10", "version": 1}
    assert press(loop, nobody, "accept").status_code == 404
    assert press(loop, {"order": "x", "version": 1}, "accept").status_code == 404


# -- The location


def test_a_paused_location_is_told_to_all_and_audited_once(
    loop: Web, shop: Shop, live: redis.Redis
) -> None:
    for _ in range(2):
        answer = loop.post(f"/board/{LOOP}/pause", paused="1")
        assert answer.json["location"]["paused_at"] is not None
    assert loop.post(f"/board/{LOOP}/pause", paused="maybe").status_code == 422
    events = [fields[b"type"] for _, fields in live.xrange(keys.board(LOOP))]
    assert events == [b"location.changed"] * 2
    facts = ask(shop.database.connection, shop.settings, sql.shop_facts, subscriber="pantry")
    assert [one["active"] for one in facts["locations"] if one["id"] == LOOP] == [False]
    loop.post(f"/board/{LOOP}/pause", paused="0")
    audited = shop.database.rows(
        "SELECT action, actor_id FROM audit_entry WHERE entity = %s ORDER BY id", f"location:{LOOP}"
    )
    assert audited == [
        {"action": "location.paused", "actor_id": 12},
        {"action": "location.resumed", "actor_id": 12},
    ]


def test_what_is_out_is_not_sold_there(loop: Web, shop: Shop) -> None:
    answer = loop.post(f"/board/{LOOP}/stock", product="LATTE", without="1")
    try:
        lacking = [one["code"] for one in answer.json["location"]["products"] if one["without"]]
        assert "LATTE" in lacking
        facts = ask(shop.database.connection, shop.settings, sql.shop_facts, subscriber="pantry")
        here = next(one for one in facts["locations"] if one["id"] == LOOP)
        assert "LATTE" in here["without"]
    finally:
        loop.post(f"/board/{LOOP}/stock", product="LATTE", without="0")
    unknown = loop.post(f"/board/{LOOP}/stock", product="MOON", without="1")
    assert (unknown.status_code, unknown.json["code"]) == (404, "no-such-product")


# -- Live


def test_a_cut_stream_goes_on_after_the_last_event(
    loop: Web, shop: Shop, live: redis.Redis
) -> None:
    position = loop.get(f"/board/{LOOP}/state").json["position"]
    first, second, third = (shop.place() for _ in range(3))
    stream = follow(loop, position)
    shop.tell(live, first)
    shop.tell(live, second)
    heard = next(stream)
    assert (heard.type, heard.data["order"]) == ("order.changed", first["order"])
    stream.close()
    shop.tell(live, third)
    again = follow(loop, position, heard.id)
    assert [next(again).data["order"] for _ in range(2)] == [second["order"], third["order"]]


def test_the_stream_tells_no_more_than_the_page(loop: Web, shop: Shop, live: redis.Redis) -> None:
    position = loop.get(f"/board/{LOOP}/state").json["position"]
    here, elsewhere = shop.place(), shop.place(LAKE)
    stream = follow(loop, position)
    shop.tell(live, here)
    shop.tell(live, elsewhere)
    assert next(stream).data == cards(loop)[here["order"]]
    gone = next(stream).data
    assert (gone["here"], gone["now_at"]) == (False, "Corner Pantry Lakeside")
    assert "client" not in gone


def test_a_stream_that_lost_entries_says_reset(loop: Web, shop: Shop, live: redis.Redis) -> None:
    position = loop.get(f"/board/{LOOP}/state").json["position"]
    order = shop.place()
    for _ in range(5):
        shop.tell(live, order)
    live.xtrim(keys.board(LOOP), maxlen=1, approximate=False)
    assert [one.type for one in follow(loop, position)] == ["reset"]


# -- Slips


def test_slips_are_of_what_is_open_or_of_one(loop: Web, shop: Shop) -> None:
    one, other = shop.place(note="<b>no</b> sugar"), shop.place()
    gone = shop.place()
    press(loop, gone, "cancel", why="No oven")
    page = loop.client.get(f"/board/{LOOP}/print").text
    assert all(f"<h2>{order['number']}</h2>" in page for order in (one, other))
    assert f"<h2>{gone['number']}</h2>" not in page
    slip = loop.client.get(f"/board/{LOOP}/print/{one['order']}").text
    assert "&lt;b&gt;no&lt;/b&gt; sugar" in slip
    assert f"<h2>{other['number']}</h2>" not in slip
    elsewhere = shop.place(LAKE)
    assert loop.get(f"/board/{LOOP}/print/{elsewhere['order']}").status_code == 404
