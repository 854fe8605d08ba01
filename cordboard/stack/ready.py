"""Whether each component answers, asked as its users would.

The drivers are imported where they are used: both together take half a second.
"""

from __future__ import annotations

import base64
import http.client
import ssl
import urllib.parse
from collections.abc import Callable

from cordboard.settings import Settings

#: Longest time one question may take, seconds.
PATIENCE = 2.0


def problem(settings: Settings, name: str) -> str:
    """Why ``name`` does not answer; empty when it does."""
    try:
        return PROBES[name](settings)
    except (OSError, http.client.HTTPException) as error:
        return _one_line(error)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _postgres(settings: Settings) -> str:
    import psycopg

    try:
        with psycopg.connect(settings.database, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return _one_line(error)
    return ""


def _redis(settings: Settings) -> str:
    import redis

    try:
        with redis.Redis.from_url(settings.redis, socket_timeout=PATIENCE) as connection:
            connection.ping()
    except redis.RedisError as error:
        return _one_line(error)
    return ""


def _asterisk(settings: Settings) -> str:
    secret = f"{settings.ari_user}:{settings.ari_password.get_secret_value()}"
    credentials = base64.b64encode(secret.encode()).decode()
    return _get(f"{settings.ari}/ari/asterisk/ping", {"Authorization": f"Basic {credentials}"})


def _agi(settings: Settings) -> str:
    return _get(f"http://127.0.0.1:{settings.port('agi_metrics')}/readyz")


def _decider(settings: Settings) -> str:
    return _get(f"{settings.decider}/readyz")


def _ari_app(settings: Settings) -> str:
    return _get(f"http://127.0.0.1:{settings.port('ari_app_metrics')}/readyz")


def _worker(settings: Settings) -> str:
    return _get(f"http://127.0.0.1:{settings.port('worker_metrics')}/readyz")


def _web(settings: Settings) -> str:
    if not settings.tls:
        return _get(f"http://127.0.0.1:{settings.port('web')}/readyz")
    from cordboard.stack import certificate

    authority = certificate.files(settings).authority
    trust = ssl.create_default_context(cafile=str(authority))
    return _get(f"https://127.0.0.1:{settings.port('web')}/readyz", trust=trust)


def _shop(settings: Settings) -> str:
    return _get(f"http://127.0.0.1:{settings.port('shop')}/healthz")


def _get(
    url: str, headers: dict[str, str] | None = None, trust: ssl.SSLContext | None = None
) -> str:
    """Ask by HTTP, never by way of a proxy; empty for 200."""
    parts = urllib.parse.urlsplit(url)
    connection = (
        http.client.HTTPSConnection(parts.netloc, timeout=PATIENCE, context=trust)
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    )
    try:
        connection.request("GET", parts.path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read(500).decode(errors="replace").strip()
    finally:
        connection.close()
    return "" if answer.status == 200 else f"answers {answer.status}: {body}"


PROBES: dict[str, Callable[[Settings], str]] = {
    "postgres": _postgres,
    "redis": _redis,
    "asterisk": _asterisk,
    "agi": _agi,
    "decider": _decider,
    "ari_app": _ari_app,
    "worker": _worker,
    "web": _web,
    "shop": _shop,
}


def address(settings: Settings, name: str) -> str:
    """Where ``name`` answers, without a password."""
    given = {
        "postgres": settings.database,
        "redis": settings.redis,
        "asterisk": settings.ari,
        "web": settings.web,
        "decider": settings.decider,
        "agi": f"agi://127.0.0.1:{settings.port('agi')}",
        "ari_app": f"http://127.0.0.1:{settings.port('ari_app_metrics')}",
        "shop": f"http://127.0.0.1:{settings.port('shop')}",
        "worker": f"http://127.0.0.1:{settings.port('worker_metrics')}",
    }[name]
    parts = urllib.parse.urlsplit(given)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
