"""The page behind a lit icon: what the offer is, and what to say, filled in for this customer."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify, render_template, request

from cordboard import script
from webdesk import calls, store
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import me, role_required

bp = Blueprint("offers", __name__)


@bp.get("/offers/<code>")
@role_required("agent")
def page(code: str) -> str:
    """Description and script; only for the agent whose call it is."""
    if not re.fullmatch(r"[A-Z0-9-]{2,32}", code):
        raise Problem(404, "no-such-offer", calls.NO_SUCH_OFFER)
    call_id = calls.parse_call_id(request.args.get("call", ""))
    svc, user = services(), me()
    calls.require_own(svc, user, call_id)
    calls.require_sign_on(svc, call_id)
    calls.on_own(svc, user, call_id, lambda: store.open_offer(svc.pool, call_id, user.id, code))
    offer = store.offer_page(svc.pool, call_id, user.id, code)
    if offer is None:
        raise Problem(404, "no-such-offer", calls.NO_SUCH_OFFER)
    return render_template(
        "offer.html",
        offer=offer,
        name=" ".join(filter(None, (offer["first_name"], offer["last_name"]))),
        script=script.paragraphs(script.fill(offer["script"], offer)),
        about=script.paragraphs(script.fill(offer["description"], offer)),
    )


@bp.post("/desk/calls/<call_id>/offers/<code>/opened")
@role_required("agent")
def opened(call_id: str, code: str) -> Response:
    """The icon was clicked; an offer's page outside Cordboard cannot tell us itself."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    calls.on_own(svc, user, call_id, lambda: store.open_offer(svc.pool, call_id, user.id, code))
    return jsonify(call_id=call_id, code=code)
