"""Forms that go back to the merchant: an order, a complaint, a note, from the agent of the call."""

from __future__ import annotations

import uuid

import orjson
from flask import Blueprint, Response, jsonify, request

from cordboard import entries
from cordboard.events import EntrySaved
from db import errors
from db.queries import sql
from webdesk import calls, store
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import me, role_required

bp = Blueprint("entries", __name__, url_prefix="/desk/calls/<call_id>")


@bp.post("/entries")
@role_required("agent")
def save(call_id: str) -> Response:
    """Store a form under the ``id`` that the page made for it; sent twice it counts once."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    entry, kind = _entry_id(), request.form.get("kind", "")
    try:
        fields = entries.parse(kind, request.form)
    except entries.EntryError as error:
        raise Problem(422, "bad-entry", str(error)) from None
    values = {
        "id": entry,
        "call": call_id,
        "agent": user.id,
        "kind": kind,
        "fields": orjson.dumps(fields).decode(),
    }
    try:
        stored = calls.on_own(
            svc, user, call_id, lambda: store.one_row(svc.pool, sql.save_entry, **values)
        )
    except errors.KeyReused as refusal:
        raise Problem(409, "too-late", f"Nothing was stored: {refusal}.") from None
    assert stored is not None  # the function answers or raises
    at_ms = int(stored["at"].timestamp() * 1000)
    calls.tell(svc, user, EntrySaved(call_id, entry, kind, at_ms))
    return jsonify(call_id=call_id, entry_id=entry, kind=kind, at_ms=at_ms)


def _entry_id() -> str:
    try:
        return str(uuid.UUID(request.form.get("id", "")))
    except ValueError:
        raise Problem(
            422, "no-key", "This form is incomplete. Reload the page, then try again."
        ) from None
