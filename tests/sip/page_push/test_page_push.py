"""``*12#`` on the agent's phone shows a page to the visitor, tells the agent, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from cordboard.agent_state import State
from cordboard.sipp import Party, eventually
from cordboard.sipp.media import loudness, share_of
from support import stack as local
from support.agent import Agent
from support.callbacks import Callback
from support.people import DANA, ROSA
from support.world import Given

PUSHED_HZ, REFUSED_HZ = 1000, 350
#: What the agent speaks meanwhile, so that the customer's line is never silent.
VOICE_HZ = 500

BASKETS, DELIVERY = "Gift baskets", "Delivery areas and times"


@dataclass
class WebTalk:
    """An agent and a customer who came from a web page, in contact."""

    given: Given
    agent: Agent
    customer: Party
    call: Callback

    def key(self, digits: str, tone_hz: int) -> None:
        """The agent keys, and hears this tone."""
        self.agent.phone.media.key(digits)
        hears(self.agent, tone_hz)

    def customer_hears_the_agent(self) -> None:
        """Voice and nothing else, for half a second."""
        eventually(lambda: self.customer.media.hears(VOICE_HZ), what="the customer hears the agent")

    def told(self) -> list[dict[str, Any]]:
        """What the visitor's browsers were told of pages, in order."""
        return [data for kind, data in self.call.told() if kind == "page.pushed"]

    def shown(self) -> list[str]:
        """Titles of these pages."""
        return [data["title"] for data in self.told()]

    def stored(self) -> list[dict[str, Any]]:
        return self.given.database.rows(
            "SELECT p.id::text, p.title, u.username, p.visitor_id::text, p.origin::text"
            " FROM page_push p LEFT JOIN user_account u ON u.id = p.agent_id WHERE call_id = %s",
            self.call.id,
        )

    def desk_events(self) -> list[str]:
        """Types of what the agent's desk was told of this call."""
        return [kind for kind, data in self.agent.told() if data.get("call_id") == self.call.id]


def hears(agent: Agent, hz: int, within: float = 3.0) -> None:
    eventually(
        lambda: agent.phone.media.heard_tone(hz),
        within=within,
        what=f"the agent hears a tone of {hz} Hz",
    )


def voiced(packets: list[bytes]) -> int:
    """How many packets are the agent's voice and nothing else."""
    return sum(share_of(VOICE_HZ, packet) > 0.8 for packet in packets)


@pytest.fixture
def talk(given: Given) -> WebTalk:
    gus = given.agent("gus")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    eventually(gus.phone.talks, within=20, what="the agent has answered")
    # What is keyed before the contact pushes nothing; # ends it, and signs on.
    gus.phone.media.key("*12#")
    given.becomes(call, state="connected")
    gus.becomes(State.ON_CALL)
    gus.phone.media.speak(VOICE_HZ)
    found = WebTalk(given, gus, rosa, call)
    found.customer_hears_the_agent()
    return found


def test_pages_by_keys(talk: WebTalk) -> None:
    assert talk.shown() == [], "keys from before the contact push nothing"
    with talk.customer.media.recording() as heard:
        talk.key("*12#", PUSHED_HZ)
        assert talk.shown() == [BASKETS]
        talk.key("*99#", REFUSED_HZ)
        talk.key("*12*15#", PUSHED_HZ)
        talk.key("*0#", PUSHED_HZ)
        eventually(lambda: voiced(heard) > 20, what="the customer goes on hearing the agent")
    assert talk.shown() == [BASKETS, BASKETS, DELIVERY, BASKETS, DELIVERY]

    eventually(lambda: len(talk.stored()) == 5, what="five pushes are stored")
    assert {row["id"] for row in talk.stored()} == {data["push_id"] for data in talk.told()}
    for row in talk.stored():
        who = row["username"], row["visitor_id"], row["origin"]
        assert who == ("gus", talk.call.visitor, "dtmf")
    assert talk.desk_events().count("page.pushed") == 5

    assert b"" not in heard, "digits reached the customer as events"
    for packet in heard:
        for tone in (PUSHED_HZ, REFUSED_HZ):
            assert loudness(packet) < 100 or share_of(tone, packet) < 0.4


def test_keys_that_begin_while_the_tone_plays(talk: WebTalk) -> None:
    keypad = talk.agent.phone.media
    for _ in range(3):
        keypad.key("*12#")
        # Held beyond the tone's end: Asterisk tells of the keys that follow soon after twice.
        keypad.key("*", held=15)
        keypad.key("15#")
    eventually(lambda: len(talk.shown()) == 6, what="each sequence has pushed its page")
    assert talk.shown() == [BASKETS, DELIVERY] * 3


def test_a_silent_customer_and_keys_that_are_not_finished(talk: WebTalk) -> None:
    # The tones must not depend on sound from the other side.
    talk.customer.media.speak(None)
    talk.key("*15#", PUSHED_HZ)
    talk.agent.phone.media.key("*1")
    hears(talk.agent, REFUSED_HZ, within=8)
    assert talk.shown() == [DELIVERY]


def test_the_app_dies_between_two_pushes(talk: WebTalk) -> None:
    talk.key("*12#", PUSHED_HZ)
    settings = talk.given.settings
    killed = local.kill(settings, "ari_app")
    local.wait_until_back(settings, "ari_app", killed)
    talk.customer_hears_the_agent()
    talk.key("*0#", PUSHED_HZ)
    assert talk.shown() == [BASKETS, BASKETS]
    eventually(lambda: len(talk.stored()) == 2, what="both are stored, once each")


def test_a_page_that_is_edited_is_pushed_as_it_is_now(talk: WebTalk) -> None:
    page = {"subscriber_id": 2, "digits": "15"}
    talk.given.pages_change(page, title="Where we deliver")
    talk.key("*15#", PUSHED_HZ)
    talk.given.pages_change(page, active=False)
    talk.key("*15#", REFUSED_HZ)
    assert talk.shown() == ["Where we deliver"]


def test_a_caller_without_a_web_session_has_nobody_to_show_it_to(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    ava.becomes(State.ON_CALL)
    ava.phone.media.key("*12#")
    hears(ava, REFUSED_HZ)
    call.hang_up()
    given.ended(call, "answered")
