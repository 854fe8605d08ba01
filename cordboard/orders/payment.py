"""Paying by a link: whoever takes the card is a provider outside; here are amounts and outcomes.

A provider has a page of its own. The client's browser is sent there by a signed address, and comes
back by another; besides, the provider's server notifies ours. Both are verified, both may come
twice, in any order. No card data ever reaches Cordboard.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode
from uuid import UUID

import orjson

from cordboard import webhooks
from cordboard.webhooks import TOLERANCE_S, verify

PAID, DECLINED = "paid", "declined"
SIGNATURE_HEADER = "X-Pay-Signature"

_TOKEN = re.compile(r"([0-9a-f]{32})-([0-9a-f]{32})")
_SMALL = re.compile(r"[0-9]{1,15}")


class PaymentError(ValueError):
    """What came from outside is not to be believed; the message says why."""


def by_telephone(
    allowed: Sequence[str], *, provider: bool, has_email: bool, proved: bool = True
) -> tuple[str, ...]:
    """Ways to pay for an order in a call, the usual one first: a link has to reach the client.

    Args:
        allowed: the client's, as ``order_facts_v1`` has them.
        provider: somebody takes payments by a link.
        has_email: there is an address to which the link goes.
        proved: more than a number that was keyed says that this client calls.
    """
    not_now = {"payment_link"} if not (provider and has_email) else set()
    if not proved:
        not_now.add("on_account")
    return tuple(way for way in allowed if way not in not_now) or ("on_delivery",)


@dataclass(frozen=True, slots=True)
class Payment:
    """What is to be paid.

    Attributes:
        id: UUID, ours.
        amount_cents: more than nothing.
        shop: whom the client pays, in words.
        number: of the order.
        back: where the provider sends the browser afterwards.
        notify: where its server tells ours.
    """

    id: str
    amount_cents: int
    shop: str
    number: int
    back: str
    notify: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the provider says became of a payment: ``paid`` or ``declined``."""

    payment: str
    state: str
    amount_cents: int
    reference: str


class Provider(Protocol):
    """Somebody who takes payments."""

    @property
    def name(self) -> str:
        """Stored with each payment: letters, digits and hyphens."""

    def link(self, payment: Payment, now_s: int) -> str:
        """Where the client pays."""

    def read_return(self, query: Mapping[str, str], now_s: int) -> Outcome:
        """What the browser brings back.

        Raises:
            PaymentError: it is not the provider's, or too old.
        """

    def read_notification(self, header: str, body: bytes, now_s: int) -> Outcome:
        """What the provider's server tells.

        Raises:
            PaymentError: it is not the provider's, or too old.
        """


@dataclass(frozen=True, slots=True)
class StandInProvider:
    """For demo and tests: a page of the stack on which one says whether it is paid.

    Attributes:
        base: address of that page's server.
        key: shared with it; see :func:`stand_in_key`.
    """

    base: str
    key: bytes
    name: str = "test"

    def link(self, payment: Payment, now_s: int) -> str:
        """Its page, with everything in the address, signed."""
        fields = {
            "id": payment.id,
            "amount_cents": str(payment.amount_cents),
            "shop": payment.shop,
            "number": str(payment.number),
            "back": payment.back,
            "notify": payment.notify,
        }
        return f"{self.base}/pay?{urlencode(signed(fields, self.key, now_s))}"

    def read_return(self, query: Mapping[str, str], now_s: int) -> Outcome:
        """See :class:`Provider`."""
        return _outcome(checked(query, self.key, now_s))

    def read_notification(self, header: str, body: bytes, now_s: int) -> Outcome:
        """See :class:`Provider`."""
        if not verify(self.key, header, body, now_s):
            raise PaymentError("the signature of this notification is wrong or too old")
        try:
            told = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise PaymentError("the notification is no JSON") from error
        if not isinstance(told, dict):
            raise PaymentError("the notification is no JSON object")
        return _outcome({name: str(value) for name, value in told.items()})


def provider(name: str, base: str, secret_key: str) -> Provider | None:
    """The provider of that name (``CORDBOARD_PAYMENT_PROVIDER``); None when there is none."""
    if name == "test":
        return StandInProvider(base, stand_in_key(secret_key))
    return None


def stand_in_key(secret_key: str) -> bytes:
    """What the test provider and the web desk share."""
    return hmac.new(secret_key.encode(), b"stand-in-payment-provider", hashlib.sha256).digest()


def notification(key: bytes, told: Mapping[str, str | int], now_s: int) -> tuple[bytes, str]:
    """Body of a notification and the value of ``SIGNATURE_HEADER``; the provider's side."""
    body = orjson.dumps(dict(told), option=orjson.OPT_SORT_KEYS)
    return body, webhooks.signature(key, body, now_s)


def signed(fields: Mapping[str, str], key: bytes, now_s: int) -> dict[str, str]:
    """The fields with time and signature, for an address."""
    dated = {**fields, "t": str(now_s)}
    return {**dated, "sig": _sign(dated, key)}


def checked(query: Mapping[str, str], key: bytes, now_s: int) -> dict[str, str]:
    """The fields of an address that :func:`signed` made, without time and signature.

    Raises:
        PaymentError: it was changed, or it is too old.
    """
    fields = {name: value for name, value in query.items() if name != "sig"}
    mac = query.get("sig", "")
    if not hmac.compare_digest(_sign(fields, key).encode(), mac.encode()):
        raise PaymentError("the address was changed: its signature is wrong")
    at = fields.pop("t", "")
    if not _SMALL.fullmatch(at) or abs(now_s - int(at)) > TOLERANCE_S:
        raise PaymentError("the address is too old; go back to your order and begin again")
    return fields


def pay_token(order: str, secret_key: str) -> str:
    """Names an order in the address by which it is paid, which an e-mail may carry."""
    plain = UUID(order).hex
    mac = hmac.new(secret_key.encode(), f"pay-order:{plain}".encode(), hashlib.sha256)
    return f"{plain}-{mac.hexdigest()[:32]}"


def pay_address(web: str, shop: str, order: str, secret_key: str) -> str:
    """Where an order is paid, whoever opens it: on the order pages under the base URL ``web``."""
    return f"{web}/order/{shop}/pay/{pay_token(order, secret_key)}"


def order_of_token(token: str, secret_key: str) -> str | None:
    """The order that :func:`pay_token` named; None when nobody of ours did."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    order = str(UUID(parts[1]))
    return order if hmac.compare_digest(pay_token(order, secret_key), token) else None


def _sign(fields: Mapping[str, str], key: bytes) -> str:
    canonical = urlencode(sorted(fields.items()))
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


def _outcome(told: Mapping[str, str]) -> Outcome:
    try:
        payment = str(UUID(told["id"]))
        state, cents = told["state"], told["amount_cents"]
    except (KeyError, ValueError) as error:
        raise PaymentError("it names no payment, state and amount_cents") from error
    if state not in (PAID, DECLINED) or not _SMALL.fullmatch(cents):
        raise PaymentError(f"it says neither {PAID} nor {DECLINED}, or no amount in cents")
    return Outcome(payment, state, int(cents), told.get("reference", "")[:200])
