"""Visitors who only have a page open: ``python -m bench.open_streams URL FILE``.

FILE has one cookie header a line; each opens ``/talk/events`` at URL and reads it for ever. When
all have received something, their number is printed; a stream that ends is opened again.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp

#: Streams that are being opened at once.
AT_ONCE = 50


class Audience:
    """All the visitors."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        self._url = f"{url}/talk/events"
        self._cookies = cookies
        self._opening = asyncio.Semaphore(AT_ONCE)
        self._open = 0

    async def watch(self) -> None:
        """Until killed."""
        limits = aiohttp.ClientTimeout(total=None, sock_read=60)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=limits
        ) as session:
            await asyncio.gather(*(self._follow(session, cookie) for cookie in self._cookies))

    async def _follow(self, session: aiohttp.ClientSession, cookie: str) -> None:
        first = True
        while True:
            try:
                await self._opening.acquire()
                try:
                    answer = await session.get(self._url, headers={"Cookie": cookie})
                    answer.raise_for_status()
                    await answer.content.readany()
                finally:
                    self._opening.release()
                if first:
                    self._tell()
                    first = False
                while await answer.content.readany():
                    pass
            except aiohttp.ClientError as error:
                sys.stderr.write(f"{error!r}\n")
                await asyncio.sleep(0.5)

    def _tell(self) -> None:
        self._open += 1
        if self._open == len(self._cookies):
            sys.stdout.write(f"{self._open}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    address, file = sys.argv[1:]
    asyncio.run(Audience(address, Path(file).read_text(encoding="ascii").splitlines()).watch())
