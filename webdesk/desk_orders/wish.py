"""What an agent's form says of an order, checked. No I/O."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cordboard import visit_times
from cordboard.orders import basket
from cordboard.orders.draft import BILLING, Draft

LONGEST_NOTE = 500
LONGEST_ADDRESS = 120
ADDRESS = ("street", "city", "postcode")


class WishError(ValueError):
    """The form cannot be read as an order; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An order as the form has it.

    Attributes:
        version: of the order that the form showed; 0: it was not stored yet.
        total_cents: what was read back.
        address: where it is delivered, when that is not where the client lives.
        tells_address: whether the form has an address at all; without one it stays as it is.
    """

    draft: Draft
    version: int
    note: str
    total_cents: int
    address: dict[str, str] | None
    tells_address: bool


def read_wish(form: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Wish:
    """The wish that a form sends.

    Raises:
        WishError: it cannot be read.
    """
    try:
        order = str(uuid.UUID(form.get("order", "")))
        wanted = basket.parse_text(form.get("basket", ""))
        due_at = visit_times.read_wanted(form["due"], zone, now) if form.get("due") else None
    except (basket.BasketError, visit_times.WantedTimeError) as error:
        raise WishError(str(error)) from error
    except ValueError:
        raise WishError("This form is incomplete. Reload the page, then try again.") from None
    billing = form.get("billing", "")
    if billing and billing not in BILLING:
        raise WishError("Choose one of the ways to pay.")
    return Wish(
        draft=Draft(order, wanted, due_at, billing),
        version=_number(form, "version"),
        note=_note(form),
        total_cents=_number(form, "total_cents"),
        address=_address(form),
        tells_address=any(name in form for name in ADDRESS),
    )


def draft_json(wish: Wish, **who: Any) -> dict[str, Any]:
    """What ``save_draft_v1`` and ``place_order_v1`` take; lines are priced by the database."""
    told = {**wish.draft.as_json(), "total_cents": wish.total_cents, "note": wish.note, **who}
    # Which suggestion the client took in the dialogue is not the desk's to change, and an address
    # is only when its form names one.
    for name in ("suggested", "address"):
        del told[name]
    return {**told, "address": wish.address} if wish.tells_address else told


def _number(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise WishError("This form is incomplete. Reload the page, then try again.")
    return int(text)


def _note(form: Mapping[str, str]) -> str:
    note = " ".join(form.get("note", "").split())
    if len(note) > LONGEST_NOTE or (note and not note.isprintable()):
        raise WishError(f"A note has at most {LONGEST_NOTE} characters that can be read.")
    return note


def _address(form: Mapping[str, str]) -> dict[str, str] | None:
    typed = {name: " ".join(form.get(name, "").split()) for name in ADDRESS}
    if not any(typed.values()):
        return None
    if not typed["street"] or not typed["city"]:
        raise WishError("An address needs street and city.")
    if any(
        len(text) > LONGEST_ADDRESS or not text.isprintable() for text in typed.values() if text
    ):
        raise WishError(f"Each part of an address has at most {LONGEST_ADDRESS} characters.")
    return {name: text for name, text in typed.items() if text}
