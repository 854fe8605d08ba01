"""A browser becomes a client's: by a code that was spoken in a call, or by enrolling."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cordboard.orders import web_code
from db.queries import sql
from webdesk import store
from webdesk.order import browsers, enrolment, refusal
from webdesk.order.browsers import Browser
from webdesk.order.here import Json, is_linked, shop
from webdesk.order.store import ask
from webdesk.present import number_text
from webdesk.security import limiter
from webdesk.services import services
from webdesk.talk.store import open_visitor

log = structlog.get_logger(__name__)
bp = browsers.blueprint("welcome")
refusal.init(bp)

#: Codes that are tried, and clients that are enrolled, from one address. Five tries are all that
#: one number's code has (``use_web_code_v1``); this is about going through numbers.
TRIED, ENROLLED = "20 per minute; 100 per hour", "10 per minute; 40 per hour"

WHY_NOT = {
    "WRONG": "That is not the code. Type the digits that you heard last.",
    "LOCKED": "Too many wrong codes. Call again, and press 8 for a new one.",
    "NONE": "There is no code for this number now. Call from it, and press 8: the code is good for"
    " ten minutes.",
    "BAD": "A code is six digits. Call, and press 8 to hear one.",
}


@bp.get("/<sid>/welcome")
@limiter.limit("240 per minute")
def page(sid: str) -> Response | str:
    """Two ways in: the number is known already, or the client is new."""
    found = shop(sid)
    who = browsers.begin(sid)
    return _page(found, who)


def _page(found: Json, who: Browser, **more: Any) -> str:
    given = {
        "entered": enrolment.EMPTY,
        "wrong": {},
        "link": {"number": "", "problem": ""},
        "key": str(uuid.uuid4()),
        "linked": is_linked(who),
        **more,
    }
    return render_template(
        "order/welcome.html",
        shop=found,
        here="welcome",
        token=browsers.form_token(who),
        owner=browsers.owner(who),
        contact_text=number_text(found["contact"]) if found["contact"] else "",
        **given,
    )


@bp.post("/<sid>/link")
@limiter.limit(TRIED)
def link(sid: str) -> Response:
    """The code that the client heard, and the number that the call came from."""
    found, who = shop(sid), browsers.check_form(sid)
    typed = request.form.get("number", "")[:40]
    code = "".join(sign for sign in request.form.get("code", "")[:20] if sign not in " -")
    number = enrolment.e164(typed, found["country"])
    status = _use(found, sid, number, code)
    if status == "LINKED":
        flash("This browser is yours now: your orders are here.", "good")
        return redirect(url_for("order_home.page", sid=sid), 303)
    log.info("order.not_linked", status=status)
    problem = "Type the number that you called from." if not number else WHY_NOT[status]
    return make_response(_page(found, who, link={"number": typed, "problem": problem}), 422)


def _use(found: Json, sid: str, number: str, code: str) -> str:
    """What becomes of a code; a browser that it links gets a new id."""
    if not number:
        return "BAD"
    svc = services()
    try:
        digest = web_code.hash_code(code, svc.settings)
    except web_code.NotACode:
        return "BAD"
    before = browsers.browser(sid)
    fresh = Browser(str(uuid.uuid4()), sid)
    open_visitor(svc.pool, fresh.id, found["subscriber"], found["timezone"])
    used = ask(sql.use_web_code, visitor=fresh.id, number=number, hash=digest)
    if used["status"] != "LINKED":
        store.rows(svc.pool, sql.forget_visitor, visitor=fresh.id)
    else:
        _become(before, fresh)
    return str(used["status"])


def _become(before: Browser | None, fresh: Browser) -> None:
    """Whoever knew the id before has nothing of what comes."""
    if before:
        store.rows(services().pool, sql.unlink_web_client, visitor=before.id)
    browsers.become(fresh)


@bp.post("/<sid>/enrol")
@limiter.limit(ENROLLED)
def enrol(sid: str) -> Response:
    """A new client; the form sent twice makes one."""
    found, who = shop(sid), browsers.check_form(sid)
    entered = enrolment.read(request.form)
    wrong = enrolment.complaints(entered, found["country"])
    key = enrolment.form_key(request.form.get("key", ""))
    if wrong:
        return make_response(_page(found, who, entered=entered, wrong=wrong, key=key), 422)
    told = enrolment.as_json(entered, found, key=str(uuid.uuid5(uuid.UUID(who.id), key)))
    if _enrol(found, who, told):
        browsers.begin(sid)
    else:
        # The browser is another client's: from here on it is another browser.
        fresh = Browser(str(uuid.uuid4()), sid)
        _enrol(found, fresh, told)
        _become(who, fresh)
    flash(
        "Welcome. You can order for pick-up now; call us from your number and link this browser"
        " for everything else.",
        "good",
    )
    return redirect(url_for("order_home.page", sid=sid), 303)


def _enrol(found: Json, who: Browser, told: Json) -> bool:
    """Make the client, once; whether this browser is the client's."""
    open_visitor(services().pool, who.id, found["subscriber"], found["timezone"])
    return bool(ask(sql.enrol_web_client, visitor=who.id, enrolment=told)["linked"])


@bp.post("/<sid>/unlink")
@limiter.limit("60 per minute")
def unlink(sid: str) -> Response:
    """The browser is nobody's any more."""
    shop(sid)
    who = browsers.check_form(sid)
    store.rows(services().pool, sql.unlink_web_client, visitor=who.id)
    browsers.become(Browser(str(uuid.uuid4()), sid))
    flash("This browser is nobody's any more.", "good")
    return redirect(url_for("order_welcome.page", sid=sid), 303)
