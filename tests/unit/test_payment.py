"""Payment by a link: what comes back is believed only as the provider signed it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from cordboard.orders.payment import (
    Outcome,
    Payment,
    PaymentError,
    StandInProvider,
    checked,
    notification,
    order_of_token,
    pay_token,
    provider,
    signed,
    stand_in_key,
)

NOW = 1_780_000_000
KEY = stand_in_key("secret")
PAYMENT = "0b5e2f0a-53d9-4a8e-8f3b-111111111111"
PAID = {"id": PAYMENT, "state": "paid", "amount_cents": "740", "reference": "t-1"}
STAND_IN = StandInProvider("http://127.0.0.1:1", KEY)


def test_a_link_carries_what_is_to_be_paid_and_nothing_of_a_card() -> None:
    asked = Payment(PAYMENT, 740, "Corner Pantry", 12, "http://w/back", "http://w/notify")
    fields = dict(parse_qsl(urlsplit(STAND_IN.link(asked, NOW)).query))
    assert checked(fields, KEY, NOW + 60) == {
        "id": PAYMENT,
        "amount_cents": "740",
        "shop": "Corner Pantry",
        "number": "12",
        "back": "http://w/back",
        "notify": "http://w/notify",
    }


@pytest.mark.parametrize("changed", [{"amount_cents": "1"}, {"state": "declined"}, {"x": "y"}])
def test_a_changed_return_is_refused(changed: dict[str, str]) -> None:
    back = signed(PAID, KEY, NOW)
    assert STAND_IN.read_return(back, NOW) == Outcome(PAYMENT, "paid", 740, "t-1")
    with pytest.raises(PaymentError, match="signature"):
        STAND_IN.read_return({**back, **changed}, NOW)


def test_an_old_return_or_one_without_signature_is_refused() -> None:
    with pytest.raises(PaymentError, match="too old"):
        STAND_IN.read_return(signed(PAID, KEY, NOW), NOW + 301)
    with pytest.raises(PaymentError, match="signature"):
        STAND_IN.read_return(PAID, NOW)


def test_a_notification_is_believed_by_its_signature() -> None:
    body, header = notification(KEY, PAID, NOW)
    assert STAND_IN.read_notification(header, body, NOW).state == "paid"
    for told, by in ((body + b" ", header), (body, ""), (body, header.replace("t=1", "t=2"))):
        with pytest.raises(PaymentError):
            STAND_IN.read_notification(by, told, NOW)
    with pytest.raises(PaymentError):
        STAND_IN.read_notification(header, body, NOW + 301)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "refunded"}, {"amount_cents": "-1"}, {"amount_cents": "7.4"}, {"id": "12"}],
)
def test_a_signed_outcome_has_to_make_sense(wrong: dict[str, str]) -> None:
    body, header = notification(KEY, {**PAID, **wrong}, NOW)
    with pytest.raises(PaymentError):
        STAND_IN.read_notification(header, body, NOW)


@pytest.mark.parametrize("body", [b"[]", b"no json", b"{}"])
def test_a_signed_body_may_still_be_nonsense(body: bytes) -> None:
    from cordboard.webhooks import signature

    with pytest.raises(PaymentError):
        STAND_IN.read_notification(signature(KEY, body, NOW), body, NOW)


def test_an_address_names_an_order_only_as_we_made_it() -> None:
    token = pay_token(PAYMENT, "secret")
    assert order_of_token(token, "secret") == PAYMENT
    assert UUID(PAYMENT).hex in token
    for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper(), "", "x" * 65):
        assert order_of_token(wrong, "secret") is None
    assert order_of_token(token, "other") is None


def test_without_a_provider_there_is_none() -> None:
    assert provider("", "http://x", "secret") is None
    found = provider("test", "http://x", "secret")
    assert found is not None
    assert found.name == "test"
