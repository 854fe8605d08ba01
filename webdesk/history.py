"""What happened with this customer before: calls, offers, dispositions."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from webdesk import calls, store
from webdesk.services import services
from webdesk.sessions import me, role_required

bp = Blueprint("history", __name__, url_prefix="/desk/calls/<call_id>")


@bp.get("/history")
@role_required("agent")
def history(call_id: str) -> Response:
    """Earlier calls and all offers of the customer; empty for nobody known, or before sign-on."""
    call_id = calls.parse_call_id(call_id)
    svc = services()
    calls.require_own(svc, me(), call_id)
    live, stored = calls.live_card(svc, call_id), store.call_card(svc.pool, call_id) or {}
    # At sign-on the record is a moment behind the card.
    customer = stored.get("customer") or live.get("customer")
    if live.get("sign_on") or not customer:
        return jsonify(calls=[], offers=[], orders=[])
    return jsonify(store.customer_history(svc.pool, call_id, customer["id"], me().id))
