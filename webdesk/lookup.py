"""The agent asks the database in mid-call, with what was gathered so far (M6)."""

from __future__ import annotations

from typing import Any

import phonenumbers
import structlog
from flask import Blueprint, Response, jsonify, request

from cordboard.events import CallUpdated
from db import errors
from webdesk import calls, store
from webdesk.decide_again import decide_for_found
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import me, role_required

log = structlog.get_logger(__name__)
bp = Blueprint("lookup", __name__, url_prefix="/desk/calls/<call_id>")

Json = dict[str, Any]

#: Call data that goes along with a query.
GATHERED = (
    "SUBSCRIBER",
    "ANI",
    "DNIS",
    "CED_ACCOUNT",
    "MENU_CHOICE",
    "ACCOUNT_NUMBER",
    "CUSTOMER_ID",
    "IDENTIFIED_BY",
)
#: Fields of the card that an attached look-up may change.
CHANGED = (
    "subscriber",
    "customer",
    "identified_by",
    "verified",
    "cti",
    "offers",
    "ranking",
    "decision",
    "dispositions",
    "outage",
    "required",
    "codes",
)


@bp.post("/lookup")
@role_required("agent")
def search(call_id: str) -> Response:
    """Customers of the call's subscriber by account, phone or name; at most 20."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    calls.require_own(svc, user, call_id)
    calls.require_sign_on(svc, call_id)
    query = parse_query(request.form.get("by", ""), request.form.get("q", ""), _region(svc))
    card = store.call_card(svc.pool, call_id) or {}
    subscriber = (card.get("subscriber") or {}).get("code", "")
    found = store.search_customers(svc.pool, user.id, subscriber, query["by"], query["q"])
    log.info("customers looked up", agent=user.id, by=query["by"], found=len(found))
    return jsonify(
        query=query,
        gathered=gathered(card),
        results=[{**row, "phone_text": [number_text(n) for n in row["phones"]]} for row in found],
    )


def gathered(card: Json) -> Json:
    """Call data that goes along with a query."""
    data = card.get("cti") or {}
    return {key: data[key] for key in GATHERED if data.get(key)}


def parse_query(by: str, text: str, region: str) -> Json:
    """What to look for, checked: ``{"by": "account", "q": "40010001"}``.

    Raises:
        Problem: 422 with what is wrong with it.
    """
    text = " ".join(text.split())
    if by == "account":
        text = text.replace(" ", "").replace("-", "")
        if not (text.isascii() and text.isdigit() and 4 <= len(text) <= 12):
            raise Problem(422, "bad-query", "An account number has 4 to 12 digits.")
    elif by == "phone":
        text = _e164(text, region)
    elif by == "name":
        if not 2 <= len(text) <= 80 or not any(c.isalpha() for c in text):
            raise Problem(422, "bad-query", "Give at least two letters of the name.")
    else:
        raise Problem(422, "bad-query", "Search by account, phone or name.")
    return {"by": by, "q": text}


def _e164(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Problem(422, "bad-query", "That is not a complete telephone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@bp.post("/lookup/attach")
@role_required("agent")
def attach(call_id: str) -> Response:
    """Attach a found customer to the call; card and call data change on all desks of the agent."""
    call_id = calls.parse_call_id(call_id)
    svc, user = services(), me()
    calls.require_own(svc, user, call_id)
    calls.require_sign_on(svc, call_id)
    customer, key = request.form.get("customer", ""), request.form.get("key", "")
    if not (customer.isascii() and customer.isdigit() and len(customer) <= 18):
        raise Problem(422, "no-customer", "Choose a customer from the list.")
    if not 8 <= len(key) <= 64:
        raise Problem(422, "no-key", "This form is incomplete. Reload the page, then try again.")
    query = parse_query(request.form.get("by", ""), request.form.get("q", ""), _region(svc))
    asked = {query["by"]: query["q"], **_chosen_account(request.form.get("account", ""))}
    try:
        card = store.attach_lookup(svc.pool, call_id, user.id, asked, int(customer), key)
    except errors.UnknownCustomer:
        raise Problem(
            422, "no-customer", "This customer does not belong to the company that was called."
        ) from None
    card = decide_for_found(svc, user, card)
    changed = {field: card[field] for field in CHANGED if field in card}
    calls.tell(svc, user, CallUpdated(call_id, changed))
    return jsonify(call_id=call_id, customer=card.get("customer"))


def _chosen_account(number: str) -> Json:
    """The account that the agent picked, of a customer who has several."""
    ok = number.isascii() and number.isdigit() and len(number) <= 12
    return {"account": number} if ok else {}


def _region(svc: Services) -> str:
    return svc.settings.default_region
