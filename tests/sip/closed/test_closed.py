"""Out of hours and on a holiday the caller hears so, and the call is recorded as closed."""

from __future__ import annotations

import pytest

from cordboard.sipp import eventually
from support.people import DANA, HOLIDAY_DESK, NIGHT_DESK
from support.world import Given


@pytest.mark.parametrize(
    ("did", "prompt"),
    [(NIGHT_DESK, "prompts/closed"), (HOLIDAY_DESK, "prompts/holiday-founders-day")],
    ids=["closed", "holiday"],
)
def test_the_caller_hears_why_and_is_sent_away(given: Given, did: str, prompt: str) -> None:
    given.agent("ava")
    call = given.call(did, DANA.phone)
    call.wait_for(prompt)
    eventually(call.media.hears_something, what="the announcement is heard")
    record = given.ended(call, "closed", within=40)
    assert [leg for leg in record["legs"] if leg["role"] == "agent"] == []
