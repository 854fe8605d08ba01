"""What the database answers when it is asked about callers and clients of the order line."""

from __future__ import annotations

from typing import Any

SHOP = {"code": "pantry", "name": "Corner Pantry", "country": "US", "timezone": "America/Chicago"}
BASKET = {
    "lines": [{"product": "LATTE", "options": ["WHOLE"], "quantity": 2}],
    "method": "pick_up",
    "location": "LOOP",
}
CALLERS: dict[str, Any] = {
    "number": "+13125550150",
    "shop": SHOP,
    "callers": [
        {"id": 7, "first_name": "Rosa", "audio": True, "no_automation": False, "claimed": False},
        {"id": 8, "first_name": None, "audio": False, "no_automation": True, "claimed": True},
    ],
}
ORDER = "0b5e2f0a-53d9-4a8e-8f3b-222222222222"


def answer(**changes: Any) -> dict[str, Any]:
    """As ``order_facts_v1`` answers it."""
    found: dict[str, Any] = {
        "shop": SHOP,
        "client": {
            "id": 7,
            "code": "P20001",
            "first_name": "Rosa",
            "last_name": "Klein",
            "audio": ["name"],
            "street": "1 Adams",
            "city": "Chicago",
            "region": "IL",
            "postcode": "60601",
            "country": "US",
            "billing": ["on_account", "on_delivery"],
            "has_email": True,
            "enrolment": None,
        },
        "preference": {
            "no_automation": False,
            "origin": None,
            "zero_at_once": 2,
            "location": None,
            "method": "delivery",
        },
        "history": [{"basket": BASKET, "at": "2026-11-24T14:30:00.000Z"}],
        "catalogue": {"categories": [], "products": []},
        "locations": [],
        "speed_dials": [{"digits": 5, "name": "2 Latte", "basket": BASKET}],
        "last_order": None,
        "moved": None,
        "draft": None,
    }
    return {**found, **changes}
