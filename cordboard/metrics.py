"""``/metrics``, ``/healthz`` and ``/readyz``, the same in every process.

``/healthz`` says that the process runs; ``/readyz`` says that it can do its work, or, with status
503, what is in the way. A process without a web server of its own calls :func:`serve`; the web desk
mounts :func:`application`.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import make_wsgi_app

#: Answers what keeps the process from its work, one line each; nothing when it is ready. It is
#: called from a thread of the server, so it must not touch an event loop.
Obstacles = Callable[[], list[str]]

PLAIN = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]


def application(obstacles: Obstacles) -> WSGIApplication:
    """A WSGI application with the three addresses."""
    metrics = make_wsgi_app()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environ, start_response)  # type: ignore[no-any-return]
        if path == "/healthz":
            return _plain(start_response, "200 OK", "ok")
        if path == "/readyz":
            problems = obstacles()
            status = "503 Service Unavailable" if problems else "200 OK"
            return _plain(start_response, status, "\n".join(problems) or "ok")
        return _plain(start_response, "404 Not Found", "/metrics, /healthz, /readyz")

    return answer


def _plain(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    start_response(status, list(PLAIN))
    return [text.encode() + b"\n"]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """One thread a request, so that a slow scrape does not hold up a health check."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Logs nothing: these requests come every few seconds."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def serve(port: int, obstacles: Obstacles) -> WSGIServer:
    """Serve :func:`application` on loopback from a thread of its own; ``shutdown()`` ends it.

    Raises:
        OSError: the port is taken.
    """
    server = make_server("127.0.0.1", port, application(obstacles), _Server, _Quiet)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
