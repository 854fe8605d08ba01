"""The page behind a lit icon: what the offer is, and what to say, filled in for this customer."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from cordboard import script
from cordboard.events import CallUpdated, OfferAttached
from db import errors
from webdesk import calls, store
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import SessionUser, me, role_required

bp = Blueprint("offers", __name__)

Json = dict[str, Any]

#: Fields of the card that another presented offer changes, and those that an opened page does.
ATTACHED = ("offers", "ranking", "dispositions", "required", "cti")
OPENED = ("offers", "ranking")


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
    _open(svc, user, call_id, code)
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
    _open(services(), me(), call_id, code)
    return jsonify(call_id=call_id, code=code)


def _open(svc: Services, user: SessionUser, call_id: str, code: str) -> None:
    """The offer was presented; the first time all desks of the agent are told."""
    if calls.on_own(svc, user, call_id, lambda: store.open_offer(svc.pool, call_id, user.id, code)):
        calls.tell(svc, user, CallUpdated(call_id, _fields(svc, call_id, OPENED)))


@bp.post("/desk/calls/<call_id>/offers/<code>/present")
@role_required("agent")
def present(call_id: str, code: str) -> Response:
    """Present another offer of the call's ranking; icon, page and codes become its own."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    calls.require_own(svc, user, call_id)
    calls.require_sign_on(svc, call_id)
    try:
        changed = calls.on_own(
            svc, user, call_id, lambda: store.present_offer(svc.pool, call_id, user.id, code)
        )
    except errors.OfferWithdrawn as refusal:
        raise Problem(409, "withdrawn", f"Nothing was changed: {refusal}.") from None
    except errors.CallClosed:
        raise Problem(409, "too-late", "Nothing was changed: the call is closed.") from None
    fields = _fields(svc, call_id, ATTACHED)
    (kind,) = [offer["kind"] for offer in fields["offers"] if offer["code"] == code] or [""]
    if changed:
        calls.tell(svc, user, OfferAttached(call_id, kind, code, fields))
    return jsonify(call_id=call_id, kind=kind, code=code)


def _fields(svc: Services, call_id: str, names: tuple[str, ...]) -> Json:
    card = store.call_card(svc.pool, call_id) or {}
    return {name: card[name] for name in names if name in card}
