"""A talk link is opened: the visitor is greeted, and asks to be called."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_limiter import RequestLimit
from werkzeug.wrappers import Response as BaseResponse

from cordboard import visit_times
from cordboard.tag1 import Tag1
from cordboard.visitor_events import RequestChanged, tell_visitor
from db.errors import KeyReused
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import services
from webdesk.talk import capacity, drafts, form, place, refusal, store, visitors, wanted, wish
from webdesk.talk.form import Entered
from webdesk.talk.refusal import Refused
from webdesk.talk.visitors import Visitor
from webdesk.talk.wish import Asked, NotTaken

Json = dict[str, Any]
bp = visitors.blueprint("welcome")
refusal.init(bp)

#: Pages opened, and forms sent, from one address.
OPENED, SENT = "240 per minute", "60 per minute"
#: Fifty pages with long addresses, as a form encodes them, bytes.
MAX_FORM = 256 * 1024


def _too_many(_: RequestLimit) -> Response:
    detail = "Too many requests came from your network. Wait a minute, then try again."
    return refusal.refuse(Problem(429, "too-many-tries", detail))


@bp.get("/<sid>/<sc>")
@limiter.limit(OPENED, on_breach=_too_many)
def link(sid: str, sc: str) -> BaseResponse | str:
    """The page that a talk button opens."""
    where, who = place.find(sid, sc), visitors.visitor(sid)
    tag = place.read_link(where, who)
    if who is None:
        # Does this browser keep our cookie? The next page sees.
        visitors.begin(where["sid"])
        return redirect(_with_query("talk_welcome.again", sid=sid, sc=sc), 303)
    place.claim(where, tag, who)
    entered = drafts.restore(who, where["sc"], _first(where, tag))
    return _page(where, tag, visitors.begin(where["sid"]), entered)


@bp.get("/<sid>/<sc>/again")
@limiter.limit(OPENED, on_breach=_too_many)
def again(sid: str, sc: str) -> BaseResponse | str:
    """Back with the cookie that we set, or without: then a window is the way."""
    where, who = place.find(sid, sc), visitors.visitor(sid)
    place.read_link(where, who)
    back = _with_query("talk_welcome.link", sid=sid, sc=sc)
    if who is not None:
        return redirect(back, 303)
    refusal.allow_frames(where["origins"])
    inside = request.headers.get("Sec-Fetch-Dest") == "iframe"
    about = refusal.company_of(where)
    return render_template(
        "talk/window.html", link=back, inside=inside, subject=where["subject"], **about
    )


@bp.post("/<sid>/<sc>")
@limiter.limit(SENT, on_breach=_too_many)
def ask(sid: str, sc: str) -> BaseResponse:
    """The form of a talk link's page."""
    where, who = place.find(sid, sc), _must_be_known(sid)
    tag = place.read_link(where, who)
    place.claim(where, tag, who)
    return _take(where, tag, who)


@bp.route("/<sid>/call/<uuid:request_id>/again", methods=["GET", "POST"])
@limiter.limit(SENT, on_breach=_too_many)
def call_again(sid: str, request_id: uuid.UUID) -> BaseResponse | str:
    """Another call about the same: the visitor's own request stands for the link."""
    who = _must_be_known(sid)
    old = store.request(services().pool, who.sid, who.id, str(request_id))
    if old is None:
        raise Refused(404, "unknown-request", "This browser has not asked for it.")
    where = place.find(sid, old["sc"])
    tag = _link_of(old, sid)
    if request.method == "POST":
        return _take(where, tag, who)
    entered = replace(_when(where), number=number_text(old["number"]))
    return _page(where, tag, visitors.begin(sid), drafts.restore(who, where["sc"], entered))


def _link_of(old: Json, sid: str) -> Tag1:
    return Tag1(
        sid=sid,
        sc=old["sc"],
        expires=0,
        nonce="",
        title=old["page_title"],
        page_url=old["page_url"],
        whisper_code=old["whisper_code"],
        customer_code=old["customer_code"] or "",
    )


def _must_be_known(sid: str) -> Visitor:
    """The visitor of this browser.

    Raises:
        Refused: 401, the session is over, or the browser sent no cookie.
    """
    who = visitors.visitor(sid)
    if who is None:
        raise Refused(
            401,
            "no-visitor",
            "Your session is over, or your browser sent no cookie."
            " Go back to the site, and press the talk button again.",
        )
    return who


def _take(where: Json, tag: Tag1, who: Visitor) -> BaseResponse:
    request.max_content_length = MAX_FORM
    visitors.check_token(who)
    entered, pool = form.read(request.form), services().pool
    zone = str(visit_times.zone_or(entered.zone, where["timezone"]))
    store.open_visitor(pool, who.id, where["subscriber"], zone)
    asked = Asked(_with_texts(where), tag, who, _customer(where, tag), entered, datetime.now(UTC))
    try:
        made = wish.make(asked)
    except NotTaken as error:
        return make_response(_page(where, tag, who, entered, error.problem), 422)
    except KeyReused:
        # The form was sent, then changed, then sent again: that is another wish.
        fresh = {**request.form, "key": str(uuid.uuid4())}
        changed = form.read(fresh)
        problem = wish.Problem("sent-before", "You have asked for a call already", _SENT_BEFORE)
        return make_response(_page(where, tag, who, changed, problem), 409)
    drafts.forget(who)
    if row := store.request(pool, who.sid, who.id, made):
        _tell(who, made, row)
    # The next page hands the number, by then known to be one, to the site that keeps it.
    anchor = "remember" if request.form.get("remember") == "yes" else None
    return redirect(url_for("talk_calls.page", sid=who.sid, request_id=made, _anchor=anchor), 303)


_SENT_BEFORE = ("This form was sent before, with other values. Send it again if you want both.",)


def _tell(who: Visitor, made: str, row: Json) -> None:
    """Other tabs of this visitor follow, and events that name no request belong to this one."""
    due_ms = int(row["due_at"].timestamp() * 1000)
    pipe = services().redis.pipeline()
    tell_visitor(pipe, who.id, RequestChanged(made, row["state"], due_ms, row["outcome"] or ""))
    pipe.execute()


def _with_query(endpoint: str, sid: str, sc: str) -> str:
    """One of our addresses with the query string as it came: a changed one would be refused."""
    return f"{url_for(endpoint, sid=sid, sc=sc)}?{request.query_string.decode('latin-1')}"


# --- The page ---------------------------------------------------------------------------------


def _first(where: Json, tag: Tag1) -> Entered:
    """The form as it is shown first."""
    customer = _customer(where, tag)
    whose = "known" if customer and customer["number"] else "typed"
    return replace(_when(where), number=tag.number, whose=whose)


def _when(where: Json) -> Entered:
    """An empty form; when nobody can talk now, with the first time at which somebody can."""
    now = datetime.now(UTC)
    if wish.why_not_now(where, now) is None:
        return Entered()
    first = [moment.isoformat() for moment in wish.offered(where, "", now)][:1]
    return Entered(when="later", pick=first[0] if first else "own")


def _customer(where: Json, tag: Tag1) -> Json | None:
    if not tag.customer_code:
        return None
    return store.customer(services().pool, where["subscriber"], tag.customer_code)


def _with_texts(where: Json) -> Json:
    texts = {
        "welcome_text": where["welcome_text"] or "Talk to us",
        "consent": where["consent_text"] or "I agree that {company} calls me about my question.",
    }
    filled = {name: text.replace("{company}", where["company"]) for name, text in texts.items()}
    return {**where, **filled}


def _page(
    where: Json, tag: Tag1, who: Visitor, entered: Entered, problem: wish.Problem | None = None
) -> str:
    svc, now = services(), datetime.now(UTC)
    zone = visit_times.zone_or(entered.zone, where["timezone"])
    closed = wish.why_not_now(where, now)
    customer = _customer(where, tag) or {}
    refusal.allow_frames(where["origins"])

    def said(moments: tuple[datetime, ...]) -> list[Json]:
        texts = (visit_times.say(moment, zone, now) for moment in moments)
        return [{"iso": m.isoformat(), "text": t} for m, t in zip(moments, texts, strict=True)]

    company = refusal.company_of(where)
    shown = problem and {
        "code": problem.code,
        "heading": problem.heading,
        "sentences": problem.sentences,
        "fields": problem.fields,
        "offers": said(problem.offers),
        **{name: company[name] for name in ("contact", "contact_text")},
    }
    return render_template(
        "talk/welcome.html",
        place=_with_texts(where),
        link=tag,
        action=request.full_path.rstrip("?"),
        draft=url_for("talk_drafts.save", sid=where["sid"], sc=where["sc"]),
        entered=entered,
        problem=shown,
        known=_masked(customer.get("number")),
        closed=closed and {"code": closed[0], "text": closed[1]},
        offers=said(wish.offered(where, entered.zone, now)),
        waiting=capacity.waiting(svc, where["group"]),
        people=wanted.choices(where["group"]),
        zone_text=zone.key.replace("_", " "),
        token=visitors.form_token(who),
        **company,
    )


def _masked(number: str | None) -> str:
    """A number that the customer recognizes and nobody else can dial.

    >>> _masked("+12125550140")
    '+1 •••-•••-••40'
    """
    if not number:
        return ""
    text = number_text(number)
    head, tail = text[:2], text[2:]
    return head + re.sub(r"\d(?=(?:\D*\d){2})", "•", tail)
