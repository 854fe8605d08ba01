"""The drill: ten calls are bridged, five callers wait, and the app is killed with ``kill -9``.

No bridged call drops (their sound never stops), every waiting caller reaches an agent, each in the
old order, and every disposition is stored once.
"""

from __future__ import annotations

import time

from cordboard.agent_state import State
from cordboard.sipp import Caller, eventually
from support.crew import enrol
from support.people import DANA
from support.stack import kill, wait_until_back
from support.world import Given

GROUP = "halyard-service"
BRIDGED = 10
WAITING = 5

#: The sound may stutter when the machine is busy, but never stops (seconds).
LONGEST_GAP_S = 1.5


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

    for agent in agents:
        agent.phone.media.longest_gap_s()
    killed = kill(given.settings, "ari_app")
    died = time.monotonic()
    wait_until_back(given.settings, "ari_app", killed)
    print(f"  the app was back after {time.monotonic() - died:.1f} s")

    for agent in agents:
        assert agent.phone.talks(), f"{agent.username} lost the call"
        eventually(lambda agent=agent: agent.phone.media.hears(1000), within=3)
        gap = agent.phone.media.longest_gap_s()
        assert gap < LONGEST_GAP_S, f"{agent.username} heard nothing for {gap:.1f} s"
        assert agent.state is State.ON_CALL
    for call in talking[:WAITING]:
        call.hang_up()
    for call in waiting:
        given.becomes(call, state="connected", within=40)
    assert _order_of_offers(given, waiting) == [call.call_id() for call in waiting]

    for call in talking[WAITING:] + waiting:
        call.hang_up()
    for call in talking + waiting:
        given.ended(call, "answered")
    for call in talking + waiting:
        _has_one_disposition(given, call)


def _order_of_offers(given: Given, calls: list[Caller]) -> list[str]:
    """Ids of the calls in the order in which agents were rung for them."""
    rows = given.database.rows(
        "SELECT call_id::text FROM call_leg WHERE role = 'agent'"
        " AND call_id::text = ANY(%s) ORDER BY started",
        [call.call_id() for call in calls],
    )
    return [row["call_id"] for row in rows]


def _has_one_disposition(given: Given, call: Caller) -> None:
    def look() -> bool:
        found = given.database.rows(
            "SELECT kind, code FROM disposition WHERE call_id = %s", call.call_id()
        )
        assert [(row["kind"], row["code"]) for row in found] == [("service", "SYS_TIMEOUT")]
        return True

    eventually(look, within=20, what="one code of the system is stored")
