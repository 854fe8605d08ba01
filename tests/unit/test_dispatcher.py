"""Events find the inbox of their call."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

import pytest

from ari_app.call import Call, CallHungUp, CardChanged
from ari_app.dispatcher import Dispatcher, call_of_name
from ari_app.flow import Flow
from support.call_fakes import FakeJournal, FakeServices, new_state

ID = "5b723c90-89b9-4657-8f2e-f08eb88966e2"


def event(kind: str, channel: str) -> dict[str, Any]:
    return {"type": kind, "channel": {"id": channel}}


async def waits(call: Call) -> None:
    await call.until(lambda: False, within=5)


async def nothing(call: Call) -> None:
    """Do nothing."""


FLOW = Flow("test", (waits,), give_up=nothing, clean_up=(nothing,))


@pytest.fixture
def call() -> Call:
    return Call(new_state(ID, channel="caller-1"), FakeServices().as_services())


@pytest.fixture
def dispatcher(call: Call) -> Dispatcher:
    dispatcher = Dispatcher(lambda event: (FLOW, call) if event["args"] else None)
    dispatcher.release()
    return dispatcher


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (f"{ID}.agent.1", ID),
        (f"{ID}.play.position-1", ID),
        (f"{ID}.bridge", ID),
        (ID, None),
        ("1700000000.12", None),
        ("x" * 36 + ".agent.1", None),
        ("", None),
    ],
)
def test_ids_of_ours_name_their_call(name: str, found: str | None) -> None:
    assert call_of_name(name) == found


async def test_an_event_reaches_its_call_by_channel_and_by_name(
    dispatcher: Dispatcher, call: Call
) -> None:
    dispatcher.calls[ID] = call
    dispatcher.adopt(FLOW, call)
    for name in ("caller-1", f"{ID}.agent.1"):
        dispatcher.take(event("ChannelDestroyed", name))
    dispatcher.take({"type": "PlaybackFinished", "playback": {"id": f"{ID}.play.x"}})
    assert call.inbox.qsize() == 3
    await dispatcher.stop()


async def test_events_of_nobody_are_dropped(dispatcher: Dispatcher) -> None:
    dispatcher.take(event("ChannelDestroyed", "stranger"))
    dispatcher.take(event("ChannelDestroyed", f"{uuid4()}.agent.1"))
    dispatcher.take({"type": "ApplicationReplaced"})
    assert not dispatcher.calls


async def test_a_caller_begins_a_call_and_a_refused_one_does_not(dispatcher: Dispatcher) -> None:
    dispatcher.take({**event("StasisStart", "stranger"), "args": []})
    assert not dispatcher.calls
    dispatcher.take({**event("StasisStart", "caller-1"), "args": ["test"]})
    assert list(dispatcher.calls) == [ID]
    await dispatcher.stop()


async def test_held_events_are_handed_out_in_order(dispatcher: Dispatcher, call: Call) -> None:
    dispatcher.hold()
    dispatcher.adopt(FLOW, call)
    first, second = event("StasisStart", f"{ID}.agent.1"), event("StasisEnd", f"{ID}.agent.1")
    dispatcher.take(first)
    dispatcher.take(second)
    assert call.inbox.empty()
    dispatcher.release()
    assert [call.inbox.get_nowait(), call.inbox.get_nowait()] == [first, second]
    await dispatcher.stop()


async def test_a_verb_that_waits_learns_that_the_caller_left(call: Call) -> None:
    call.inbox.put_nowait(event("StasisEnd", "caller-1"))
    with pytest.raises(CallHungUp):
        await call.until(lambda: False, within=5)


async def test_nothing_that_arrived_while_a_verb_was_busy_is_missed(call: Call) -> None:
    leg = call.agent_leg()
    call.inbox.put_nowait(
        {**event("ChannelDestroyed", leg.channel), "cause": 17, "tech_cause": 486}
    )
    call.inbox.put_nowait({"type": "PlaybackFinished", "playback": {"id": "p"}})
    assert await call.until(lambda: "p" in call.finished_playbacks, within=5)
    assert (leg.gone, leg.cause, leg.tech_cause) == (True, 17, 486)


async def test_a_deadline_ends_the_wait(call: Call) -> None:
    assert not await call.until(lambda: False, within=0.01)


def test_keys_are_kept_with_their_leg_until_somebody_takes_them(call: Call) -> None:
    leg = call.agent_leg()
    for key in "*12#":
        call.note({**event("ChannelDtmfReceived", leg.channel), "digit": key})
    call.note({**event("ChannelDtmfReceived", "somebody-else"), "digit": "9"})
    assert [key.digit for key in leg.keyed] == list("*12#")
    assert not call.customer.keyed
    assert "digit" not in repr(leg.keyed)


def test_the_end_of_an_agents_leg_is_recorded_though_the_call_has_gone_on(call: Call) -> None:
    call.state.attempt = 1
    first = call.agent_leg()
    call.state.attempt = 2
    second = call.agent_leg()
    for kind in ("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"):
        call.note(event(kind, first.channel))
    journal = cast(FakeJournal, call.services.journal)
    ((channel, changed),) = journal.entries
    assert channel == first.channel
    assert changed["ended_ms"]
    assert not second.ended


def test_an_offer_presented_instead_has_no_code_of_the_one_before(call: Call) -> None:
    call.note(CardChanged({"dispositions": {"sales": "DECLINED"}, "cti": {"ANI": "+1"}}))
    instead = {"dispositions": {}, "cti": {"SALES_OFFER_CODE": "B"}}
    call.note(CardChanged(instead, ("dispositions",)))
    assert call.state.card["dispositions"] == {}
    assert call.state.card["cti"] == {"ANI": "+1", "SALES_OFFER_CODE": "B"}


@pytest.mark.parametrize("kind", ["RecordingFinished", "RecordingFailed"])
async def test_the_end_of_a_recording_reaches_its_call(
    call: Call, dispatcher: Dispatcher, kind: str
) -> None:
    dispatcher.adopt(FLOW, call)
    name = f"{ID}.record.name-1"
    dispatcher.take({"type": kind, "recording": {"name": name}})
    call.note_all()
    assert call.recorded == {name}
    await dispatcher.stop()
