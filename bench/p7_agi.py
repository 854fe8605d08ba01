"""P7: FastAGI answers per second, against a bare socket that replies with the same bytes.

From: the connection of a client that speaks Asterisk's part of FastAGI. To: the server has closed
it. Ours is the agi process of the stack as ``cordboard up`` starts it. The peer first gets what our
server says to the same question, line by line, and then only sends those lines (``agi_peer.py``).

Two questions: ``P7`` is one that needs no database (``verify-account`` with an account number too
short to be one), so it is the price of AGI itself: parsing, channel variables, metrics. ``P7-db``
is one that does (``service-notice``); there the peer runs the same SQL function on a connection per
thread before its last line.

Fair because both sides get the same client, the same number of conversations at once and the same
number of threads, and exchange the same bytes in the same number of packets; and hard on us,
because the peer need not know what it says.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.agi_load import Question, answers_per_second, commands_of
from bench.result import Goal, Result
from bench.rounds import alternate
from bench.stage import Stage
from bench.world import OURS_DID, customers, open_call, populate

#: Conversations at once: as many calls as may be at an AGI question in the same moment.
CONCURRENCY = 16
#: Conversations of one round.
COUNT = 6000
GOAL = Goal(ratio_at_least=0.7)


def measure(stage: Stage) -> list[Result]:
    """Both questions, each in rounds of ours and the peer's."""
    populate(stage.settings)
    call = open_call(stage.settings, dnis=OURS_DID, customer=customers()[0])
    plain = Question(
        "verify-account",
        ("CB_VERIFY_STATUS", "INVALID"),
        {"CB_CALL_ID": call, "CB_ACCOUNT": "12", "CB_SSN": ""},
    )
    stored = Question("service-notice", ("CB_NOTICE_STATUS", "NONE"), {"CB_CALL_ID": call})
    statement = f"SELECT * FROM find_notice_v1('{call}')"
    return [
        _compare(stage, "P7", plain, "a socket that sends the same bytes, as many threads"),
        _compare(
            stage,
            "P7-db",
            stored,
            "the same socket, which also runs find_notice_v1 on a connection per thread",
            statement,
        ),
    ]


def _compare(
    stage: Stage, name: str, question: Question, peer_is: str, statement: str = ""
) -> Result:
    stage.say(f"  {name}: {question.script}")
    port = stage.settings.port("agi")
    count = stage.samples(COUNT, least=200)
    with bare_server(stage, commands_of(question, port), statement) as peer_port:
        for warm in (port, peer_port):
            answers_per_second(question, warm, concurrency=CONCURRENCY, count=count // 10)
        ours, peer = alternate(
            lambda: answers_per_second(question, port, concurrency=CONCURRENCY, count=count),
            lambda: answers_per_second(question, peer_port, concurrency=CONCURRENCY, count=count),
            rounds=stage.rounds,
            say=stage.say,
        )
    return Result(
        id=name,
        what=f"FastAGI answers per second, {question.script}",
        peer_is=peer_is,
        unit="answers/s",
        ours=ours,
        peer=peer,
        goal=GOAL,
        n=count * stage.rounds,
        details={"concurrency": CONCURRENCY, "threads": stage.settings.agi_threads},
    )


@contextmanager
def bare_server(stage: Stage, commands: list[bytes], statement: str) -> Iterator[int]:
    """Run the peer with these commands; answer its port."""
    query = [stage.settings.database, statement] if statement else []
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.agi_peer", str(stage.settings.agi_threads), *query],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        server.stdin.write(b"".join(commands))
        server.stdin.close()
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
