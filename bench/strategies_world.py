"""The world of P5, in the database ``strategies``: offers, their rules, a model, customers."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql as composed
from psycopg.types.json import Jsonb

from cordboard import propensity
from cordboard.attributes import ATTRIBUTES
from cordboard.encoding import Number, Part, Text, width
from cordboard.settings import Settings
from db.migrate import migrate
from db.queries import Queries

OFFERS = 50
DATABASE = "strategies"

#: Words of the text attributes, as ``p5_features`` makes them.
WORDS = {
    "segment": ("standard", "silver", "gold"),
    "language": ("en", "es"),
    "region": ("NY", "NJ", "CT", "PA", "IL", "OH", "TX", "CA"),
    "product": ("Fiber 300", "Fiber 600", "Fiber 1000", "Mobile", "Mobile Plus"),
}

sql = Queries(Path(__file__).parent)


def make_world(settings: Settings, customers: int) -> Settings:
    """Make the database anew; answers settings that point at it."""
    with psycopg.connect(settings.database, autocommit=True) as conn:
        name = composed.Identifier(DATABASE)
        conn.execute(composed.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        conn.execute(composed.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
    url = urlunsplit(urlsplit(settings.database)._replace(path=f"/{DATABASE}"))
    migrate(url)
    parameters = {"customers": customers, "offers": OFFERS}
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(sql.p5_subscriber)
        conn.execute(sql.p5_offers, parameters)
        for offer in range(1, OFFERS + 1):
            for name_, condition in rules(offer).items():
                rule = {"offer": offer, "name": name_, "condition": Jsonb(condition)}
                conn.execute(sql.p5_rule, rule)
        conn.execute(sql.p5_exclusions, parameters)
        conn.execute(sql.p5_model, {"features": list(ATTRIBUTES), "parameters": Jsonb(model())})
        for block in (sql.p5_features, sql.p5_exposures, sql.p5_answers):
            conn.execute(block, parameters)
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
    return Settings.model_validate({**settings.model_dump(), "database_url": url})


def rules(offer: int) -> dict[str, Any]:
    """Two rules of an offer, of the kind that ops write."""
    return {
        "Lives there, or is a good customer": {
            "any": [
                _test("region", "in", list(WORDS["region"][offer % 4 : offer % 4 + 4])),
                _test("purchases_365d", ">", offer % 16),
                _test("segment", "=", "gold"),
            ]
        },
        "With us, and pays": {
            "all": [
                _test("tenure_days", ">=", 20 * offer),
                _test("suspended", "=", False),
                _test("balance_cents", "<", 15_000 - 40 * offer),
            ]
        },
    }


def _test(attribute: str, is_: str, value: object) -> dict[str, object]:
    return {"attribute": attribute, "is": is_, "value": value}


def model() -> dict[str, Any]:
    """A model as training stores it: each number bent at three knots."""
    random = Random(5)
    parts: list[Part] = [
        Text(name, WORDS[name])
        if about.type == "text"
        else Number(name, 30.0, 1.0, 1.5, () if about.type == "flag" else (-0.7, 0.0, 0.7))
        for name, about in ATTRIBUTES.items()
    ]
    known = {
        offer: propensity.Known(
            2000, 160, -2.5, tuple(random.gauss(0, 0.15) for _ in range(width(parts)))
        )
        for offer in range(1, OFFERS + 1)
    }
    return propensity.Model(tuple(parts), known).as_json()
