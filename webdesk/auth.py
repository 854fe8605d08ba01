"""Logging in and out."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from cordboard.agent_state import Event
from webdesk import agents, store
from webdesk.events import close_streams
from webdesk.passwords import password_matches
from webdesk.problems import Problem, answer
from webdesk.security import asker, limiter
from webdesk.services import services
from webdesk.sessions import SessionUser, end_session, me, start_session

log = structlog.get_logger(__name__)
bp = Blueprint("auth", __name__)

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")

#: Where each role starts.
HOME = {
    "agent": "desk.page",
    "supervisor": "floor.page",
    "ops": "ops.page",
    "admin": "ops.page",
    "location": "board.home",
}


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    username = StringField("User name", [InputRequired("Give your user name."), Length(max=64)])
    password = PasswordField("Password", [InputRequired("Give your password."), Length(max=256)])


def _failed(response: BaseResponse) -> bool:
    """Only failed log-ins count towards the limits."""
    return response.status_code == 401


def _who() -> str:
    return f"{asker()}:{request.form.get('username', '').lower()[:64]}"


def _too_many(_: RequestLimit) -> Response:
    log.warning("too many failed log-ins", address=get_remote_address())
    return answer(
        Problem(429, "too-many-tries", "Too many failed tries. Wait a minute, then try again.")
    )


@bp.get("/")
def home() -> BaseResponse:
    """Straight to the page of one's role."""
    if not current_user.is_authenticated:
        return redirect(url_for("auth.login"))
    return redirect(url_for(HOME[me().role]))


@bp.get("/login")
def login() -> str | BaseResponse:
    """The log-in page."""
    if current_user.is_authenticated:
        return redirect(url_for("auth.home"))
    return render_template("login.html", form=LoginForm())


@bp.post("/login")
@limiter.limit("30 per minute", deduct_when=_failed, on_breach=_too_many)
@limiter.limit("5 per minute", key_func=_who, deduct_when=_failed, on_breach=_too_many)
def log_in() -> str | BaseResponse | tuple[str, int]:
    """Check name and password, start a session, bring an agent on duty (paused)."""
    form = LoginForm()
    if not form.validate():
        return render_template("login.html", form=form), 422
    username = (form.username.data or "").strip().lower()
    # What cannot be a user name need not be looked up; the answer is the same.
    account = store.find_user(services().pool, username) if USERNAME.fullmatch(username) else None
    stored = account["password_hash"] if account and account["active"] else None
    if not password_matches(stored, form.password.data or "") or account is None:
        log.info("log-in failed", address=get_remote_address())
        return render_template("login.html", form=form, wrong=True), 401
    _begin(account)
    return redirect(_next_page() or url_for(HOME[account["role"]]))


def _begin(account: store.Json) -> None:
    client = services().redis
    session.clear()  # a token handed out before log-in must not outlive it
    user = start_session(
        client,
        user_id=account["id"],
        username=account["username"],
        name=account["display_name"],
        role=account["role"],
    )
    login_user(user)
    if user.role == "agent":
        agents.let_happen(client, user.id, Event.LOG_IN, "log_in")
    log.info("logged in", user=user.id, role=user.role)


def _next_page() -> str:
    """The page asked for before log-in, when it is one of ours."""
    page = request.args.get("next", "")
    parts = urlsplit(page)
    ours = page.startswith("/") and not page.startswith(("//", "/\\")) and not parts.netloc
    return page if ours else ""


@bp.post("/logout")
def log_out() -> BaseResponse:
    """End the session, its streams, and an agent's duty; a running call stays on the phone."""
    if current_user.is_authenticated:
        _end(me())
    return redirect(url_for("auth.login"))


def _end(user: SessionUser) -> None:
    svc = services()
    end_session(svc.redis, user.session)
    logout_user()
    session.clear()
    if user.role == "agent":
        close_streams(svc, user)
        agents.let_happen(svc.redis, user.id, Event.LOG_OUT)
    log.info("logged out", user=user.id)
