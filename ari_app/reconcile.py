"""After each connect: compare our calls with Asterisk's channels and bridges, and put things right.

Events are held back meanwhile and replayed afterwards. Calls that this process runs get the news
they missed; calls that an earlier process left are adopted:

- both legs there, in contact: the talk goes on, even if Redis has lost its state;
- waiting, or an agent was being rung: back to the queue with the old place;
- a customer was being dialled: the leg is waited for where it lives, and never dialled again;
- the caller is gone: recorded as ended.

What belongs to no live call (legs of agents, bridges, agents bound to it) is cleared.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from ari_app.call import Call
from ari_app.client import AriError, Event
from ari_app.clock import now_ms
from ari_app.dispatcher import Dispatcher, call_of_name
from ari_app.flow import END
from ari_app.flows import FLOWS
from ari_app.leg import Leg
from ari_app.resume import BEFORE_AGENT, SINCE_CONTACT, find_legs, keeps_agent, resume_at
from ari_app.services import Services
from ari_app.snapshot import Snapshot
from ari_app.state import CallState, load_all
from ari_app.verbs.ring import AGENT
from ari_app.verbs.seal import seal
from cordboard import agent_state
from cordboard.agent_state import State
from cordboard.events import CallWithdrawn, tell_desk

log = structlog.get_logger(__name__)

#: Where callers and customers wait whom the dialplan has taken from us.
FALLBACK = "queue-fallback"


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
        if leg is not None and (leg.dialled or (leg.role == "customer" and leg.answered))
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
    elif snapshot.talks(leg.channel) and snapshot.in_app(leg.channel):
        if leg.away or not leg.answered:
            call.inbox.put_nowait({"type": "StasisStart", **channel})
    elif leg.role == "customer" and leg.answered and not leg.away:
        call.inbox.put_nowait({"type": "StasisEnd", **channel})
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
    find_legs(call, snapshot)
    leg = call.agent_leg()
    loses_agent = _loses_agent(call, leg)
    found, state.step = state.step, resume_at(state, call.customer, leg)
    if loses_agent(state.step):
        await _take_back(call, leg)
    if call.order and call.customer.dialled and not call.customer.gone:
        # It may be on its way to us: while it is not in Stasis nobody else tells us of it.
        await services.client.subscribe(f"channel:{call.customer.channel}")
    log.info("call.adopted", call_id=call.id, found=found, step=state.step)
    dispatcher.adopt(flow, call)


def _loses_agent(call: Call, leg: Leg) -> Callable[[str], bool]:
    """Whether the agent is taken from the call, by the step at which it goes on."""
    if not call.order:
        return lambda step: step in BEFORE_AGENT and bool(call.state.agent)
    kept = keeps_agent(call.state, leg) or (not call.state.agent and not leg.dialled)
    return lambda step: not kept and step not in SINCE_CONTACT and step != END


async def _adopt_talks(services: Services, dispatcher: Dispatcher, snapshot: Snapshot) -> None:
    """Run calls on whose state Redis has lost: caller and agent are in the call's bridge still."""
    for name, bridge in snapshot.bridges.items():
        call_id = call_of_name(name)
        if not call_id or call_id in dispatcher.calls:
            continue
        legs = _legs_of_talk(call_id, bridge["channels"], snapshot)
        if legs is None:
            continue
        state = _state_of_talk(call_id, *legs)
        await _read_request(state, services)
        state.agent = await _who_talks(legs[1], services, snapshot)
        if state.agent or _leads_elsewhere(state):
            state.card = await services.cards.load(call_id) or {}
            state.group = str((state.card.get("queue") or {}).get("code") or "")
            await _adopt(state, services, dispatcher, snapshot)


async def _read_request(state: CallState, services: Services) -> None:
    """What only the database still knows of a call to a customer."""
    if ".customer." not in state.channel:
        return
    order = await services.cards.attempt(state.id)
    if order is not None:
        state.flow, state.callback = "callback", order
        state.visitor, state.request = str(order["visitor"] or ""), str(order["request"])
        state.subscriber = str(order["subscriber"]["code"])
        state.dialled_ms = state.answered_ms = state.signed_on_ms = state.connected_ms


def _legs_of_talk(call_id: str, members: list[str], snapshot: Snapshot) -> tuple[str, str] | None:
    """The customer's and the agent's channel in the bridge of a talk; None when one has left."""
    legs = [name for name in members if call_of_name(name) == call_id]
    callers = [name for name in members if call_of_name(name) is None]
    if not callers:
        callers = [name for name in legs if ".customer." in name]
        legs = [name for name in legs if name not in callers]
    if len(legs) != 1 or len(callers) != 1 or not snapshot.in_app(callers[0]):
        return None
    return callers[0], legs[0]


def _state_of_talk(call_id: str, customer: str, agent: str) -> CallState:
    """The state of a call in talk, as far as the names of its channels tell it."""
    now = now_ms()
    return CallState(
        id=call_id,
        flow="inbound",
        channel=customer,
        step="talk",
        attempt=int(agent.rpartition(".")[2]),
        started_ms=now,
        entered_ms=now,
        connected_ms=now,
    )


async def _who_talks(leg: str, services: Services, snapshot: Snapshot) -> int:
    """The agent at the end of a leg, by the phone or, at any telephone, by a mark; 0 for nobody."""
    # A channel is called PJSIP/<device>-<number>; over the trunk that says nothing of who it is.
    device = str(snapshot.channels[leg]["name"]).partition("/")[2].rpartition("-")[0]
    if agent := services.agents.by_device(device):
        return agent.id
    try:
        marks = await services.client.channel(leg).variables(AGENT)
    except AriError as error:
        log.info("leg.unmarked", channel=leg, error=str(error))
        return 0
    mark = marks.get(AGENT, "")
    return int(mark) if mark.isdecimal() and int(mark) in services.agents.by_id else 0


def _leads_elsewhere(state: CallState) -> bool:
    """Whether it is a call to a call centre elsewhere, which has no agent of ours."""
    return bool((state.callback.get("rule") or {}).get("external"))


async def _take_back(call: Call, leg: Leg) -> None:
    """Take a call from the agent who was being rung when the app died."""
    services, agent = call.services, call.state.agent
    await services.client.channel(leg.channel).hangup()
    await services.client.bridge(call.bridge_id).destroy()
    if call.order and call.state.withheld:
        seal(call)
    if not agent:
        return
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
        if snapshot.context(name) == FALLBACK:
            continue
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
