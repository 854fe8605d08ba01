"""The benchmarks' load: AGI conversations and keyed digits as bytes."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.agi_load import Question, answers_per_second, commands_of
from bench.caller_script import Line, script
from bench.callers import Wave
from bench.keypad import Keypad
from bench.rings import rings_in
from bench.stage import NotMeasured

QUESTION = Question("some-question", ("STATUS", "FINE"), {"CB_ACCOUNT": "12"})


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    """A FastAGI server that says its lines to everybody; answers its port, and what it heard."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(4096))
                for line in (b"GET VARIABLE CB_ACCOUNT\n", b'EXEC "MSet" "STATUS=FINE"\n'):
                    connection.sendall(line)
                    heard.append(connection.recv(4096))

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_replies_are_asterisks() -> None:
    assert QUESTION.reply(b'GET VARIABLE "CB_ACCOUNT"') == b"200 result=1 (12)\n"
    assert QUESTION.reply(b"GET VARIABLE CB_SSN") == b"200 result=0\n"
    assert QUESTION.reply(b'SET VARIABLE "A" "B"') == b"200 result=1\n"


def test_a_conversation_is_carried_to_its_end(server: tuple[int, list[bytes]]) -> None:
    port, heard = server
    assert commands_of(QUESTION, port) == [
        b"GET VARIABLE CB_ACCOUNT\n",
        b'EXEC "MSet" "STATUS=FINE"\n',
    ]
    assert heard[0].startswith(b"agi_network: yes\nagi_network_script: some-question\n")
    assert heard[0].endswith(b"\n\n")
    assert heard[1:] == [b"200 result=1 (12)\n", b"200 result=1\n"]


def test_all_questions_are_asked(server: tuple[int, list[bytes]]) -> None:
    port, heard = server
    assert answers_per_second(QUESTION, port, concurrency=4, count=20) > 0
    assert len(heard) == 60


@pytest.mark.parametrize("command", [b'EXEC MSet "STATUS=FINE"', b'SET VARIABLE "STATUS" "FINE"'])
def test_an_answer_may_come_by_either_command(command: bytes) -> None:
    assert QUESTION.is_answered_by(command)
    assert not QUESTION.is_answered_by(command.replace(b"FINE", b"FINEST"))


def test_another_answer_is_not_measured(server: tuple[int, list[bytes]]) -> None:
    with pytest.raises(NotMeasured, match="STATUS=FINE"):
        commands_of(Question("some-question", ("STATUS", "OTHER")), server[0])


def test_a_server_that_is_away_is_not_measured() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(NotMeasured, match="refused"):
        answers_per_second(QUESTION, port, concurrency=1, count=1)


def test_digits_are_events_pressed_once_and_released_three_times() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asterisk:
        asterisk.bind(("127.0.0.1", 0))
        asterisk.setblocking(False)
        keypad = Keypad("127.0.0.1")
        keypad.key(asterisk.getsockname()[1], ["4", "#"], after_s=0, between_s=0)
        packets = []
        deadline = time.monotonic() + 3
        while len(packets) < 8 and time.monotonic() < deadline:
            keypad.send_due()
            try:
                packets.append(asterisk.recv(100))
            except BlockingIOError:
                continue
        keypad.close()
    fields = [struct.unpack("!BBHIIBBH", packet) for packet in packets]
    assert [f[5] for f in fields] == [4, 4, 4, 4, 11, 11, 11, 11]
    assert [bool(f[1] & 0x80) for f in fields] == [True, False, False, False] * 2
    assert [bool(f[6] & 0x80) for f in fields] == [False, True, True, True] * 2
    assert len({f[3] for f in fields[:4]}) == 1
    assert fields[4][3] > fields[0][3]
    assert [(b[2] - a[2]) & 0xFFFF for a, b in pairwise(fields)] == [1] * 7


LOG = """\
----------------------------------------------- 2026-11-22 13:56:54.435527
UDP message received [418] bytes :

OPTIONS sip:phone-ava@127.0.0.1:47280 SIP/2.0

----------------------------------------------- 2026-11-22 13:56:55.250000
UDP message received [418] bytes :

INVITE sip:phone-ava@127.0.0.1:47280 SIP/2.0
X-CB-Call-Id: a-call

----------------------------------------------- 2026-11-22 13:56:55.300000
UDP message sent (303 bytes):

SIP/2.0 180 Ringing
X-CB-Call-Id: a-call

----------------------------------------------- 2026-11-22 13:56:55.750000
UDP message received [418] bytes :

INVITE sip:phone-ava@127.0.0.1:47280 SIP/2.0
X-CB-Call-Id: a-call
"""


def test_a_phone_rings_when_its_first_invite_arrives() -> None:
    rung = datetime(2026, 11, 22, 13, 56, 55, 250_000).astimezone()
    assert rings_in(LOG) == {"a-call": rung.timestamp() * 1000}


def test_callers_stay_to_the_end_unless_they_are_told_to_leave() -> None:
    stays = Line("+12025550190", Path("people.csv"), 1, 1)
    assert "+12025550190" in script(stays)
    assert 'ontimeout="leave"' not in script(stays)
    leaves = Line("+12025550190", Path("people.csv"), 1, 1, leave_after_s=1.5)
    assert 'timeout="1500" ontimeout="leave"' in script(leaves)
    for text in (script(stays), script(leaves)):
        ElementTree.fromstring(text.replace('<!DOCTYPE scenario SYSTEM "sipp.dtd">', ""))


def test_a_wave_is_complete_when_every_call_ended_well() -> None:
    wave = Wave(calls=2, answered={1: 10.0, 2: 10.5}, ended={1: 14.0, 2: 15.5}, exit_code=0)
    assert wave.complete
    assert wave.lengths == [4.0, 5.0]
    assert wave.offered_rate == 2
    wave.exit_code = 1
    assert not wave.complete
