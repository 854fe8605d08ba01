"""An order that was placed: its state, live, its timeline; changing or cancelling it in time."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cordboard import keys
from cordboard.orders.basket import parse as parse_basket
from cordboard.orders.draft import Draft
from cordboard.orders.payment import pay_token
from db.errors import DatabaseRefusal, OrderOver
from db.queries import sql
from webdesk.hub import latest
from webdesk.order import browsers, drafts, refusal, steps, words
from webdesk.order.here import Here, here, sent
from webdesk.order.home import OPENED, SENT, frame, told
from webdesk.order.store import ask, ask_all
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import services

Json = dict[str, Any]
bp = browsers.blueprint("placed")
refusal.init(bp)

SHOWN = 20
OVER = ("handed_over", "cancelled", "abandoned")


@bp.get("/<sid>/orders")
@limiter.limit(OPENED)
def index(sid: str) -> str:
    """The client's orders, newest first."""
    at = here(sid)
    found = ask_all(sql.client_orders, customer=at.customer, limit=SHOWN)
    shown = [order for order in found if order["placed_at"]]
    return render_template(
        "order/orders.html",
        **frame(at, "orders"),
        orders=[{**order, **_words(order, at)} for order in shown],
        shown=SHOWN,
    )


@bp.get("/<sid>/orders/<uuid:order>")
@limiter.limit(OPENED)
def page(sid: str, order: uuid.UUID) -> str:
    """One order."""
    return _render("order/order.html", here(sid), order)


@bp.get("/<sid>/orders/<uuid:order>/now")
@limiter.limit("600 per minute")
def now(sid: str, order: uuid.UUID) -> str:
    """The part of the page that changes, for a page that was told of a change."""
    return _render("order/order_now.html", here(sid), order)


def _render(template: str, at: Here, order: uuid.UUID) -> str:
    # From here on the page listens: what changes while it is made comes by the stream.
    position = latest(services().redis, keys.client(at.customer))
    return render_template(template, **frame(at, "orders"), **_shown(at, order), position=position)


def _shown(at: Here, order: uuid.UUID) -> Json:
    found = _own(at, order)
    settings = services().settings
    secret = settings.secret_key.get_secret_value()
    payment = found["payment"] or {}
    owes = (
        bool(settings.payment_provider)
        and found["billing"] == "payment_link"
        and found["total_cents"] > 0
        and found["state"] != "cancelled"
        and payment.get("state") != "paid"
    )
    return {
        "order": found,
        **_words(found, at),
        "paid": payment.get("state") == "paid",
        "paid_cents": payment.get("amount_cents", 0),
        "repaid": payment.get("repaid_at"),
        "declined": payment.get("state") == "declined",
        "pay": owes
        and url_for(
            "order_payments.pay", sid=at.shop["sid"], token=pay_token(found["order"], secret)
        ),
        "key": steps.new_key(),
        "dials": at.data["speed_dials"],
    }


def _own(at: Here, order: uuid.UUID) -> Json:
    """The client's order.

    Raises:
        Problem: 404, it is another's, or a draft.
    """
    found: Json | None = ask(sql.order_json, order=order)
    if found is None or found["client"]["id"] != at.customer or not found["placed_at"]:
        raise Problem(404, "unknown-order", "You have no such order.")
    return found


def _words(order: Json, at: Here) -> Json:
    place = order["location"]
    zone = ZoneInfo(place["timezone"]) if place else at.zone
    until = order["change_until"]
    open_end = bool(until) and until.startswith("9999")
    late = None if not until or open_end else datetime.fromisoformat(until)
    changeable = open_end or (late is not None and late > at.now)
    return {
        "headline": words.headline(order),
        "is_over": order["state"] in OVER,
        "due": words.moment(datetime.fromisoformat(order["due_at"]), zone, at.now),
        "placed": words.moment(datetime.fromisoformat(order["placed_at"]), zone, at.now),
        "events": words.timeline(order, zone, at.now),
        "method_text": words.METHODS[order["method"]],
        "billing_text": words.BILLING[order["billing"]],
        "changeable": changeable,
        "until": words.moment(late, zone, at.now) if late and changeable else "",
        "phone_text": number_text(place["phone"]) if place and place["phone"] else "",
    }


@bp.post("/<sid>/orders/<uuid:order>/cancel")
@limiter.limit(SENT)
def cancel(sid: str, order: uuid.UUID) -> Response:
    """Take it back, while that is possible."""
    at = sent(sid)
    _own(at, order)
    try:
        payment = ask(sql.cancel_order, order=order, customer=at.customer)["payment"] or {}
        back = " One of our people pays back what you paid." if payment.get("owed_at") else ""
        flash(f"Your order is cancelled.{back}", "good")
    except OrderOver:
        flash(
            "It is too late: your order is being made and cannot be changed any more. Call the"
            " location if something is wrong.",
            "bad",
        )
    except DatabaseRefusal as error:
        flash(told(error), "bad")
    return redirect(url_for("order_placed.page", sid=sid, order=order), 303)


@bp.post("/<sid>/orders/<uuid:order>/again")
@limiter.limit(SENT)
def again(sid: str, order: uuid.UUID) -> Response:
    """Into the basket once more: as another order, or (``change``) in place of this one."""
    at = sent(sid)
    found = _own(at, order)
    replaces = str(order) if request.form.get("do") == "change" else ""
    draft, _ = drafts.current(at)
    here_again = redirect(url_for("order_placed.page", sid=sid, order=order), 303)
    if replaces and (found["payment"] or {}).get("state") == "paid":
        flash("Your order is paid, so it cannot be changed: cancel it, and order anew.", "bad")
        return here_again
    if draft is not None and draft.basket.lines:
        if replaces and draft.replaces == replaces:
            return redirect(url_for("order_review.page", sid=sid), 303)
        flash("You have a half-made order: place it, or begin anew, before this one.", "warn")
        return here_again
    basket, dropped = at.client.catalogue.usable(parse_basket(found["basket"]))
    if not basket.lines:
        flash(drafts.why_dropped(dropped), "bad")
        return here_again
    begun: Draft = drafts.new(at, request.form.get("key", "")[:64])
    due_at = _wanted_at(found, at.now) if replaces else None
    billing = found["billing"] or ""
    try:
        # Note and address of an order that is replaced come along in the database.
        drafts.save(
            at, replace(begun, basket=basket, due_at=due_at, billing=billing, replaces=replaces)
        )
    except DatabaseRefusal as error:
        flash(told(error), "bad")
        return here_again
    if dropped:
        flash(drafts.why_dropped(dropped), "warn")
    return redirect(url_for("order_review.page", sid=sid), 303)


def _wanted_at(order: Json, now: datetime) -> datetime | None:
    """The time that the client chose, while it is ahead; None: as soon as possible."""
    placed = [event["data"] for event in order["timeline"] if event["name"] == "order.placed"]
    chosen = placed[-1].get("wanted_at") if placed else None
    wanted = datetime.fromisoformat(chosen) if chosen else None
    return wanted if wanted and wanted > now else None
