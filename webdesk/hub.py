"""One reader of Redis for every event stream that this worker serves.

A thousand open desks would cost a thousand blocking Redis connections; the hub has one. It reads
all streams that somebody follows with a single ``XREAD`` and hands each entry to the subscriptions
of its stream. Under gevent the thread here is a greenlet.

No entry is lost between page and stream: a subscription is registered first, then its backlog is
read from the position the browser gave, then what the reader delivered meanwhile follows, without
what the backlog already held. Where entries are gone for good (stream trimmed, Redis lost its data,
reader too slow), the subscription says so, and the browser loads its state anew.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import redis
import structlog

from cordboard import keys

log = structlog.get_logger(__name__)

#: Entries a slow browser may fall behind before it is told to load its state anew.
BUFFER = 256
#: An empty or not yet existing stream stands at this id.
START = "0-0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream: its id, the event's wire name, its JSON."""

    id: str
    type: str
    data: str


class Gap(Exception):
    """Entries between the given position and the stream's present are gone."""


def order(entry_id: str) -> tuple[int, int]:
    """Sort key of a stream id."""
    ms, _, number = entry_id.partition("-")
    return int(ms), int(number or 0)


def valid_position(text: str) -> str:
    """``text`` when it is a stream id, else ``""``; it comes from a header or the query string."""
    ms, dash, number = text.partition("-")
    ok = dash and ms.isascii() and ms.isdigit() and number.isascii() and number.isdigit()
    return text if ok and len(text) <= 40 else ""


def latest(client: redis.Redis, stream: str) -> str:
    """Id of the newest entry of a stream."""
    newest: Any = client.xrevrange(stream, count=1)
    return str(newest[0][0]) if newest else START


def whole_since(position: str, info: dict[str, Any] | Exception, still_there: bool) -> bool:
    """Whether a stream still holds everything after ``position``.

    Args:
        position: the last entry that the browser knows.
        info: answer of ``XINFO STREAM``, an error when there is no such stream.
        still_there: whether the entry at ``position`` is in the stream.
    """
    if isinstance(info, Exception):
        return position == START
    if order(position) > order(info["last-generated-id"]):
        return False
    if position == START:
        return bool(info["entries-added"] == info["length"])
    # Trimming takes the oldest first: while this entry is there, so is all that followed it.
    return still_there


@dataclass(eq=False)
class Subscription:
    """The entries of one stream for one browser, from a position on."""

    stream: str
    queue: queue.Queue[Entry | None] = field(default_factory=lambda: queue.Queue(BUFFER))
    overflowed: bool = False

    def offer(self, entry: Entry) -> None:
        """Put an entry without ever blocking the reader."""
        try:
            self.queue.put_nowait(entry)
        except queue.Full:
            self.overflowed = True

    def take(self, timeout_s: float) -> Entry | None:
        """The next entry, or None after ``timeout_s`` seconds without one.

        Raises:
            Gap: the browser was too slow and missed entries.
        """
        if self.overflowed:
            raise Gap(self.stream)
        try:
            return self.queue.get(timeout=timeout_s)
        except queue.Empty:
            return None


class Hub:
    """Reads the followed streams and hands their entries out."""

    block_ms = 5_000

    def __init__(self, commands: redis.Redis, blocking: redis.Redis) -> None:
        self._commands = commands
        self._blocking = blocking
        self._lock = threading.Lock()
        self._following: dict[str, list[Subscription]] = {}
        self._positions: dict[str, str] = {}
        self._reader: threading.Thread | None = None
        self._closed = False
        # An entry here wakes the blocked XREAD when a stream is added: free of races, unlike
        # CLIENT UNBLOCK, since it stays readable until it has been read.
        self._bell = keys.web_bell(uuid.uuid4().hex)

    def __len__(self) -> int:
        return sum(map(len, self._following.values()))

    def followers(self, stream: str) -> int:
        """How many browsers follow a stream by this worker."""
        return len(self._following.get(stream, ()))

    def follow(self, stream: str, position: str) -> tuple[Subscription, list[Entry]]:
        """Start to follow a stream; the second value is what happened since ``position``.

        Raises:
            Gap: that cannot be told any more.
            redis.RedisError: Redis does not answer.
        """
        subscription = Subscription(stream)
        self._add(subscription)
        try:
            return subscription, self._backlog(stream, position)
        except BaseException:
            self.leave(subscription)
            raise

    def leave(self, subscription: Subscription) -> None:
        """Stop following."""
        with self._lock:
            followers = self._following.get(subscription.stream, [])
            if subscription in followers:
                followers.remove(subscription)
            if not followers:
                self._following.pop(subscription.stream, None)
                self._positions.pop(subscription.stream, None)

    def close(self) -> None:
        """End the reader; for tests and tools, a worker keeps it for life."""
        self._closed = True
        if self._reader is not None:
            self._ring_bell()
            self._reader.join()

    def _add(self, subscription: Subscription) -> None:
        stream = subscription.stream
        newest = latest(self._commands, stream)
        with self._lock:
            self._positions.setdefault(stream, newest)
            self._following.setdefault(stream, []).append(subscription)
            if self._reader is None:
                self._positions[self._bell] = START
                self._reader = threading.Thread(target=self._run, name="hub", daemon=True)
                self._reader.start()
        self._ring_bell()

    def _ring_bell(self) -> None:
        pipe = self._commands.pipeline()
        pipe.xadd(self._bell, {"type": "bell", "data": ""}, maxlen=1)
        pipe.expire(self._bell, 3600)
        pipe.execute()

    def _backlog(self, stream: str, position: str) -> list[Entry]:
        pipe = self._commands.pipeline(transaction=True)
        pipe.xinfo_stream(stream)
        pipe.xrange(stream, min=position, max=position, count=1)
        pipe.xrange(stream, min=f"({position}", max="+")
        info, at_position, entries = pipe.execute(raise_on_error=False)
        if not whole_since(position, info, bool(at_position)):
            raise Gap(stream)
        return [_entry(entry_id, fields) for entry_id, fields in entries]

    def _run(self) -> None:
        pause_s = 0.1
        while not self._closed:
            try:
                self._read_once()
                pause_s = 0.1
            except (redis.RedisError, OSError) as error:
                log.warning("event reader lost redis", error=str(error), retry_in_s=pause_s)
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, 2.0)
            except Exception:
                log.exception("event reader failed; goes on")
                time.sleep(pause_s)

    def _read_once(self) -> None:
        with self._lock:
            positions: Any = dict(self._positions)
        answer: Any = self._blocking.xread(positions, count=500, block=self.block_ms)
        for stream, entries in answer or ():
            self._deliver(stream, [_entry(entry_id, fields) for entry_id, fields in entries])

    def _deliver(self, stream: str, entries: list[Entry]) -> None:
        with self._lock:
            if stream not in self._positions:
                return
            self._positions[stream] = entries[-1].id
            followers = list(self._following.get(stream, ()))
        for subscription in followers:
            for entry in entries:
                subscription.offer(entry)


def _entry(entry_id: str, fields: dict[str, str]) -> Entry:
    return Entry(entry_id, fields.get("type", ""), fields.get("data", "{}"))
