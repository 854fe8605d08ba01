"""The half-made order of a client: the same row that a call works on.

A page holds it no longer than one request takes, so that whoever leaves the page and calls goes on
with it at once; a call that works on it is told by ``DraftHeld``.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from cordboard.orders.basket import MOST_LINES, Basket, Line
from cordboard.orders.catalogue import Dropped
from cordboard.orders.draft import Draft, draft_json
from cordboard.orders.pricing import Unpriceable
from db import orders as ordered
from db.errors import BadOrder
from db.queries import sql
from webdesk.order.here import Here
from webdesk.order.store import ask
from webdesk.services import POOL_WAIT_S, services

Json = dict[str, Any]


def current(at: Here) -> tuple[Draft | None, tuple[Dropped, ...]]:
    """The client's half-made order as it can be ordered now, and what had to be left out."""
    draft = at.client.draft
    if draft is None:
        return None, ()
    basket, dropped = at.client.catalogue.usable(draft.basket)
    return replace(draft, basket=basket, total_cents=0), dropped


def new(at: Here, form: str) -> Draft:
    """An empty one; of the same form of the same browser it is the same."""
    made = uuid.uuid5(uuid.UUID(at.browser.id), f"order.{form}" if form else uuid.uuid4().hex)
    preferred = at.client.preference
    return Draft(str(made), Basket((), preferred.method, ""))


def held_by_another(at: Here) -> str:
    """Who else works on a half-made order of the client now: ``call``, ``agent``; empty: nobody."""
    holder = ask(sql.held_draft, customer=at.customer, holder=at.browser.holder)
    return str(holder or "").partition(":")[0]


def save(at: Here, draft: Draft, **said: Any) -> None:
    """Store it, and give it back at once.

    Args:
        said: ``note`` and ``address``; without one of them it stays as it is.

    Raises:
        db.errors.DatabaseRefusal: somebody else works on it, it is over, or it cannot be so.
    """
    told = as_json(at, draft) | said
    svc = services()
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn, conn.transaction():
        ordered.ask(conn, svc.settings, sql.save_draft, draft=told)
        hold = {"order": draft.order, "holder": at.browser.holder, "from_holder": None}
        ordered.ask(conn, svc.settings, sql.hold_draft, seconds=0, **hold)


def drop(at: Here, order: str) -> bool:
    """The client begins anew; false when somebody else works on it."""
    return bool(ask(sql.drop_draft, order=order, holder=at.browser.holder))


def as_json(at: Here, draft: Draft) -> Json:
    """What functions are told of it.

    Raises:
        BadOrder: something in it is not sold.
    """
    who = {
        "subscriber": at.shop["sid"],
        "customer": at.customer,
        "source": "web",
        "call": None,
        "held_by": at.browser.holder,
    }
    try:
        return draft_json(draft, at.client.catalogue, **who)
    except Unpriceable as error:
        raise BadOrder(str(error)) from error


def with_line(at: Here, draft: Draft, line: Line) -> Draft:
    """With so many more of something.

    Raises:
        BadOrder: it is not sold, not so many of it, or there are too many lines.
    """
    return _checked(at, draft, replace(draft.basket, lines=(*draft.basket.lines, line)))


def with_basket(at: Here, draft: Draft, more: Basket) -> Draft:
    """With a whole other order; how and where are those of the other, unless they are chosen.

    Raises:
        BadOrder: as :func:`with_line`.
    """
    lines = (*draft.basket.lines, *more.lines)
    first = not draft.basket.lines
    basket = Basket(
        lines,
        more.method if first else draft.basket.method or more.method,
        more.location if first else draft.basket.location or more.location,
    )
    return _checked(at, draft, basket)


def with_quantity(at: Here, draft: Draft, place: int, seen: str, quantity: int) -> Draft:
    """With another number of one line, none when that is 0; ``seen`` is the line as it was shown.

    Raises:
        BadOrder: as :func:`with_line`, or the line is another now.
    """
    lines = list(draft.basket.lines)
    if not 0 <= place < len(lines) or line_code(lines[place]) != seen:
        raise BadOrder("Your order was changed elsewhere. Look at it again.")
    lines[place : place + 1] = [replace(lines[place], quantity=quantity)] if quantity > 0 else []
    return _checked(at, draft, replace(draft.basket, lines=tuple(lines)))


def line_code(line: Line) -> str:
    """Names a line in a form."""
    return " ".join((line.product, *line.options))


def _checked(at: Here, draft: Draft, basket: Basket) -> Draft:
    usable, dropped = at.client.catalogue.usable(basket.merged())
    if dropped:
        raise BadOrder(why_dropped(dropped))
    if len(usable.lines) > MOST_LINES:
        raise BadOrder(f"An order has {MOST_LINES} lines at most. Order the rest afterwards.")
    return replace(draft, basket=usable, total_cents=0)


def why_dropped(dropped: tuple[Dropped, ...]) -> str:
    """What cannot be ordered, and why, in a sentence each."""
    words = {
        "product": "{} is not sold any more.",
        "option": "{} is not sold like that any more.",
        "choice": "{}: choose one of each.",
        "quantity": "So many of {} cannot be ordered at once.",
    }
    return " ".join(words[one.why.value].format(one.name) for one in dropped)
