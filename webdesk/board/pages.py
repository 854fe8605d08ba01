"""The board's pages: choose a location, its board, and slips to print."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from cordboard import keys
from db.queries import sql
from webdesk import store
from webdesk.board.place import ROLES, board_only, find_location, own_location
from webdesk.board.view import board_order
from webdesk.hub import latest
from webdesk.problems import Problem
from webdesk.services import Services, now_ms, services
from webdesk.sessions import me, role_required

bp = Blueprint("board", __name__, url_prefix="/board")

#: What still has to be made or handed over.
OPEN = ("placed", "accepted", "ready")


@bp.get("")
@role_required(*ROLES)
def home() -> str | BaseResponse:
    """One's own board; whoever has none chooses."""
    svc, user = services(), me()
    if user.role == "location":
        return redirect(url_for("board.page", location=own_location(svc, user)))
    return render_template("board/choose.html", locations=store.rows(svc.pool, sql.all_locations))


@bp.get("/<int:location>")
@board_only
def page(location: int) -> str:
    """The board with its state in it."""
    state = board_state(services(), location)
    return render_template("board/board.html", state=state, location=state["location"])


@bp.get("/<int:location>/state")
@board_only
def state(location: int) -> Response:
    """The state alone: for a page that has missed events."""
    return jsonify(board_state(services(), location))


@bp.get("/<int:location>/print")
@board_only
def print_all(location: int) -> str:
    """Slips of all orders that are not over."""
    svc = services()
    orders = [one for one in read_orders(svc, location) if one["state"] in OPEN]
    return _slips(find_location(svc, location), orders)


@bp.get("/<int:location>/print/<uuid:order>")
@board_only
def print_one(location: int, order: object) -> str:
    """The slip of one order."""
    svc = services()
    found = [one for one in read_orders(svc, location) if one["order"] == str(order)]
    if not found:
        raise Problem(404, "not-here", "This order is not on the board any more.")
    return _slips(find_location(svc, location), found)


def board_state(svc: Services, location: int) -> store.Json:
    """Location, orders and the stream position from which on the page must listen.

    The position is read first: what happens while the rest is read is told again by the stream.
    """
    position = latest(svc.redis, keys.board(location))
    return {
        "now_ms": now_ms(),
        "position": position,
        "location": find_location(svc, location),
        "orders": read_orders(svc, location),
    }


def read_orders(svc: Services, location: int) -> list[store.Json]:
    """Cards of a board, soonest due first."""
    rows = store.rows(svc.pool, sql.board_orders, location=location)
    return [board_order(row["order"], location) for row in rows]


def _slips(location: store.Json, orders: list[store.Json]) -> str:
    zone = ZoneInfo(location["timezone"])
    due = {one["order"]: datetime.fromisoformat(one["due_at"]).astimezone(zone) for one in orders}
    return render_template(
        "board/print.html", location=location, orders=orders, due=due, now=datetime.now(zone)
    )
