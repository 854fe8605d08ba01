"""A call that is to be decided on, without Asterisk and without a database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from ari_app.acd import Acd
from ari_app.agents import Agent, Agents
from ari_app.call import Call
from ari_app.groups import Group, Groups
from ari_app.verbs.decide import make_decision
from cordboard.agent_state import State
from cordboard.decision import Decision, Question, decide
from cordboard.decision_facts import Facts, Offer, Ranked
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
    """Remembers what was told to it."""

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
    """Whose phone is there."""
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
    """Dana's call, in the queue for service, with these agents at work."""
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
    """The card after the step."""
    asyncio.run(make_decision(call))
    return dict(call.state.card)


FREE = agent(1, State.AVAILABLE, "halyard-sales", skills=("fiber",))
BUSY = agent(2, State.ON_CALL, "halyard-service")
