"""Which phones can be rung, from what Asterisk says of their endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from ari_app import registrations
from ari_app.agents import Agent
from ari_app.registrations import Registrations
from support.soon import soon

PHONE = "phone-ava"
OURS, OTHERS = f"{uuid4()}.agent.1", "1795600000.17"


class Asterisk:
    """Answers for one endpoint, and sends device states."""

    def __init__(self) -> None:
        self.channels: list[str] = []
        self.looks = 0
        self.tell: Callable[[Any], None] = print

    def on_event(self, kind: str, take: Callable[[Any], None]) -> None:
        assert kind == "DeviceStateChanged"
        self.tell = take

    async def subscribe(self, source: str) -> None:
        """Everything is told."""

    async def get(self, path: str) -> Any:
        endpoint = {"resource": PHONE, "state": "online", "channel_ids": list(self.channels)}
        if path == "/endpoints/PJSIP":
            return [endpoint]
        self.looks += 1
        return endpoint

    def becomes(self, state: str, *channels: str) -> None:
        self.channels = list(channels)
        self.tell({"device_state": {"name": f"PJSIP/{PHONE}", "state": state}})


class Mirror:
    """One agent, as far as registrations ask."""

    def __init__(self) -> None:
        self.ava = Agent(7, "Ava", "ava", PHONE, {}, {}, registered=True)

    def by_device(self, device: str) -> Agent | None:
        return self.ava if device == PHONE else None

    def set_registered(self, device: str, registered: bool) -> None:
        self.ava.registered = registered

    def set_elsewhere(self, device: str, elsewhere: bool) -> None:
        self.ava.elsewhere = elsewhere


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrations, "AGAIN_S", 0.001)
    monkeypatch.setattr(registrations, "SETTLED_S", 0.001)


async def test_a_phone_in_another_call_is_looked_at_until_it_is_over(quick: None) -> None:
    asterisk, mirror = Asterisk(), Mirror()
    watch = Registrations(asterisk, mirror)  # type: ignore[arg-type]
    running = asyncio.create_task(watch.run())
    asterisk.becomes("INUSE", OTHERS)
    await soon(lambda: mirror.ava.elsewhere)
    # Asterisk says nothing of its end: it is found out all the same.
    asterisk.channels = []
    await soon(lambda: not mirror.ava.elsewhere)
    running.cancel()


async def test_our_own_calls_are_nobody_elses(quick: None) -> None:
    asterisk, mirror = Asterisk(), Mirror()
    watch = Registrations(asterisk, mirror)  # type: ignore[arg-type]
    running = asyncio.create_task(watch.run())
    asterisk.becomes("RINGING", OURS)
    await soon(lambda: asterisk.looks > 0)
    assert not mirror.ava.elsewhere
    looks = asterisk.looks
    mirror.ava.call = "ours"
    asterisk.becomes("INUSE", OURS)
    assert watch._to_look_at.qsize() <= 1
    assert asterisk.looks == looks
    running.cancel()


async def test_what_went_on_while_we_were_away_is_seen_at_the_connect() -> None:
    asterisk, mirror = Asterisk(), Mirror()
    asterisk.channels = [OTHERS]
    await Registrations(asterisk, mirror).read()  # type: ignore[arg-type]
    assert mirror.ava.elsewhere
