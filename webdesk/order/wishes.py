"""What the client wants to be kept: speed dials, usual location and method, automation or not."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cordboard.orders import web_rights
from cordboard.orders.basket import Basket
from cordboard.orders.basket import parse as parse_basket
from db.errors import DatabaseRefusal
from db.queries import sql
from webdesk.order import browsers, drafts, refusal, steps, words
from webdesk.order.here import Here, here, sent
from webdesk.order.home import OPENED, SENT, frame, items, told
from webdesk.order.store import ask
from webdesk.present import number_text
from webdesk.security import limiter

Json = dict[str, Any]
bp = browsers.blueprint("wishes")
refusal.init(bp)

LONGEST_NAME = 40


@bp.get("/<sid>/settings")
@limiter.limit(OPENED)
def page(sid: str) -> str:
    """All that is kept."""
    at = here(sid)
    return render_template(
        "order/settings.html",
        **frame(at, "settings"),
        dials=[_dial(at, dial) for dial in at.data["speed_dials"]],
        choices=_choices(at),
        free=_free(at),
        preference=at.data["preference"],
        places=[place for place in at.client.places if place.active],
        methods={
            one: words.METHODS[one]
            for one in web_rights.methods(("pick_up", "delivery"), proved=at.proved)
        },
        number_text=number_text(at.number) if at.number else "",
        email=at.email,
        contact_text=number_text(at.shop["contact"]) if at.shop["contact"] else "",
        typed={"digits": request.args.get("digits", ""), "name": request.args.get("name", "")},
    )


def _dial(at: Here, dial: Json) -> Json:
    left, dropped = at.client.catalogue.usable(parse_basket(dial["basket"]))
    return {
        **dial,
        "items": items(at, left),
        "gone": drafts.why_dropped(dropped) if dropped else "",
    }


def _choices(at: Here) -> list[Json]:
    """What can be put on digits: the half-made order, and different orders of the past."""
    draft, _ = drafts.current(at)
    found: dict[str, tuple[str, Basket]] = {}
    if draft is not None and draft.basket.lines:
        found[draft.basket.key] = ("In your basket now", draft.basket)
    for past in at.client.history:
        left, _ = at.client.catalogue.usable(past.basket)
        if left.lines and len(found) < 8:
            found.setdefault(left.key, ("", left))
    return [
        {
            "key": key,
            "text": "; ".join(f"{number} × {name}" for number, name in items(at, basket)),
            "what": what,
            "method": words.METHODS.get(basket.method, ""),
            "basket": basket,
        }
        for key, (what, basket) in found.items()
    ]


def _free(at: Here) -> int:
    return next((n for n in range(1, 100) if n not in at.client.speed_dials), 99)


@bp.post("/<sid>/settings/dial")
@limiter.limit(SENT)
def assign(sid: str) -> Response:
    """Digits order a basket from now on; or another name, or they are free again."""
    at, digits = sent(sid), request.form.get("digits", "").strip().lstrip("*")
    name = steps.text("name")[:LONGEST_NAME]
    again = {"digits": digits[:4], "name": name}
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits[:6]) <= 99):
        flash("Speed dials are the digits 1 to 99.", "bad")
        return _back(sid, **again)
    basket, problem = _basket(at, int(digits))
    if problem:
        flash(problem, "bad")
        return _back(sid, **again)
    if request.form.get("do") == "assign" and int(digits) in at.client.speed_dials:
        flash(f"*{int(digits)} is taken. Choose other digits, or free it first.", "bad")
        return _back(sid, **again)
    if basket is not None and not name:
        flash("Give it a name.", "bad")
        return _back(sid, **again)
    values = {
        "customer": at.customer,
        "digits": int(digits),
        "name": name or "-",
        "basket": basket.as_json() if basket else None,
    }
    done = f"*{int(digits)} is free again." if basket is None else f"*{int(digits)} is: {name}."
    return _keep(at, sql.assign_speed_dial, done, **values)


def _basket(at: Here, digits: int) -> tuple[Basket | None, str]:
    """What the digits are to order; None: nothing. And what is wrong."""
    match request.form.get("do"):
        case "remove":
            return None, ""
        case "rename":
            basket = at.client.speed_dials.get(digits)
            return basket, "" if basket else f"*{digits} orders nothing yet."
    wanted = request.form.get("basket", "")[:8000]
    basket = next((one["basket"] for one in _choices(at) if one["key"] == wanted), None)
    return basket, "" if basket else "Choose what it orders."


@bp.post("/<sid>/settings/automation")
@limiter.limit(SENT)
def automation(sid: str) -> Response:
    """Whether calls go straight to a person."""
    at = sent(sid)
    off = request.form.get("no_automation") == "yes"
    done = (
        "Your calls go straight to a person." if off else "Your calls begin with your usual order."
    )
    values = {"customer": at.customer, "no_automation": off, "origin": "client"}
    return _keep(at, sql.set_preference, done, **values)


@bp.post("/<sid>/settings/place")
@limiter.limit(SENT)
def place(sid: str) -> Response:
    """The usual location, and how orders are usually got."""
    at = sent(sid)
    location, method = request.form.get("location", ""), request.form.get("method", "")
    if method not in ("", "pick_up", "delivery"):
        flash("Choose how you usually get your orders.", "bad")
        return _back(sid)
    if location and location not in {one.code for one in at.client.places}:
        flash("Choose one of the locations.", "bad")
        return _back(sid)
    values = {"customer": at.customer, "location": location or None, "method": method or None}
    return _keep(at, sql.prefer_place, "That is kept.", **values)


def _keep(at: Here, query: bytes, done: str, **values: Any) -> Response:
    try:
        ask(query, **values)
        flash(done, "good")
    except DatabaseRefusal as error:
        flash(told(error), "bad")
    return _back(at.shop["sid"])


def _back(sid: str, digits: str = "", name: str = "") -> Response:
    typed = {"digits": digits or None, "name": name or None}
    return redirect(url_for("order_wishes.page", sid=sid, **typed), 303)  # type: ignore[arg-type]
