"""The decider that asks the decision service, over connections that are kept."""

from __future__ import annotations

import asyncio

import aiohttp

from cordboard.decision import Decision, Facts, Question
from cordboard.settings import Settings
from decider.facts import DEADLINE_S, DeciderAway
from decider.wire import answer_of, headers, question_json

#: Connections kept to the service, and for how long without a question, seconds. The service keeps
#: its side longer (``decider/__main__.py``), so that a question seldom meets a closed one.
CONNECTIONS = 32
KEPT_S = 60.0


class RemoteDecider:
    """Asks by ``POST /decide``; make it in a running event loop."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/decide"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEPT_S),
            headers=headers(token),
        )

    async def facts_of_call(self, call: str) -> Facts | None:  # noqa: ARG002
        """Nothing: the service reads the facts itself."""
        return None

    async def decide(
        self,
        question: Question,
        facts: Facts | None = None,  # noqa: ARG002  the service reads them
    ) -> Decision:
        """See :class:`decider.local.Decider`."""
        body = question_json(question)
        try:
            async with asyncio.timeout(DEADLINE_S):
                try:
                    return await self._ask(body, question)
                except aiohttp.ServerDisconnectedError:
                    # A kept connection was closed as it was used; asking stores nothing twice.
                    return await self._ask(body, question)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeciderAway(f"the decision service did not answer: {error!r}") from error

    async def _ask(self, body: bytes, question: Question) -> Decision:
        async with self._session.post(self._url, data=body) as answer:
            return answer_of(answer.status, await answer.read(), question)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def open_remote(settings: Settings) -> RemoteDecider:
    """The decider at the address that the settings name."""
    return RemoteDecider(settings.decider, settings.decider_token.get_secret_value())
