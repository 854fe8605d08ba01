"""Call requests: made, listed, read, taken back."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from flask import url_for

from cordboard.events import CallEndAsked, tell_all
from cordboard.policy import Verdict
from db import errors, policy
from db.queries import sql
from webdesk.api import data
from webdesk.api.auth import Business
from webdesk.api.models import (
    CallRequest,
    CallRequestPage,
    CallRequestStory,
    ListQuery,
    NewRequest,
)
from webdesk.api.operation import Ask, Reply, invalid, operation
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.store import Json

#: How far ahead a call may be wanted, and how far behind a slow sender's clock may be.
AHEAD = timedelta(days=30)
BEHIND = timedelta(minutes=5)

#: What two requests of one key must have in common: everything that was asked for.
SAME = tuple(name for name in NewRequest.model_fields if name not in ("wanted_at", "consent_text"))


@operation(
    "POST",
    "/call-requests",
    body=NewRequest,
    answers={201: CallRequest},
    keyed=True,
)
def make_call_request(ask: Ask[NewRequest]) -> Reply:
    """Ask for a customer to be called, now or later."""
    wish, business = ask.what, ask.business
    check_time(wish)
    if made := data.value(sql.api_request_by_key, subscriber=business.id, key=ask.key):
        return _replay(wish, made)
    _judge(business, wish)
    try:
        answer = data.rows(sql.make_request, wish=orjson.dumps(_wish(ask)).decode())[0]
    except errors.KeyReused:
        raise _key_reused() from None
    except errors.UnknownTarget as refusal:
        raise Problem(422, "unknown-target", f"{refusal}. Nothing was stored.") from None
    stored = data.value(sql.api_request, subscriber=business.id, request=answer["request"])
    return _made(stored) if answer["made"] else _replay(wish, stored)


def check_time(wish: NewRequest) -> None:
    """Refuse a time that cannot be meant.

    Raises:
        Problem: 422, past, too far ahead, or in no zone that there is.
    """
    try:
        ZoneInfo(wish.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid("/time_zone", "no time zone; send an IANA name, Europe/Berlin") from None
    ahead = wish.wanted_at - datetime.now(UTC) if wish.wanted_at else timedelta()
    if ahead < -BEHIND:
        raise invalid("/wanted_at", "in the past; leave it out to be called now")
    if ahead > AHEAD:
        raise invalid("/wanted_at", f"more than {AHEAD.days} days ahead")


def _judge(business: Business, wish: NewRequest) -> None:
    """Ask the dialling policy, and record its refusal."""
    svc = services()
    with data.connection() as conn:
        verdict = policy.check(
            conn, svc.settings, business.code, wish.number, at=wish.wanted_at, can_prove=False
        )
        policy.record(conn, verdict)
    if not verdict.allowed:
        raise _refused(verdict)


def _refused(verdict: Verdict) -> Problem:
    found = verdict.as_json()
    sentences = " ".join(reason["sentence"] for reason in found["reasons"])
    next_allowed = {"next_allowed_at": found["next_allowed"]} if verdict.only_hours else {}
    return Problem(
        422,
        "refused-by-policy",
        f"This number is not dialled: {sentences}",
        more={"reasons": found["reasons"], **next_allowed},
    )


def _wish(ask: Ask[NewRequest]) -> Json:
    """As ``read_request_v1`` wants it."""
    wish = ask.what.model_dump(mode="json", exclude={"wanted_at"}, exclude_none=True)
    if ask.what.wanted_at:
        wish["wanted_ms"] = int(ask.what.wanted_at.timestamp() * 1000)
    return {**wish, "subscriber": ask.business.code, "source": "api", "key": ask.key}


def _made(stored: Json, headers: dict[str, str] | None = None) -> Reply:
    where = url_for("api.read_call_request", request_id=stored["id"])
    answer = CallRequest.model_validate(stored)
    return Reply(answer, 201, {"Location": where, **(headers or {})})


def _replay(wish: NewRequest, stored: Json) -> Reply:
    """The request that was made by this key, if it is the one that is asked for."""
    asked = wish.model_dump(mode="json")
    if any(asked[name] != stored[name] for name in SAME) or not _same_time(wish, stored):
        raise _key_reused()
    return _made(stored, {"Idempotency-Replayed": "true"})


def _same_time(wish: NewRequest, stored: Json) -> bool:
    if wish.wanted_at is None:
        return True
    difference = wish.wanted_at - datetime.fromisoformat(stored["wanted_at"])
    return abs(difference) < timedelta(milliseconds=2)


def _key_reused() -> Problem:
    return Problem(
        422,
        "idempotency-key-reused",
        "This Idempotency-Key was used for another request. Send a new key for a new request.",
    )


@operation("GET", "/call-requests", query=ListQuery, answers={200: CallRequestPage})
def list_call_requests(ask: Ask[ListQuery]) -> Reply:
    """List requests, newest first."""
    query = ask.what
    found = data.rows(
        sql.api_requests,
        subscriber=ask.business.id,
        state=query.state,
        since=query.since,
        before=_read_cursor(query.cursor),
        limit=query.limit + 1,
    )
    items = [row["request"] for row in found[: query.limit]]
    following = _cursor(items[-1]["id"]) if len(found) > query.limit else None
    return Reply(CallRequestPage.model_validate({"items": items, "next": following}))


def _cursor(request_id: str) -> str:
    return base64.urlsafe_b64encode(UUID(request_id).bytes).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (ValueError, binascii.Error):
        raise invalid("cursor", "not one that was given as `next`") from None


@operation(
    "GET",
    "/call-requests/{request_id}",
    answers={200: CallRequestStory},
    refusals=(404,),
)
def read_call_request(ask: Ask[None], request_id: str) -> Reply:
    """Read a request with its timeline."""
    return Reply(CallRequestStory.model_validate(_find(ask.business, request_id)))


@operation(
    "POST",
    "/call-requests/{request_id}/cancel",
    answers={200: CallRequestStory},
    refusals=(404, 409),
)
def cancel_call_request(ask: Ask[None], request_id: str) -> Reply:
    """Take a request back; again changes nothing."""
    found = _find(ask.business, request_id)
    try:
        cancelled = data.value(sql.cancel_request, request=found["id"], by="merchant")
    except errors.RequestOver as refusal:
        raise Problem(409, "request-over", f"Nothing was changed: {refusal}.") from None
    if cancelled["call"]:
        _end_call(cancelled["call"])
    return Reply(CallRequestStory.model_validate(_find(ask.business, request_id)))


def _end_call(call_id: str) -> None:
    """Let the app end a call that has begun."""
    pipe = services().redis.pipeline()
    tell_all(pipe, CallEndAsked(call_id, by="merchant"))
    pipe.execute()


def _find(business: Business, request_id: str) -> Json:
    """A request of this business.

    Raises:
        Problem: 404, there is none, or it is another's.
    """
    found: Json | None = None
    with suppress(ValueError):
        known = UUID(request_id)
        found = data.value(sql.api_request, subscriber=business.id, request=known)
    if found is None:
        raise Problem(404, "no-such-request", "There is no such call request.")
    return found
