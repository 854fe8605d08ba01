"""The decision service: ``POST /decide`` with a question answers a decision.

It stores nothing, so asking again is harmless. Who asks sends ``Authorization: Bearer <token>``.
Errors are problem documents (RFC 9457).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from cordboard.decision import Decision, Question
from decider.facts import DeciderAway
from decider.local import Decider
from decider.wire import LONGEST, BadQuestion, NotJson, read_question

log = structlog.get_logger("decider.service")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Obstacles = Callable[[], Awaitable[list[str]]]

ANSWERED = Counter("cordboard_decider_answers_total", "Questions, by what was answered", ["status"])
TOOK = Histogram(
    "cordboard_decider_seconds",
    "Time for one decision, seconds",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5),
)


class Refused(Exception):
    """A request that is refused: status, ``code`` for programs, what is wrong and what to do."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.more = more


def application(decider: Decider, token: str, obstacles: Obstacles) -> web.Application:
    """The service.

    Args:
        decider: who decides.
        token: what everybody who asks must know; not empty.
        obstacles: what keeps it from its work, one line each.
    """
    service = _Service(decider, token, obstacles)
    app = web.Application(middlewares=[problems], client_max_size=LONGEST)
    app.router.add_post("/decide", service.decide)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", service.ready)
    app.router.add_get("/metrics", service.metrics)
    return app


class _Service:
    def __init__(self, decider: Decider, token: str, obstacles: Obstacles) -> None:
        if not token:
            raise ValueError("without a token everybody could ask: set CORDBOARD_DECIDER_TOKEN")
        self._decider = decider
        self._expected = f"Bearer {token}".encode()
        self._obstacles = obstacles

    async def decide(self, request: web.Request) -> web.Response:
        """Answer one question."""
        if not self._knows_token(request):
            raise Refused(401, "wrong-token", "Send 'Authorization: Bearer' with the token.")
        if request.content_type != "application/json":
            raise Refused(415, "not-json", "Send the question as Content-Type: application/json.")
        question = _question(await request.read())
        with TOOK.time():
            decision = await self._decision(question)
        log.debug("decided", call_id=question.call, route=decision.route.to, decision=decision.id)
        return web.Response(body=orjson.dumps(decision.as_json()), content_type="application/json")

    async def _decision(self, question: Question) -> Decision:
        try:
            return await self._decider.decide(question)
        except DeciderAway as error:
            log.warning("not decided", call_id=question.call, error=str(error)[:300])
            raise Refused(
                503, "database-away", "There is no decision now; go on without one."
            ) from error

    def _knows_token(self, request: web.Request) -> bool:
        offered = request.headers.get("Authorization", "").encode(errors="replace")
        return hmac.compare_digest(offered, self._expected)

    async def ready(self, _request: web.Request) -> web.Response:
        """Whether it can decide."""
        problems = await self._obstacles()
        return web.Response(status=503 if problems else 200, text="\n".join(problems) or "ok\n")

    async def metrics(self, request: web.Request) -> web.Response:
        """Counters for Prometheus, for who knows the token.

        Coming from this machine proves nothing: so does everybody who comes by a proxy on it.
        """
        if not self._knows_token(request):
            raise Refused(401, "wrong-token", "Send 'Authorization: Bearer' with the token.")
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _question(body: bytes) -> Question:
    try:
        return read_question(body)
    except NotJson as error:
        raise Refused(400, "bad-json", str(error)) from None
    except BadQuestion as error:
        raise Refused(
            422, "invalid", f"{error}. Mend what `errors` names.", errors=error.errors
        ) from None


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as a problem document, and each answer to a question counted."""
    answer = await _answered(request, handler)
    if request.path == "/decide":
        ANSWERED.labels(answer.status).inc()
    return answer


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return _problem(error.status, error.code, error.detail, **error.more)
    except web.HTTPRequestEntityTooLarge:
        return _problem(413, "too-large", f"A question has at most {LONGEST} bytes.")
    except web.HTTPException as error:
        phrase = HTTPStatus(error.status).phrase
        answer = _problem(
            error.status, phrase.lower().replace(" ", "-"), f"{phrase}: {request.path[:80]}"
        )
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except Exception as error:
        log.error("request failed", path=request.path[:80], exc_info=error)
        return _problem(500, "failed", "Something went wrong here. It has been logged.")


def _problem(status: int, code: str, detail: str, **more: Any) -> web.Response:
    told = {
        "type": f"urn:cordboard:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    answer = web.Response(
        status=status, body=orjson.dumps(told), content_type="application/problem+json"
    )
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="cordboard"'
    return answer
