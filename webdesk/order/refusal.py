"""Refusals as a client reads them, in the company's colours."""

from __future__ import annotations

from http import HTTPStatus

import psycopg
import redis
import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from webdesk.order.here import NotLinked, shop_or_none
from webdesk.problems import Problem, answer, wants_json

log = structlog.get_logger(__name__)

HEADINGS = {
    "no-cookie": "We do not know this browser",
    "stale-form": "This page is out of date",
    "too-many-tries": "That was a bit much",
    "too-many-pages": "That was a bit much",
    "unknown-order": "There is no such order",
    "unknown-company": "There is no such page",
    "bad-payment": "That payment cannot be read",
}
SENTENCES = {
    404: "There is no such page.",
    405: "This page cannot be used in that way.",
    413: "That was too much text for one form.",
    429: "Too many requests came from your network. Wait a minute, then try again.",
}


def init(blueprint: Blueprint) -> None:
    """Let everything that goes wrong in a view of ``blueprint`` be told to a client."""
    blueprint.register_error_handler(NotLinked, _to_welcome)
    blueprint.register_error_handler(Problem, refuse)
    blueprint.register_error_handler(HTTPException, _http)
    for kind in (PoolTimeout, psycopg.OperationalError, redis.RedisError):
        blueprint.register_error_handler(kind, _away)


def refuse(problem: Problem) -> Response:
    """The problem as a page; as JSON for a script."""
    log.info("client refused", code=problem.code, status=problem.status)
    if wants_json():
        return answer(problem)
    sid = (request.view_args or {}).get("sid", "")
    page = render_template(
        "order/refused.html",
        heading=HEADINGS.get(problem.code, "That did not work"),
        detail=problem.detail,
        code=problem.code,
        shop=None if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else shop_or_none(sid),
    )
    return make_response(page, problem.status)


def _to_welcome(error: NotLinked) -> BaseResponse:
    if wants_json() or request.method != "GET":
        return refuse(
            Problem(
                401, "not-linked", "This browser is nobody's yet. Open the order page, and link it."
            )
        )
    return redirect(url_for("order_welcome.page", sid=error.sid), 303)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error.get_response())
    code = "too-many-tries" if status == 429 else HTTPStatus(status).phrase.lower()
    return refuse(Problem(status, code, SENTENCES.get(status, "That did not work.")))


def _away(error: Exception) -> Response:
    log.warning("order page without database or live state", error=type(error).__name__)
    return refuse(
        Problem(
            503,
            "away",
            "We cannot look after your order at this moment; nothing was stored. Try again"
            " shortly.",
        )
    )
