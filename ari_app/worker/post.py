"""One post to a server that somebody else has named: only to public addresses, and not for long.

The host is resolved once and the connection goes to an address that was looked at, so that a name
cannot lead elsewhere between the look and the connection.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from cordboard import webhooks

#: Seconds to connect, and for everything together.
CONNECT_S = 5.0
TOTAL_S = 10.0
#: So much of an answer is read, bytes, and so much of it is kept with an error, characters.
ANSWER_BYTES = 4096
EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: without an error it is delivered; a final one is not tried again."""

    status: int | None = None
    error: str | None = None
    final: bool = False


class _Known(AbstractResolver):
    """Knows the addresses of one host, and asks nobody."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses that were looked at."""
        found = [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]
        return [one for one in found if family in (socket.AF_UNSPEC, one["family"])]

    async def close(self) -> None:
        """Nothing is open."""


async def post(
    url: str, sent: bytes, key: bytes, headers: Mapping[str, str], *, private: bool
) -> Outcome:
    """Post ``sent``, signed with ``key``; ``private`` allows loopback and private addresses."""
    try:
        async with asyncio.timeout(TOTAL_S):
            addresses = await _resolve(url)
            refused = [] if private else webhooks.refused_addresses(addresses)
            if refused:
                return Outcome(
                    error=f"{refused[0]} is no public address: nothing is sent there", final=True
                )
            return await _send(url, sent, key, headers, addresses)
    except TimeoutError:
        return Outcome(
            error=f"no answer in time ({CONNECT_S:g} s to connect, {TOTAL_S:g} s in all)"
        )
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Outcome(error=_plain(str(error) or type(error).__name__))


async def _resolve(url: str) -> list[str]:
    """All addresses of the URL's host; OSError when it has none."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("the address names no host")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(
        parts.hostname, port, type=socket.SOCK_STREAM
    )
    return list(dict.fromkeys(str(address[4][0]) for address in found))


async def _send(
    url: str, sent: bytes, key: bytes, headers: Mapping[str, str], addresses: list[str]
) -> Outcome:
    connector = aiohttp.TCPConnector(resolver=_Known(addresses), force_close=True)
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=TOTAL_S, connect=CONNECT_S, sock_connect=CONNECT_S),
            auto_decompress=False,
        ) as session,
        session.post(
            url,
            data=sent,
            allow_redirects=False,
            headers={
                **headers,
                "Content-Type": "application/json",
                "User-Agent": "Cordboard-Webhooks/1",
                webhooks.SIGNATURE_HEADER: webhooks.signature(key, sent, int(time.time())),
            },
        ) as answer,
    ):
        return await _judge(answer)


async def _judge(answer: aiohttp.ClientResponse) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome(status=answer.status)
    if 300 <= answer.status < 400:
        return Outcome(answer.status, f"answers {answer.status}: redirects are not followed")
    text = (await answer.content.read(ANSWER_BYTES)).decode(errors="replace")
    return Outcome(answer.status, f"answers {answer.status}: {_plain(text)[:EXCERPT]}".rstrip(": "))


def _plain(text: str) -> str:
    """One line of printable characters."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:280]
