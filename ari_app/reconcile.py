"""After each connect: compare our calls with Asterisk's channels and bridges, and put things right.

Events are held back meanwhile and replayed afterwards. Calls that this process runs get the news
they missed; calls that an earlier process left are adopted:

- both legs there, in contact: the talk goes on, even if Redis has lost its state;
- waiting, or an agent was being rung: back to the queue with the old place;
- the caller is gone: recorded as ended.

What belongs to no live call (legs of agents, bridges, agents bound to it) is cleared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from ari_app.agents import Agents
from ari_app.call import Call, Leg
from ari_app.client import Event
from ari_app.clock import now_ms
from ari_app.dispatcher import Dispatcher, call_of_name
from ari_app.flow import END
from ari_app.flows import FLOWS
from ari_app.services import Services
from ari_app.state import CallState, load_all
from cordboard import agent_state
from cordboard.agent_state import State
from cordboard.events import CallWithdrawn, tell_desk

log = structlog.get_logger(__name__)

#: Steps before an agent is rung: they are simply run again.
BEFORE_AGENT = frozenset({"open_call", "decide", "queue"})
#: Steps in which the contact has begun or is over.
SINCE_CONTACT = frozenset({"talk", "end_contact", "wrap_up"})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What Asterisk has: channels and bridges by id."""

    channels: dict[str, dict[str, Any]]
    bridges: dict[str, dict[str, Any]]

    def in_app(self, channel_id: str) -> bool:
        """True when a caller's channel is in Stasis, not in the dialplan (its queue, say)."""
        dialplan = self.channels.get(channel_id, {}).get("dialplan") or {}
        return dialplan.get("app_name") == "Stasis"

    def talks(self, channel_id: str) -> bool:
        """True when the channel exists and is answered."""
        return self.channels.get(channel_id, {}).get("state") == "Up"


async def reconcile(
    services: Services, dispatcher: Dispatcher, start: Callable[[Event], None]
) -> None:
    """Put right what differs; ``start`` takes the StasisStart of a caller whom we had missed."""
    client = services.client
    # Only of these can the snapshot say that they are gone: what is dialled meanwhile is not in it.
    legs = [
        (call, leg)
        for call in dispatcher.calls.values()
        for leg in (call.customer, call.agent)
        if leg is not None and (leg.role == "customer" or leg.dialled)
    ]
    snapshot = Snapshot(
        {c["id"]: c for c in await client.get("/channels")},
        {b["id"]: b for b in await client.get("/bridges")},
    )
    for call, leg in legs:
        _tell_missed(call, leg, snapshot)
    for state in await load_all(services.bus.redis):
        if state.id not in dispatcher.calls:
            await _adopt(state, services, dispatcher, snapshot)
    await _adopt_talks(services, dispatcher, snapshot)
    for event in _missed_callers(client.app, dispatcher, snapshot):
        start(event)
    await _clear_orphans(services, dispatcher, snapshot)
    await _free_agents(services, dispatcher)
    log.info("reconciled", calls=len(dispatcher.calls), channels=len(snapshot.channels))


def _tell_missed(call: Call, leg: Leg, snapshot: Snapshot) -> None:
    """News for a call that this process runs: the socket was away, events are lost."""
    channel = {"channel": {"id": leg.channel}}
    if leg.channel not in snapshot.channels:
        call.inbox.put_nowait({"type": "ChannelDestroyed", **channel})
    elif leg.role == "customer" and not snapshot.in_app(leg.channel):
        call.inbox.put_nowait({"type": "StasisEnd", **channel})
    elif snapshot.talks(leg.channel) and not leg.answered:
        call.inbox.put_nowait({"type": "StasisStart", **channel})
    # Its end may have been missed; what follows queues behind it, should it still play.
    call.inbox.put_nowait({"type": "PlaybackFinished", "playback": {"id": call.playing}})


async def _adopt(
    state: CallState, services: Services, dispatcher: Dispatcher, snapshot: Snapshot
) -> None:
    """Run a call on that an earlier process left."""
    flow = FLOWS.get(state.flow)
    if flow is None:
        log.error("call.unknown_flow", call_id=state.id, flow=state.flow)
        return
    call = Call(state, services)
    call.found_gone = call.customer.gone = not snapshot.in_app(state.channel)
    call.customer.ended = state.channel not in snapshot.channels
    leg = call.agent_leg()
    leg.dialled = leg.answered = snapshot.talks(leg.channel)
    leg.gone = not leg.answered
    found, state.step = state.step, resume_at(state, call.customer, leg)
    if state.step in BEFORE_AGENT and state.agent:
        await _take_back(call, leg)
    log.info("call.adopted", call_id=call.id, found=found, step=state.step)
    dispatcher.adopt(flow, call)


async def _adopt_talks(services: Services, dispatcher: Dispatcher, snapshot: Snapshot) -> None:
    """Run calls on whose state Redis has lost: caller and agent are in the call's bridge still."""
    for name, bridge in snapshot.bridges.items():
        call_id = call_of_name(name)
        if not call_id or call_id in dispatcher.calls:
            continue
        state = _state_of_talk(call_id, bridge["channels"], snapshot, services.agents)
        if state is not None:
            state.card = await services.cards.load(call_id) or {}
            state.group = str((state.card.get("queue") or {}).get("code") or "")
            await _adopt(state, services, dispatcher, snapshot)


def _state_of_talk(
    call_id: str, members: list[str], snapshot: Snapshot, agents: Agents
) -> CallState | None:
    """The state of a call in talk, from the members of its bridge; None when one has left."""
    legs = [name for name in members if call_of_name(name) == call_id]
    callers = [name for name in members if call_of_name(name) is None]
    if len(legs) != 1 or len(callers) != 1 or not snapshot.in_app(callers[0]):
        return None
    # A channel is called PJSIP/<device>-<number>.
    device = str(snapshot.channels[legs[0]]["name"]).partition("/")[2].rpartition("-")[0]
    agent = agents.by_device(device)
    if agent is None:
        return None
    now = now_ms()
    return CallState(
        id=call_id,
        flow="inbound",
        channel=callers[0],
        step="talk",
        attempt=int(legs[0].rpartition(".")[2]),
        agent=agent.id,
        started_ms=now,
        entered_ms=now,
        connected_ms=now,
    )


def resume_at(state: CallState, customer: Leg, agent: Leg) -> str:
    """The step at which a stored call goes on."""
    if state.step in SINCE_CONTACT:
        return state.step
    if state.connected_ms:
        return "talk"
    if customer.gone:
        return END
    if state.step in BEFORE_AGENT or not state.step:
        return state.step
    return "bridge" if state.step == "bridge" and not agent.gone else "queue"


async def _take_back(call: Call, leg: Leg) -> None:
    """Take a call from the agent who was being rung when the app died."""
    services, agent = call.services, call.state.agent
    await services.client.channel(leg.channel).hangup()
    await services.client.bridge(call.bridge_id).destroy()
    event = CallWithdrawn(call_id=call.id, reason="returned_to_queue")
    tell_desk(services.bus.pipe, agent, event)
    await services.agents.change(agent, agent_state.Event.RELEASE, call_id=call.id)
    services.journal.call(call.id, agent=None)
    call.state.agent = 0


def _missed_callers(app: str, dispatcher: Dispatcher, snapshot: Snapshot) -> list[Event]:
    """StasisStart events of callers who entered while nobody listened."""
    known = {call.state.channel for call in dispatcher.calls.values()}
    events: list[Event] = []
    for channel in snapshot.channels.values():
        if channel["id"] in known or call_of_name(channel["id"]):
            continue
        dialplan = channel.get("dialplan") or {}
        name, *args = str(dialplan.get("app_data", "")).split(",")
        if dialplan.get("app_name") == "Stasis" and name == app:
            events.append({"type": "StasisStart", "args": args, "channel": channel})
    return events


async def _clear_orphans(services: Services, dispatcher: Dispatcher, snapshot: Snapshot) -> None:
    """End legs and bridges that carry the name of a call that does not live."""
    for name in snapshot.channels:
        if (call_id := call_of_name(name)) and call_id not in dispatcher.calls:
            log.warning("orphan.channel", call_id=call_id, channel=name)
            await services.client.channel(name).hangup()
    for name in snapshot.bridges:
        if (call_id := call_of_name(name)) and call_id not in dispatcher.calls:
            log.warning("orphan.bridge", call_id=call_id, bridge=name)
            await services.client.bridge(name).destroy()


async def _free_agents(services: Services, dispatcher: Dispatcher) -> None:
    """Give agents back who are bound to a call that does not live, or not with them."""
    event = agent_state.Event
    for agent in list(services.agents.by_id.values()):
        agent = await services.agents.refresh(agent.id)
        call = dispatcher.calls.get(agent.call)
        if call is not None and agent.id in (call.state.agent, call.assigned):
            continue
        if agent.id in services.acd.claiming:
            continue
        if agent.state in (State.RESERVED, State.RINGING, State.ON_CALL):
            await services.agents.change(agent.id, event.RELEASE, call_id=agent.call)
        elif agent.state == State.WRAP_UP:
            await services.agents.change(agent.id, event.WRAP_UP_ENDED, call_id=agent.call)
