"""The agent's side of a call to a customer: signing on, not signing on, and who gets it instead."""

from __future__ import annotations

import orjson
import pytest

from cordboard import keys
from cordboard.agent_state import State
from cordboard.sipp import Party, eventually
from db.demo.people import PIN, REMOTE
from support.agent import Agent
from support.callbacks import Callback
from support.people import ROSA
from support.world import Given


@pytest.fixture
def rosa(given: Given) -> Party:
    return given.answering(ROSA.phone)


def signs_on(agent: Agent, digits: str = "#") -> None:
    eventually(agent.phone.talks, within=20, what=f"{agent.username} answers")
    agent.phone.media.key(digits)


def card(call: Callback) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(call.redis.hget(keys.call(call.id), "card") or "{}")
    return found


def test_who_does_not_sign_on_loses_the_call_to_the_next(given: Given, rosa: Party) -> None:
    given.rule("ORDERS", sign_on_seconds=3)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    gus.phone.rings()
    hana = given.agent("hana")
    gus.becomes(State.NOT_RESPONDING)
    assert gus.field("reason") == "no_answer"
    eventually(lambda: not gus.phone.talks(), what="the first agent is let go")
    assert rosa.talks()
    signs_on(hana)
    given.becomes(call, state="connected")
    hana.phone.go_on()
    call.becomes("answered")
    record = given.becomes(call, outcome="answered")
    assert [bool(leg["ended"]) for leg in record["legs"]] == [True] * 3


def test_who_hangs_up_instead_of_signing_on(given: Given, rosa: Party) -> None:
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    eventually(gus.phone.talks, within=20)
    gus.phone.go_on()
    gus.becomes(State.NOT_RESPONDING)
    assert gus.field("reason") == "rejected"
    given.becomes(call, state="queued")
    assert rosa.talks()


def test_who_hangs_up_during_the_whisper(given: Given, rosa: Party) -> None:
    given.rule("ORDERS", whisper_template="A rather long whisper about {page_title}. " * 8)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    signs_on(gus)
    eventually(lambda: "call.signed_on" in call.database.timeline(call.id))
    assert card(call)["sign_on"] is None
    gus.phone.go_on()
    gus.becomes(State.NOT_RESPONDING)
    given.becomes(call, state="queued")
    assert "ani" not in card(call), "the next agent knows nothing yet"
    assert rosa.talks()


def test_the_desk_knows_nothing_of_the_customer_before_sign_on(given: Given, rosa: Party) -> None:
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, note="Two baskets, please")
    gus.phone.rings()
    sealed = orjson.dumps([card(call), call.database.value("SELECT call_card_v1(%s)", call.id)])
    for told in (ROSA.phone, "Two", "Gift"):
        assert told.encode() not in sealed
    assert card(call)["sign_on"] == "digit"
    signs_on(gus)
    given.becomes(call, state="connected")
    desk = call.redis.xrevrange(keys.desk(gus.id), count=20)
    updates = [orjson.loads(e[b"data"]) for _, e in desk if e[b"type"] == b"call.updated"]
    assert updates[0]["changed"]["web"]["note"] == "Two baskets, please"
    assert updates[0]["changed"]["ani"] == ROSA.phone
    assert "Gift baskets" in updates[0]["changed"]["web"]["whisper"]
    rosa.go_on()
    call.becomes("answered")


def test_the_right_pin_signs_on(given: Given, rosa: Party) -> None:
    given.rule("ORDERS", sign_on="pin")
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    signs_on(gus, "#")  # is no PIN
    gus.phone.media.key(f"{PIN}#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")


def test_three_wrong_pins_and_the_next_agent_is_asked(given: Given, rosa: Party) -> None:
    given.rule("ORDERS", sign_on="pin")
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    signs_on(gus, "0815#0816#0817#")
    gus.becomes(State.NOT_RESPONDING)
    assert gus.field("reason") == "rejected"
    given.becomes(call, state="queued")
    assert rosa.talks()


@pytest.mark.parametrize("moment", ["signing on", "whisper"])
def test_a_customer_who_hangs_up_meanwhile(given: Given, rosa: Party, moment: str) -> None:
    given.rule("ORDERS", whisper_template="A rather long whisper about {page_title}. " * 8)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    eventually(gus.phone.talks, within=20)
    if moment == "whisper":
        gus.phone.media.key("#")
        eventually(lambda: "call.signed_on" in call.database.timeline(call.id))
    rosa.go_on()
    call.becomes("hung_up")
    given.becomes(call, outcome="abandoned")
    gus.becomes(State.AVAILABLE)
    eventually(lambda: not gus.phone.talks(), what="the agent was told, and let go")


def test_a_customer_who_hangs_up_while_the_agent_is_rung(given: Given, rosa: Party) -> None:
    gus = given.agent("gus", ring_ms=None)
    call = given.call_back(ROSA.phone)
    gus.phone.rings(within=20)
    rosa.go_on()
    call.becomes("hung_up")
    assert gus.withdrawn(call.id) == "customer_hung_up"
    gus.becomes(State.AVAILABLE)


def test_an_agent_at_any_telephone(given: Given, rosa: Party) -> None:
    [(_, username, _, _, number)] = REMOTE
    phone = given.answering(number)
    iris = given.remote_agent(username)
    call = given.call_back(ROSA.phone)
    invite = phone.rings()
    assert ROSA.phone not in str(invite.headers)
    assert invite.custom()["X-CB-Call-Id"] == call.id
    eventually(phone.talks)
    phone.media.key("#")
    given.becomes(call, state="connected")
    iris.becomes(State.ON_CALL)
    rosa.media.speak(1000)
    eventually(lambda: phone.media.hears(1000), what="the agent hears the customer")
    phone.go_on()
    record = given.becomes(call, outcome="answered")
    assert {leg["party"] for leg in record["legs"]} == {ROSA.phone, username}
    call.becomes("answered")
    iris.becomes(State.WRAP_UP)
