"""Who is logged in. The cookie holds a random session id; the session itself stands in Redis.

A signed cookie alone would stay valid after log-out for whoever copied it. Here log-out deletes the
session, and every request and open stream with its id ends.

One agent may be logged in twice (two browsers): each log-in is a session of its own, all follow the
same event stream, so all desks show the same and any of them may act. Logging out ends one session
and takes the agent off duty; the other desk shows it and may choose Available again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
import redis
from flask import Flask, Response, redirect, request, url_for
from flask_login import LoginManager, current_user
from psycopg_pool import PoolTimeout

from cordboard import keys
from webdesk import store
from webdesk.problems import Problem, answer, wants_json
from webdesk.services import Services, services

#: A session ends this long after its last request or heartbeat, seconds.
SESSION_S = 12 * 3600
#: How often an open session is held against the account, seconds.
CHECK_S = 60

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SessionUser:
    """The person behind a request."""

    session: str
    id: int
    username: str
    name: str
    role: str

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.session


def start_session(
    client: redis.Redis, *, user_id: int, username: str, name: str, role: str
) -> SessionUser:
    """Make a session; nothing of it can be guessed."""
    user = SessionUser(secrets.token_urlsafe(32), user_id, username, name, role)
    key = keys.web_session(user.session)
    pipe = client.pipeline()
    pipe.hset(key, mapping={"id": user_id, "username": username, "name": name, "role": role})
    pipe.expire(key, SESSION_S)
    pipe.execute()
    return user


def load_session(svc: Services, session: str) -> SessionUser | None:
    """The session's user, its life prolonged; None when it is over."""
    key = keys.web_session(session)
    pipe = svc.redis.pipeline()
    pipe.hgetall(key)
    pipe.expire(key, SESSION_S)
    row: dict[str, str] = pipe.execute()[0]
    if not row or not _still_employed(svc, key, row):
        return None
    return SessionUser(session, int(row["id"]), row["username"], row["name"], row["role"])


def _still_employed(svc: Services, key: str, row: dict[str, str]) -> bool:
    """Ask PostgreSQL now and then whether the account is still what it was at log-in.

    While PostgreSQL is away nobody is sent home.
    """
    if time.time() - float(row.get("checked", 0)) < CHECK_S:
        return True
    svc.redis.hset(key, "checked", str(time.time()))
    try:
        account = store.user_by_id(svc.pool, int(row["id"]))
    except (psycopg.Error, PoolTimeout):
        return True
    if account and account["active"] and account["role"] == row["role"]:
        return True
    svc.redis.delete(key)
    return False


def end_session(client: redis.Redis, session: str) -> None:
    """Forget a session."""
    client.delete(keys.web_session(session))


def me() -> SessionUser:
    """The person who is logged in; only inside a view guarded by ``role_required``."""
    user: Any = current_user
    found: SessionUser = user._get_current_object()
    return found


def role_required(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only people with one of these roles in; others are told, and the unknown must log in."""

    def guard(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            if not current_user.is_authenticated:
                return log_in_first()
            if current_user.role not in roles:
                raise Problem(403, "wrong-role", "Your account is not allowed to see this page.")
            return view(*args, **kwargs)

        return guarded

    return guard


def log_in_first() -> Response:
    """401 for scripts; for people the log-in page, which leads back here."""
    if wants_json():
        return answer(Problem(401, "log-in", "You are logged out. Log in again to go on."))
    page = url_for("auth.login", next=request.full_path.rstrip("?"))
    response: Any = redirect(page)
    return response  # type: ignore[no-any-return]


def init_app(app: Flask) -> None:
    """Let Flask-Login find sessions in Redis."""
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(lambda session: load_session(services(), session))
    manager.init_app(app)
