"""P1: complete inbound calls per second, against the same IVR into Asterisk's own Queue().

From: the INVITE at the trunk. To: the caller hears that the agent has hung up. In between, on both
sides: welcome, account number and social security number keyed, five questions to FastAGI with all
that they write to PostgreSQL, "you are verified", music, an agent's phone rings and answers at
once, the agent alone hears the announcement, both are connected for a second, the agent hangs up.

Ours adds what Cordboard adds: the card and the decision, the ACD, the card on the agent's desk (the
event; no browser is open), the call's data as headers of the INVITE, the journal to PostgreSQL,
wrap-up (of 0 s). The control ends in Queue(): same Asterisk, same phones, longest idle first, and
the same announcement, as one file. It records nothing of the agent, which makes it the faster. That
both sides play the same sound is checked before: a call must take as many seconds and packets.

A rate holds when every call of a wave of 25 s was verified, was answered by exactly one agent, and
lasted at most 1.5 s longer than a call on the idle system. The figure of a round is the highest
such rate (``search.py``). SIPp, keypad, PostgreSQL, Redis and Asterisk share the machine's
processors with the app, on both sides; the announcements have been spoken before.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from bench import queue_side
from bench.floor import staffed
from bench.result import Goal, Result
from bench.search import highest_rate
from bench.stage import Stage
from bench.waves import Control, Ours, Side, must_play_the_same
from bench.world import OURS_DID, Agent, customers, open_call, populate
from cordboard.announcement import phrases
from cordboard.settings import Settings
from cordboard.tts import speak
from db.queries import sql

#: Agent and caller are connected this long, seconds.
TALK_S = 1.0
#: Where the first search begins, calls per second, and its stride.
FIRST_RATE, FIRST_STRIDE = 10.0, 1.35
#: Later rounds begin at the last one's answer.
LATER_STRIDE = 1.12
GOAL = Goal(ratio_at_least=0.8)


def measure(stage: Stage) -> list[Result]:
    """One result."""
    _pop, *agents = populate(stage.settings)
    people = _people(stage.folder)
    # Where Asterisk, which runs in a sandbox, finds sounds.
    announcement = stage.settings.sounds / "bench-announcement.wav"
    announcement_s = queue_side.join(_phrases(stage.settings), announcement)
    queue_side.widen_rtp(stage)
    with staffed(stage, agents, talk_s=announcement_s + TALK_S) as floor:
        queue_side.open_queue(stage, [agent.phone for agent in agents], announcement)
        sides = (Ours(stage, floor, people), Control(stage, floor, people))
        for side in sides:
            side.learn_length()
        must_play_the_same(sides)
        ours, peer = _search(stage, sides)
    return [
        Result(
            id="P1",
            what="complete inbound calls per second",
            peer_is="the same IVR, agents and announcement with Asterisk's Queue()",
            unit="calls/s",
            ours=ours,
            peer=peer,
            goal=GOAL,
            n=sum(side.calls for side in sides) // 2,
            details=_details(sides, agents, announcement_s),
        )
    ]


def _search(stage: Stage, sides: tuple[Side, Side]) -> tuple[list[float], list[float]]:
    """The highest rate that holds, of each side in each round."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(1, stage.rounds + 1):
        for side, rates in zip(sides, found, strict=True):
            stage.say(f"  round {number} of {stage.rounds}: {side.name}")
            first, stride = (rates[-1], LATER_STRIDE) if rates else (FIRST_RATE, FIRST_STRIDE)
            rates.append(highest_rate(side.holds, first=first or FIRST_RATE, stride=stride))
            stage.say(f"  {side.name}: {rates[-1]:.1f} calls/s")
    return found


def _details(
    sides: tuple[Side, Side], agents: list[Agent], announcement_s: float
) -> dict[str, object]:
    return {
        "agents": len(agents),
        "announcement_s": round(announcement_s, 2),
        "call_s": {side.name: round(side.usual_s, 2) for side in sides},
        "packets_per_call": {side.name: side.packets for side in sides},
    }


def _people(folder: Path) -> Path:
    """Who calls: SIPp's list of number, account and SSN, taken in turn."""
    rows = [f"+12125550199;{one.account};{one.ssn}" for one in customers()]
    path = folder / "people.csv"
    path.write_text("\n".join(["SEQUENTIAL", *rows, ""]), encoding="ascii")
    return path


def _phrases(settings: Settings) -> list[Path]:
    """The sounds that an agent hears before one of our customers."""
    call = open_call(settings, dnis=OURS_DID, customer=customers()[0])
    with psycopg.connect(settings.database) as connection:
        row = connection.execute(sql.call_card, {"call": call}).fetchone()
    assert row is not None
    return [speak(text, settings) for text in phrases(row[0])]
