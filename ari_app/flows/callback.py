"""A customer who wants to be called: from the engine's hand-over to the end of the agent's wrap-up.

    open_request   read what is known, tell the visitor's browsers whose call this is
    decide         what to offer; which group, which skills; who is dialled first
    dial_customer  the customer's phone, at most once per attempt; voicemail is noticed
    greet          the code from the page when it is asked for, the hold text
    queue          music for whoever waits, until an agent is reserved
    ring           the agent's phone; both phones at once when the rule says so
    sign_on        # or PIN: before it the agent knows nothing of the customer
    announce       the agent, alone, hears the whisper
    bridge         the two hear each other
    talk           until one of them leaves
    end_contact    the other leg ends too; the agent's wrap-up begins
    wrap_up        until the agent is done, or time is up

The placement order is a matter of which step ``decide`` leads to, and of what is still missing
after each: ``customer_first`` goes through the steps as they stand here; ``agent_first`` goes from
``decide`` to ``queue`` and from ``announce`` to ``dial_customer``; ``both`` rings both in ``ring``.
An agent who does not take the call costs the customer nothing: it goes back to ``queue``. The
customer may leave, or press 0, at any moment: the verb under way raises CallHungUp, and
the clean-up tells who is left. SIP tests: ``tests/sip/callback_*``. The story with its files:
``docs/calls/callback.md``.
"""

from __future__ import annotations

from ari_app.call import Call
from ari_app.flow import END, Flow
from ari_app.flows.inbound import talk, wrap_up
from ari_app.verbs import fate
from ari_app.verbs.announce import announce_to_agent
from ari_app.verbs.bridge import bridge_legs, talk_until_one_leaves
from ari_app.verbs.contact import begin_contact, finish_contact
from ari_app.verbs.decide import POOREST, make_decision
from ari_app.verbs.dial_customer import await_answer, dial, let_in
from ari_app.verbs.finish import close_record, end_call, release_agent
from ari_app.verbs.greet import ask_for_code, say_hold_text
from ari_app.verbs.hold import hopeless, play_music, wait_for_agent
from ari_app.verbs.request import load_request, tell_whose_call
from ari_app.verbs.ring import return_to_queue, ring_agent, ring_centre
from ari_app.verbs.sign_on import sign_on as sign_agent_on
from ari_app.verbs.together import reach_both
from ari_app.verbs.wait import agent_is_ready, end_agent_wait, let_agent_wait
from cordboard.attempt import Rule


async def open_request(call: Call) -> None:
    """Read what is known about the customer and the request."""
    await load_request(call)
    tell_whose_call(call)


async def decide(call: Call) -> str | None:
    """What to offer; which group serves, with which skills, how urgently; who comes first."""
    state, rule = call.state, _rule(call)
    state.group = rule.group
    state.priority = max(rule.priority, int(state.withheld.get("priority") or 0))
    skills = [*(state.withheld.get("skills") or ()), call.callback.wanted_skill]
    state.needs = {**dict.fromkeys(filter(None, skills), POOREST), **rule.needs}
    if not rule.external:
        await make_decision(call)
    return None if rule.placement == "customer_first" else _seek(call)


async def dial_customer(call: Call) -> str | None:
    """The customer's phone; an agent who has signed on waits with music."""
    failure = await dial(call) or await await_answer(call) or await let_in(call)
    return await _unreached(call, failure) if failure else None


async def greet(call: Call) -> str | None:
    """Make sure that it is the customer, and say what is going to happen."""
    if not await ask_for_code(call):
        return await _unreached(call, "not_proved")
    if agent_is_ready(call):
        return bridge.__name__
    await say_hold_text(call)
    return await _back(call, "rejected") if call.state.agent else _seek(call)


async def queue(call: Call) -> str | None:
    """Wait for an agent; where that is hopeless, the customer is told, and called again later."""
    if hopeless(call) == "no_agent":
        # Somebody may have logged in a moment ago: of that we hear a little later.
        await call.services.agents.read()
    agent = 0 if hopeless(call) else await wait_for_agent(call)
    if not agent:
        return await _nobody(call)
    call.state.agent = agent
    call.state.attempt += 1
    return None


async def ring(call: Call) -> str | None:
    """The agent's phone, or a call centre elsewhere; with both at once the customer's too."""
    if _rule(call).external:
        call.state.attempt += 1
        await play_music(call)
    if _rule(call).placement == "both" and not call.state.dialled_ms:
        return await _ring_both(call)
    failure = await _ring(call)
    return await _back(call, failure) if failure else None


async def _ring_both(call: Call) -> str:
    """Both phones at once, each side through all its steps; whoever is ready first waits."""
    customer, agent = await reach_both(call, _reach_customer, _reach_agent)
    if customer:
        return await _unreached(call, customer)
    return agent or bridge.__name__


async def _reach_customer(call: Call) -> str:
    """Answers what became of the attempt when the customer was not reached."""
    if failure := await await_answer(call) or await let_in(call):
        return failure
    if not await ask_for_code(call):
        return "not_proved"
    await say_hold_text(call)
    await play_music(call)
    return ""


async def _reach_agent(call: Call) -> str:
    """Answers the next step when the agent did not take the call, of which he is free at once."""
    if failure := await _ring(call) or await sign_agent_on(call):
        return await _back(call, failure)
    if not await announce_to_agent(call):
        return await _back(call, "rejected")
    await let_agent_wait(call)
    return ""


async def _ring(call: Call) -> str:
    return await (ring_centre(call) if _rule(call).external else ring_agent(call))


async def sign_on(call: Call) -> str | None:
    """Whoever answered says that they are the agent."""
    failure = await sign_agent_on(call)
    return await _back(call, failure) if failure else None


async def announce(call: Call) -> str | None:
    """The whisper, for the agent alone; then the customer is fetched, if nobody has yet."""
    if not await announce_to_agent(call):
        return await _back(call, "rejected")
    if call.state.answered_ms:
        # Of both at once, a step that is run again comes here before the customer was greeted.
        return None if call.state.greeted_ms else greet.__name__
    await let_agent_wait(call)
    return dial_customer.__name__


async def bridge(call: Call) -> str | None:
    """Let them hear each other."""
    if not agent_is_ready(call):
        return await _back(call, "rejected")
    await end_agent_wait(call)
    if not await bridge_legs(call):
        return await _back(call, "rejected")
    await begin_contact(call)
    return None


async def end_contact(call: Call) -> str | None:
    """End the other leg; the agent's wrap-up begins. A call centre elsewhere does its own."""
    await finish_contact(call)
    fate.settle(call, "answered")
    return None if call.state.agent else END


def _rule(call: Call) -> Rule:
    return call.callback.rule


def _seek(call: Call) -> str:
    """The step that looks for whoever is to talk to the customer."""
    return ring.__name__ if _rule(call).external else queue.__name__


async def _back(call: Call, reason: str) -> str:
    """To the next agent, at the old place; a call centre elsewhere has no next."""
    if _rule(call).external:
        return await _nobody(call)
    await return_to_queue(call, reason)
    return queue.__name__


async def _unreached(call: Call, what: str) -> str:
    """The customer was not reached, or is not the one who asked."""
    fate.becomes(call, what)
    return END


async def _nobody(call: Call) -> str:
    """There is nobody to talk to the customer."""
    fate.becomes(call, "no_agent")
    return END


async def give_up(call: Call) -> None:
    """Something is broken: two who talk go on talking, anybody else is told."""
    if call.state.connected_ms:
        await talk_until_one_leaves(call)
        await end_contact(call)
    else:
        fate.becomes(call, "failed")


#: Whatever happened: who is left is told, no agent stays bound, no leg stays behind, and the
#: request goes on.
CLEAN_UP = (
    fate.tell_who_is_left,
    release_agent,
    fate.end_unanswered,
    fate.settle_at_last,
    end_call,
    close_record,
)

FLOW = Flow(
    name="callback",
    steps=(
        open_request,
        decide,
        dial_customer,
        greet,
        queue,
        ring,
        sign_on,
        announce,
        bridge,
        talk,
        end_contact,
        wrap_up,
    ),
    give_up=give_up,
    clean_up=CLEAN_UP,
)
