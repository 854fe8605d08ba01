"""Server-sent events: what the desk's stream and the visitors' streams share."""

from __future__ import annotations

from collections.abc import Iterator

import redis
import werkzeug.exceptions
from flask import Response, request

from webdesk.hub import Entry, Subscription, latest, order, valid_position
from webdesk.services import now_ms

#: Silence after which a heartbeat is sent, and the stream's owner is looked at, seconds.
HEARTBEAT_S = 10.0


def refuse_head() -> None:
    """Follow nothing for a request whose answer nobody reads: nobody would end it.

    Raises:
        werkzeug.exceptions.MethodNotAllowed: it asks for the head alone.
    """
    if request.method == "HEAD":
        raise werkzeug.exceptions.MethodNotAllowed(valid_methods=["GET"])


def position_asked(client: redis.Redis, name: str) -> str:
    """From where on a browser wants to follow a Redis stream: where it stopped, or the present."""
    return (
        valid_position(request.headers.get("Last-Event-ID", ""))
        or valid_position(request.args.get("from", ""))
        or latest(client, name)
    )


def event_stream(lines: Iterator[str]) -> Response:
    """The answer that carries events as they come."""
    response = Response(lines, mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    return response


def entries(
    subscription: Subscription, backlog: list[Entry], position: str
) -> Iterator[Entry | None]:
    """The backlog, then what is new; None after each silence.

    Raises:
        Gap: the browser was too slow and missed entries.
    """
    told = order(position)
    for entry in backlog:
        told = order(entry.id)
        yield entry
    while True:
        live = subscription.take(HEARTBEAT_S)
        # The reader may deliver again what the backlog held already.
        if live is None or order(live.id) > told:
            yield live


def message(kind: str, data: str, entry_id: str = "") -> str:
    """One event; with its id the browser can go on after it."""
    head = f"id: {entry_id}\n" if entry_id else ""
    return f"{head}event: {kind}\ndata: {data}\n\n"


def heartbeat() -> str:
    """A sign of life, with the server's clock."""
    return message("heartbeat", f'{{"now_ms":{now_ms()}}}')
