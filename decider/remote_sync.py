"""The decider for threads and gevent that asks the decision service.

The time limits of a socket are for one step each: a name to look up, a connection, every piece of
an answer. So each question is asked by a thread of its own (a greenlet, under gevent), and whoever
asked waits for that until the deadline and no longer.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, LifoQueue
from urllib.parse import urlsplit

from cordboard.decision import Decision, Question
from cordboard.settings import Settings
from decider.facts import DEADLINE_S, DeciderAway, deadline
from decider.wire import answer_of, headers, question_json

#: Connections kept to the service between questions.
CONNECTIONS = 4
#: Questions on their way at once.
ASKING = 32


class SyncRemoteDecider:
    """Asks by ``POST /decide``; a few connections are kept between questions."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._path = parts.netloc, f"{parts.path}/decide"
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._headers = headers(token)
        self._idle: LifoQueue[http.client.HTTPConnection] = LifoQueue()
        self._asking = ThreadPoolExecutor(ASKING, "ask-decider")

    def decide(self, question: Question) -> Decision:
        """See :class:`decider.sync.SyncDecider`."""
        body, until = question_json(question), deadline()
        try:
            told = self._ask_kept(body, until) or self._ask(self._connect(), body, until)
        except (http.client.HTTPException, OSError) as error:
            raise DeciderAway(f"the decision service did not answer: {error!r}") from error
        return answer_of(*told, question)

    def _ask_kept(self, body: bytes, until: float) -> tuple[int, bytes] | None:
        """None when no connection was kept, or the service closed it meanwhile."""
        try:
            return self._ask(self._idle.get_nowait(), body, until)
        except Empty:
            return None
        except (http.client.HTTPException, ConnectionError):
            self._forget_idle()  # the service has started anew: all that was kept is closed
            return None

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls:
            return http.client.HTTPSConnection(self._host, timeout=DEADLINE_S, context=self._tls)
        return http.client.HTTPConnection(self._host, timeout=DEADLINE_S)

    def _ask(
        self, connection: http.client.HTTPConnection, body: bytes, until: float
    ) -> tuple[int, bytes]:
        """Status and body of the answer; ``TimeoutError`` when there is none in time."""
        asked = self._asking.submit(self._exchange, connection, body)
        try:
            told = asked.result(max(0.0, until - time.monotonic()))
        except BaseException:
            _give_up(asked, connection)
            raise
        if self._idle.qsize() < CONNECTIONS:
            self._idle.put(connection)
        else:
            connection.close()
        return told

    def _exchange(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        connection.request("POST", self._path, body, self._headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _forget_idle(self) -> None:
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def close(self) -> None:
        """Close the connections."""
        self._forget_idle()
        self._asking.shutdown(wait=False)


def _give_up(asked: Future[tuple[int, bytes]], connection: http.client.HTTPConnection) -> None:
    """Whoever is asking is woken, and closes the connection when done with it: nobody else may."""
    asked.add_done_callback(lambda _: connection.close())
    asked.cancel()
    if (sock := connection.sock) is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def open_remote_sync(settings: Settings) -> SyncRemoteDecider:
    """The decider at the address that the settings name."""
    return SyncRemoteDecider(settings.decider, settings.decider_token.get_secret_value())
