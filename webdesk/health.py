"""Is this worker alive, can it work, and what does it count?"""

from __future__ import annotations

import ipaddress

import psycopg
import redis
from flask import Blueprint, request
from prometheus_client import Gauge
from psycopg_pool import PoolTimeout
from werkzeug.wrappers import Response

from cordboard import metrics
from webdesk.problems import Problem
from webdesk.services import services

bp = Blueprint("health", __name__)

STREAMS = Gauge("cordboard_web_event_streams", "Event streams this worker serves")


@bp.get("/healthz")
@bp.get("/readyz")
def health() -> Response:
    """Alive? Ready? Answered as in every other process."""
    return Response.from_app(metrics.application(obstacles), request.environ)


@bp.get("/metrics")
def figures() -> Response:
    """Counters for Prometheus; only for this machine, since they tell how busy the centre is."""
    if not ipaddress.ip_address(request.remote_addr or "::").is_loopback:
        raise Problem(404, "not-found", "There is no such page.")
    STREAMS.set(len(services().hub))
    return Response.from_app(metrics.application(obstacles), request.environ)


def obstacles() -> list[str]:
    """What keeps the desk from its work, one line each."""
    return [line for line in (_postgres(), _redis()) if line]


def _postgres() -> str:
    try:
        with services().pool.connection(timeout=1.0) as conn:
            conn.execute("SELECT 1")
    except (psycopg.Error, PoolTimeout) as error:
        return f"postgres: {type(error).__name__}"
    return ""


def _redis() -> str:
    try:
        services().redis.ping()
    except redis.RedisError as error:
        return f"redis: {type(error).__name__}"
    return ""
