"""Parts of the flow for calls to customers, without Asterisk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from ari_app import runner
from ari_app.agents import Agents
from ari_app.call import Call, CallDeclined, EndAsked
from ari_app.callers import new_callback
from ari_app.flows import FLOWS, callback
from ari_app.groups import Group, Groups
from ari_app.leg import Leg
from ari_app.state import from_hash
from ari_app.verbs import fate, hold
from ari_app.verbs.dial_customer import _fate, await_answer, dial
from ari_app.verbs.seal import seal, sealed, unseal
from ari_app.verbs.sign_on import _accepts, _take_entry, sign_on
from cordboard.acd import WaitingCall, needed_skills, queue_score
from cordboard.identity import hash_pin
from support.call_fakes import FakeServices
from support.soon import one_turn

ID = str(uuid4())
RULE = {"subject": "ORDERS", "name": "Orders", "group": "pantry-orders", "sign_on": "pin"}
ATTEMPT: dict[str, Any] = {
    "id": ID,
    "request": str(uuid4()),
    "number": "+13125550150",
    "subscriber": {"code": "pantry", "name": "Corner Pantry"},
    "visitor": str(uuid4()),
    "rule": RULE,
    "entered_ms": 5,
}
CARD = {
    "id": ID,
    "ani": "+13125550150",
    "customer": {"name": "Rosa Klein"},
    "subscriber": {"code": "pantry", "name": "Corner Pantry"},
    "queue": {"code": "pantry-orders"},
    "web": {"subject": "Orders", "subject_code": "ORDERS", "note": "Two baskets"},
    "cti": {"SUBSCRIBER": "pantry", "SUBJECT": "ORDERS", "ANI": "+13125550150", "CALL_ID": ID},
    "codes": {"sales": [], "service": []},
}


class Journal:
    def __getattr__(self, name: str) -> Any:
        return lambda *args, **changed: None


def begin(**changed: Any) -> Call:
    services: Any = FakeServices()
    services.journal = Journal()
    _, call = new_callback({**ATTEMPT, **changed}, services)
    return call


def key(leg: Leg, digits: str) -> list[dict[str, Any]]:
    kind = "ChannelDtmfReceived"
    return [{"type": kind, "channel": {"id": leg.channel}, "digit": digit} for digit in digits]


def test_an_attempt_becomes_a_call_under_its_own_id() -> None:
    flow, call = new_callback(ATTEMPT, begin().services)
    assert flow is FLOWS["callback"]
    assert (call.id, call.state.channel) == (ID, f"{ID}.customer.1")
    assert (call.state.entered_ms, call.state.visitor) == (5, ATTEMPT["visitor"])
    assert not call.customer.answered


@pytest.mark.parametrize("what", [*fate.TOLD_TO_AGENT])
def test_the_desk_has_words_for_whatever_became_of_the_customer(what: str) -> None:
    call = begin()
    call.state.fate = what
    reason = fate.why_withdrawn(call)
    words = Path("webdesk/static/desk/desk.js").read_text()
    assert f'  {reason}: "' in words


def test_it_is_the_same_when_it_is_read_again() -> None:
    state = begin().state
    text = {
        k: v.decode() if isinstance(v, bytes) else str(v) for k, v in state.hash_fields().items()
    }
    assert from_hash(text) == state


@pytest.mark.parametrize("changed", [{"number": "911"}, {"rule": {}}, {"id": "x"}])
def test_what_cannot_be_dialled_is_no_call(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=" "):
        begin(**changed)


def test_a_sealed_card_says_nothing_of_the_customer() -> None:
    told = str(sealed(CARD, "pin"))
    assert not [word for word in ("Rosa", "3125550150", "baskets") if word in told]
    assert sealed(CARD, "pin")["sign_on"] == "pin"


async def test_the_card_is_whole_after_signing_on_and_sealed_for_the_next_agent() -> None:
    call = begin()
    call.state.withheld = dict(CARD)
    seal(call)
    assert "ani" not in call.state.card
    await unseal(call)
    assert call.state.card["customer"] == {"name": "Rosa Klein"}
    assert call.state.card["sign_on"] is None
    call.state.change_card({"note": "looked up meanwhile"})
    seal(call)
    assert not call.state.signed_on_ms
    assert "note" not in call.state.card
    assert call.state.withheld["note"] == "looked up meanwhile"


@pytest.mark.parametrize(("entry", "taken"), [("4711", True), ("4712", False), ("", False)])
def test_a_pin_is_compared_with_the_agents_own(entry: str, taken: bool) -> None:
    call = begin()
    services: Any = call.services
    secret = type("Key", (), {"get_secret_value": lambda self: "k"})()
    services.settings = type("Settings", (), {"ssn_key": secret})()
    services.agents = type("Agents", (), {"pins": {7: hash_pin("4711", b"k")}})()
    call.state.agent = 7
    assert _accepts(call, entry) is taken
    call.state.agent = 8
    assert not _accepts(call, entry), "an agent without a PIN cannot sign on by one"


async def test_a_centre_elsewhere_cannot_sign_on_by_a_pin_that_nobody_knows() -> None:
    call = begin(rule={**RULE, "group": None, "external": "+12025550190"})
    call.agent_leg().answered = True
    assert await sign_on(call) == "rejected"
    assert not call.state.signed_on_ms


def test_an_entry_ends_at_its_key_and_the_next_begins_after_it() -> None:
    call = begin()
    for event in key(call.agent_leg(), "47#11#"):
        call.note(event)
    leg = call.agent_leg()
    assert [_take_entry(leg), _take_entry(leg), _take_entry(leg)] == ["47", "11", ""]


async def test_0_ends_the_call_only_once_the_customer_waits() -> None:
    call = begin(proof_code="1000")
    call.customer.answered = True
    call.state.answered_ms = 1
    for event in key(call.customer, "0"):
        call.inbox.put_nowait(event)
    assert not await call.until(lambda: False, within=0.01), "it may be part of the code"
    call.state.proved_ms = 2
    with pytest.raises(CallDeclined):
        await call.until(lambda: False, within=1)
    call.state.connected_ms = 3
    assert not await call.until(lambda: False, within=0.01), "in the talk it is a key like others"


async def test_whoever_asks_for_the_end_gets_it_at_any_step() -> None:
    call = begin()
    call.inbox.put_nowait(EndAsked())
    with pytest.raises(CallDeclined):
        await call.until(lambda: False, within=1)


async def test_of_two_sides_that_wait_neither_misses_what_the_other_reads() -> None:
    call = begin()
    agent = call.agent_leg()
    sides = [
        asyncio.create_task(call.until(lambda leg=leg: leg.answered, within=5))
        for leg in (call.customer, agent)
    ]
    await one_turn()
    for leg in (agent, call.customer):
        call.inbox.put_nowait({"type": "StasisStart", "channel": {"id": leg.channel}})
    assert await asyncio.gather(*sides) == [True, True]


async def test_when_the_one_who_reads_gives_up_the_other_goes_on() -> None:
    call = begin()
    impatient = asyncio.create_task(call.until(lambda: False, within=0.01))
    patient = asyncio.create_task(call.until(lambda: call.customer.answered, within=5))
    assert not await impatient
    call.inbox.put_nowait({"type": "StasisStart", "channel": {"id": call.customer.channel}})
    assert await patient


@pytest.mark.parametrize(
    ("cause", "tech_cause", "fate"),
    [
        (17, 486, "busy"),
        (17, 0, "busy"),
        (21, 603, "refused"),
        (21, 0, "refused"),
        (19, 480, "no_answer"),
        (0, 0, "no_answer"),
        (1, 404, "failed"),
        (34, 503, "failed"),
    ],
)
def test_what_the_end_of_a_leg_means(cause: int, tech_cause: int, fate: str) -> None:
    leg = Leg("x", "customer", dialled=True, gone=True, cause=cause, tech_cause=tech_cause)
    assert _fate(begin(), leg) == fate


class Channel:
    """Remembers what it was told to do."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def command(*args: Any, **options: Any) -> None:
            self.done.append(name)

        return command


def with_asterisk(call: Call, *, taken_back: bool = False) -> Channel:
    channel, services = Channel(), cast("Any", call.services)
    channel.channel = lambda _: channel  # type: ignore[attr-defined]
    services.client = channel

    class Cards:
        async def taken_back(self, call_id: str) -> bool:
            return taken_back

    services.cards = Cards()
    return channel


async def test_a_phone_that_rings_stops_when_the_request_is_taken_back() -> None:
    call = begin()
    channel = with_asterisk(call)
    call.inbox.put_nowait(EndAsked())
    async with asyncio.timeout(1):
        assert await await_answer(call) == "cancelled"
    assert channel.done == ["hangup"]


@pytest.mark.parametrize("told", [True, False])
async def test_what_was_taken_back_before_it_was_dialled_is_not(told: bool) -> None:
    call = begin()
    channel = with_asterisk(call, taken_back=not told)
    if told:
        call.inbox.put_nowait(EndAsked())
    with pytest.raises(CallDeclined):
        await dial(call)
    assert not channel.done
    assert not call.state.dialled_ms


async def test_nobody_is_connected_past_the_question_for_the_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def announced(call: Call) -> bool:
        return True

    monkeypatch.setattr(callback, "announce_to_agent", announced)
    call = begin(proof_code="1000")
    call.state.answered_ms = 1
    assert await callback.announce(call) == "greet"
    call.state.greeted_ms = 2
    assert await callback.announce(call) is None


async def test_a_place_that_was_kept_does_not_make_skills_count_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entered: list[WaitingCall] = []

    class Acd:
        def enter(self, waiting: WaitingCall, deliver: object) -> None:
            entered.append(waiting)

        def leave(self, call_id: str) -> None:
            """Not in a queue any more."""

    async def nothing(call: Call) -> None:
        """There is no Asterisk."""

    for verb in ("give_sign_of_life", "play_music", "_pass_the_time"):
        monkeypatch.setattr(hold, verb, nothing)
    call = begin()
    services = cast("Any", call.services)
    services.acd, services.groups = Acd(), Groups({"": Group("", relax_s=30)})
    services.agents = Agents(services.bus)
    call.state.needs = {"es": 9}
    assert not await hold.wait_for_agent(call)
    (waiting,) = entered
    assert needed_skills(waiting, call.state.started_ms + 1000) == {"es": 9}
    assert waiting.score == queue_score(0, 5), "the place is the old one"


@pytest.mark.parametrize(("ended", "became"), [(False, "answered"), (True, "hung_up")])
async def test_whom_the_plain_queue_has_is_not_called_again(
    monkeypatch: pytest.MonkeyPatch, ended: bool, became: str
) -> None:
    monkeypatch.setattr(fate, "NEWS_S", 0.01)
    call = begin()
    channel = with_asterisk(call)
    call.state.answered_ms = 1
    call.customer.answered = call.customer.gone = True
    call.customer.ended = ended
    await fate.end_unanswered(call)
    await fate.settle_at_last(call)
    assert call.state.fate == became
    assert "hangup" not in channel.done


async def test_nobody_stays_bound_by_a_call_whose_steps_and_clean_up_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever of it can be done is done: the attempt ends, and the call is forgotten."""
    monkeypatch.setattr(runner, "AGAIN_S", 0.001)
    call, told = begin(), []

    class Telling:
        def __getattr__(self, kind: str) -> Any:
            return lambda *args, **changed: told.append((kind, changed))

    # There is neither an ACD nor an Asterisk: every part that needs one fails.
    cast("Any", call.services).journal = Telling()
    call.customer.answered = True
    await runner.run(FLOWS["callback"], call)
    assert ("attempt", "ended", "failed") in [
        (k, c.get("state"), c.get("outcome")) for k, c in told
    ]
    assert "delete" in [name for name, *_ in cast("Any", call.services).bus.pipe.commands]
