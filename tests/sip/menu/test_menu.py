"""The menu of a line leads to the group that was chosen."""

from __future__ import annotations

import orjson
import pytest

from cordboard import keys
from cordboard.agent_state import State
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


def test_the_agent_sees_what_was_chosen(given: Given) -> None:
    """The number belongs to the service group; the caller asks for sales."""
    ava = given.agent("ava")
    call = given.call(MENU_LINE, DANA.phone)
    call.answer(MENU_PROMPT, "1")
    shown = ava.phone.rings().custom()
    assert shown["X-CB-Queue"] == "halyard-sales"
    assert shown["X-CB-Menu-Choice"] == "sales"
    ava.becomes(State.ON_CALL)
    card = orjson.loads(given.redis.hget(keys.call(call.call_id()), "card"))
    assert card["queue"]["code"] == "halyard-sales"
    assert card["required"] == [], "the sales group wants no code"
    call.hang_up()
    assert given.ended(call, "answered")["cti"]["MENU_CHOICE"] == "sales"
