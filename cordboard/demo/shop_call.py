"""Somebody who orders by keys: hears a prompt, keys into it, speaks when recorded."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import redis

from cordboard import keys
from cordboard.settings import Settings
from cordboard.sipp import Caller, eventually

Json = dict[str, Any]

ORDER_LINE = "+12025550113"
#: What a voice is to a recorder, Hz.
VOICE_HZ = 440


@dataclass(slots=True)
class OrderTalk:
    """A call to the order line. Prompts have their names of ``cordboard/orders/dialogue``."""

    settings: Settings
    ani: str
    caller: Caller = field(init=False)
    live: redis.Redis = field(init=False)
    turn: int = -1
    recorded: str = ""

    def __post_init__(self) -> None:
        self.live = redis.Redis.from_url(self.settings.redis, decode_responses=True)
        self.caller = Caller(self.settings, ORDER_LINE, self.ani)

    def dial(self) -> str:
        """Call; answers the call's id."""
        self.caller.dial()
        return self.caller.call_id()

    def close(self) -> None:
        """Leave nothing behind."""
        self.caller.close()
        self.live.close()

    def notes(self) -> Json:
        """What the call remembers of its dialogue."""
        text = cast("str | None", self.live.hget(keys.call(self.caller.call_id()), "order"))
        return orjson.loads(text) if text else {}

    def hears(self, prompt: str) -> None:
        """Wait until this is being asked, and keys count."""

        def look() -> bool:
            notes = self.notes()
            memory = notes.get("memory") or {}
            if memory.get("at") != prompt or memory["turns"] <= self.turn:
                return False
            now_ms = time.time_ns() // 1_000_000
            if not 0 < notes["open_ms"] <= now_ms:
                return False
            self.turn = memory["turns"]
            return True

        eventually(look, within=30, what=f"{prompt!r} is asked, not {self.notes()!r:.300}")

    def answers(self, *answers: tuple[str, str]) -> None:
        """One prompt and its digits after the other; a key cuts the words short."""
        for prompt, digits in answers:
            self.hears(prompt)
            self.caller.key(digits)

    def says(self, prompt: str, seconds: float) -> None:
        """Speak after the tone for so long, and end it by #."""
        self.answers((prompt, "#"))
        self.recorded = eventually(self._recording, within=20, what="the caller is recorded")
        media = self.caller.media
        before = media.spoken_s()
        media.speak(VOICE_HZ)
        eventually(
            lambda: media.spoken_s() - before >= seconds, within=seconds + 10, what="it is said"
        )
        media.hush()
        self.caller.key("#")

    def _recording(self) -> str:
        name: str = self.notes().get("recording") or ""
        return name if name != self.recorded else ""
