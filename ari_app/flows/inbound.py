"""A caller from the trunk: from the IVR's hand-over to the end of the agent's wrap-up.

    open_call    read what is known about the caller
    decide       what to offer, by whom: which group, which skills, which priority
    present      an offer that nobody can present now is presented by the IVR; a key answers
    keep_place   whoever asked for it in the queue is called back at the place, and leaves
    queue        music, position and expected wait, until an agent is reserved
    ring         card on the agent's desk, then the agent's phone
    announce     the agent, alone, hears who is coming
    bridge       the two hear each other
    talk         until one of them leaves
    end_contact  the other leg ends too; the agent's wrap-up begins
    wrap_up      until the agent is done, or time is up

When an agent does not take the call it goes back to ``queue`` with its old place. The caller may
leave at any moment: the verb under way raises CallHungUp and the clean-up puts everything right.
SIP tests: ``tests/sip/``. The story with its files: ``docs/calls/inbound.md``.
"""

from __future__ import annotations

import asyncio

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.flow import END, Flow
from ari_app.verbs.announce import announce_to_agent
from ari_app.verbs.bridge import bridge_legs, talk_until_one_leaves
from ari_app.verbs.card import load_card
from ari_app.verbs.contact import begin_contact, finish_contact
from ari_app.verbs.decide import POOREST, make_decision
from ari_app.verbs.fallback import leave_to_dialplan
from ari_app.verbs.finish import close_record, end_call, release_agent
from ari_app.verbs.hold import hopeless, wait_for_agent
from ari_app.verbs.keep_place import keep_place_of
from ari_app.verbs.present import present_offer
from ari_app.verbs.ring import return_to_queue, ring_agent
from ari_app.verbs.wrapup import finish_wrap_up, wait_for_wrap_up


async def open_call(call: Call) -> None:
    """Read what is known about the caller."""
    state, services = call.state, call.services
    state.started_ms = state.started_ms or now_ms()
    state.entered_ms = state.entered_ms or state.started_ms
    state.card, call.facts = await asyncio.gather(
        load_card(call), services.decider.facts_of_call(call.id)
    )
    services.journal.leg(
        call.id,
        state.channel,
        role="customer",
        party=state.ani,
        started_ms=state.started_ms,
        answered_ms=state.started_ms,
    )
    if state.menu_choice:
        services.journal.call(call.id, cti={"MENU_CHOICE": state.menu_choice})


async def decide(call: Call) -> None:
    """What to offer this caller; which group serves, with which skills, and how urgently."""
    state = call.state
    state.group = state.group or str((state.card.get("queue") or {}).get("code") or "")
    state.priority = int(state.card.get("priority") or 0)
    state.needs = dict.fromkeys(state.card.get("skills") or (), POOREST)
    await make_decision(call)


async def present(call: Call) -> None:
    """Play the offer to the caller, where nobody can present it now; a key is the answer."""
    await present_offer(call)


async def keep_place(call: Call) -> str | None:
    """Note whom to call back, and end the call; whoever did not ask, or cannot be, waits."""
    return END if await keep_place_of(call) else None


async def queue(call: Call) -> str | None:
    """Wait for an agent; where that is hopeless, leave for the plain queue in the dialplan."""
    agent = 0
    reason = hopeless(call)
    if not reason:
        agent = await wait_for_agent(call)
        if not agent and call.wants_callback:
            return keep_place.__name__
        reason = "" if agent else "waited_too_long"
    if reason:
        await leave_to_dialplan(call, reason)
        return END
    call.state.agent = agent
    call.state.attempt += 1
    return None


async def ring(call: Call) -> str | None:
    """Show the card, then ring the agent's phone."""
    failure = await ring_agent(call)
    return await _back(call, failure) if failure else None


async def announce(call: Call) -> str | None:
    """Tell the agent, and only the agent, who is coming."""
    return None if await announce_to_agent(call) else await _back(call, "rejected")


async def bridge(call: Call) -> str | None:
    """Let them hear each other."""
    if not await bridge_legs(call):
        return await _back(call, "rejected")
    await begin_contact(call)
    return None


async def talk(call: Call) -> None:
    """Until one of them leaves."""
    await talk_until_one_leaves(call)


async def end_contact(call: Call) -> None:
    """End the other leg; the agent's wrap-up begins."""
    await finish_contact(call)


async def wrap_up(call: Call) -> None:
    """Until the agent has finished; when time is up, missing codes become the system's code."""
    in_time = await wait_for_wrap_up(call)
    await finish_wrap_up(call, in_time=in_time)


async def _back(call: Call, reason: str) -> str:
    """Back into the queue, at the old place; that agent gets no call until he says so."""
    await return_to_queue(call, reason)
    return queue.__name__


async def give_up(call: Call) -> None:
    """Something is broken: a plain queue is better than silence, and two who talk go on talking."""
    if call.state.connected_ms:
        await talk_until_one_leaves(call)
        await finish_contact(call)
    else:
        await leave_to_dialplan(call, "failed")


#: Whatever happened: no agent stays bound, no leg stays behind, the record is closed.
CLEAN_UP = (release_agent, end_call, close_record)

FLOW = Flow(
    name="inbound",
    steps=(
        open_call,
        decide,
        present,
        keep_place,
        queue,
        ring,
        announce,
        bridge,
        talk,
        end_contact,
        wrap_up,
    ),
    give_up=give_up,
    clean_up=CLEAN_UP,
)
