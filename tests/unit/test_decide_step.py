"""The steps ``decide`` and ``present`` of a call, without Asterisk and without a database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from ari_app.acd import Acd
from ari_app.agents import Agent, Agents
from ari_app.call import Call, CallHungUp
from ari_app.callers import new_callback
from ari_app.flows import callback
from ari_app.groups import Group, Groups
from ari_app.resources import resources
from ari_app.verbs import present
from ari_app.verbs.decide import make_decision, question_of
from ari_app.verbs.present import present_offer, text_of
from ari_app.verbs.seal import seal
from cordboard.acd import WaitingCall
from cordboard.agent_state import State
from cordboard.decided_card import changes, filled_url
from cordboard.decision import Decision, Question, decide
from cordboard.decision_facts import Facts, Offer, Policy, Ranked
from cordboard.tts import SpeechError
from decider import DeciderAway
from support.call_fakes import FakeServices, new_state

ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
SALES = Offer(
    1,
    "HAL-FIBER",
    "sales",
    "Fiber",
    url="https://x.example/{customer}/{account}?call={call}",
    channels=("agent", "ivr"),
    group="halyard-sales",
    skill="fiber",
    value_cents=18000,
    ivr_text="{first_name}, {subscriber} has fiber for you.",
)
CARE = Offer(2, "HAL-CARE", "service", "Care", channels=("agent",))
FACTS = Facts(
    customer=7,
    attributes={},
    offers=(SALES, CARE),
    build=1,
    ranked={1: Ranked(1, 0.1), 2: Ranked(2, 0.3)},
)
CARD: dict[str, Any] = {
    "id": ID,
    "subscriber": {"code": "halyard", "name": "Halyard Telecom"},
    "customer": {"id": 7, "code": "H7", "name": "Dana Reed", "account": "40010001"},
    "identified_by": ["account", "ssn"],
    "queue": {"code": "halyard-service", "name": "Service"},
    "offers": [
        {"kind": "service", "code": "HAL-OLD", "title": "Old", "url": "https://x.example/old"}
    ],
    "cti": {"SERVICE_OFFER_CODE": "HAL-OLD", "SERVICE_OFFER_URL": "https://x.example/old"},
}


class Journal:
    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: self.told.append((name, [*args[1:], *more.values()]))

    def kinds(self) -> list[str]:
        return [name for name, _ in self.told]


class Decides:
    """A decider that knows ``FACTS``."""

    def __init__(self, facts: Facts = FACTS) -> None:
        self.facts = facts
        self.asked: list[Question] = []
        self.away = False

    async def decide(self, question: Question, facts: Facts | None = None) -> Decision:
        self.asked.append(question)
        if self.away:
            raise DeciderAway("slow today")
        return decide(question, facts or self.facts, Random(1))


class Line:
    """The caller's telephone: plays at once, and the caller keys what ``keys`` says meanwhile."""

    def __init__(self) -> None:
        self.call: Call | None = None
        self.played: list[str] = []
        self.keys: dict[str, str] = {}
        self.hangs_up_during = ""
        self.state = "done"

    def channel(self, name: str) -> Any:
        return SimpleNamespace(play=self.play, set_variables=self.set_variables)

    async def set_variables(self, variables: dict[str, str]) -> None:
        """Heard."""

    async def play(self, name: str, media: list[str]) -> None:
        assert self.call is not None
        sound = Path(media[-1]).name
        self.played.append(sound)
        inbox, channel = self.call.inbox, {"channel": {"id": self.call.state.channel}}
        if sound == self.hangs_up_during:
            inbox.put_nowait({"type": "StasisEnd", **channel})
        elif sound in self.keys:
            digit = self.keys[sound]
            inbox.put_nowait({"type": "ChannelDtmfReceived", "digit": digit, **channel})
        else:
            finished = {"id": name, "state": self.state}
            inbox.put_nowait({"type": "PlaybackFinished", "playback": finished})

    async def nothing(self, method: str, path: str, *args: Any) -> None:
        """Stop a playback."""

    @property
    def http(self) -> Any:
        return SimpleNamespace(request=self.nothing)


def agent(number: int, state: State, *groups: str, skills: tuple[str, ...] = ()) -> Agent:
    return Agent(
        number,
        "Ava",
        f"a{number}",
        f"phone-a{number}",
        dict.fromkeys(groups, 1),
        dict.fromkeys(skills, 1),
        state=state,
        registered=True,
    )


def begin(*agents: Agent, facts: Facts = FACTS, **card: Any) -> Call:
    services: Any = FakeServices()
    services.journal = Journal()
    services.agents = Agents(services.bus, by_id={a.id: a for a in agents})
    services.acd = Acd(services.agents)
    services.client = Line()
    services.decider = Decides(facts)
    services.settings = SimpleNamespace(sounds=Path("/sounds"))
    services.groups = Groups(
        {
            code: Group(code, code.title(), subscriber="halyard", requires_code=required)
            for code, required in (("halyard-service", True), ("halyard-sales", False))
        }
    )
    state = new_state(ID)
    state.card = {**CARD, **card}
    state.group = "halyard-service"
    call = services.client.call = Call(state, services)
    return call


def decided(call: Call) -> dict[str, Any]:
    asyncio.run(make_decision(call))
    return dict(call.state.card)


FREE = agent(1, State.AVAILABLE, "halyard-sales", skills=("fiber",))
BUSY = agent(2, State.ON_CALL, "halyard-service")


def test_the_call_goes_to_the_group_that_can_present_it() -> None:
    call = begin(FREE, BUSY)
    card = decided(call)
    assert call.state.group == "halyard-sales"
    assert call.state.needs == {"fiber": 9}
    assert card["queue"] == {"code": "halyard-sales", "name": "Halyard-Sales"}
    assert card["required"] == [], "that group wants no code"
    assert [(o["kind"], o["code"], o["rank"]) for o in card["offers"]] == [
        ("sales", "HAL-FIBER", 1),
        ("service", "HAL-CARE", 2),
    ]
    assert card["cti"] == {
        "QUEUE": "halyard-sales",
        "SALES_OFFER_CODE": "HAL-FIBER",
        "SALES_OFFER_URL": f"https://x.example/H7/40010001?call={ID}",
        "SERVICE_OFFER_CODE": "HAL-CARE",
    }, "what the IVR attached is replaced, its address too"
    assert card["decision"]["route"]["why"] == "agents_free"
    assert [(e["code"], e["attached"], e["presented"]) for e in card["ranking"]] == [
        ("HAL-FIBER", True, None),
        ("HAL-CARE", True, None),
    ]
    assert call.services.journal.kinds() == ["decision", "event"]  # type: ignore[attr-defined]


def test_run_again_after_a_crash_it_decides_once() -> None:
    call = begin(FREE, BUSY)
    first = decided(call)["decision"]
    assert decided(call)["decision"] == first
    assert call.state.group == "halyard-sales"
    assert len(call.services.decider.asked) == 1  # type: ignore[attr-defined]


def test_a_decider_that_is_away_costs_the_decision_alone() -> None:
    call = begin(FREE)
    call.services.decider.away = True  # type: ignore[attr-defined]
    assert decided(call) == CARD
    assert call.state.group == "halyard-service"
    assert call.services.journal.told == []  # type: ignore[attr-defined]


def test_nobody_known_is_not_asked_about() -> None:
    call = begin(FREE, customer=None)
    assert "decision" not in decided(call)
    assert call.services.decider.asked == []  # type: ignore[attr-defined]


def test_an_offer_that_may_not_be_made_is_taken_off() -> None:
    facts = replace(FACTS, offers=(SALES, replace(CARE, active=False)), failure="OUT")
    card = decided(begin(FREE, facts=facts))
    assert card["offers"] == []
    assert card["cti"] == {}
    assert [e["why"] for e in card["ranking"]] == ["outage", "not_active"]


def test_what_was_read_with_the_card_is_used() -> None:
    call = begin(FREE)
    call.facts = replace(FACTS, failure="OUT")
    assert decided(call)["ranking"][0]["why"] == "eligible"
    assert decided(call)["ranking"][1]["why"] == "outage"


@pytest.mark.parametrize(
    ("known", "kinds"),
    [
        (["ani"], ("service",)),
        (["account"], ("service",)),
        (["ssn"], ("sales",)),
        (["ani", "ssn"], ("sales", "service")),
        (["code"], ("sales", "service")),
        ([], ()),
    ],
)
def test_what_identification_allows(known: list[str], kinds: tuple[str, ...]) -> None:
    call = begin(identified_by=known)
    call.state.menu_choice = "service"
    asked = question_of(call)
    assert asked.kinds == kinds
    assert (asked.reason, asked.group, asked.customer) == ("service", "halyard-service", 7)
    assert set(asked.resources) == {"halyard-service", "halyard-sales"}


def test_resources() -> None:
    call = begin(
        FREE,
        agent(3, State.ON_CALL, "halyard-sales", skills=("fiber", "tv")),
        agent(4, State.OFFLINE, "halyard-sales", skills=("tv",)),
        agent(5, State.AVAILABLE, "halyard-sales", "halyard-service"),
    )
    acd = call.services.acd
    acd.claiming.add(5)
    acd.enter(WaitingCall("w", "halyard-service", 0, 0), lambda agent: None)
    seen = resources(acd, ["halyard-sales", "halyard-service", "halyard-night"])
    assert seen["halyard-sales"] == {
        "free": 1,
        "skills": {"fiber": 1},
        "wait_s": 0.0,
        "skill_waits": {"fiber": 0.0, "tv": 240.0},
    }
    assert (seen["halyard-service"]["free"], seen["halyard-service"]["wait_s"]) == (0, 480.0)
    assert seen["halyard-night"] == {"free": 0, "skills": {}, "wait_s": None, "skill_waits": {}}


def test_an_offer_whose_page_is_open_stays_on_the_card() -> None:
    opened = {**CARD["offers"][0], "opened": "2026-05-05T12:00:00.000Z"}
    record = {"id": "d", "ranking": [], "chosen": {"service": None}, "route": {}, "explored": False}
    assert changes({**CARD, "offers": [opened]}, record, required=True)["offers"] == [opened]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/" + "a" * 250, "https://x.example/ b", ""]
)
def test_an_address_that_cannot_travel_is_none(url: str) -> None:
    assert filled_url(url, CARD) == ""


ATTEMPT: dict[str, Any] = {
    "id": ID,
    "request": ID,
    "number": "+12125550140",
    "subscriber": {"code": "halyard", "name": "Halyard Telecom"},
    "rule": {"subject": "SUPPORT", "name": "Support", "group": "halyard-service", "sign_on": "pin"},
    "entered_ms": 5,
}


def test_a_call_to_a_customer_is_decided_behind_the_seal() -> None:
    """The agent sees nothing of it before signing on; the subject is not left for an offer."""
    services = begin(FREE, BUSY).services
    _, call = new_callback(ATTEMPT, services)
    call.state.withheld = {**CARD, "identified_by": ["code"]}
    seal(call)
    assert asyncio.run(callback.decide(call)) is None
    (asked,) = services.decider.asked  # type: ignore[attr-defined]
    assert (asked.ivr, asked.reason, asked.kinds) == (False, "SUPPORT", ("sales", "service"))
    assert call.state.group == "halyard-service"
    why = {e["code"]: e["why"] for e in call.state.withheld["ranking"]}
    assert why == {"HAL-FIBER": "reason_for_call", "HAL-CARE": "eligible"}
    assert [o["code"] for o in call.state.withheld["offers"]] == ["HAL-CARE"]
    assert "ranking" not in call.state.card
    assert "decision" not in call.state.card


# --- present -------------------------------------------------------------------------------------


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Nobody who can present the offer is free: the IVR is to do it."""

    async def spoken(call: Call, texts: list[str]) -> list[str]:
        return ["sound:/spoken/offer" for _ in texts]

    monkeypatch.setattr(present, "speak", spoken)
    monkeypatch.setattr(present, "THINK_S", 0.01)
    call = begin(BUSY, agent(3, State.ON_CALL, "halyard-sales", skills=("fiber",)))
    decided(call)
    assert call.state.card["decision"]["route"]["to"] == "ivr"
    call.services.journal.told.clear()  # type: ignore[attr-defined]
    return call


def line(call: Call) -> Line:
    found: Any = call.services.client
    return found  # type: ignore[no-any-return]


def told(call: Call, kind: str) -> list[Any]:
    return [what for name, what in call.services.journal.told if name == kind]  # type: ignore[attr-defined]


def test_silence_goes_on(call: Call) -> None:
    asyncio.run(present_offer(call))
    assert line(call).played == ["offer", "offer-answers"]
    assert told(call, "exposure") == [[SALES.id, "ivr"]]
    assert told(call, "disposition") == []
    assert call.state.group == "halyard-service"


@pytest.mark.parametrize("during", ["offer", "offer-answers"])
@pytest.mark.parametrize(
    ("key", "answer", "code", "thanks"),
    [
        ("1", "interested", "SYS_IVR_ACCEPTED", "offer-interested"),
        ("2", "not_interested", "SYS_IVR_DECLINED", "offer-declined"),
        ("3", "later", "SYS_IVR_LATER", "offer-later"),
    ],
)
def test_a_key_answers_at_any_time(
    call: Call, during: str, key: str, answer: str, code: str, thanks: str
) -> None:
    line(call).keys = {during: key}
    asyncio.run(present_offer(call))
    assert line(call).played[-1] == thanks
    assert told(call, "exposure") == [[SALES.id, "ivr"]], "who answered was asked"
    assert told(call, "disposition") == [[0, "sales", code, f"{ID}:ivr:1", "HAL-FIBER"]]
    assert call.state.card["cti"]["OFFER_ANSWER"] == answer
    assert call.state.card["dispositions"] == {"sales": code}
    assert told(call, "call") == [[{"OFFER_ANSWER": answer}]]
    interested = answer == "interested"
    assert call.state.group == ("halyard-sales" if interested else "halyard-service")
    assert call.state.needs == ({"fiber": 9} if interested else {})
    entry = call.state.card["ranking"][0]
    assert (entry["presented"], entry["answer"]) == ("ivr", answer)


def test_whoever_is_interested_stays_where_somebody_is(call: Call) -> None:
    call.services.agents.by_id.pop(3)
    line(call).keys = {"offer": "1"}
    asyncio.run(present_offer(call))
    assert call.state.group == "halyard-service"


def test_zero_goes_to_a_person_at_once(call: Call) -> None:
    line(call).keys = {"offer": "0"}
    asyncio.run(present_offer(call))
    assert line(call).played == ["offer"]
    assert told(call, "exposure") == [], "it was not heard to its end"
    assert "OFFER_ANSWER" not in call.state.card["cti"]


def test_other_keys_mean_nothing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    line(call).keys = {"offer-answers": "7"}
    monkeypatch.setattr(present, "LONGEST_QUESTION_S", 0.01)
    asyncio.run(present_offer(call))
    assert told(call, "disposition") == []


@pytest.mark.parametrize(("during", "exposures"), [("offer", 0), ("offer-answers", 1)])
def test_hanging_up(call: Call, during: str, exposures: int) -> None:
    line(call).hangs_up_during = during
    with pytest.raises(CallHungUp):
        asyncio.run(present_offer(call))
    assert len(told(call, "exposure")) == exposures


def test_what_could_not_be_played_was_not_presented(call: Call) -> None:
    line(call).state = "failed"
    asyncio.run(present_offer(call))
    assert told(call, "exposure") == []


def test_run_again_after_a_crash_it_is_not_played_again(call: Call) -> None:
    line(call).hangs_up_during = "offer"
    with pytest.raises(CallHungUp):
        asyncio.run(present_offer(call))
    asyncio.run(present_offer(call))
    assert line(call).played == ["offer"]


def test_that_it_begins_is_stored_before_it_is_heard(call: Call) -> None:
    seen: list[Any] = []

    async def flush() -> None:
        seen.append((bool(call.state.presented_ms), list(line(call).played)))

    call.services.bus.flush = flush  # type: ignore[method-assign]
    asyncio.run(present_offer(call))
    assert seen == [(True, [])]


def test_without_speech_the_call_goes_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(call: Call, texts: list[str]) -> list[str]:
        raise SpeechError("no voice")

    monkeypatch.setattr(present, "speak", broken)
    asyncio.run(present_offer(call))
    assert line(call).played == []
    assert call.state.presented_ms == 0


def test_what_is_said() -> None:
    assert text_of(SALES.ivr_text, CARD) == "Dana, Halyard Telecom has fiber for you."
    assert text_of("{first_name}, hello {x}.", {}) == "hello ."


def test_a_policy_without_ivr_presents_nothing() -> None:
    call = begin(BUSY, facts=replace(FACTS, policy=Policy(ivr_presentation=False)))
    decided(call)
    asyncio.run(present_offer(call))
    assert line(call).played == []
