"""What becomes of a request: one page from the ringing to the survey, and what a visitor can do."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cordboard import keys
from cordboard.events import CallEndAsked, tell_all
from cordboard.visitor_events import TalkBegan, TalkEnded
from db.errors import DatabaseRefusal
from webdesk.hub import latest
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import now_ms, services
from webdesk.talk import offers, refusal, store, visitors
from webdesk.talk.refusal import Refused
from webdesk.talk.visitors import Visitor

Json = dict[str, Any]
bp = visitors.blueprint("calls")
refusal.init(bp)

#: States of a request that is under way.
OPEN = ("waiting", "dialling", "connected")
MAX_COMMENT = 1000
_TALK = (TalkBegan.wire, TalkEnded.wire)


@bp.get("/<sid>/call/<uuid:request_id>")
def page(sid: str, request_id: uuid.UUID) -> str:
    """The page of one request, as it stands."""
    who, row = _own(sid, request_id)
    where = store.place(services().pool, who.sid, row["sc"]) or {}
    visitors.begin(who.sid)
    # Pushed pages are anywhere on the web; they are shown in a sandbox.
    refusal.allow_frames(list(where.get("origins") or ()), frame_src="http: https:")
    farewell = where.get("farewell_text") or "Thank you for talking to us."
    return render_template(
        "talk/call.html",
        state=_state(who, row),
        subject=row["subject"],
        number_text=number_text(row["number"]),
        offers=offers.for_visitor(who.sid, row["customer"]) if row["state"] in OPEN else [],
        farewell=farewell.replace("{company}", where.get("company", "")),
        again=url_for("talk_welcome.call_again", sid=who.sid, request_id=request_id),
        token=visitors.form_token(who),
        **refusal.company_of(where),
    )


@bp.get("/<sid>/now")
def now(sid: str) -> BaseResponse:
    """To the visitor's present request, wherever that stands."""
    who = visitors.visitor(sid)
    found = store.latest_request(services().pool, who.sid, who.id) if who else None
    if found is None:
        raise Refused(404, "unknown-request", "This browser has not asked for a call.")
    return redirect(url_for("talk_calls.page", sid=sid, request_id=found))


@bp.get("/<sid>/call/<uuid:request_id>/state")
def state(sid: str, request_id: uuid.UUID) -> Response:
    """The same as the page has, for a page that missed something."""
    return jsonify(_state(*_own(sid, request_id)))


@bp.post("/<sid>/call/<uuid:request_id>/cancel")
@limiter.limit("60 per minute")
def cancel(sid: str, request_id: uuid.UUID) -> tuple[str, int]:
    """Take the request back; a call that is on its way is ended."""
    who, row = _own(sid, request_id)
    visitors.check_token(who)
    if row["state"] in ("waiting", "dialling"):
        try:
            answer = store.cancel_request(services().pool, str(row["id"]))
        except DatabaseRefusal as error:
            raise Problem(409, "over", "It is too late for that: look again.") from error
        _end(answer.get("call"))
    elif row["state"] == "connected":
        _end(row["call"])
    return "", 204


@bp.post("/<sid>/call/<uuid:request_id>/end")
@limiter.limit("60 per minute")
def end(sid: str, request_id: uuid.UUID) -> tuple[str, int]:
    """End the call: both phones are hung up."""
    who, row = _own(sid, request_id)
    visitors.check_token(who)
    live: Any = services().redis.get(keys.call_of_visitor(who.id))
    if row["state"] in OPEN:
        # The record may be behind the call, which is this visitor's only one.
        _end(live or row["call"])
    return "", 204


@bp.post("/<sid>/call/<uuid:request_id>/survey")
@limiter.limit("60 per minute")
def survey(sid: str, request_id: uuid.UUID) -> tuple[str, int]:
    """How it was."""
    who, row = _own(sid, request_id)
    visitors.check_token(who)
    score, comment = request.form.get("score", ""), request.form.get("comment", "")
    if score not in ("1", "2", "3", "4", "5"):
        raise Problem(422, "bad-score", "Choose one to five stars.")
    if len(comment) > MAX_COMMENT:
        raise Problem(422, "too-long", f"Please shorten it to {MAX_COMMENT} characters.")
    if not _over(who, row):
        raise Problem(409, "not-over", "The call is not over yet. Try again in a moment.")
    comment = comment.replace("\0", "").strip()
    store.save_survey(services().pool, who.id, str(row["id"]), int(score), comment)
    return "", 204


def _over(who: Visitor, row: Json) -> bool:
    """Whether the visitor may say how it was: the page was told so, or the record says so.

    The record may be behind: whoever answers at once when the call ends would be refused by it.
    """
    if row["state"] not in OPEN:
        return True
    talks = (e["type"] for e in reversed(_told(who, row, "+")) if e["type"] in _TALK)
    return next(talks, "") == TalkEnded.wire


def _own(sid: str, request_id: uuid.UUID) -> tuple[Visitor, Json]:
    """The visitor and the request.

    Raises:
        Refused: this browser has no session, or the request is somebody else's.
    """
    who = visitors.visitor(sid)
    row = store.request(services().pool, who.sid, who.id, str(request_id)) if who else None
    if who is None or row is None:
        raise Refused(404, "unknown-request", "This browser has not asked for it.")
    return who, row


def _end(call: object) -> None:
    if call:
        pipe = services().redis.pipeline()
        tell_all(pipe, CallEndAsked(str(call), "visitor"))
        pipe.execute()


def _state(who: Visitor, row: Json) -> Json:
    """Everything the page shows, and from where on it must listen.

    Events since the request was made are part of it: of what the phones do the stream alone knows.
    """
    svc = services()
    position = latest(svc.redis, keys.visitor(who.id))
    return {
        "sid": who.sid,
        "now_ms": now_ms(),
        "position": position,
        "request": {
            "id": str(row["id"]),
            "state": row["state"],
            "outcome": row["outcome"] or "",
            "due_ms": _ms(row["due_at"]),
            "attempts": row["attempts"],
            "proof_code": row["proof_code"],
        },
        "call": _call(row),
        "number": row["number"],
        "number_text": number_text(row["number"]),
        "events": _told(who, row, position),
        "pushes": store.pushes(svc.pool, str(row["id"]), who.id),
        "promotions": store.promotions(svc.pool, who.sid) if row["state"] in OPEN else [],
        "surveyed": row["score"] is not None,
    }


def _told(who: Visitor, row: Json, until: str) -> list[Json]:
    """The events that were told since the request was made, up to a place in the stream."""
    since = f"{_ms(row['created_at']) - 1}-0"
    told: Any = services().redis.xrange(keys.visitor(who.id), min=since, max=until)
    return [{"type": f["type"], "data": orjson.loads(f["data"])} for _, f in told]


def _call(row: Json) -> Json:
    found = {"id": row["call"] and str(row["call"]), "agent": row["agent"]}
    if row["answered"]:
        found["connected_ms"] = _ms(row["answered"])
    if row["state"] not in OPEN and row["answered"] and row["ended"]:
        found["ended_ms"] = _ms(row["ended"])
    return {name: value for name, value in found.items() if value}


def _ms(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
