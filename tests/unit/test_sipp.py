"""Callers and phones of the tests: what does not need SIPp to be shown."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cordboard.sipp import Late, eventually, messages, scenario
from cordboard.sipp.media import LINEAR, Media, encode, loudness, share_of, tone
from cordboard.sipp.scenario import Manner

LOG = """\
----------------------------------------------- 2026-11-22 13:28:00.533150
UDP message received [430] bytes :

INVITE sip:phone-ava@127.0.0.1:5070 SIP/2.0\r
Call-ID: abc@127.0.0.1\r
X-CB-Customer-Name: Dana Reed\r
User-to-User: 433d;encoding=hex\r
Content-Length: 5\r
\r
v=0\r

----------------------------------------------- 2026-11-22 13:28:00.600000
UDP message sent (120 bytes):

SIP/2.0 486 No\r
Call-ID: abc@127.0.0.1\r
\r

"""


def test_messages_are_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "messages.log"
    assert messages.read(log) == []
    log.write_bytes(LOG.encode())
    invite, answer = messages.read(log)
    assert (invite.method, invite.received, invite.call_id) == ("INVITE", True, "abc@127.0.0.1")
    assert invite.custom() == {
        "X-CB-Customer-Name": "Dana Reed",
        "User-to-User": "433d;encoding=hex",
    }
    assert invite.body.startswith("v=0")
    assert (answer.method, answer.received) == ("486", False)


@pytest.mark.parametrize(
    "text",
    [
        scenario.caller(scenario.Dialled("+12025550100", '"A & B" <sip:a@127.0.0.2>')),
        scenario.caller(scenario.Dialled("+12025550199", "<sip:a@b>"), refused_with=404),
        scenario.phone(ring_ms=None, refuse_with=None, talk_ms=None),
        scenario.phone(ring_ms=200, refuse_with=486, talk_ms=None),
        scenario.exchange([Manner(number="+12125550140", rtp_port=4000), Manner(None, 486)]),
        scenario.register("phone-ava", "secret", "sip:phone-ava@127.0.0.1:5070", 600),
    ],
    ids=["caller", "refused caller", "phone", "refusing phone", "exchange", "register"],
)
def test_a_scenario_is_whole(text: str) -> None:
    root = ElementTree.fromstring(text.split("\n", 2)[2])
    labels = {label.get("id") for label in root.iter("label")}
    jumps = {step.get(way) for step in root.iter() for way in ("next", "ontimeout")} - {None}
    assert jumps <= labels


def test_mu_law_is_decoded_as_it_was_encoded() -> None:
    assert {encode(LINEAR[byte]) for byte in range(256)} | {0x7F} == set(range(256))


def test_a_tone_is_told_from_another_and_from_silence() -> None:
    packet = tone(1000)[:160]
    assert share_of(1000, packet) > 0.9
    assert share_of(400, packet) < 0.1
    assert share_of(1000, b"\xff" * 160) == 0.0
    assert loudness(b"\xff" * 160) == 0
    assert loudness(b"") == 0


def test_two_ends_hear_each_other_and_digits_are_keys() -> None:
    here, there = Media(), Media()
    try:
        with pytest.raises(AssertionError, match="no sound"):
            here.key("1", within=0.05)
        with pytest.raises(ValueError, match="not on a telephone"):
            here.key("1x")
        here._peer = ("127.0.0.1", there.port)
        here.speak(1000)
        eventually(lambda: there.hears(1000), within=3)
        assert not here.hears_something()
        there.speak(400)
        eventually(lambda: here.hears(400), within=3)
    finally:
        here.close()
        there.close()


def test_waiting_takes_a_failed_assertion_for_not_yet() -> None:
    looks = iter([0, 0, 1])

    def look() -> bool:
        assert next(looks), "still nothing"
        return True

    assert eventually(look, within=2, every=0)
    with pytest.raises(Late, match=r"the sun rises .*still nothing"):
        eventually(_fail, within=0, what="the sun rises")


def _fail() -> bool:
    raise AssertionError("still nothing")
