"""Event -> the inbox of that call; a new caller -> a new task. Nothing else.

Ids that we chose begin with the call id (36 characters and a dot), so only callers' own channels
have to be remembered. While the app compares its calls with Asterisk's, events wait in a buffer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog

from ari_app import runner
from ari_app.call import Call, Message
from ari_app.client import Event
from ari_app.flow import Flow

log = structlog.get_logger(__name__)

_ID_LENGTH = 36


class Dispatcher:
    """All live calls, each with its task.

    Args:
        new_call: makes the call for a StasisStart of a caller; answers None to refuse it.
    """

    def __init__(self, new_call: Callable[[Event], tuple[Flow, Call] | None]) -> None:
        self.calls: dict[str, Call] = {}
        self._by_channel: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._new_call = new_call
        self._held: list[Event] | None = []

    def hold(self) -> None:
        """Keep events back until :meth:`release`; so it is from the beginning."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Hand out what was kept back, in order, and everything from now on at once."""
        held, self._held = self._held or [], None
        for event in held:
            self.take(event)

    def take(self, event: Event) -> None:
        """Hand an event to its call."""
        if self._held is not None:
            self._held.append(event)
            return
        call_id = self._call_of(event)
        if call_id is not None:
            self.send(call_id, event)
        elif event["type"] == "StasisStart":
            self.start(event)

    def send(self, call_id: str, message: Message) -> None:
        """Put a message into a call's inbox; one for a call that is over is dropped."""
        if (call := self.calls.get(call_id)) is not None:
            call.inbox.put_nowait(message)

    def adopt(self, flow: Flow, call: Call) -> None:
        """Run a call's flow in a task of its own, from where the call stands."""
        self.calls[call.id] = call
        self._by_channel[call.state.channel] = call.id
        task = asyncio.create_task(runner.run(flow, call), name=f"call {call.id}")
        self._tasks[call.id] = task
        task.add_done_callback(lambda _: self._forget(call))

    async def stop(self) -> None:
        """Cancel all tasks without ending a call: the next run of the app adopts them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start(self, event: Event) -> None:
        """Begin the call of a caller who entered our application."""
        made = self._new_call(event)
        if made is not None:
            self.adopt(*made)

    def _forget(self, call: Call) -> None:
        self.calls.pop(call.id, None)
        self._tasks.pop(call.id, None)
        self._by_channel.pop(call.state.channel, None)

    def _call_of(self, event: Event) -> str | None:
        """Which call an event belongs to, None when to none that we know."""
        for kind in ("channel", "playback", "bridge"):
            thing: dict[str, Any] | None = event.get(kind)
            if thing is not None:
                return self._by_channel.get(thing["id"]) or call_of_name(thing["id"])
        recording = event.get("recording")
        return call_of_name(recording["name"]) if recording else None


def call_of_name(name: str) -> str | None:
    """The call id that an id of ours begins with: ``<call>.agent.1`` -> ``<call>``."""
    head, dot = name[:_ID_LENGTH], name[_ID_LENGTH : _ID_LENGTH + 1]
    if dot != ".":
        return None
    try:
        return str(UUID(head))
    except ValueError:
        return None
