"""The ARI client against the real Asterisk: refusals, accounts by push, a socket that drops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from ari_app.client import REPLACED, AriError, Client, Event, EventSocket, Gone, Http, Unreachable
from ari_app.phones import Phones
from cordboard.settings import Settings
from support.beside import running
from support.soon import soon

APP = "cordboard-test"
PHONE = {"sip_username": "phone-test-push", "ha1": "0" * 32, "name": 'A "quoted" name'}


@pytest.fixture
async def client(stack: Settings) -> AsyncIterator[Client]:
    http = Http(stack.ari, stack.ari_user, stack.ari_password.get_secret_value())
    await http.open()
    yield Client(http, APP)
    await http.close()


async def test_what_is_not_there_is_gone(client: Client) -> None:
    with pytest.raises(Gone):
        await client.channel("no-such-channel").start_moh()
    with pytest.raises(Gone):
        await client.get("/bridges/no-such-bridge")


async def test_ending_what_is_gone_counts_as_done(client: Client) -> None:
    await client.channel("no-such-channel").hangup()
    await client.bridge("no-such-bridge").destroy()


async def test_an_endpoint_that_does_not_exist_is_refused(client: Client) -> None:
    with pytest.raises(AriError):
        await client.originate(
            "PJSIP/phone-nobody", "c.agent.1", timeout_s=1, caller_id="<1>", variables={}
        )


async def test_no_answer_is_unreachable() -> None:
    http = Http("http://127.0.0.1:9", "nobody", "")
    await http.open()
    with pytest.raises(Unreachable):
        await http.request("GET", "/channels")
    await http.close()


class Counting(Phones):
    """Counts the accounts that are pushed."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.pushed: list[str] = []

    async def _push(self, username: str, objects: dict[str, dict[str, str]]) -> None:
        self.pushed.append(username)
        await super()._push(username, objects)


async def test_only_differences_are_pushed_and_who_left_is_removed(
    client: Client, redis: Redis, stack: Settings
) -> None:
    phones = Counting(client, redis, stack)
    await phones.provision([PHONE])
    await phones.provision([PHONE])
    assert phones.pushed == ["phone-test-push"]
    assert (await client.get("/endpoints/PJSIP/phone-test-push"))["state"] == "offline"
    await phones.provision([{**PHONE, "ha1": "1" * 32}])
    assert len(phones.pushed) == 2
    await phones.provision([])

    async def is_gone() -> bool:
        endpoints = await client.get("/endpoints/PJSIP")
        return "phone-test-push" not in [endpoint["resource"] for endpoint in endpoints]

    await soon(is_gone)


async def test_a_socket_that_drops_is_opened_and_set_up_again(client: Client) -> None:
    events: list[Event] = []
    connects = 0

    async def connected() -> None:
        nonlocal connects
        connects += 1
        await client.filter_events(("StasisStart", REPLACED))

    socket = EventSocket(client.http, APP, events.append, lambda: None, connected)
    async with running(socket.run()):
        await soon(lambda: socket.up)
        # A second socket of the same name takes the first one's place, which gets nothing any more.
        async with client.http.session.ws_connect(client.http.events_url(APP)):
            await soon(lambda: connects == 2)
        await soon(lambda: socket.up)
