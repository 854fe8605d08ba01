"""A subject may lead to a call centre elsewhere: one leg, called as the DNIS, with TAG2's data."""

from __future__ import annotations

import pytest

from cordboard.sipp import eventually
from cordboard.sipp.media import loudness
from support.people import ROSA
from support.world import Given

PARTNER, NUMBER = "PARTNER", "+12025550190"


def test_the_customer_talks_to_the_centre(given: Given) -> None:
    rosa, centre = given.answering(ROSA.phone), given.answering(NUMBER)
    call = given.call_back(ROSA.phone, PARTNER, note="Forty baskets")
    invite = centre.rings()
    data = invite.custom()
    assert data["X-CB-Dnis"] == "PANTRY-PARTNER"
    assert data["X-CB-Contract"] == "P-77"
    assert "PANTRY-PARTNER" in invite.header("From")
    uui = bytes.fromhex(data["User-to-User"].split(";")[0]).decode()
    assert uui.startswith(f"C={call.id};D=PANTRY-PARTNER")
    assert ROSA.phone not in str(invite.headers)
    eventually(centre.talks)
    assert rosa.talks()
    centre.media.key("#")
    given.becomes(call, state="connected")
    rosa.media.speak(1000)
    eventually(lambda: centre.media.hears(1000), what="the centre hears the customer")
    centre.go_on()
    call.becomes("answered")
    record = given.becomes(call, outcome="answered", state="ended")
    assert {leg["party"] for leg in record["legs"]} == {ROSA.phone, NUMBER}
    eventually(lambda: not rosa.talks())


@pytest.mark.parametrize("manner", [{"refuse_with": 486}, {"ring_ms": None}, {}])
def test_nobody_there_takes_the_call(given: Given, manner: dict[str, int | None]) -> None:
    given.rule(PARTNER, ring_agent_seconds=2, sign_on_seconds=3)
    rosa = given.answering(ROSA.phone)
    centre = given.answering(NUMBER, **manner)
    call = given.call_back(ROSA.phone, PARTNER)
    centre.rings()
    call.becomes("no_agent")
    given.becomes(call, outcome="no_agent")
    eventually(lambda: not rosa.talks(), what="the customer was told, and let go")


def test_the_customer_hears_music_while_the_centre_rings(given: Given) -> None:
    rosa, centre = given.answering(ROSA.phone), given.answering(NUMBER, ring_ms=None)
    call = given.call_back(ROSA.phone, PARTNER)
    centre.rings()
    with rosa.media.recording() as heard:  # the hold text is over
        eventually(lambda: len(heard) >= 100, what="two seconds of sound")
    assert loudness(b"".join(heard[-25:])) > 100
    rosa.go_on()
    call.becomes("hung_up")


def test_the_centre_first(given: Given) -> None:
    given.rule(PARTNER, placement="agent_first")
    rosa, centre = given.answering(ROSA.phone, ring_ms=None), given.answering(NUMBER)
    call = given.call_back(ROSA.phone, PARTNER)
    eventually(centre.talks, within=20)
    assert not rosa.invites()
    centre.media.key("#")
    rosa.rings()
    rosa.go_on()
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")


def test_a_centre_with_an_address(given: Given) -> None:
    port = given.settings.port("trunk")
    given.rule(PARTNER, external=f"sip:orders@127.0.0.2:{port}")
    given.answering(ROSA.phone)
    centre = given.answering("orders")
    call = given.call_back(ROSA.phone, PARTNER)
    eventually(centre.talks, within=20)
    centre.media.key("#")
    given.becomes(call, state="connected")
    centre.go_on()
    call.becomes("answered")
