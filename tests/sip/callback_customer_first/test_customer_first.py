"""A customer on the web is called first, held, and only then an agent signs on and hears why."""

from __future__ import annotations

from cordboard import keys
from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import ROSA
from support.world import Given


def test_customer_then_agent_then_both_talk(given: Given) -> None:
    gus = given.agent("gus")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone, note="Two baskets")

    rosa.rings()
    eventually(rosa.media.hears_something, what="the customer hears the hold text or music")
    invite = gus.phone.rings()
    assert call.redis.get(keys.call_of_visitor(call.visitor)) == call.id.encode()
    assert invite.custom()["X-CB-Subject"] == "ORDERS"
    told = invite.start + str(invite.headers)
    assert not [word for word in (ROSA.phone, "Rosa") if word in told], "not before signing on"

    eventually(gus.phone.talks)
    rosa.media.speak(1000)
    eventually(gus.phone.media.hears_something, what="the agent is asked to sign on")
    given.becomes(call, state="ringing")
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    gus.becomes(State.ON_CALL)
    gus.phone.media.speak(400)
    eventually(lambda: gus.phone.media.hears(1000), what="the agent hears the customer")
    eventually(lambda: rosa.media.hears(400), what="the customer hears the agent")

    rosa.go_on()
    attempt = call.becomes("answered")
    record = given.becomes(call, outcome="answered")
    assert attempt["dialled_at"]
    assert (record["direction"], record["ani"]) == ("outbound", ROSA.phone)
    assert record["cti"]["DEPARTMENT"] == "orders", "TAG2 goes with the call"
    assert {leg["role"]: bool(leg["answered"] and leg["ended"]) for leg in record["legs"]} == {
        "customer": True,
        "agent": True,
    }
    assert call.request_state() == "completed"
    assert not call.redis.exists(keys.call_of_visitor(call.visitor))
    gus.becomes(State.WRAP_UP)
    assert call.legs_told()[:4] == [
        "customer dialling",
        "customer ringing",
        "customer answered",
        "agent dialling",
    ]
    kinds = [kind for kind, _ in call.told() if kind in ("call.connected", "call.ended")]
    assert kinds == ["call.connected", "call.ended"]
