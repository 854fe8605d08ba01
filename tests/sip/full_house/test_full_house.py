"""The drill: ten calls are bridged, five callers wait, and the app is killed with ``kill -9``.

No bridged call drops (their sound never stops), every waiting caller reaches an agent, each in the
old order, and every disposition is stored once.
"""

from __future__ import annotations

import time

from cordboard.agent_state import State
from cordboard.sipp import Caller, eventually
from support.agent import Agent
from support.crew import enrol
from support.people import DANA
from support.stack import kill, wait_until_back
from support.world import Given

GROUP = "halyard-service"
BRIDGED = 10
WAITING = 5


def test_nobody_is_lost(given: Given) -> None:
    # Wrap-up times out at once, and the group wants a code: the system gives one for each call.
    given.group(GROUP, disposition_required=True, wrapup_seconds=1)
    agents = given.crew(enrol(given.settings, given.database, BRIDGED, GROUP))
    talking = [given.known_caller(DANA) for _ in range(BRIDGED)]
    for call in talking:
        call.media.speak(1000)
        given.becomes(call, state="connected", within=40)
    for agent in agents:
        eventually(lambda agent=agent: agent.phone.media.hears(1000))
    waiting = []
    for _ in range(WAITING):
        waiting.append(given.known_caller(DANA))
        given.becomes(waiting[-1], state="queued", within=40)

    killed = kill(given.settings, "ari_app")
    died = time.monotonic()
    wait_until_back(given.settings, "ari_app", killed)
    print(f"  the app was back after {time.monotonic() - died:.1f} s")

    for agent in agents:
        assert agent.phone.talks(), f"{agent.username} lost the call"
        assert agent.phone.media.hears(1000), f"{agent.username} hears nothing any more"
        assert agent.state is State.ON_CALL
    served = _serve_the_waiting(given, agents, talking, waiting)
    assert served == [call.call_id() for call in waiting], "in the order in which they came"

    for call in talking[WAITING:] + waiting:
        call.hang_up()
    for call in talking + waiting:
        given.ended(call, "answered")
    for call in talking + waiting:
        _has_one_disposition(given, call)


def _serve_the_waiting(
    given: Given, agents: list[Agent], talking: list[Caller], waiting: list[Caller]
) -> list[str]:
    """End five of the talks, one by one; answer which callers came next, in order."""
    by_call = {agent.field("call"): agent for agent in agents}
    served = []
    for call in talking[: len(waiting)]:
        agent = by_call[call.call_id()]
        call.hang_up()
        served.append(agent.phone.rings(2).custom()["X-CB-Call-Id"])
        agent.becomes(State.ON_CALL)
    for call in waiting:
        given.becomes(call, state="connected")
    return served


def _has_one_disposition(given: Given, call: Caller) -> None:
    def look() -> bool:
        found = given.database.rows(
            "SELECT kind, code FROM disposition WHERE call_id = %s", call.call_id()
        )
        assert [(row["kind"], row["code"]) for row in found] == [("service", "SYS_TIMEOUT")]
        return True

    eventually(look, within=20, what="one code of the system is stored")
