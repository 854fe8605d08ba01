"""The half-made order of a call on the desk: changed, read back, placed, or left for later.

The agent holds the draft as ``agent:<id>``, taken over from the call. A form carries the version
that it showed: whoever comes second, in another window or elsewhere, is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, jsonify, request
from psycopg import Connection

from cordboard.orders.facts import Client, client_from_json
from cordboard.orders.payment import by_telephone
from cordboard.orders.pricing import dollars
from db import errors
from db import orders as ordered
from db.queries import sql
from webdesk import calls, store
from webdesk.desk_orders.serving import why_not
from webdesk.desk_orders.view import order_view, usual_view
from webdesk.desk_orders.wish import ADDRESS, Wish, WishError, draft_json, read_wish
from webdesk.order.words import BILLING, METHODS
from webdesk.problems import Problem
from webdesk.services import POOL_WAIT_S, services
from webdesk.sessions import me, role_required

log = structlog.get_logger(__name__)
bp = Blueprint("desk_order", __name__, url_prefix="/desk/calls/<call_id>/order")

Json = dict[str, Any]

#: How long the desk holds a draft after it took it over; each change extends it.
HOLD_S = 300


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose call it is, and who the client is."""

    call: str
    holder: str
    customer: int
    facts: Json
    client: Client
    zone: ZoneInfo
    now: datetime


def at_desk(call_id: str) -> Desk | None:
    """The client of this agent's call; None for nobody known, or a company that sells nothing.

    Raises:
        Problem: it is somebody else's call, or the agent has not signed on.
    """
    call_id = calls.parse_call_id(call_id)
    svc = services()
    calls.require_own(svc, me(), call_id)
    calls.require_sign_on(svc, call_id)
    card = store.call_card(svc.pool, call_id) or {}
    customer = card.get("customer") or calls.live_card(svc, call_id).get("customer")
    if not customer:
        return None
    asked = ordered.values(svc.settings, customer=customer["id"])
    row = store.one_row(svc.pool, sql.order_facts, **asked)
    facts = row["facts"] if row else None
    if not facts or not facts["catalogue"]["products"]:
        return None
    zone, holder = ZoneInfo(facts["shop"]["timezone"]), f"agent:{me().id}"
    client = client_from_json(facts)
    return Desk(call_id, holder, customer["id"], facts, client, zone, datetime.now(UTC))


def _required(call_id: str) -> Desk:
    desk = at_desk(call_id)
    if desk is None:
        raise Problem(
            409, "no-client", "Nobody who can order is known in this call. Look up first."
        )
    return desk


@bp.get("")
@role_required("agent")
def show(call_id: str) -> Response:
    """The order of the call, and everything that can be ordered; null without a client."""
    desk = at_desk(call_id)
    if desk is None:
        return jsonify(shop=None)
    svc = services()
    asked = {"call": desk.call, "customer": desk.customer, "holder": desk.holder}
    row = store.one_row(svc.pool, sql.desk_order, **asked)
    order = _seen(desk, row["id"]) if row else None
    waiting = desk.facts["draft"] and _seen(desk, desk.facts["draft"]["order"])
    return jsonify(
        shop=desk.facts["shop"]["name"],
        holder=desk.holder,
        order=order,
        waiting=waiting,
        products=[one for one in desk.facts["catalogue"]["products"] if one["active"]],
        places=[{"code": place.code, "name": place.name} for place in desk.client.places],
        methods=METHODS,
        billing={way: BILLING[way] for way in _ways(desk, order, waiting)},
        lives={name: desk.facts["client"][name] or "" for name in ADDRESS},
        usual=usual_view(desk.client, desk.zone, desk.now),
        preference=desk.facts["preference"],
        zone=desk.zone.key,
    )


def _ways(desk: Desk, *orders: dict[str, Any] | None) -> tuple[str, ...]:
    """Ways to pay, the usual one first; what was chosen on the web before, where it can be paid."""
    client, provider = desk.client, bool(services().settings.payment_provider)
    ways = by_telephone(client.billing, provider=provider, has_email=client.has_email)
    chosen = {order["billing"] for order in orders if order}
    return (*ways, *(way for way in client.billing if way in chosen - set(ways)))


@bp.post("")
@role_required("agent")
def save(call_id: str) -> Response:
    """Store the order as it is in the form; answers it with its prices."""
    desk = _required(call_id)
    return _do(desk, sql.save_draft, _wish(desk))


@bp.post("/place")
@role_required("agent")
def place(call_id: str) -> Response:
    """Place it, once, as it was read back; pressed again it answers the same."""
    desk = _required(call_id)
    wish = _wish(desk)
    _require_served(desk, wish)
    answer = _do(desk, sql.place_order, wish)
    log.info("order placed by agent", call_id=desk.call, agent=me().id, order=wish.draft.order)
    return answer


@bp.post("/later")
@role_required("agent")
def later(call_id: str) -> Response:
    """Leave the draft to the client's next call."""
    desk, order = _required(call_id), request.form.get("order", "")
    calls.parse_call_id(order)
    _ask(sql.hold_draft, order=order, holder=desk.holder, seconds=0, from_holder=_from(desk))
    return jsonify(order=order)


def _require_served(desk: Desk, wish: Wish) -> None:
    """Its location can make it; of what was placed already ``place_order_v1`` answers how it is.

    Raises:
        Problem: 422, it cannot.
    """
    stored = _ask(sql.order_json, order=wish.draft.order)
    if stored and stored["state"] != "draft":
        return
    known = stored["address"] if stored else None
    address = wish.address if wish.tells_address else known
    why = why_not(wish.draft, address, desk.client, desk.facts["client"], desk.now)
    if why:
        raise Problem(422, "cannot-serve", f"Not placed. {why}")


def _wish(desk: Desk) -> Wish:
    try:
        return read_wish(request.form, desk.zone, desk.now)
    except WishError as error:
        raise Problem(422, "bad-order", str(error)) from error


def _do(desk: Desk, query: bytes, wish: Wish) -> Response:
    try:
        _store(desk, query, wish)
    except errors.DatabaseRefusal as refusal:
        raise _refused(desk, wish, refusal) from refusal
    return jsonify(order=_seen(desk, wish.draft.order))


def _store(desk: Desk, query: bytes, wish: Wish, **changed: Any) -> None:
    who = {
        "subscriber": desk.facts["shop"]["code"],
        "customer": desk.customer,
        "source": "agent",
        "call": desk.call,
        "held_by": desk.holder,
    }
    svc = services()
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn, conn.transaction():
        told = {**who, **_take_over(conn, desk, wish), **changed}
        ordered.ask(conn, svc.settings, query, draft=draft_json(wish, **told))


def _take_over(conn: Connection[Any], desk: Desk, wish: Wish) -> Json:
    """The draft is this agent's; nobody has changed it since the form showed it. Answers what is
    not on the form: which suggestion was taken, which order this one replaces.

    Raises:
        db.errors.DatabaseRefusal: it is not so.
    """
    order = wish.draft.order
    row = conn.execute(sql.lock_desk_order, {"order": order}).fetchone()
    if row is None or row["state"] != "draft":
        return {}  # new, or placed: pressed twice it is answered, changed it is refused
    if row["version"] != wish.version:
        raise errors.OrderChanged("somebody has changed this order since you saw it")
    hold = {"holder": desk.holder, "seconds": HOLD_S, "from_holder": _from(desk)}
    if ordered.ask(conn, services().settings, sql.hold_draft, order=order, **hold) is None:
        raise errors.DraftHeld("somebody else works on this order")
    replaces = row["replaces"]
    return {"suggestion": row["suggestion"], "replaces": str(replaces) if replaces else None}


def _from(desk: Desk) -> str:
    return f"call:{desk.call}"


def _refused(desk: Desk, wish: Wish, refusal: errors.DatabaseRefusal) -> Problem:
    if isinstance(refusal, errors.OrderOver | errors.OrderPaid):
        replaced = _replaced(desk, wish)
        if replaced is not None:
            return _stays(desk, wish, replaced, refusal)
    if isinstance(refusal, errors.PriceChanged):
        cost = dollars(ordered.new_total(refusal))
        detail = f"Not placed: it costs {cost} now. Read that back, then place it again."
        return _stored(desk, wish, "price-changed", detail)
    if isinstance(refusal, errors.BadOrder | errors.LocationCannotServe):
        return Problem(422, "cannot-be-so", f"Not stored: {refusal}.")
    seen = _seen(desk, wish.draft.order)
    return Problem(409, "order-changed", f"Not stored: {refusal}.", more={"order": seen})


def _stored(desk: Desk, wish: Wish, code: str, detail: str, **changed: Any) -> Problem:
    """Not placed, but stored as it is now, with its prices: what the agent reads back next."""
    try:
        _store(desk, sql.save_draft, wish, **changed)
    except errors.DatabaseRefusal as other:
        return _refused(desk, wish, other)
    return Problem(409, code, detail, more={"order": _seen(desk, wish.draft.order)})


def _replaced(desk: Desk, wish: Wish) -> Json | None:
    """The order that the client's draft is to replace; None: there is none, or no draft."""
    draft = _ask(sql.order_json, order=wish.draft.order)
    if draft is None or draft["state"] != "draft" or draft["client"]["id"] != desk.customer:
        return None
    found: Json | None = draft["replaces"] and _ask(sql.order_json, order=draft["replaces"])
    return found


def _stays(
    desk: Desk, wish: Wish, replaced: Json, refusal: errors.OrderOver | errors.OrderPaid
) -> Problem:
    """What it was to replace stays as it is: placed now, this one would be another order."""
    is_paid = isinstance(refusal, errors.OrderPaid)
    why = f"order {replaced['number']} is paid by now" if is_paid else str(refusal)
    detail = (
        f"Not placed: {why}, and stays as it is. This is another order now, and is stored:"
        " ask the client, then place it, or finish it later."
    )
    return _stored(desk, wish, "order-stays", detail, replaces=None)


def _seen(desk: Desk, order: object) -> Json | None:
    found = _ask(sql.order_json, order=order)
    # Another client's order may be named by a forged form.
    if found is None or found["client"]["id"] != desk.customer:
        return None
    return order_view(found, desk.client, desk.facts["client"], desk.zone, desk.now)


def _ask(query: bytes, **given: Any) -> Any:
    svc = services()
    row = store.one_row(svc.pool, query, **ordered.values(svc.settings, **given))
    return next(iter(row.values())) if row else None
