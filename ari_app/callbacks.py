"""The receiving end of ``cb:callbacks``: an attempt becomes a call, at most once.

One script in Redis remembers the attempt and stores the call's state together: killed before it,
the entry is read again; killed after it, the call is adopted like any other. Only then is the entry
acknowledged. An entry that is read twice, or handed over twice, finds the attempt remembered.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from ari_app.bus import SILENCE_S, heed_cancellation
from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.dispatcher import Dispatcher
from ari_app.flow import Flow
from ari_app.journal import Journal
from ari_app.listener import entries_of
from cordboard import keys

log = structlog.get_logger(__name__)

Json = dict[str, Any]
#: Makes the call of an attempt; ValueError when it is none that can be dialled.
NewCall = Callable[[Json], tuple[Flow, Call]]

GROUP = "app"
BATCH = 50
BLOCK_MS = 1000
AGAIN_S = 0.2
#: An attempt that waited longer for the app is not begun, seconds: the customer expects it no more,
#: and whether it may be dialled was judged when it was handed over.
TOO_OLD_S = 120
#: While Asterisk is away nothing is taken; the next look is after so long, seconds.
NOT_READY_S = 0.1

#: KEYS: attempt, call hash, set of calls. ARGV: seconds, call id, fields and values of the hash.
#: Answers 1, or 0 when the attempt was begun before; 2 when it was stored before, and no step of
#: its flow has run: if nobody runs it now, the app that stored it died, and its last word came so
#: late that the next one had looked for stored calls already.
BEGIN = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then
  local stored = redis.call('SISMEMBER', KEYS[3], ARGV[2]) == 1
  return (stored and redis.call('HGET', KEYS[2], 'step') == '') and 2 or 0
end
if #ARGV > 2 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 3))
  redis.call('SADD', KEYS[3], ARGV[2])
end
return 1
"""
NEW, STORED_BEFORE = 1, 2


class Callbacks:
    """Takes attempts from the stream; :meth:`run` must be running.

    Args:
        redis: a client of its own, which answers text.
        dispatcher: runs the calls.
        journal: is told of attempts that are not begun.
        new_call: makes the call of an attempt.
        ready: whether calls can be made now.
    """

    def __init__(
        self,
        redis: Redis,
        dispatcher: Dispatcher,
        journal: Journal,
        new_call: NewCall,
        ready: Callable[[], bool],
    ) -> None:
        self._redis = redis
        self._dispatcher = dispatcher
        self._journal = journal
        self._new_call = new_call
        self._ready = ready
        self._begin = redis.register_script(BEGIN)

    async def run(self) -> None:
        """Take attempts until cancelled; what was read but not acknowledged comes first."""
        start = "0"
        while True:
            heed_cancellation()
            if not self._ready():
                await asyncio.sleep(NOT_READY_S)
                continue
            try:
                start = await self._read(start)
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                await self._redis.xgroup_create(keys.CALLBACKS, GROUP, id="0", mkstream=True)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("callbacks.wait", error=repr(error))
                start = "0"
                await asyncio.sleep(AGAIN_S * random.uniform(0.7, 1.3))  # noqa: S311

    async def _read(self, start: str) -> str:
        async with asyncio.timeout(BLOCK_MS / 1000 + SILENCE_S):
            answer: Any = await self._redis.xreadgroup(
                GROUP, "app", {keys.CALLBACKS: start}, count=BATCH, block=BLOCK_MS
            )
        taken = entries_of(answer)
        for entry_id, fields in taken:
            await self._take(entry_id, fields or {})
        # After what was left over, only what is new.
        return "0" if taken and start == "0" else ">"

    async def _take(self, entry_id: str, fields: dict[str, str]) -> None:
        attempt: Json = {}
        try:
            attempt = orjson.loads(fields.get("attempt", ""))
            made = self._new_call(attempt)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            await self._pass_over(attempt, "malformed", repr(error))
        else:
            late_s = (now_ms() - int(entry_id.partition("-")[0])) / 1000
            if late_s > TOO_OLD_S:
                await self._pass_over(attempt, "too_old", f"it waited {late_s:.0f} s")
            else:
                await self._start(*made)
        await self._acknowledge(entry_id)

    async def _start(self, flow: Flow, call: Call) -> None:
        pairs = [part for pair in call.state.hash_fields().items() for part in pair]
        told = await self._remember(call.id, *pairs)
        if not told or call.id in self._dispatcher.calls:
            log.info("attempt.known", call_id=call.id)
        else:
            log.info("attempt.begun", call_id=call.id, stored_before=told == STORED_BEFORE)
            self._dispatcher.adopt(flow, call)

    async def _pass_over(self, attempt: Json, reason: str, detail: str) -> None:
        """End an attempt that is not begun, so that its request goes on."""
        call_id = str(attempt.get("id", "")) if isinstance(attempt, dict) else ""
        log.error("attempt.passed_over", call_id=call_id[:36], reason=reason, detail=detail[:200])
        if call_id and await self._remember(call_id) == NEW:
            self._journal.attempt(call_id, outcome="failed", ended_ms=now_ms())

    async def _remember(self, call_id: str, *pairs: Any) -> int:
        """Remember the attempt and store the state; answers as ``BEGIN``."""
        names = [keys.attempt(call_id), keys.call(call_id), keys.CALLS]
        return int(await self._begin(keys=names, args=[keys.ATTEMPT_S, call_id, *pairs]))

    async def _acknowledge(self, entry_id: str) -> None:
        pipe = self._redis.pipeline(transaction=True)
        pipe.xack(keys.CALLBACKS, GROUP, entry_id)
        pipe.xdel(keys.CALLBACKS, entry_id)
        await pipe.execute()
