"""The server: threads that each accept a connection, answer its question, and accept the next.

No dispatcher stands between the listening socket and the threads, so there is no hand-over to pay
for and never more conversations than threads; further ones wait in the listening socket's backlog.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable

import structlog

from agi.database import Unavailable
from agi.metrics import count
from agi.questions import QUESTIONS
from agi.services import Services
from agi.session import AgiSession, BadQuestion, CallHungUp, ProtocolError

log = structlog.get_logger(__name__)

BACKLOG = 512
#: Longest silence of Asterisk in the middle of a conversation, seconds.
SILENCE = 5


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket; its options pass to every connection that it accepts."""
    listener = socket.create_server((host, port), backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A receive time-out by the kernel costs nothing per read, unlike socket.settimeout().
    silence = struct.pack("ll", SILENCE, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silence)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, silence)
    return listener


class Server:
    """Accepts on ``listener`` with a fixed number of threads until :meth:`stop`."""

    def __init__(
        self, listener: socket.socket, converse: Callable[[socket.socket], None], threads: int
    ) -> None:
        self._listener = listener
        self._converse = converse
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._accept, name=f"agi-{n}", daemon=True)
            for n in range(threads)
        ]

    def start(self) -> None:
        """Begin to accept."""
        for thread in self._threads:
            thread.start()

    def stop(self, grace: float) -> None:
        """Accept no more; wait up to ``grace`` seconds for conversations that go on."""
        self._stopping = True
        self._listener.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:  # nobody came within SILENCE
                continue
            except OSError:
                if self._stopping:
                    return
                log.exception("agi.accept_failed")
                time.sleep(0.1)  # out of file descriptors: do not spin
                continue
            with connection:
                self._converse(connection)


def converse(connection: socket.socket, services: Services) -> None:
    """One conversation, from the environment to the answer; whatever goes wrong ends here."""
    began = time.perf_counter()
    question, outcome = "none", "refused"
    try:
        session = AgiSession(connection)
        if session.question in QUESTIONS:
            question = session.question
            outcome = _answer(session, services)
        else:
            log.warning("agi.question_unknown", question=session.question[:80])
    except CallHungUp:
        outcome = "hung_up"
    except ProtocolError as error:
        log.warning("agi.refused", question=question, reason=str(error))
    except Exception:
        outcome = "failed"
        log.exception("agi.failed", question=question)
    count(question, outcome, time.perf_counter() - began)


def _answer(session: AgiSession, services: Services) -> str:
    """Answer the question, if need be with UNAVAILABLE; say for the metrics which it was."""
    handler = QUESTIONS[session.question]
    outcome = "answered"
    try:
        values = handler.answer(session, services)
    except (Unavailable, BadQuestion) as error:
        values, outcome = handler.unavailable, "unavailable"
        log.warning(
            "agi.unavailable",
            question=session.question,
            call_id=session.call,
            reason=str(error) or "no database",
        )
    except (CallHungUp, ProtocolError):
        raise
    except Exception:
        values, outcome = handler.unavailable, "failed"
        log.exception("agi.handler_failed", question=session.question, call_id=session.call)
    try:
        session.set_variables(values)
    except CallHungUp:
        if handler.undo and outcome == "answered":
            handler.undo(values, services)
        raise
    return outcome
