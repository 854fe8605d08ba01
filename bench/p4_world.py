"""Who calls in P4: customers of a subscriber with 50 offers, and the agents who are there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg

from ari_app.acd import Acd
from ari_app.agents import Agent, Agents
from ari_app.bus import Bus
from ari_app.groups import Group, Groups
from ari_app.journal import Journal
from ari_app.services import Services
from cordboard.agent_state import State
from cordboard.settings import Settings
from db.queries import Queries
from decider import Decider

DID = "+12025550193"
GROUP = "bench-decide"
CUSTOMERS = 50
AGENTS = 40

MADE_IN_ORDER = (
    "p4_subscriber",
    "p4_group",
    "p4_line",
    "p4_policy",
    "p4_offers",
    "p4_rules",
    "p4_customers",
    "p4_accounts",
    "p4_strategies",
    "p4_past",
)

sql = Queries(Path(__file__).parent)


def populate(settings: Settings) -> list[str]:
    """Make what is missing; answer the ids of calls, one of each customer."""
    with psycopg.connect(settings.database, autocommit=True) as connection:
        for name in MADE_IN_ORDER:
            connection.execute(getattr(sql, name), {"did": DID, "customers": CUSTOMERS})
        connection.execute(sql.p4_analyze)
        found = [
            connection.execute(sql.p4_call, {"did": DID, "n": number}).fetchone()
            for number in range(1, CUSTOMERS + 1)
        ]
    return [row[0] for row in found if row]


class _Nowhere:
    """Takes commands for Redis and does nothing: of the journal only its writing counts here."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_more: None


def services(decider: Decider) -> Services:
    """What the step uses of the app: the ACD with some agents at work, and the decider."""
    bus = cast(Bus, SimpleNamespace(pipe=_Nowhere()))
    acd = Acd(Agents(bus, by_id={number: _agent(number) for number in range(1, AGENTS + 1)}))
    group = Group(GROUP, "Decide", subscriber="bench", requires_code=True)
    parts = {"bus": bus, "acd": acd, "groups": Groups({GROUP: group}), "decider": decider}
    return cast(Services, SimpleNamespace(journal=Journal(bus), agents=acd.agents, **parts))


def _agent(number: int) -> Agent:
    """Every other one is free, every fourth can present fiber."""
    return Agent(
        id=number,
        name=f"Agent {number}",
        username=f"bench-{number}",
        device=f"phone-bench-{number}",
        groups={GROUP: 1},
        skills={"fiber": 1} if number % 4 == 0 else {},
        state=State.AVAILABLE if number % 2 else State.ON_CALL,
        registered=True,
    )
