"""Headers, cookies and form tokens that every page shares."""

from __future__ import annotations

import ipaddress

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from cordboard.settings import Settings

#: Whoever has one address of IPv6 has all of a network with this prefix.
PREFIX = 64


def asker() -> str:
    """Whose requests count together in limits: an address, or the network of one of IPv6."""
    text = str(get_remote_address())
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return text
    return str(ipaddress.ip_network((address, PREFIX), strict=False).network_address)


csrf = CSRFProtect()
limiter = Limiter(key_func=asker, strategy="fixed-window", key_prefix="cb:limit")

#: Scripts, styles and connections from here only; nothing inline, no frames, no plug-ins.
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def content_policy(**changed: str) -> str:
    """The content security policy of a page, with some directives of its own.

    >>> "frame-src https:" in content_policy(frame_src="https:")
    True
    """
    own = {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in {**DIRECTIVES, **own}.items())


POLICY = content_policy()

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Set cookies, tokens, limits and headers up."""
    secure = settings.web.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value() or _refuse_no_key(),
        # Cookies know no ports: two stacks on one host must not share a name.
        SESSION_COOKIE_NAME=f"cordboard-{settings.instance}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # A desk stays open for a shift; its token lives as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=64 * 1024,
        RATELIMIT_STORAGE_URI=settings.redis,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    if near := settings.web_proxies:
        # Without this everybody has the proxy's address: in limits, in what is only for this host.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=near)  # type: ignore[method-assign]
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_add_headers)
    if secure:
        app.after_request(_add_hsts)


def _refuse_no_key() -> str:
    raise RuntimeError(
        "CORDBOARD_SECRET_KEY is empty: `cordboard up` makes one for a local stack; elsewhere set "
        'it to the output of `python -c "import secrets; print(secrets.token_hex(32))"`'
    )


def own_headers(**headers: str) -> None:
    """Headers of this answer alone, in place of the usual ones; an empty one is left out."""
    g.own_headers = {name.replace("_", "-"): value for name, value in headers.items()}


def _add_headers(response: Response) -> Response:
    for name, value in {**HEADERS, **g.get("own_headers", {})}.items():
        if value:
            response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # Pages carry customers' data: no proxy, no back button after log-out.
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _add_hsts(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
