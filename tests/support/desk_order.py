"""A client's call at an agent's desk, with the order that is made in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import redis
from psycopg.types.json import Jsonb

from cordboard.agent_state import Event
from cordboard.settings import Settings
from support.database import Database
from support.order_browser import new_client
from support.people import ORDER_LINE, Person
from support.regulars import LOOP
from support.scene import Scene
from support.web import Web

Json = dict[str, Any]
CHICAGO = ZoneInfo("America/Chicago")
EVANSTON = "PANTRY-EVAN"
KNIVES = {"product": "KNIVES", "options": ["FOUR"], "quantity": 1}
LATTE = {"product": "LATTE", "options": ["LARGE", "OAT"], "quantity": 1}


@dataclass
class Call:
    """A client's call at an agent's desk."""

    web: Web
    database: Database
    customer: int
    id: str
    settings: Settings

    def url(self, path: str = "") -> str:
        return f"/desk/calls/{self.id}/order{path}"

    def shown(self) -> Json:
        found: Json = self.web.get(self.url()).json
        return found

    def draft(self, **changes: Any) -> Json:
        """A draft that the call holds, as the dialogue left it."""
        wanted = {
            "order": str(uuid4()),
            "subscriber": "pantry",
            "customer": self.customer,
            "source": "phone",
            "call": self.id,
            "held_by": f"call:{self.id}",
            "basket": {"lines": [LATTE], "method": "pick_up", "location": LOOP},
            "billing": "on_delivery",
            "suggested": [{"lines": [LATTE]}],
            "suggestion": 1,
            **changes,
        }
        saved: Json = self.database.value("SELECT save_draft_v1(%s)", Jsonb(wanted))
        return saved

    def send(self, order: str, version: int, path: str = "", **changes: Any) -> Any:
        lines = changes.pop("lines", [LATTE])
        where = {"method": changes.pop("method", "pick_up"), "location": changes.pop("at", LOOP)}
        fields = {
            "order": order,
            "version": version,
            "basket": json.dumps({"lines": lines, **where}),
            "billing": "on_delivery",
            "due": "",
            "note": "",
            **changes,
        }
        return self.web.post(self.url(path), **fields)

    def order(self, order: str) -> Json:
        return self.database.rows("SELECT * FROM sales_order WHERE id = %s", order)[0]


@pytest.fixture
def customer(database: Database) -> Iterator[int]:
    made = new_client(database)
    yield made
    database.forget_customer(made)


@pytest.fixture
def gus(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    return Scene(web_settings, live, database, "gus").sit_down()


@pytest.fixture
def call(gus: Scene, web: Web, database: Database, customer: int) -> Call:
    web.enter(gus)
    gus.happen(Event.MAKE_AVAILABLE)
    number = database.value("SELECT number FROM customer_phone WHERE customer_id = %s", customer)
    id_ = gus.ring(Person("Tess Ting", "", "", number), dnis=ORDER_LINE)
    gus.connect(id_)
    return Call(web, database, customer, id_, gus.settings)
