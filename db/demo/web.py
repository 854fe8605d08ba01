"""What the web needs of the demo world: talk links, pages, dialling policies, secrets, webhooks.

Pages of Corner Pantry are those of the demo shop, which is a server of the stack. Its address is
that of the instance for which the world is made, under both names of this machine: a browser takes
them for two sites.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from cordboard.secrets import hash_secret, seal, signing_key
from cordboard.settings import Settings
from db.demo.tables import Tables
from db.demo.world import HALYARD, ORDERS, PANTRY, SALES, SERVICE, SUBSCRIBERS

FILE = Path(__file__).with_suffix(".toml")

#: Fixed and printed in the README: the demo world is no secret.
SECRETS = {
    HALYARD: "cb_demo_halyard_not_secret_but_fixed_for_demos",
    PANTRY: "cb_demo_pantry_not_a_secret_fixed_for_the_demo",
}

_IDS = {code: id_ for id_, code, _, _ in SUBSCRIBERS}
_GROUPS = {"halyard-sales": SALES, "halyard-service": SERVICE, "pantry-orders": ORDERS}

#: Columns that a rule of the file may leave out.
_RULE: dict[str, Any] = {
    "destination": "group",
    "group": None,
    "external": None,
    "dnis": None,
    "tag2": {},
    "placement": "customer_first",
    "sign_on": "digit",
    "detect_voicemail": False,
    "needs": {},
    "priority": 0,
}


def shop_url(settings: Settings, host: str = "127.0.0.1") -> str:
    """Where the demo shop of this instance is."""
    return f"http://{host}:{settings.port('shop')}"


def fill(tables: Tables, settings: Settings) -> None:
    """Everything of this module.

    Raises:
        ValueError: ``CORDBOARD_SECRET_KEY`` is empty, so nothing can be sealed with it.
    """
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    shop = shop_url(settings)
    for row in data["presence"]:
        _add_presence(tables, row, [shop, shop_url(settings, "localhost")])
    for id_, row in enumerate(data["page"], start=1):
        tables.add("page", id=id_, **_page(row, shop))
    for id_, row in enumerate(data["rule"], start=1):
        tables.add("routing_rule", id=id_, **_rule(row))
    for row in data["policy"]:
        tables.add("dialling_policy", **_owned(row))
    for row in data["tariff"]:
        tables.add("tariff", **_owned(row))
    for row in data["do_not_call"]:
        tables.add("do_not_call", **_owned(row))
    _add_secrets(tables, settings, shop)


def _owned(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its subscriber's id instead of the code; without a code it is everybody's."""
    rest = {key: value for key, value in row.items() if key != "subscriber"}
    return {"subscriber_id": _IDS.get(row.get("subscriber", "")), **rest}


def _add_presence(tables: Tables, row: dict[str, Any], origins: list[str]) -> None:
    tables.add("web_presence", **_owned(row), origins=origins, schedule_id=None)


def _page(row: dict[str, Any], shop: str) -> dict[str, Any]:
    return _owned(
        {"framing": "frame", "promotion": False, **row, "url": row["url"].format(shop=shop)}
    )


def _rule(row: dict[str, Any]) -> dict[str, Any]:
    found = _owned({**_RULE, **row})
    group = found.pop("group")
    found["tag2"], found["needs"] = Jsonb(found["tag2"]), Jsonb(found["needs"])
    return {"group_id": _GROUPS[group] if group else None, **found}


def _add_secrets(tables: Tables, settings: Settings, shop: str) -> None:
    secret_key = settings.secret_key.get_secret_value()
    for subscriber, secret in SECRETS.items():
        tables.add(
            "subscriber_secret",
            subscriber_id=subscriber,
            label="demo",
            secret_hash=hash_secret(secret),
            signing_key=seal(signing_key(secret), secret_key),
        )
    tables.add(
        "webhook_endpoint",
        subscriber_id=PANTRY,
        url=f"{shop}/hooks",
        # The shop's server knows its secret, so it can verify what it is sent.
        signing_key=seal(signing_key(SECRETS[PANTRY]), secret_key),
    )
