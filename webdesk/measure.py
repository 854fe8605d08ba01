"""What is counted and logged about every request."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Histogram

SECONDS = Histogram(
    "cordboard_web_request_seconds",
    "Time from a request to its answer; of an event stream, to its beginning",
    ["view", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)


def init_app(app: Flask) -> None:
    """Measure every request; log lines of calls' requests carry ``call_id``."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    # One greenlet serves many requests of a kept-alive connection.
    structlog.contextvars.clear_contextvars()
    call_id = (request.view_args or {}).get("call_id")
    if call_id:
        structlog.contextvars.bind_contextvars(call_id=call_id[:36])


def _end(response: Response) -> Response:
    view = request.endpoint or "none"
    SECONDS.labels(view, response.status_code).observe(time.perf_counter() - g.began)
    return response
