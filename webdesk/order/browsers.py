"""Whose browser it is: a random id for each subscriber, in one signed cookie of the order pages.

Unlike a visitor's session on the talk pages it is never a third party's, and it stays: a browser
that was linked to a client is that client's until somebody unlinks it.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass

from flask import Blueprint, Response, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from cordboard.settings import Settings
from webdesk.problems import Problem
from webdesk.services import services

#: A browser is known for so long after its last page, seconds.
KNOWN_S = 180 * 24 * 3600
#: Subscribers of whom one browser's cookie remembers an id; the oldest goes first.
KEPT = 6


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser on the order pages of one subscriber."""

    id: str
    sid: str

    @property
    def holder(self) -> str:
        """As whom it works on a draft."""
        return f"web:{self.id}"


def blueprint(name: str) -> Blueprint:
    """Views below ``/order``, whose answers carry the browser's cookie."""
    made = Blueprint(f"order_{name}", __name__, url_prefix="/order")
    made.after_request(send_cookie)
    return made


def browser(sid: str) -> Browser | None:
    """This browser at a subscriber; None when it sent no cookie of ours."""
    found = _known().get(sid)
    return Browser(found, sid) if found else None


def begin(sid: str) -> Browser:
    """The same, made when there is none; the cookie goes out."""
    known = _known()
    return _remember(Browser(known.get(sid) or str(uuid.uuid4()), sid))


def become(found: Browser) -> Browser:
    """The browser has this id now: who knew the old one has nothing of what comes."""
    return _remember(found)


def _remember(found: Browser) -> Browser:
    others = [(sid, id_) for sid, id_ in _known().items() if sid != found.sid]
    g.order_cookie = {**dict(others[-(KEPT - 1) :]), found.sid: found.id}
    return found


def send_cookie(response: Response) -> Response:
    """After a request in which a browser became known, or is known still."""
    if (known := g.pop("order_cookie", None)) is None:
        return response
    settings = services().settings
    response.set_cookie(
        _cookie_name(settings),
        _serializer(settings).dumps(known),
        max_age=KNOWN_S,
        httponly=True,
        secure=settings.web.startswith("https://"),
        # Whoever comes back from paying comes from another site.
        samesite="Lax",
        path="/order",
    )
    return response


def form_token(who: Browser) -> str:
    """What our forms carry: the cookie may come along from elsewhere, this does not."""
    key = services().settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"order-form:{who.id}".encode(), hashlib.sha256).hexdigest()


def owner(who: Browser) -> str:
    """Names the browser to its pages, which keep what is typed for no other. It opens nothing."""
    key = services().settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"order-kept:{who.id}".encode(), hashlib.sha256).hexdigest()[:16]


def check_form(sid: str) -> Browser:
    """The browser that sent a form.

    Raises:
        Problem: 401, it sent no cookie; 400, none of our pages made the form.
    """
    who = browser(sid)
    if who is None:
        raise Problem(
            401,
            "no-cookie",
            "Your browser sent no cookie of ours. Allow cookies for this site, then load the page"
            " again.",
        )
    sent = request.headers.get("X-CSRFToken") or request.form.get("token", "")
    if not hmac.compare_digest(sent.encode(), form_token(who).encode()):
        raise Problem(400, "stale-form", "This page is out of date. Reload it, then try again.")
    return who


def _known() -> dict[str, str]:
    settings = services().settings
    sent = request.cookies.get(_cookie_name(settings), "")
    try:
        return dict(_serializer(settings).loads(sent, max_age=KNOWN_S))
    except BadSignature:
        return {}


def _cookie_name(settings: Settings) -> str:
    """Cookies know no ports: two stacks on one host must not share a name."""
    return f"cordboard-order-{settings.instance}"


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key.get_secret_value(), salt="order-browser")
