"""Errors as their readers want them: problem details (RFC 9457) for scripts, pages for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import psycopg
import redis
import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

log = structlog.get_logger(__name__)


class Problem(Exception):
    """A request that is refused: an HTTP status, a ``code`` for scripts, a sentence for people.

    Args:
        status: of HTTP.
        code: for programs; it does not change.
        detail: what is wrong and what to do, in words.
        headers: that the answer has besides.
        more: members that the problem document has besides (RFC 9457, section 3.2).
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def answer(problem: Problem) -> Response:
    """The problem as the asker understands it."""
    title = HTTPStatus(problem.status).phrase
    if wants_json():
        body = jsonify(
            type=f"urn:cordboard:problem:{problem.code}",
            title=title,
            status=problem.status,
            code=problem.code,
            detail=problem.detail,
            **problem.more,
        )
        body.content_type = "application/problem+json"
    else:
        body = make_response(render_template("problem.html", title=title, problem=problem))
    body.status_code = problem.status
    body.headers.update(problem.headers)
    return body


def wants_json() -> bool:
    """Whether a script asks, not a person who follows a link."""
    if request.path.startswith("/api/"):
        return True
    if request.headers.get("X-Requested-With") == "fetch" or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or "text/event-stream" in request.accept_mimetypes.values()


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Problem, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(psycopg.OperationalError, _database_away)
    app.register_error_handler(psycopg.DataError, _bad_text)
    app.register_error_handler(redis.RedisError, _redis_away)
    app.register_error_handler(Exception, _unexpected)


def _refused(problem: Problem) -> Response:
    log.info("request refused", path=request.path, code=problem.code, status=problem.status)
    return answer(problem)


def _stale_form(_: CSRFError) -> Response:
    return _refused(
        Problem(400, "stale-form", "This page is out of date. Reload it, then try again.")
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:  # a redirect, or already answered
        return make_response(error.get_response())
    detail = error.description or HTTPStatus(status).phrase
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else None
    return answer(Problem(status, _slug(status), detail, headers=headers))


def _slug(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "-")


def _database_away(error: Exception) -> Response:
    log.warning("database away", path=request.path, error=type(error).__name__)
    return answer(
        Problem(
            503,
            "database-away",
            "The database does not answer at the moment, so nothing was stored. Try again shortly.",
        )
    )


def _bad_text(error: Exception) -> Response:
    """PostgreSQL cannot store what was sent: a NUL character, a number without end."""
    log.warning("unusable input", path=request.path, error=type(error).__name__)
    return answer(Problem(422, "bad-text", "This holds characters that cannot be stored."))


def _redis_away(error: Exception) -> Response:
    g._login_user = AnonymousUserMixin()  # who asks cannot be looked up; the page must not try
    log.warning("redis away", path=request.path, error=type(error).__name__)
    return answer(
        Problem(
            503, "redis-away", "The live state does not answer at the moment. Try again shortly."
        )
    )


def _unexpected(error: Exception) -> Response:
    log.error("request failed", path=request.path, exc_info=error)
    return answer(Problem(500, "failed", "Something went wrong here. It has been logged."))
