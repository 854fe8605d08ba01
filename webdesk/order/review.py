"""The read-back: how, where, when and how it is paid can be changed; then it is placed, once."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import structlog
from flask import flash, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from werkzeug.wrappers import Response

from cordboard.orders.basket import METHODS
from cordboard.orders.draft import BILLING, Draft
from cordboard.orders.pricing import dollars
from db.errors import DatabaseRefusal, OrderOver, OrderPaid, PriceChanged
from db.orders import new_total
from db.queries import sql
from webdesk.order import browsers, drafts, reading, refusal, steps, words
from webdesk.order.here import Here, here, sent
from webdesk.order.home import OPENED, SENT, basket_shown, frame, told
from webdesk.order.reading import Reading
from webdesk.order.steps import Typed
from webdesk.order.store import ask
from webdesk.security import limiter

#: Orders from one address by those whose number is only typed; what is refused is none.
UNPROVED = "6 per hour"
PLACED = "placed"

log = structlog.get_logger(__name__)

Json = dict[str, Any]
bp = browsers.blueprint("review")
refusal.init(bp)


@bp.get("/<sid>/review")
@limiter.limit(OPENED)
def page(sid: str) -> Response | str:
    """The order as it would be placed now."""
    at = here(sid)
    draft, dropped = drafts.current(at)
    if draft is None or not draft.basket.lines:
        flash("There is nothing in your order yet.", "warn")
        return redirect(url_for("order_home.page", sid=sid), 303)
    found = reading.read(at, draft, steps.kept(at.browser, _draft_says(at, draft)))
    return render_template(
        "order/review.html",
        **frame(at, "review"),
        found=found,
        draft=found.draft,
        kept=found.draft.order,
        basket=basket_shown(at, found.draft),
        places=reading.places_shown(at, found),
        ready=reading.ready_text(at, found),
        own_refused=reading.own_refused(at, found),
        away=words.distance(found.choice.distance_m, at.client.country),
        lives=at.data["client"],
        methods=words.METHODS,
        ways=words.BILLING,
        gone=drafts.why_dropped(dropped) if dropped else "",
        noted=at.data["draft"]["note"],
        zone_text=at.zone.key.replace("_", " "),
        key=steps.new_key(),
    )


def _draft_says(at: Here, draft: Draft, said: Json | None = None) -> Typed:
    """The fields as the draft has them; ``said`` is what was stored since it was read."""
    told = {**at.data["draft"], **(said or {})}
    local = draft.due_at and draft.due_at.astimezone(at.zone)
    return Typed(
        order=draft.order,
        when="later" if local else "soon",
        at=local.strftime("%Y-%m-%dT%H:%M") if local else "",
        note=told["note"],
        **{name: text or "" for name, text in (told["address"] or {}).items()},
    )


@bp.post("/<sid>/review")
@limiter.limit(SENT)
def change(sid: str) -> Response:
    """Keep what was chosen; place the order when that was asked, and it is as it was shown."""
    at, order = sent(sid), _order()
    draft, _ = drafts.current(at)
    if draft is None or draft.order != order:
        return _elsewhere(at, order)
    typed = steps.typed(order)
    note = steps.said(typed)
    # Not said: the form may have shown an older one.
    typed = replace(typed, note=note.get("note", at.data["draft"]["note"]))
    steps.keep(at.browser, typed, _draft_says(at, draft))
    found = reading.read(at, _chosen(at, draft), typed)
    said = note | reading.said(at, typed)
    try:
        drafts.save(at, found.draft, **said)
    except OrderOver:
        return _elsewhere(at, order)
    except DatabaseRefusal as error:
        flash(told(error), "bad")
        return _back(at)
    if "address" in said and not found.wrong:
        steps.forget(at.browser)
    else:
        steps.keep(at.browser, typed, _draft_says(at, found.draft, said))
    if request.form.get("do") != "place":
        return _back(at)
    if not found.is_whole:
        flash("Something is missing yet: look at what is marked.", "bad")
        return _back(at)
    if request.form.get("seen", "") != found.seen:
        flash("Look once more: this is not what was shown before.", "warn")
        return _back(at)
    return _place(at, found, said)


def _chosen(at: Here, draft: Draft) -> Draft:
    method, location = request.form.get("method", ""), request.form.get("location", "")
    billing, known = request.form.get("billing", ""), {one.code for one in at.client.places}
    # The location that was shown is no choice of the client's; another of the list is.
    chosen = location in known and location != request.form.get("shown", "")
    basket = replace(
        draft.basket,
        method=method if method in METHODS else draft.basket.method,
        location=location if chosen else draft.basket.location,
    )
    return replace(draft, basket=basket, billing=billing if billing in BILLING else "")


def _place(at: Here, found: Reading, said: Json) -> Response:
    assert found.choice.place is not None  # it is whole
    basket = replace(found.draft.basket, location=found.choice.place.code)
    total = found.priced.total_cents
    asked = replace(found.draft, basket=basket, total_cents=total)
    try:
        with nullcontext() if at.proved else limiter.limit(UNPROVED, deduct_when=_is_placed):
            placed = ask(sql.place_order, draft=drafts.as_json(at, asked) | said)
    except RateLimitExceeded:
        flash(
            "Many orders came from your network lately. Call us from your number, press 8, and link"
            " this browser, or try again in an hour.",
            "bad",
        )
        return _back(at)
    except PriceChanged as error:
        cents = dollars(new_total(error))
        flash(f"The price has changed: it is {cents} now. Look once more.", "warn")
        return _back(at)
    except (OrderOver, OrderPaid) as error:
        return _too_late(at, asked, error)
    except DatabaseRefusal as error:
        flash(told(error), "bad")
        return _back(at)
    steps.forget(at.browser)
    log.info("order.placed", order=placed["order"], number=placed["number"], source="web")
    return redirect(
        url_for("order_placed.page", sid=at.shop["sid"], order=placed["order"], _anchor=PLACED),
        303,
    )


def _is_placed(answer: Response) -> bool:
    """Whether the answer leads to an order that was placed by this very press."""
    return (answer.location or "").endswith(f"#{PLACED}")


def _too_late(at: Here, asked: Draft, error: OrderOver | OrderPaid) -> Response:
    """The order that this one was to replace is being made, or paid: it stays, this one would be
    another."""
    if not asked.replaces:
        flash(told(error), "bad")
        return _back(at)
    drafts.save(at, replace(asked, replaces=""))
    why = "paid by now" if isinstance(error, OrderPaid) else "being made"
    flash(
        f"The order that you wanted to change is {why}, and stays as it is. If you place this one,"
        " you have two.",
        "warn",
    )
    return _back(at)


def _elsewhere(at: Here, order: str) -> Response:
    """The form is of a draft that is none any more: placed in another tab, or by this very form."""
    found = ask(sql.order_json, order=order) if order else None
    sid = at.shop["sid"]
    if found and found["client"]["id"] == at.customer and found["placed_at"]:
        return redirect(url_for("order_placed.page", sid=sid, order=order), 303)
    flash("That order was changed or given up elsewhere: this is how it is now.", "warn")
    return redirect(url_for("order_home.page", sid=sid), 303)


def _order() -> str:
    try:
        return str(uuid.UUID(request.form.get("order", "")))
    except ValueError:
        return ""


def _back(at: Here) -> Response:
    return redirect(url_for("order_review.page", sid=at.shop["sid"]), 303)
