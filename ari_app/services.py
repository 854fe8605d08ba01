"""What a call may use: the wired parts of the app, handed to every flow by ``bootstrap.py``."""

from __future__ import annotations

from dataclasses import dataclass

from ari_app.acd import Acd
from ari_app.agents import Agents
from ari_app.bus import Bus
from ari_app.cards import Cards
from ari_app.client import Client
from ari_app.groups import Groups
from ari_app.journal import Journal
from ari_app.orders import Orders
from ari_app.pages import Pages
from ari_app.requests import Requests
from cordboard.settings import Settings
from decider import Decider


@dataclass(frozen=True, slots=True)
class Services:
    """The parts; each is made once."""

    settings: Settings
    client: Client
    bus: Bus
    journal: Journal
    agents: Agents
    groups: Groups
    pages: Pages
    acd: Acd
    cards: Cards
    requests: Requests
    orders: Orders
    decider: Decider
