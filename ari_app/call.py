"""One call while it lives: its legs, its stored state, its inbox.

Only the call's own task reads the inbox and changes the call. Each message is noted first
(:meth:`Call.note`), so a verb asks about the state of things and never misses what arrived while it
did something else: ``await call.until(lambda: leg.answered or leg.gone, within=20)``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from ari_app.client import Channel, Event
from ari_app.clock import now_ms
from ari_app.keypad import Key
from ari_app.leg import Leg
from ari_app.state import CallState
from cordboard import attempt
from cordboard.attempt import Attempt
from cordboard.decision_facts import Facts
from cordboard.events import PagePushed
from cordboard.visitor_events import LegChanged, tell_visitor

if TYPE_CHECKING:
    from ari_app.services import Services


#: Q.850 cause of a leg that was hung up in the ordinary way.
NORMAL_CLEARING = 16


class CallHungUp(Exception):
    """The caller is not in our application any more."""


class CallDeclined(CallHungUp):
    """A customer whom we called back pressed 0 while waiting; or somebody asked for the end."""


#: By this key a caller who was offered it leaves the queue to be called back.
CALL_ME_BACK = "1"
#: By this key a customer whom we called back and who waits ends the call.
NO_MORE = "0"


@dataclass(frozen=True, slots=True)
class Assigned:
    """Wakes a call for which the ACD has reserved an agent, see :meth:`Call.assign`."""


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """The state of the call's agent changed."""


@dataclass(frozen=True, slots=True)
class CardChanged:
    """The desk changed fields of the card: an attached look-up, a disposition, a note.

    A part of the card that is merged usually is replaced when ``whole`` names it.
    """

    changed: dict[str, Any]
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageSent:
    """A page was pushed on this call, by its agent's keys or from the desk."""

    push: PagePushed


@dataclass(frozen=True, slots=True)
class EndAsked:
    """Somebody wants this call to end: the visitor, the merchant who took the request back, ops."""


Message = Event | Assigned | AgentMoved | CardChanged | PageSent | EndAsked


@dataclass(slots=True)
class Call:
    """A live call; ``state`` is what would be read again after a crash."""

    state: CallState
    services: Services
    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    customer: Leg = field(init=False)
    order: Attempt | None = field(init=False)
    agent: Leg | None = None
    assigned: int = 0
    agent_moved: bool = False
    signed_ms: int = 0
    found_gone: bool = False
    end_asked: bool = False
    announcement: asyncio.Task[list[str]] | None = None
    playing: str = ""
    _reading: asyncio.Future[None] | None = None
    finished_playbacks: set[str] = field(default_factory=set)
    #: Those that were heard to their end.
    played: set[str] = field(default_factory=set)
    #: Recordings that have ended, or failed.
    recorded: set[str] = field(default_factory=set)
    #: What was read for the decision while the card was read.
    facts: Facts | None = None
    log: Any = field(init=False)

    def __post_init__(self) -> None:
        self.order = attempt.parse(self.state.callback) if self.state.callback else None
        self.customer = Leg(self.state.channel, "customer", answered=self.order is None)
        self.log = structlog.get_logger("ari_app.call").bind(call_id=self.id)

    @property
    def id(self) -> str:
        """The call id."""
        return self.state.id

    @property
    def callback(self) -> Attempt:
        """The attempt that this call is; only calls to a customer are one (``order`` tells)."""
        assert self.order is not None, f"{self.id} is no callback"
        return self.order

    @property
    def channel(self) -> Channel:
        """The caller's channel."""
        return self.services.client.channel(self.state.channel)

    def agent_leg(self) -> Leg:
        """The agent's leg of the current attempt, made anew for each attempt."""
        name = f"{self.id}.agent.{self.state.attempt}"
        if self.agent is None or self.agent.channel != name:
            self.agent = Leg(name, "agent")
        return self.agent

    @property
    def bridge_id(self) -> str:
        """Id of this call's bridge."""
        return f"{self.id}.bridge"

    def assign(self, agent: int) -> None:
        """Take the agent whom the ACD has reserved; known at once, so that none is given back."""
        self.assigned = agent
        self.inbox.put_nowait(Assigned())

    async def until(
        self, condition: Callable[[], bool], *, within: float, without_caller: bool = False
    ) -> bool:
        """Take messages until the condition holds; False when ``within`` seconds passed before.

        Args:
            condition: looked at before the first message and after each.
            within: seconds.
            without_caller: go on although the caller has left.

        Raises:
            CallHungUp: the caller left, or pressed the key for it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not self._holds(condition, without_caller):
                    await self._take_one()
        return self._holds(condition, without_caller)

    async def _take_one(self) -> None:
        """Take the next message. Of two verbs at work one reads; both look again after each."""
        if self._reading is not None:
            await asyncio.shield(self._reading)
            return
        self._reading = asyncio.get_running_loop().create_future()
        try:
            self.note(await self.inbox.get())
        finally:
            self._reading.set_result(None)
            self._reading = None

    def _holds(self, condition: Callable[[], bool], without_caller: bool) -> bool:
        if not without_caller:
            if self.customer.gone:
                raise CallHungUp
            if self.declined:
                raise CallDeclined
        return condition()

    @property
    def declined(self) -> bool:
        """Whether the call is to end: a customer who may do so pressed the key for it, or so."""
        keyed = any(key.digit == NO_MORE for key in self.customer.keyed)
        return self.end_asked or (self.may_decline and keyed)

    @property
    def may_decline(self) -> bool:
        """Whether a key of the customer ends the call now: called back, let in, still waiting."""
        if self.order is None or not self.state.answered_ms or self.state.connected_ms:
            return False
        return bool(self.state.proved_ms) or not self.order.proof_code

    @property
    def wants_callback(self) -> bool:
        """Whether the caller took the offer to be called back instead of waiting."""
        keyed = self.customer.keyed
        return bool(self.state.offered_ms) and any(key.digit == CALL_ME_BACK for key in keyed)

    def tell_visitor_of(self, leg: Leg, state: str) -> None:
        """Tell the visitor's browsers what became of a leg; without a web session nothing."""
        if self.state.visitor:
            event = LegChanged("customer" if leg.role == "customer" else "agent", state)
            tell_visitor(self.services.bus.pipe, self.state.visitor, event)

    def note_all(self) -> None:
        """Take what is in the inbox now, waiting for nothing."""
        while not self.inbox.empty():
            self.note(self.inbox.get_nowait())

    def note(self, message: Message) -> None:
        """Take what a message says into what we know of this call."""
        match message:
            case Assigned():
                pass
            case EndAsked():
                self.end_asked = True
            case AgentMoved():
                self.agent_moved = True
            case CardChanged(changed, whole):
                self.state.change_card(changed, whole)
                self.state.queue_save(self.services.bus.pipe)
            case PageSent(push):
                self.state.add_push(push)
                self.state.queue_save(self.services.bus.pipe)
            case {"type": "PlaybackFinished", "playback": {"id": name, **playback}}:
                self.finished_playbacks.add(name)
                if playback.get("state") == "done":
                    self.played.add(name)
                self._note_silence(message)
            case {"type": "RecordingFinished" | "RecordingFailed", "recording": {"name": name}}:
                self.recorded.add(name)
            case {"channel": {"id": name}}:
                legs = [leg for leg in (self.customer, self.agent) if leg and leg.channel == name]
                for leg in legs or self._former_leg(name):
                    self._note_leg(leg, message)

    def _note_silence(self, event: Event) -> None:
        target = event["playback"].get("target_uri", "").removeprefix("channel:")
        for leg in (self.customer, self.agent):
            if leg and leg.channel == target:
                leg.keypad.sound_ended_ms = _told_ms(event)

    def _former_leg(self, name: str) -> list[Leg]:
        """The leg of an agent from whom the call has gone on, of which the end may yet come."""
        agent = name.startswith(f"{self.id}.agent.")
        return [Leg(name, "agent", answered=True, former=True)] if agent else []

    def _note_leg(self, leg: Leg, event: Event) -> None:
        kind = event["type"]
        if leg.ended or (leg.former and kind != "ChannelDestroyed"):
            return
        if kind == "StasisStart":
            self._note_start(leg, event)
        elif kind == "ChannelStateChange":
            if event["channel"].get("state") == "Ringing":
                self.tell_visitor_of(leg, "ringing")
        elif kind == "ChannelDtmfReceived":
            if not leg.press(_key(event)):
                self.log.info("key.told_twice", channel=leg.channel)
        elif kind == "ChannelHangupRequest":
            leg.hung_up = True
        elif kind == "StasisEnd" and not leg.away:
            leg.gone = True
            # The caller's channel is no longer ours after this: we do not hear of its end.
            if leg.hung_up and leg.role == "customer":
                self._note_end(leg, NORMAL_CLEARING, 0)
        elif kind == "ChannelDestroyed":
            cause, tech_cause = event.get("cause"), event.get("tech_cause")
            self._note_end(leg, int(cause or 0), int(tech_cause or 0))

    def _note_start(self, leg: Leg, event: Event) -> None:
        """It answered; or it is back from the dialplan, which may have listened to who speaks."""
        if leg.away:
            leg.away = False
            leg.machine = "MACHINE" in event.get("args", ())
        if not leg.answered:
            leg.answered = True
            self.services.journal.leg(self.id, leg.channel, answered_ms=now_ms())
            self.tell_visitor_of(leg, "answered")

    def _note_end(self, leg: Leg, cause: int, tech_cause: int) -> None:
        leg.gone = leg.ended = True
        leg.cause, leg.tech_cause = cause, tech_cause
        if not leg.former:
            self.tell_visitor_of(leg, "ended")
        self.services.journal.leg(
            self.id,
            leg.channel,
            ended_ms=now_ms(),
            cause=cause or None,
            tech_cause=tech_cause or None,
        )


def _key(event: Event) -> Key:
    return Key(event["digit"], now_ms(), _told_ms(event), int(event.get("duration_ms") or 0))


def _told_ms(event: Event) -> int:
    """When Asterisk told, milliseconds since 1970 by its clock."""
    told = event.get("timestamp")
    return round(datetime.fromisoformat(told).timestamp() * 1000) if told else now_ms()
