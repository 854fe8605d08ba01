"""Whose browser it is: a random id for each subscriber, in one signed cookie.

In a panel on the subscriber's site the cookie is a third party's. It is partitioned (CHIPS), so
that browsers which refuse third-party cookies keep it for this site; where none comes back at all,
the pages offer themselves as a window.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from cordboard.settings import Settings
from webdesk.problems import Problem
from webdesk.services import services

#: A visitor's session ends so long after its last page, seconds.
SESSION_S = 24 * 3600
#: Subscribers of whom one browser's cookie remembers a session; the oldest goes first.
KEPT = 6
#: Hosts of this machine: browsers treat them as safe without TLS.
LOOPBACK = ("127.0.0.1", "localhost", "::1")

Sessions = dict[str, str]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser on the talk pages of one subscriber."""

    id: str
    sid: str


def blueprint(name: str) -> Blueprint:
    """Views below ``/talk``, whose answers carry the visitor's cookie."""
    made = Blueprint(f"talk_{name}", __name__, url_prefix="/talk")
    made.after_request(send_cookie)
    made.after_request(stay_in_touch)
    return made


def stay_in_touch(response: Response) -> Response:
    """A window, also by way of a redirect, keeps the page that opened it: it knows the number."""
    response.headers.setdefault("Cross-Origin-Opener-Policy", "unsafe-none")
    return response


def cookie_name(settings: Settings) -> str:
    """Cookies know no ports: two stacks on one host must not share a name."""
    return f"cordboard-visitor-{settings.instance}"


def sign(settings: Settings, sessions: Sessions) -> str:
    """The cookie's value: subscriber code -> visitor id, the latest last."""
    return _serializer(settings).dumps(sessions)


def known() -> Sessions:
    """The sessions that this browser has, empty without a cookie or with a changed one."""
    settings = services().settings
    try:
        found = _serializer(settings).loads(
            request.cookies.get(cookie_name(settings), ""), max_age=SESSION_S
        )
    except BadSignature:
        return {}
    return dict(found)


def visitor(sid: str) -> Visitor | None:
    """This browser's session with a subscriber; None when it has none."""
    found = known().get(sid)
    return Visitor(found, sid) if found else None


def latest() -> Visitor | None:
    """The session of the subscriber whose pages were opened last."""
    sessions = known()
    sid = next(reversed(sessions), "")
    return Visitor(sessions[sid], sid) if sid else None


def has_cookie() -> bool:
    """Whether the browser sent our cookie, whatever it holds."""
    return cookie_name(services().settings) in request.cookies


def begin(sid: str) -> Visitor:
    """The browser's session with a subscriber, made when there is none; the cookie goes out."""
    sessions = known()
    found = Visitor(sessions.pop(sid, "") or str(uuid.uuid4()), sid)
    kept = list(sessions.items())[-(KEPT - 1) :]
    g.visitor_cookie = {**dict(kept), sid: found.id}
    return found


def send_cookie(response: Response) -> Response:
    """After a request in which a session began or went on."""
    if (sessions := g.pop("visitor_cookie", None)) is None:
        return response
    settings = services().settings
    safe = is_safe(settings.web)
    response.set_cookie(
        cookie_name(settings),
        sign(settings, sessions),
        max_age=SESSION_S,
        httponly=True,
        secure=safe,
        partitioned=safe,
        # A browser takes SameSite=None only of a safe origin; elsewhere a window is the way.
        samesite="None" if safe else "Lax",
        path="/talk",
    )
    return response


def is_safe(url: str) -> bool:
    """Whether browsers trust this origin: TLS, or this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def form_token(who: Visitor) -> str:
    """What our forms carry: the cookie comes along from any site, this does not."""
    key = services().settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"talk-form:{who.id}".encode(), hashlib.sha256).hexdigest()


def check_token(who: Visitor) -> None:
    """Refuse a form that none of our pages sent.

    Raises:
        Problem: 400, with what to do.
    """
    sent = request.headers.get("X-CSRFToken") or request.form.get("token", "")
    if not hmac.compare_digest(sent.encode(), form_token(who).encode()):
        raise Problem(400, "stale-form", "This page is out of date. Reload it, then try again.")


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key.get_secret_value(), salt="talk-visitor")
