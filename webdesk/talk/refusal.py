"""Refusals as a visitor reads them: why, and what to do instead, in the company's colours."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
import structlog
from flask import Blueprint, Response, make_response, render_template, request
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

from webdesk.present import number_text, web_url
from webdesk.problems import Problem, answer, wants_json
from webdesk.security import content_policy, own_headers

log = structlog.get_logger(__name__)

#: Code of a refusal -> its heading.
HEADINGS = {
    "unknown_sid": "This link leads nowhere",
    "unknown_sc": "This link leads nowhere",
    "malformed": "This link is damaged",
    "changed": "This link was changed",
    "expired": "This link has expired",
    "used": "This link was opened elsewhere",
    "no-visitor": "This page has been closed",
    "stale-form": "This page is out of date",
    "too-many-tries": "That was a bit much",
    "unknown-request": "There is no such call",
    "unknown-offer": "This offer is not here any more",
}
#: Why, in place of what the link itself tells: the heading has said that.
WHY = {
    "expired": "A talk link is good for a while only, so that nobody else can use it later.",
    "changed": "It is not what the company signed.",
}
#: What to do instead, where it is the same for all companies.
INSTEAD = {
    "malformed": "Go back to the page that it is on, and press the button there.",
    "changed": "Go back to the page that it is on, and press the button there.",
    "expired": "Go back to the page that it is on, reload it, and press the button again.",
    "used": "Each link is for one browser, so that nobody sees what another is shown. Go back to"
    " the page that it is on, reload it, and press the button again.",
}
#: Codes of links that the company did sign.
SIGNED = ("expired", "used")


class Refused(Problem):
    """A visitor is refused; ``place`` (a row of ``talk_place``) says whose visitor that is."""

    def __init__(self, status: int, code: str, detail: str, place: Any = None) -> None:
        super().__init__(status, code, detail)
        self.place = place or {}


def init(blueprint: Blueprint) -> None:
    """Let everything that goes wrong in a view of ``blueprint`` be told to a visitor."""
    blueprint.register_error_handler(Problem, refuse)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(PoolTimeout, _away)
    blueprint.register_error_handler(psycopg.OperationalError, _away)
    blueprint.register_error_handler(redis.RedisError, _away)


def refuse(problem: Problem) -> Response:
    """The problem as a page; as JSON for a script."""
    log.info("visitor refused", code=problem.code, status=problem.status)
    if wants_json():
        return answer(problem)
    place: dict[str, Any] = getattr(problem, "place", {})
    origins = list(place.get("origins") or ())
    allow_frames(origins)
    page = render_template(
        "talk/refused.html",
        heading=HEADINGS.get(problem.code, "That did not work"),
        detail=WHY.get(problem.code, problem.detail),
        instead=INSTEAD.get(problem.code, ""),
        code=problem.code,
        back=_back(problem.code, origins),
        **company_of(place),
    )
    return make_response(page, problem.status)


def _back(code: str, origins: list[str]) -> str:
    """The page that the link names. Where nobody signed it, it must be on one of the company's own
    sites: anybody's would stand here in the company's name.
    """
    url = web_url(request.args.get("u")) if code in INSTEAD else ""
    parts = urlsplit(url)
    known = code in SIGNED or f"{parts.scheme}://{parts.netloc}" in origins
    return url if known else ""


def company_of(place: dict[str, Any]) -> dict[str, Any]:
    """What every page shows of its company; empty when it is not known which."""
    contact = place.get("contact")
    return {
        "sid": place.get("sid"),
        "company": place.get("company"),
        "origins": list(place.get("origins") or ()),
        "contact": contact,
        "contact_text": number_text(contact) if contact else "",
    }


def allow_frames(origins: list[str], **directives: str) -> None:
    """Let pages of these origins show this answer in a panel, or open it in a window."""
    ancestors = " ".join(("'self'", *origins))
    own_headers(
        Content_Security_Policy=content_policy(frame_ancestors=ancestors, **directives),
        X_Frame_Options="",
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error.get_response())
    sentences = {
        404: "There is no such page.",
        405: "This page cannot be used in that way.",
        413: "That was too much text for one form.",
        429: "Too many requests came from here. Wait a minute, then try again.",
    }
    code = "too-many-tries" if status == 429 else HTTPStatus(status).phrase.lower()
    return refuse(Problem(status, code, sentences.get(status, "That did not work.")))


def _away(error: Exception) -> Response:
    log.warning("talk page without database or live state", error=type(error).__name__)
    return refuse(
        Problem(503, "away", "We cannot take your call request at this moment. Try again shortly.")
    )
