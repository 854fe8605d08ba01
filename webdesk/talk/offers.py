"""Offers for a visitor whom the site has named, while the phones ring: title and link, no more.

The link carries what it is for, signed: in a panel of a site it opens in a window of its own, to
which the browser brings no cookie of the panel. Opening it is what makes it presented.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from cordboard import script
from db.queries import sql
from decider import DeciderAway
from webdesk import offer_list
from webdesk.security import limiter
from webdesk.services import Services, services
from webdesk.store import one_row
from webdesk.talk import refusal, store, visitors
from webdesk.talk.refusal import Refused

log = structlog.get_logger(__name__)

Json = dict[str, Any]
bp = visitors.blueprint("offers")
refusal.init(bp)

#: Offers shown, best first.
SHOWN = 3
#: A link is good for so long, seconds.
LIFE_S = 24 * 3600
CHANNEL = "web"


def for_visitor(sid: str, customer: int | None) -> list[Json]:
    """Titles and links of the best offers; none for a visitor whom nobody knows.

    Without a decision there are none: the page has other things to do.
    """
    if not customer:
        return []
    svc = services()
    try:
        found = offer_list.offer_list(svc, sid, customer, CHANNEL)
    except DeciderAway as error:
        log.warning("not decided", sid=sid, error=str(error)[:300])
        return []
    return [
        {"title": entry["title"], "href": _link(svc, sid, found.decision, customer, entry["offer"])}
        for entry in found.offers[:SHOWN]
    ]


def _link(svc: Services, sid: str, decision: str, customer: int, offer: int) -> str:
    token = _serializer(svc).dumps([sid, decision, customer, offer])
    return url_for("talk_offers.page", sid=sid, token=token)


@bp.get("/<sid>/offer/<token>")
@limiter.limit("120 per minute")
def page(sid: str, token: str) -> Response | str:
    """What is offered: on the company's own page, or as it is described here."""
    svc = services()
    try:
        known, decision, customer, offer = _serializer(svc).loads(token, max_age=LIFE_S)
    except (BadSignature, ValueError):
        known = ""
    where = store.place(svc.pool, sid, "-") if known == sid else None
    about = where and one_row(
        svc.pool, sql.talk_offer, decision=decision, customer=customer, offer=offer
    )
    if not where or not about:
        raise Refused(404, "unknown-offer", "This link has expired. Ask us when we call you.")
    if _is_looked_at():
        offer_list.expose(svc, customer, decision, offer, CHANNEL)
    if elsewhere := offer_list.page_for_customers(svc, about["url"]):
        return redirect(elsewhere, 303)
    filled = script.fill(about["description"], {**about, "subscriber": where["company"]})
    return render_template(
        "talk/offer.html",
        title=about["title"],
        paragraphs=script.paragraphs(filled),
        **refusal.company_of(where),
    )


def _is_looked_at() -> bool:
    """Whether somebody sees the page: no browser that fetches ahead, no scanner of links."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "GET" and "prefetch" not in ahead.lower()


def _serializer(svc: Services) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(svc.settings.secret_key.get_secret_value(), salt="talk-offer")
