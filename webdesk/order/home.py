"""The client's first page: the usual, the list, the basket; and what fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Product
from cordboard.orders.draft import Draft
from cordboard.orders.pricing import price
from cordboard.orders.usual import Suggestion, usual
from db.errors import BadOrder, DatabaseRefusal, DraftHeld, OrderOver, UnknownOrder
from webdesk.order import browsers, drafts, refusal, steps, words
from webdesk.order.here import Here, here, sent
from webdesk.problems import Problem
from webdesk.security import limiter

Json = dict[str, Any]
bp = browsers.blueprint("home")
refusal.init(bp)

#: Pages opened, and forms sent, from one address.
OPENED, SENT = "240 per minute", "120 per minute"


@bp.get("/<sid>/", strict_slashes=False)
@limiter.limit(OPENED)
def page(sid: str) -> str:
    """What is usual, what there is, and what is in the basket."""
    at = here(sid)
    draft, dropped = drafts.current(at)
    held = drafts.held_by_another(at) if draft is None else ""
    last = at.client.last_order
    return render_template(
        "order/home.html",
        **frame(at, "home"),
        usual=[_shown(at, one.basket, why=one.why) for one in suggested(at)],
        dials=[
            _shown(
                at,
                at.client.speed_dials[dial["digits"]],
                digits=dial["digits"],
                name=dial["name"],
            )
            for dial in at.data["speed_dials"]
        ],
        categories=[
            (one, at.client.catalogue.in_category(one.code)) for one in at.client.catalogue.filled()
        ],
        basket=basket_shown(at, draft) if draft else None,
        gone=drafts.why_dropped(dropped) if dropped else "",
        held=held,
        kept=None if held else (draft and draft.order) or "",
        last=last and {"order": last.order, "number": last.number, "text": _last(at)},
        key=steps.new_key(),
    )


@bp.get("/<sid>/<path:_other>")
@limiter.limit(OPENED)
def nothing(sid: str, _other: str) -> str:
    """What is none of the shop's pages is refused as the shop would, not as the staff would."""
    del sid
    raise Problem(404, "unknown-page", "There is no such page.")


def frame(at: Here, page: str) -> Json:
    """What every page of a linked browser shows."""
    return {
        "shop": at.shop,
        "at": at,
        "here": page,
        "token": at.token,
        "owner": browsers.owner(at.browser),
        "first_name": at.client.first_name,
        "line_code": drafts.line_code,
    }


def suggested(at: Here) -> list[Suggestion]:
    """What is usual now, by the clock of the shop."""
    now = at.now.astimezone(at.zone)
    return usual(at.client.history, now, catalogue=at.client.catalogue)


def basket_shown(at: Here, draft: Draft) -> Json:
    """The draft's lines with prices."""
    priced = price(draft.basket, at.client.catalogue)
    return {
        "order": draft.order,
        "lines": priced.lines,
        "priced": priced,
        "replaces": draft.replaces,
        "most": {
            line.line.product: product.max_quantity
            for line in priced.lines
            if (product := at.client.catalogue.product(line.line.product))
        },
    }


def _shown(at: Here, basket: Basket, **more: Any) -> Json:
    """A basket that can be ordered with one press."""
    left, dropped = at.client.catalogue.usable(basket)
    place = next((p for p in at.client.places if p.code == left.location), None)
    return {
        "key": left.key,
        "items": items(at, left),
        "cents": price(left, at.client.catalogue).total_cents,
        "method": words.METHODS.get(left.method, ""),
        "place": place.name if place and left.method != "delivery" else "",
        "gone": drafts.why_dropped(dropped) if dropped else "",
        **more,
    }


def items(at: Here, basket: Basket) -> list[tuple[int, str]]:
    """Quantity and name of each line: ``2``, ``Latte, large, oat milk``."""
    priced = price(basket, at.client.catalogue)
    return [
        (line.line.quantity, ", ".join([line.name, *(one.name for one in line.options)]))
        for line in priced.lines
    ]


def _last(at: Here) -> str:
    last = at.client.last_order
    assert last is not None
    if last.state in ("placed", "accepted", "ready"):
        due = words.moment(last.due_at, at.zone, at.now)
        return f"{words.STATES[last.state]}, {due}"
    placed = datetime.fromisoformat(at.data["last_order"]["placed_at"])
    return f"{words.STATES[last.state]}; placed {words.moment(placed, at.zone, at.now)}"


# --- What fills the basket --------------------------------------------------------------------


@bp.post("/<sid>/add")
@limiter.limit(SENT)
def add(sid: str) -> Response:
    """So many of a product, with its options."""
    at, code = sent(sid), request.form.get("product", "")[:40]

    def change(draft: Draft) -> Draft:
        product = at.client.catalogue.product(code)
        if product is None:
            raise BadOrder("That is not sold any more. Choose something else.")
        return drafts.with_line(at, draft, Line(code, _options(product), _quantity("quantity", 1)))

    return _change(at, change, f"add:{code}", "home.page")


@bp.post("/<sid>/basket")
@limiter.limit(SENT)
def basket(sid: str) -> Response:
    """Another number of one line; 0, or the button beside it, takes it out."""
    at = sent(sid)
    place = request.form.get("place", "")
    seen = request.form.get("line", "")[:1000]
    remove = request.form.get("do") == "remove"

    def change(draft: Draft) -> Draft:
        at_line = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else -1
        quantity = 0 if remove else _quantity("quantity", 0)
        return drafts.with_quantity(at, draft, at_line, seen, quantity)

    back = "review.page" if request.form.get("back") == "review" else "home.page"
    # The same number set twice is the same.
    return _change(at, change, "", back)


@bp.post("/<sid>/usual")
@limiter.limit(SENT)
def take(sid: str) -> Response:
    """A usual order, or one of a speed dial: one press to the read-back."""
    at, wanted = sent(sid), request.form.get("basket", "")[:8000]
    offered = suggested(at)
    baskets = [one.basket for one in offered]
    dials = [at.client.catalogue.usable(one)[0] for one in at.client.speed_dials.values()]

    def change(draft: Draft) -> Draft:
        chosen = next((one for one in (*baskets, *dials) if one.key == wanted and one.lines), None)
        if chosen is None:
            raise BadOrder("That is not what it was any more. Look at it again, and choose.")
        alone = not draft.basket.lines
        taken = drafts.with_basket(at, draft, chosen)
        if not alone:
            return taken
        number = next((n for n, one in enumerate(baskets, 1) if one.key == wanted), 0)
        return replace(taken, suggestion=number)

    return _change(at, change, f"usual:{wanted}"[:150], "review.page")


@bp.post("/<sid>/drop")
@limiter.limit(SENT)
def drop(sid: str) -> Response:
    """Begin anew."""
    at = sent(sid)
    draft, _ = drafts.current(at)
    if draft is not None and not drafts.drop(at, draft.order):
        flash(_HELD, "bad")
    steps.forget(at.browser)
    return redirect(url_for("order_home.page", sid=sid), 303)


_HELD = "You are ordering in a call at this moment, or one of our people is: finish it there."


def _change(at: Here, change: Callable[[Draft], Draft], what: str, then: str) -> Response:
    """Change the basket once for each form; what cannot be is told on the page, nothing is lost."""
    if what and not steps.first_time(at.browser, what):
        steps.wait_for_first(at.browser, what)
        return redirect(url_for(f"order_{then}", sid=at.shop["sid"]), 303)
    draft, dropped = drafts.current(at)
    try:
        if draft is None and drafts.held_by_another(at):
            raise DraftHeld
        drafts.save(at, change(draft or _begun(at)))
    except DatabaseRefusal as error:
        steps.not_done(at.browser, what)
        flash(told(error), "bad")
        then = "home.page"
    except Exception:
        # Nothing was stored, and the page says so: the same form counts when it is sent again.
        steps.not_done(at.browser, what)
        raise
    finally:
        steps.over(at.browser, what)
    if dropped:
        flash(drafts.why_dropped(dropped), "warn")
    return redirect(url_for(f"order_{then}", sid=at.shop["sid"]), 303)


def _begun(at: Here) -> Draft:
    """A new draft, which remembers what was offered: how often the usual is taken is counted."""
    offered = tuple(one.basket for one in suggested(at))
    return replace(drafts.new(at, request.form.get("key", "")[:64]), suggested=offered)


def told(error: DatabaseRefusal) -> str:
    """A refusal as a client reads it."""
    if isinstance(error, DraftHeld):
        return _HELD
    if isinstance(error, OrderOver | UnknownOrder):
        return "That order was placed or given up meanwhile. Look at it, or begin a new one."
    sentence = str(error)
    return f"{sentence[:1].upper()}{sentence[1:]}{'' if sentence.endswith('.') else '.'}"


def _options(product: Product) -> tuple[str, ...]:
    """The answer to each choice, one field each."""
    fields = [f"option-{n}" for n in range(len(product.choices))]
    chosen = [request.form.get(field, "")[:40] for field in fields]
    return tuple(code for code in chosen if code)


def _quantity(field: str, least: int) -> int:
    found = request.form.get(field, "1").strip()
    if not (found.isascii() and found.isdigit() and len(found) <= 3 and int(found) >= least):
        raise BadOrder("Type how many, as a number.")
    return int(found)
