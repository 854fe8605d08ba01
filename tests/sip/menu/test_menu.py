"""The menu of a line leads to the group that was chosen."""

from __future__ import annotations

import pytest

from support.people import DANA, MENU_LINE, MENU_PROMPT, QUEUE
from support.world import Given


@pytest.mark.parametrize(
    ("key", "group"), [("1", "halyard-sales"), ("2", "halyard-service")], ids=["sales", "service"]
)
def test_a_key_chooses_the_group(given: Given, key: str, group: str) -> None:
    given.staff_on_pause()
    call = given.call(MENU_LINE, DANA.phone)
    call.answer(MENU_PROMPT, key)
    call.wait_for(QUEUE)
    record = given.becomes(call, state="queued")
    assert record["cti"]["QUEUE"] == group
    call.hang_up()
    given.ended(call, "abandoned")
