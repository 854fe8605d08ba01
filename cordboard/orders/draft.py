"""An order that is not placed yet, as whoever takes it holds it; what functions are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from cordboard.orders.basket import Basket
from cordboard.orders.basket import parse as parse_basket
from cordboard.orders.catalogue import Catalogue
from cordboard.orders.pricing import price

BILLING = ("on_delivery", "on_account", "payment_link")


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is delivered; what is not known is empty."""

    street: str
    city: str = ""
    postcode: str = ""

    def as_json(self) -> dict[str, str]:
        """What :func:`address_from_json` reads, and functions take."""
        return {"street": self.street, "city": self.city, "postcode": self.postcode}


def address_from_json(data: Mapping[str, Any] | None) -> Address | None:
    """An address that the database tells; None is where the client lives.

    Raises:
        KeyError, TypeError: it is not of the form of :meth:`Address.as_json`.
    """
    if data is None:
        return None
    return Address(data["street"] or "", data.get("city") or "", data.get("postcode") or "")


@dataclass(frozen=True, slots=True)
class Draft:
    """A half-made order.

    Attributes:
        order: its UUID.
        basket: what is wanted so far.
        due_at: when it is wanted; None is as soon as possible.
        billing: one of ``BILLING``; empty before it is known.
        total_cents: with tax, as the client heard it; 0 before.
        suggested: the usual orders that were offered, best first.
        suggestion: which of them was taken, from 1; 0 is none.
        replaces: the placed order that this one changes; empty when it changes none.
        address: where it is delivered; None is where the client lives.
    """

    order: str
    basket: Basket = field(default_factory=Basket)
    due_at: datetime | None = None
    billing: str = ""
    total_cents: int = 0
    suggested: tuple[Basket, ...] = ()
    suggestion: int = 0
    replaces: str = ""
    address: Address | None = None

    def as_json(self) -> dict[str, Any]:
        """What :func:`from_json` reads."""
        return {
            "order": self.order,
            "basket": self.basket.as_json(),
            "due_at": self.due_at and self.due_at.isoformat(),
            "billing": self.billing or None,
            "total_cents": self.total_cents,
            "suggested": [basket.as_json() for basket in self.suggested],
            "suggestion": self.suggestion or None,
            "replaces": self.replaces or None,
            "address": self.address and self.address.as_json(),
        }


def from_json(data: Mapping[str, Any]) -> Draft:
    """A draft from the database, or out of a call's state.

    Raises:
        KeyError, TypeError, ValueError: it is not of the form of :meth:`Draft.as_json`.
    """
    due_at = data.get("due_at")
    billing = data.get("billing") or ""
    if billing and billing not in BILLING:
        raise ValueError(f"{billing!r} is no way to pay; there are {', '.join(BILLING)}")
    return Draft(
        order=str(UUID(data["order"])),
        basket=parse_basket(data["basket"]),
        due_at=datetime.fromisoformat(due_at) if due_at else None,
        billing=billing,
        total_cents=int(data.get("total_cents") or 0),
        suggested=tuple(parse_basket(basket) for basket in data.get("suggested") or ()),
        suggestion=int(data.get("suggestion") or 0),
        replaces=str(UUID(data["replaces"])) if data.get("replaces") else "",
        address=address_from_json(data.get("address")),
    )


def order_id(call: str, count: int) -> str:
    """UUID of the order that a call begins as its ``count``-th: begun again it is the same."""
    return str(uuid5(UUID(call), f"order.{count}"))


def draft_json(draft: Draft, catalogue: Catalogue, **who: Any) -> dict[str, Any]:
    """What ``save_draft_v1`` and ``place_order_v1`` take (docs/architecture.md).

    Args:
        draft: the order; its address is not told, so what was typed meanwhile stays.
        catalogue: whose prices it has now.
        who: ``subscriber``, ``customer``, ``source``, ``call``, ``held_by``; ``address`` of
            whoever has said where it goes.

    Raises:
        Unpriceable: something in it is not sold.
    """
    told = draft.as_json()
    # ``place_order_v1`` compares what was read back with the prices of its moment.
    heard_cents = told.pop("total_cents")
    del told["address"]
    priced = price(draft.basket, catalogue).as_json()
    return {**told, **priced, "total_cents": heard_cents or priced["total_cents"], **who}
