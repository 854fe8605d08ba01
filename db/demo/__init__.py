"""The demo world: two fictional subscribers with staff, customers, offers and one failure.

``world.py`` has the people and numbers that the README and the tests name; ``offers.py`` what is
offered; ``eligible.py`` to whom, and what customers bought; ``crowd.py`` makes the other customers,
always the same ones; ``history.py`` what was presented to them and what they answered; ``web.py``
has what talk links need. ``goods.py`` has what the shop sells, ``regulars.py`` who orders it again
and again, and ``orders.py`` their months of orders. Loading it takes some seconds.
"""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from cordboard.settings import Settings
from db.demo import (
    crowd,
    eligible,
    goods,
    history,
    offers,
    orders,
    people,
    regulars,
    web,
    world,
)
from db.demo.tables import Tables
from db.strategies import build_whole


def is_empty(url: str) -> bool:
    """Whether a migrated database has no subscriber yet."""
    with psycopg.connect(url, connect_timeout=5) as conn:
        return conn.execute("SELECT 1 FROM subscriber LIMIT 1").fetchone() is None


def load(settings: Settings) -> None:
    """Fill the database of ``settings``; one that has a subscriber already is left as it is.

    Raises:
        ValueError: ``CORDBOARD_SSN_KEY`` is empty, so nothing could ever match the stored SSNs; or
            ``CORDBOARD_SECRET_KEY`` is, so that no signing key can be sealed.
        psycopg.Error: the database is away or not migrated.
    """
    with psycopg.connect(settings.database, connect_timeout=5) as conn:
        # Whoever loads at the same time waits here, then finds it done.
        conn.execute("LOCK TABLE subscriber IN SHARE ROW EXCLUSIVE MODE")
        if conn.execute("SELECT 1 FROM subscriber LIMIT 1").fetchone():
            return
        tables = Tables()
        world.fill(tables)
        people.fill(tables, settings)
        goods.fill(tables)
        ssn_key = settings.ssn_key.get_secret_value().encode()
        customers = crowd.fill(tables, ssn_key)
        regulars.fill(tables, ssn_key)
        offers.fill(tables, customers, settings.web)
        orders.fill(tables, datetime.now(UTC))
        eligible.fill(tables, customers)
        web.fill(tables, settings)
        tables.copy_to(conn)
        eligible.describe(conn)
        history.fill(conn)
        # What was presented is among what is known of a customer.
        eligible.describe(conn)
    # In this database alone: one for offers, if there is to be one, has nothing yet.
    alone = {**settings.model_dump(), "offers_database_url": ""}
    build_whole(Settings.model_validate(alone), processes=1)
