"""Which locations the list of orders that need a person proposes, and which comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cordboard.orders.places import Point
from support.order_world import NOW, places
from webdesk.work.candidates import REFUSED, TOO_FAR, candidates, due_of

LOOP, LAKE, OAK = places()


def order(**changes: Any) -> dict[str, Any]:
    """Placed at Loop for pick-up in an hour, and not taken there."""
    return {
        "method": "pick_up",
        "lines": [{"product": "LATTE"}],
        "passed_over": ["LOOP"],
        "due_at": (NOW + timedelta(hours=1)).isoformat(),
        "client": {"postcode": None},
        "subscriber": {"country": "US"},
        "timeline": [{"name": "order.placed", "data": {"location": "LOOP"}}],
        **changes,
    }


def listed(
    *among: Any, lives: dict[str, Any] | None = None, **changes: Any
) -> list[tuple[str, bool, str]]:
    due = due_of(order(**changes), lives or {"postcode": None, "own": None}, NOW)
    found = candidates(due, among or places(), NOW)
    return [(one["code"], one["best"], one["why"]) for one in found]


def test_who_refused_comes_last_and_is_never_proposed() -> None:
    assert listed() == [("LAKE", True, ""), ("OAK", False, ""), ("LOOP", False, REFUSED)]
    found = listed(passed_over=["LOOP", "LAKE", "OAK"])
    assert {(best, why) for _, best, why in found} == {(False, REFUSED)}


def test_what_is_delivered_is_near_its_door_and_what_is_fetched_near_the_first() -> None:
    there = {"postcode": "60601"}
    delivered = {"method": "delivery", "passed_over": ["OAK"], "client": there}
    assert listed(**delivered)[0][0] == "LOOP"
    far = replace(OAK, point=Point(43.07, -89.4))
    assert listed(LOOP, LAKE, far)[1] == ("OAK", False, TOO_FAR)


def test_the_clients_own_comes_first() -> None:
    assert listed(lives={"postcode": "60601", "own": "OAK"})[0] == ("OAK", True, "")


def test_the_time_is_heeded_and_late_is_better_than_not_at_all() -> None:
    slow = replace(LAKE, methods={"pick_up": replace(LAKE.methods["pick_up"], lead_minutes=300)})
    assert listed(LOOP, slow, OAK)[0] == ("OAK", True, "")
    assert listed(LOOP, slow) == [
        ("LAKE", True, "cannot be ready by then"),
        ("LOOP", False, REFUSED),
    ]


def test_what_was_wanted_yesterday_is_wanted_now() -> None:
    yesterday = (NOW - timedelta(days=1)).isoformat()
    assert listed(due_at=yesterday)[0][:2] == ("LAKE", True)
