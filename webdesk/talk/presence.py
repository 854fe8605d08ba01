"""Is a visitor there? The pages of a visitor that are connected, and what the agent is told of it.

``cb:presence:<visitor>`` is a sorted set with one entry a page, refreshed while its stream lives.
A page that goes takes its entry along; a worker that is killed leaves entries that expire. When the
last has gone and no other came within ``GRACE_S`` (a reload takes less), the agent is told.
"""

from __future__ import annotations

import threading

import redis
import structlog

from cordboard import keys
from cordboard.events import Event, VisitorLeft, VisitorReturned, tell_desk
from webdesk.services import Services, now_ms

log = structlog.get_logger(__name__)

#: Between the end of a visitor's last stream and the word to the agent, seconds.
GRACE_S = 3.0


class Page:
    """One connected page of a visitor."""

    def __init__(self, svc: Services, visitor: str, page: str) -> None:
        self._svc = svc
        self._visitor = visitor
        self._page = page
        self._seen_ms = 0

    def is_here(self) -> None:
        """Say so; an agent who was told that the visitor had left is told otherwise."""
        self._seen_ms = now_ms()
        pipe = self._svc.redis.pipeline()
        pipe.zadd(keys.presence(self._visitor), {self._page: self._seen_ms})
        pipe.expire(keys.presence(self._visitor), keys.PRESENCE_S)
        pipe.delete(keys.visitor_away(self._visitor))
        if pipe.execute()[-1]:
            _tell_agent(self._svc, self._visitor, VisitorReturned)

    def is_gone(self) -> None:
        """Its stream ended; a newer stream of the same page keeps its entry."""
        key = keys.presence(self._visitor)
        seen: object = self._svc.redis.zscore(key, self._page)
        if seen is not None and seen != self._seen_ms:
            return
        forget(self._svc, self._visitor, self._page)


def forget(svc: Services, visitor: str, page: str) -> None:
    """A page was closed; look a little later whether the visitor is still there."""
    svc.redis.zrem(keys.presence(visitor), page)
    if not svc.redis.exists(keys.presence(visitor)):
        timer = threading.Timer(GRACE_S, _look_again, (svc, visitor))
        timer.daemon = True
        timer.start()


def _look_again(svc: Services, visitor: str) -> None:
    try:
        if not svc.redis.exists(keys.presence(visitor)):
            say_left(svc, visitor)
    except redis.RedisError as error:
        log.warning("cannot say whether a visitor left", error=str(error))


def say_left(svc: Services, visitor: str) -> None:
    """Tell the agent, once, that no browser of the visitor is connected any more."""
    away = keys.visitor_away(visitor)
    if svc.redis.set(away, "1", nx=True, ex=keys.VISITOR_S):
        _tell_agent(svc, visitor, VisitorLeft)


def agent_of(svc: Services, visitor: str) -> tuple[str, str]:
    """Call and agent of a visitor, empty while there is none."""
    call: str | None = svc.redis.get(keys.call_of_visitor(visitor))  # type: ignore[assignment]
    if not call:
        return "", ""
    agent: str | None = svc.redis.hget(keys.call(call), "agent")  # type: ignore[assignment]
    return call, agent if agent and agent != "0" else ""


def _tell_agent(
    svc: Services, visitor: str, event: type[VisitorLeft] | type[VisitorReturned]
) -> None:
    call, agent = agent_of(svc, visitor)
    if agent:
        tell(svc, agent, event(call, now_ms()))


def tell(svc: Services, agent: str, event: Event) -> None:
    """One event to an agent's desk."""
    pipe = svc.redis.pipeline()
    tell_desk(pipe, agent, event)
    pipe.execute()
