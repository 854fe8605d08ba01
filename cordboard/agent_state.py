"""What an agent is doing: the states, the one table of transitions, the one atomic change.

Three things are kept apart: what the agent *chose* (``chosen``), whether the phone is *registered*,
and what the call does (``state``). A choice made during a call takes effect when wrap-up ends.

The table is looked up inside Redis by ``agent_state.lua``, so that reading the state, moving it and
publishing the change are one operation: of two calls that want one agent, one gets it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from cordboard import keys


class State(StrEnum):
    """What the agent is doing now."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    RESERVED = "reserved"
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    NOT_RESPONDING = "not_responding"


class Event(StrEnum):
    """What can happen to an agent."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    MAKE_AVAILABLE = "make_available"
    PAUSE = "pause"
    RESERVE = "reserve"
    RELEASE = "release"
    RING = "ring"
    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    CALL_ENDED = "call_ended"
    WRAP_UP_ENDED = "wrap_up_ended"


#: Stands for "the state that the agent chose"; resolved in Redis at the moment of the change.
CHOSEN = "chosen"

S, E = State, Event
TRANSITIONS: dict[tuple[State, Event], str] = {
    (S.OFFLINE, E.LOG_IN): S.PAUSED,
    # A second log-in of the same agent joins the first; it changes nothing.
    **{(s, E.LOG_IN): s for s in State if s is not S.OFFLINE},
    (S.AVAILABLE, E.LOG_OUT): S.OFFLINE,
    (S.PAUSED, E.LOG_OUT): S.OFFLINE,
    (S.NOT_RESPONDING, E.LOG_OUT): S.OFFLINE,
    (S.WRAP_UP, E.LOG_OUT): S.WRAP_UP,
    (S.AVAILABLE, E.MAKE_AVAILABLE): S.AVAILABLE,
    (S.PAUSED, E.MAKE_AVAILABLE): S.AVAILABLE,
    (S.NOT_RESPONDING, E.MAKE_AVAILABLE): S.AVAILABLE,
    (S.AVAILABLE, E.PAUSE): S.PAUSED,
    (S.PAUSED, E.PAUSE): S.PAUSED,
    (S.NOT_RESPONDING, E.PAUSE): S.PAUSED,
    # During a call and in wrap-up a choice is only noted.
    **{
        (s, e): s
        for s in (S.RESERVED, S.RINGING, S.ON_CALL, S.WRAP_UP)
        for e in (E.MAKE_AVAILABLE, E.PAUSE)
    },
    **{(s, E.LOG_OUT): s for s in (S.RESERVED, S.RINGING, S.ON_CALL)},
    (S.AVAILABLE, E.RESERVE): S.RESERVED,
    (S.RESERVED, E.RING): S.RINGING,
    # A step of the call may be run again after a crash.
    (S.RINGING, E.RING): S.RINGING,
    (S.ON_CALL, E.ANSWER): S.ON_CALL,
    (S.RESERVED, E.RELEASE): CHOSEN,
    (S.RINGING, E.RELEASE): CHOSEN,
    (S.RESERVED, E.NO_ANSWER): S.NOT_RESPONDING,
    (S.RINGING, E.NO_ANSWER): S.NOT_RESPONDING,
    (S.RINGING, E.ANSWER): S.ON_CALL,
    (S.ON_CALL, E.CALL_ENDED): S.WRAP_UP,
    (S.ON_CALL, E.RELEASE): CHOSEN,
    (S.WRAP_UP, E.WRAP_UP_ENDED): CHOSEN,
}

#: What a choice of the agent leaves in ``chosen``.
CHOICES = {
    E.LOG_IN: S.PAUSED,
    E.LOG_OUT: S.OFFLINE,
    E.MAKE_AVAILABLE: S.AVAILABLE,
    E.PAUSE: S.PAUSED,
}

#: Source of the script; register it once per client with ``client.register_script``.
SCRIPT = files("cordboard").joinpath("agent_state.lua").read_text()


@dataclass(frozen=True, slots=True)
class Change:
    """Keys and arguments of one run of ``SCRIPT``.

    The script answers ``[1, old state, new state]``, or ``[0, state, ""]`` when the table has no
    such transition, the agent works on another call, or the phone to ring is not registered or in
    a call that is not ours; then nothing changed.
    """

    keys: list[str]
    args: list[str]


def change(
    agent_id: int | str,
    event: Event,
    *,
    now_ms: int,
    reason: str = "",
    call_id: str = "",
    wrap_until_ms: int = 0,
) -> Change:
    """The script run that lets ``event`` happen to an agent.

    Args:
        agent_id: ``user_account.id`` of the agent.
        event: what happens.
        now_ms: the present, milliseconds since 1970.
        reason: why, shown on the desk (a pause reason, ``no_answer``, ``rejected``…).
        call_id: the call that acts; RESERVE binds the agent to it, and every later event of a call
            is refused while the agent works on another one.
        wrap_until_ms: for CALL_ENDED, when wrap-up is over.
    """
    moves = {str(state): str(to) for (state, e), to in TRANSITIONS.items() if e is event}
    return Change(
        keys=[keys.agent(agent_id), keys.desk(agent_id), keys.EVENTS],
        args=[
            str(agent_id),
            str(event),
            json.dumps(moves),
            str(CHOICES.get(event, "")),
            str(now_ms),
            reason,
            call_id,
            str(wrap_until_ms),
            str(keys.DESK_MAXLEN),
            str(keys.EVENTS_MAXLEN),
        ],
    )
