"""What a caller hears, in words: read along from Asterisk's events while the call goes on."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import queue
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

from cordboard.settings import Settings
from cordboard.wav_words import words_of

Event = dict[str, Any]

#: Applications of the dialplan that play the files named in their arguments.
PLAYING = {"playback", "background", "read"}
#: A sound file in such arguments, or in a list of them.
FILE = re.compile(r"/[^\s,&]+")
#: Longest wait for the first event stream, seconds.
READY_S = 5.0


class Transcript:
    """Turns events of Asterisk into lines of what one SIP dialogue was played.

    Args:
        sip_call_id: the dialogue's Call-ID, before or after it began.
    """

    def __init__(self, sip_call_id: str) -> None:
        self._sip = sip_call_id
        self._channel = ""

    def lines(self, event: Event) -> Iterator[str]:
        """What this event adds; a sound that says no words is named in parentheses."""
        channel = event.get("channel", {})
        if channel.get("protocol_id") == self._sip:
            self._channel = channel["id"]
            if event["type"] == "ChannelDialplan":
                yield from _dialplan(event)
        playback = event.get("playback", {})
        ours = self._channel and playback.get("target_uri") == f"channel:{self._channel}"
        # It comes for each sound of a list.
        if ours and event["type"] == "PlaybackStarted":
            yield _played(playback["media_uri"])


def _dialplan(event: Event) -> Iterator[str]:
    if event["dialplan_app"].lower() in PLAYING:
        yield from (_words(file) for file in FILE.findall(event["dialplan_app_data"]))


def _played(uri: str) -> str:
    scheme, _, rest = uri.partition(":")
    if scheme == "sound" and rest.startswith("/"):
        return _words(rest)
    return rest if scheme in ("digits", "number", "characters") else f"({uri})"


def _words(file: str) -> str:
    return words_of(Path(f"{file}.wav")) or f"({Path(file).name})"


class Overheard:
    """Reads along what a call is played, in a thread of its own.

    Listens as an ARI application of its own that is subscribed to everything: no call is its.
    """

    def __init__(self, settings: Settings, sip_call_id: str) -> None:
        secret = f"{settings.ari_user}:{settings.ari_password.get_secret_value()}"
        self._headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
        base = str(settings.ari).replace("http", "ws", 1)
        self._url = f"{base}/ari/events?app=overheard-{os.getpid()}&subscribeAll=true"
        self._transcript = Transcript(sip_call_id)
        self._heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="overheard", daemon=True)

    def start(self) -> Overheard:
        """Begin to read; returns once nothing is missed any more, or after ``READY_S``."""
        self._thread.start()
        self._ready.wait(READY_S)
        return self

    def lines(self) -> list[str]:
        """What was heard since the last time."""
        return [self._heard.get() for _ in range(self._heard.qsize())]

    def close(self) -> None:
        """Read no more."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(READY_S)

    def _run(self) -> None:
        self._task = self._loop.create_task(self._listen())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except (aiohttp.ClientError, OSError) as error:
            self._heard.put(f"(What is said cannot be shown: {error})")
        finally:
            self._ready.set()
            self._loop.close()

    async def _listen(self) -> None:
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.ws_connect(self._url, max_msg_size=0) as socket,
        ):
            self._ready.set()
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    for line in self._transcript.lines(json.loads(message.data)):
                        self._heard.put(line)
