"""An offer without a URL travels as a code alone."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import OTTO
from support.world import Given


def test_only_the_code_travels(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(OTTO)
    data = ava.phone.rings().custom()
    assert data["X-CB-Service-Offer-Code"]
    assert "X-CB-Service-Offer-Url" not in data
    ava.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert record["offers"][0]["url"] is None
    assert "SERVICE_OFFER_URL" not in record["cti"]
