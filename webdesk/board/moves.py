"""What a location does: to an order, and about itself.

A form carries the version of the order that it showed. Pressed twice, or in two browsers, it is
done once; whoever comes too late is told how the order is now.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import redis
import structlog
from flask import Blueprint, Response, jsonify, request

from cordboard import keys
from db.errors import BadOrder, DatabaseRefusal
from db.orders import values
from db.queries import sql
from webdesk import store
from webdesk.board.place import board_only, find_location
from webdesk.board.view import board_order
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import me

log = structlog.get_logger(__name__)
bp = Blueprint("board_moves", __name__, url_prefix="/board/<int:location>")

#: What may be done -> the state that it leads to.
MOVES = {
    "accept": "accepted",
    "ready": "ready",
    "hand-over": "handed_over",
    "cancel": "cancelled",
}
#: The longest time that a location may ask for, minutes; and the longest reason, characters.
LONGEST_MINUTES = 600
LONGEST_WHY = 200


@bp.post("/orders/<uuid:order>/<any(accept, ready, 'hand-over', cancel):move>")
@board_only
def advance(location: int, order: UUID, move: str) -> Response:
    """Accepted (and when it is ready), ready, handed over, cancelled (and why)."""
    why = _why()
    if move == "cancel" and not why:
        raise Problem(422, "no-reason", "Say why: the client is told.")
    given = {"state": MOVES[move], "why": why, "minutes": _minutes(move)}
    return _do(location, order, sql.board_advance, **given)


@bp.post("/orders/<uuid:order>/decline")
@board_only
def decline(location: int, order: UUID) -> Response:
    """Not here: it goes to the next location."""
    return _do(location, order, sql.decline_order, why=_why())


@bp.post("/pause")
@board_only
def pause(location: int) -> Response:
    """Take no orders for now (``paused`` is 1), or again (0)."""
    paused = _flag("paused")
    return _location_changed(location, sql.pause_location, paused=paused)


@bp.post("/stock")
@board_only
def stock(location: int) -> Response:
    """Out of a ``product`` (``without`` is 1), or not any more (0)."""
    product = request.form.get("product", "")[:40]
    try:
        return _location_changed(
            location, sql.lack_product, product=product, without=_flag("without")
        )
    except BadOrder as error:
        raise Problem(404, "no-such-product", f"{error}.") from error


def _do(location: int, order: UUID, query: bytes, **given: Any) -> Response:
    """Do it for the version that was seen; answers the order as it is then."""
    svc = services()
    _must_be_here(svc, location, order)
    by = f"user:{me().id}"
    given = values(
        svc.settings, order=order, by=by, version=_number("version", 1, 2**31 - 1), **given
    )
    try:
        row = store.one_row(svc.pool, query, **given)
    except DatabaseRefusal as error:
        now = _order(svc, order)
        log.info("board.refused", order=str(order), error=str(error))
        if now is None:
            raise Problem(404, "no-such-order", "There is no such order.") from error
        raise _changed(board_order(now, location)) from error
    assert row is not None  # it answers or raises
    return jsonify(order=board_order(row["order"], location))


def _must_be_here(svc: Services, location: int, order: UUID) -> None:
    """Supervisors could name any order on any board."""
    now = _order(svc, order)
    if now is None or now["placed_at"] is None:
        raise Problem(404, "no-such-order", "There is no such order.")
    shown = board_order(now, location)
    if not shown["here"]:
        raise _changed(shown)


def _order(svc: Services, order: UUID) -> store.Json | None:
    row = store.one_row(svc.pool, sql.order_json, **values(svc.settings, order=order))
    found: store.Json | None = row["order"] if row else None
    return found


def _changed(shown: store.Json) -> Problem:
    """What happened meanwhile, in words and as the order is now."""
    state = "declined" if shown.get("declined") else shown["state"].replace("_", " ")
    now = f"it is {state} now" if shown["here"] else f"it is with {shown['now_at']} now"
    detail = f"Order {shown['number']} has changed since this page showed it: {now}."
    return Problem(409, "order-changed", detail, more={"order": shown})


def _location_changed(location: int, query: bytes, **given: Any) -> Response:
    """Store it, and tell every browser that shows this board."""
    svc = services()
    find_location(svc, location)
    row = store.one_row(svc.pool, query, location=location, user=me().id, **given)
    assert row is not None
    data = row["location"]
    try:
        fields: Any = {"type": "location.changed", "data": orjson.dumps(data)}
        svc.redis.xadd(keys.board(location), fields, maxlen=keys.ORDERS_MAXLEN, approximate=True)
        svc.redis.expire(keys.board(location), keys.ORDERS_S)
    except redis.RedisError as error:
        # It stands all the same; other browsers see it when they load the page again.
        log.warning("board.untold", location=location, error=type(error).__name__)
    return jsonify(location=data)


def _flag(name: str) -> bool:
    value = request.form.get(name, "")
    if value not in ("0", "1"):
        raise Problem(422, "bad-flag", f"{name} is 1 for yes or 0 for no.")
    return value == "1"


def _number(name: str, least: int, most: int) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 11 and least <= int(text) <= most):
        raise Problem(422, "bad-number", f"{name} is a whole number from {least} to {most}.")
    return int(text)


def _minutes(move: str) -> int | None:
    """Empty leaves the time as it is."""
    if move != "accept" or not request.form.get("minutes"):
        return None
    return _number("minutes", 1, LONGEST_MINUTES)


def _why() -> str:
    why = " ".join(request.form.get("why", "").split())
    if len(why) > LONGEST_WHY or not why.isprintable():
        raise Problem(
            422, "bad-reason", f"A reason is one line of at most {LONGEST_WHY} characters."
        )
    return why
