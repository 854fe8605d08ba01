"""Somebody new is enrolled in the call: number, voice, postcode, delivery, billing; then orders."""

from __future__ import annotations

from cordboard.voice import listen_to
from support.regulars import Shop


def test_a_new_client_is_enrolled_and_orders(shop: Shop) -> None:
    number = shop.number()
    call = shop.dial(number)
    call.goes(("new", "1"), ("enrol_number", "1"))
    call.hears("enrol_name")
    call.records()  # after the last word
    call.speaks(1.5)
    call.caller.key("#")
    call.answers("enrol_address", "#")  # cuts the words short; then nobody says anything
    call.records()
    call.hears("enrol_address")
    call.caller.key("#")
    call.records()
    call.caller.key("#")
    call.goes(
        ("enrol_postcode", "00000#"),
        ("enrol_postcode", "60601#"),
        ("enrol_sure", "1"),
        ("enrol_method", "1"),
        ("enrol_billing", "2"),
        ("category", "2"),
        ("goods", "5"),
        ("quantity", "2#"),
        ("more", "2"),
        ("method", "1"),
        ("time", "1"),
        ("readback", "1"),
    )
    call.hears("done")
    call.leaves("automated")

    new = shop.found(number)
    (order,) = new.orders()
    assert (order["state"], order["billing"]) == ("placed", "on_delivery"), "a link has no address"
    (enrolment,) = shop.database.rows("SELECT * FROM enrolment WHERE customer_id = %s", new.id)
    assert (enrolment["state"], enrolment["source"], enrolment["number"]) == (
        "recorded",
        "phone",
        number,
    )
    audio = new.audio()
    assert set(audio) == {"name"}, "silence is not kept"
    assert listen_to(audio["name"]).voice_s > 0.5
    assert shop.given.switch.recordings() == [], "nothing stays in Asterisk"
    shop.client("Ben", number=number)  # shares the telephone: the recorded name is played
    again = shop.dial(number)
    again.hears("who")
    assert shop.spoken_names(new), "the name as it was recorded"
    again.caller.key("1")
    again.hears("main")
    assert again.client() == new.id
    again.leaves("abandoned_ivr")


def test_a_client_records_the_own_name(shop: Shop) -> None:
    rosa = shop.client("Rosa")
    call = shop.call(rosa)
    call.goes(("main", "7"), ("settings", "3"))
    call.says_at("my_name", seconds=1.5)
    call.hears("main")
    call.leaves("abandoned_ivr")
    assert not listen_to(rosa.audio()["name"]).silent
    assert shop.given.switch.recordings() == []
