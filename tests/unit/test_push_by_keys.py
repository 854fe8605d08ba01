"""Keys of the agent in mid-call become pages at the visitor, once each, and a tone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from ari_app.call import Call, CallHungUp, PageSent
from ari_app.client import Conflict
from ari_app.pages import Page, Pages
from ari_app.verbs.pages import serve_keys
from cordboard import keys
from cordboard.events import PagePushed
from support.call_fakes import FakeJournal, FakeServices, new_state
from support.soon import one_turn

ID, VISITOR = str(uuid4()), str(uuid4())
BASKETS = {"id": 1, "subscriber": "pantry", "digits": "12", "title": "Gift baskets"}
DELIVERY = {"id": 2, "subscriber": "pantry", "digits": "15", "title": "Delivery"}
OTHERS = {"id": 3, "subscriber": "halyard", "digits": "16", "title": "Not ours"}


class Journal(FakeJournal):
    def __init__(self) -> None:
        super().__init__()
        self.pushes: list[dict[str, Any]] = []

    def push(self, call_id: str, push: dict[str, Any]) -> None:
        self.pushes.append(push)


class Channel:
    def __init__(self) -> None:
        self.played: list[str] = []
        self.refuses = False

    async def play(self, playback_id: str, media: list[str]) -> None:
        if self.refuses:
            raise Conflict(409, "no")
        self.played.append(media[0].rpartition("/")[2])


class Talk:
    """An agent and a customer who talk, and what the agent keys."""

    def __init__(self, visitor: str = VISITOR) -> None:
        self.services: Any = FakeServices()
        self.journal = self.services.journal = Journal()
        self.channel = Channel()
        self.services.client = SimpleNamespace(channel=lambda _: self.channel)
        self.services.settings = SimpleNamespace(sounds=Path("/sounds"))
        self.services.pages = Pages()
        rows = [
            {**row, "url": f"https://x.example.com/{row['id']}", "framing": "frame"}
            for row in (BASKETS, DELIVERY, OTHERS)
        ]
        self.services.pages.store(rows)
        state = new_state(ID)
        state.visitor, state.agent = visitor, 7
        state.card = {"subscriber": {"code": "pantry"}}
        self.call = Call(state, self.services)
        self.leg = self.call.agent_leg()

    def event(self, kind: str, **more: Any) -> None:
        self.call.inbox.put_nowait({"type": kind, "channel": {"id": self.leg.channel}, **more})

    async def key(self, *sequences: str) -> None:
        """Key sequences, then hang up."""
        talk = asyncio.create_task(serve_keys(self.call, within=5))
        # Keys from before the contact are forgotten as it begins.
        await one_turn()
        for digit in "".join(sequences):
            self.event("ChannelDtmfReceived", digit=digit)
        self.event("ChannelDestroyed")
        await talk

    def told(self, stream: str) -> list[dict[str, Any]]:
        """Events of a stream, but for what becomes of the legs."""
        added = [args for name, args, _ in self.services.bus.pipe.commands if name == "xadd"]
        told = [fields for name, fields, *_ in added if name == stream]
        return [orjson.loads(e["data"]) for e in told if e["type"] != "leg.changed"]

    def seen(self) -> list[str]:
        return [event["title"] for event in self.told(keys.visitor(VISITOR))]


async def test_a_page_goes_to_the_visitor_the_desk_and_the_record() -> None:
    talk = Talk()
    await talk.key("*12#")
    assert talk.channel.played == ["page-pushed"]
    [arrived], [desk], [record] = (
        talk.told(keys.visitor(VISITOR)),
        talk.told(keys.desk(7)),
        talk.journal.pushes,
    )
    assert arrived["push_id"] == desk["push_id"] == record["id"]
    assert (arrived["title"], arrived["framing"]) == ("Gift baskets", "frame")
    assert (desk["call_id"], desk["origin"], desk["page"]) == (ID, "dtmf", 1)
    assert (record["visitor"], record["page"], record["agent"]) == (VISITOR, 1, 7)
    assert [push["title"] for push in talk.call.state.pushes()] == ["Gift baskets"]


async def test_several_pages_and_the_last_ones_again() -> None:
    talk = Talk()
    await talk.key("*12*15#", "*0#")
    assert talk.seen() == ["Gift baskets", "Delivery"] * 2
    ids = [push["id"] for push in talk.journal.pushes]
    assert len(set(ids)) == 4
    assert talk.channel.played == ["page-pushed"] * 2


async def test_the_same_steps_after_a_crash_give_the_same_ids() -> None:
    first, second = Talk(), Talk()
    await first.key("*12*15#")
    await second.key("*12*15#")
    assert [p["id"] for p in first.journal.pushes] == [p["id"] for p in second.journal.pushes]


@pytest.mark.parametrize("wrong", ["*99#", "*12*99#", "*16#", "*#", "*0#"])
async def test_what_is_no_page_of_this_company_pushes_nothing(wrong: str) -> None:
    talk = Talk()
    await talk.key(wrong)
    assert talk.seen() == []
    assert talk.channel.played == ["page-refused"]


async def test_without_a_web_session_there_is_nobody_to_show_it_to() -> None:
    talk = Talk(visitor="")
    await talk.key("*12#")
    assert talk.journal.pushes == []
    assert talk.channel.played == ["page-refused"]


async def test_keys_from_before_the_contact_push_nothing() -> None:
    talk = Talk()
    for digit in "*12#":
        talk.event("ChannelDtmfReceived", digit=digit)
    talk.call.note_all()
    await talk.key("#")
    assert talk.seen() == []
    assert talk.channel.played == []


async def test_a_tone_that_cannot_be_played_ends_nothing() -> None:
    talk = Talk()
    talk.channel.refuses = True
    await talk.key("*12#", "*15#")
    assert talk.seen() == ["Gift baskets", "Delivery"]


async def test_a_push_from_the_desk_is_what_is_repeated() -> None:
    talk = Talk()
    link = PagePushed(
        ID, str(uuid4()), "A link", "https://x.example.com/l", "desk", 9, None, "window"
    )
    talk.call.inbox.put_nowait(PageSent(link))
    talk.call.inbox.put_nowait(PageSent(link))
    await talk.key("*0#")
    assert talk.seen() == ["A link"]
    assert talk.journal.pushes[0]["page"] is None
    assert len(talk.call.state.pushes()) == 2


async def test_the_customer_leaving_ends_it() -> None:
    talk = Talk()
    talk.call.customer.gone = True
    with pytest.raises(CallHungUp):
        await serve_keys(talk.call, within=5)


def test_pages_are_found_together_or_not_at_all_and_survive_a_restart() -> None:
    pages = Pages()
    pages.store([{**BASKETS, "url": "https://x.example.com", "framing": "window"}])
    again = Pages()
    again.restore(pages.dump().decode())
    assert again.find("pantry", ["12"]) == [
        Page(1, "Gift baskets", "https://x.example.com", "window")
    ]
    assert again.find("pantry", ["12", "15"]) == []
    assert again.find("nobody", ["12"]) == []


async def test_a_call_centre_elsewhere_pushes_too_and_has_no_desk() -> None:
    talk = Talk()
    talk.call.state.agent = 0
    await talk.key("*12#")
    assert talk.seen() == ["Gift baskets"]
    assert talk.told(keys.desk(0)) == []
    assert talk.journal.pushes[0]["agent"] is None
