"""A caller whose number we know reaches an agent, and the offer arrives with the call.

No digit is keyed. The agent's phone gets the data in its INVITE; the agent alone hears the
announcement; then both hear each other.
"""

from __future__ import annotations

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import DANA
from support.world import Given


def test_the_offer_travels_with_the_call(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)

    data = ava.phone.rings().custom()
    assert data["X-CB-Customer-Name"] == DANA.name
    assert data["X-CB-Account-Number"] == DANA.account
    assert data["X-CB-Identified-By"] == "ani"
    assert data["X-CB-Call-Id"] == call.call_id()
    assert data["X-CB-Service-Offer-Code"]
    assert data["X-CB-Service-Offer-Url"].startswith("http")
    assert "X-CB-Sales-Offer-Code" not in data, "a sales offer needs the SSN"
    uui, encoding = data["User-to-User"].split(";")
    assert encoding == "encoding=hex"
    assert bytes.fromhex(uui).decode() == (
        f"C={call.call_id()};V={data['X-CB-Service-Offer-Code']}"
    )

    ava.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert record["cti"]["CUSTOMER_NAME"] == DANA.name
    assert record["identified_by"] == ["ani"]
    assert record["verified"] is False
    assert record["cti"]["SERVICE_OFFER_CODE"] == data["X-CB-Service-Offer-Code"]
    assert [offer["kind"] for offer in record["offers"]] == ["service"]
    assert {leg["role"] for leg in record["legs"]} == {"customer", "agent"}
    assert all(leg["answered"] for leg in record["legs"])
    eventually(lambda: all(leg["ended"] for leg in given.record(call)["legs"]))
    ava.becomes(State.WRAP_UP)


def test_the_channel_carries_the_data(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    ava.becomes(State.ON_CALL)
    channel = call.channel()
    assert channel is not None
    assert given.switch.variable(channel["id"], "CB_CUSTOMER_NAME") == DANA.name
    assert given.switch.variable(channel["id"], "CB_SERVICE_OFFER_URL").startswith("http")
    call.hang_up()
    given.ended(call, "answered")


def test_the_agent_alone_hears_the_announcement_and_then_both_talk(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    call.media.speak(1000)
    ava.phone.rings()
    eventually(ava.phone.talks)

    eventually(ava.phone.media.hears_something, what="the agent hears the announcement")
    assert given.record(call)["state"] != "connected"
    assert not ava.phone.media.hears(1000), "the caller is heard before the announcement is over"

    ava.phone.media.speak(400)
    eventually(lambda: ava.phone.media.hears(1000), within=15, what="the agent hears the caller")
    eventually(lambda: call.media.hears(400), what="the caller hears the agent")
    given.becomes(call, state="connected")
    call.hang_up()
    given.ended(call, "answered")
