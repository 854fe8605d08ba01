"""Disposition codes and notes: what came of the call, in the agent's words."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from cordboard.events import DispositionRecorded, NoteSaved
from db import errors
from webdesk import calls, store
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import SessionUser, me, role_required

bp = Blueprint("dispositions", __name__, url_prefix="/desk/calls/<call_id>")

#: Longest note, characters.
NOTE_MAX = 4000


@bp.post("/dispositions")
@role_required("agent")
def record(call_id: str) -> Response:
    """Store a code for one kind of offer; the form's key makes a form sent twice count once."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    kind, code = request.form.get("kind", ""), request.form.get("code", "")
    key = request.form.get("key", "")
    if not 8 <= len(key) <= 64:
        raise Problem(422, "no-key", "This form is incomplete. Reload the page, then try again.")
    offer = request.form.get("offer", "")
    stored = _record(svc, user, call_id, kind, code, key, offer)
    event = DispositionRecorded(call_id, kind, stored["code"], stored["label"], offer)
    calls.tell(svc, user, event)
    return jsonify(call_id=call_id, kind=kind, code=stored["code"], label=stored["label"])


def _record(
    svc: Services, user: SessionUser, call_id: str, kind: str, code: str, key: str, offer: str
) -> store.Json:
    def change() -> store.Json:
        return store.record_disposition(svc.pool, call_id, user.id, kind, code, key, offer)

    try:
        return calls.on_own(svc, user, call_id, change)
    except errors.UnknownCode:
        raise Problem(
            422,
            "unknown-code",
            "This code is not on the list for this call; nothing was stored.",
        ) from None
    except errors.OfferReplaced:
        raise Problem(
            409,
            "offer-replaced",
            "Nothing was stored: you present another offer by now. Choose the result of that one.",
        ) from None
    except (errors.CallClosed, errors.KeyReused) as refusal:
        raise Problem(409, "too-late", f"Nothing was changed: {refusal}.") from None


@bp.post("/note")
@role_required("agent")
def save_note(call_id: str) -> Response:
    """Store the agent's note on the call; the newest text replaces the older one."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    body = request.form.get("body", "").replace("\r\n", "\n").strip()
    if len(body) > NOTE_MAX:
        raise Problem(422, "note-too-long", f"A note holds {NOTE_MAX} characters at most.")
    calls.on_own(svc, user, call_id, lambda: store.save_note(svc.pool, call_id, user.id, body))
    calls.tell(svc, user, NoteSaved(call_id, body))
    return jsonify(call_id=call_id, body=body)
