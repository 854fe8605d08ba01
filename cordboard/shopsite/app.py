"""The shop's server: pages, signed talk links, webhooks."""

from __future__ import annotations

import time
from dataclasses import dataclass

import orjson
from flask import Blueprint, Flask, Response, abort, current_app, render_template, request

from cordboard import webhooks
from cordboard.secrets import signing_key
from cordboard.shopsite import pay
from cordboard.shopsite.hooks import Inbox
from cordboard.shopsite.pages import Page, Talk, load
from cordboard.tag1 import Tag1, make_nonce, mint

#: A talk link on a page is good for so long, seconds; whoever reads longer reloads the page.
LINK_S = 1800
MAX_BODY = 256 * 1024

bp = Blueprint("shop", __name__)


@dataclass(frozen=True, slots=True)
class Shop:
    """What the shop knows: its business id, its key, where the platform is."""

    sid: str
    key: bytes
    platform: str
    #: Origins under which the shop is reached: one name may show pages of the other in a frame.
    origins: tuple[str, ...]
    pages: dict[str, Page]
    inbox: Inbox

    def link(self, talk: Talk, page: Page, url: str) -> str:
        """A signed talk link for a button of ``page``, which the visitor sees at ``url``."""
        tag = Tag1(
            sid=self.sid,
            sc=talk.sc,
            expires=int(time.time()) + LINK_S,
            nonce=make_nonce(),
            title=page.title,
            page_url=url,
            whisper_code=talk.whisper,
            customer_code=_customer(),
        )
        return mint(self.platform, tag, self.key)


def create_app(
    platform: str,
    sid: str,
    secret: str,
    origins: tuple[str, ...] = (),
    payment_key: bytes = b"",
) -> Flask:
    """The shop as a WSGI application.

    Args:
        platform: Cordboard's public address.
        sid: the shop's business id.
        secret: what it signs links with.
        origins: where the shop itself is reached.
        payment_key: shared with the platform by the page that stands for a payment provider;
            empty for a shop without one.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["shop"] = Shop(sid, signing_key(secret), platform, origins, load(), Inbox())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(bp)
    if payment_key:
        app.extensions["payment_key"] = payment_key
        app.register_blueprint(pay.bp)
    app.after_request(_add_headers)
    return app


def _shop() -> Shop:
    found: Shop = current_app.extensions["shop"]
    return found


def _customer() -> str:
    """The customer who is logged in: the demo shop believes a cookie, a real one its session."""
    code = request.cookies.get("customer", "")
    return code if code.replace("-", "").isalnum() and len(code) <= 32 else ""


@bp.get("/", defaults={"name": ""})
@bp.get("/<name>")
def page(name: str) -> str:
    """One page of the shop."""
    shop = _shop()
    found = shop.pages.get(f"/{name}")
    if found is None:
        abort(404)
    links = [(talk, shop.link(talk, found, request.base_url)) for talk in found.talk]
    return render_template(
        "page.html", page=found, links=links, menu=_menu(shop), platform=shop.platform
    )


@bp.get("/hooks")
def hooks() -> str:
    """The last webhooks, for people who look at the demo."""
    shop = _shop()
    return render_template(
        "hooks.html", hooks=shop.inbox.latest(), menu=_menu(shop), platform=shop.platform
    )


@bp.get("/hooks.json")
def hooks_json() -> Response:
    """The same for tests."""
    found = [
        {"event": hook.event, "proved": hook.proved, "body": hook.body}
        for hook in _shop().inbox.latest()
    ]
    return Response(orjson.dumps(found), mimetype="application/json")


@bp.post("/hooks")
def receive() -> tuple[str, int]:
    """A webhook: believed when its signature is right, kept and refused otherwise."""
    shop, body = _shop(), request.get_data()
    proved = webhooks.verify(
        shop.key, request.headers.get("X-CB-Signature", ""), body, int(time.time())
    )
    try:
        data = orjson.loads(body)
        shown = orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()
        event = str(data.get("event", "?")) if isinstance(data, dict) else "?"
    except orjson.JSONDecodeError:
        shown, event = body[:2000].decode(errors="replace"), "?"
    shop.inbox.take(event, shown, proved=proved)
    return ("", 204) if proved else ("The signature is wrong.", 401)


@bp.get("/healthz")
def health() -> str:
    """Whether the shop is open."""
    return "ok"


def _menu(shop: Shop) -> list[Page]:
    return [page for page in shop.pages.values() if page.menu]


def _add_headers(response: Response) -> Response:
    """A strict policy: scripts of the shop and the platform, frames of the platform."""
    shop = _shop()
    platform, ours = shop.platform, " ".join(shop.origins)
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {platform}",
            "style-src 'self'",
            "img-src 'self'",
            f"frame-src {platform}",
            f"frame-ancestors 'self' {platform} {ours}",
            # A browser looks at where a form is sent on to as well.
            f"form-action 'self' {platform}",
            "base-uri 'none'",
        )
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
