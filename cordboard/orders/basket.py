"""What a client wants, as codes and without prices: what is kept, compared and ordered again.

As JSON: ``{"lines": [{"product": "LATTE", "options": ["OAT"], "quantity": 2}], "method": "pick_up",
"location": "LOOP"}``. Method and location are null while they are not chosen.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

METHODS = ("pick_up", "delivery", "appointment")

#: As the tables ``order_line`` and ``product_option`` have them.
MOST_LINES = 50
MOST_QUANTITY = 99
#: Choices of one product: more than anybody listens to.
MOST_OPTIONS = 20

_CODE = re.compile(r"[A-Z0-9-]{2,32}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class BasketError(ValueError):
    """This is no basket; the message names the place and says what to write there."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a product (its code) with these options (their codes)."""

    product: str
    options: tuple[str, ...] = ()
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Basket:
    """What is wanted, how and from where.

    Attributes:
        lines: in the order in which they were chosen.
        method: one of ``METHODS``; empty is not chosen.
        location: code; empty is whichever can serve.
    """

    lines: tuple[Line, ...] = ()
    method: str = ""
    location: str = ""

    @property
    def key(self) -> str:
        """The same for the same order: however lines and options are arranged or repeated.

        Where something to be delivered is made is nothing that a client orders.
        """
        parts = sorted(
            f"{line.quantity} {line.product} {' '.join(sorted(line.options))}"
            for line in self.merged().lines
        )
        where = "" if self.method == "delivery" else self.location
        return "|".join([self.method, where, *parts])

    def merged(self) -> Basket:
        """With equal lines made one, at the place of the first."""
        merged: dict[tuple[str, ...], Line] = {}
        for line in self.lines:
            same = (line.product, *sorted(line.options))
            before = merged.get(same)
            merged[same] = line if before is None else _more(before, line.quantity)
        return replace(self, lines=tuple(merged.values()))

    def as_json(self) -> dict[str, Any]:
        """What :func:`parse` reads."""
        lines = [
            {"product": line.product, "options": list(line.options), "quantity": line.quantity}
            for line in self.lines
        ]
        return {"lines": lines, "method": self.method or None, "location": self.location or None}


def _more(line: Line, quantity: int) -> Line:
    return replace(line, quantity=line.quantity + quantity)


def parse(found: object) -> Basket:
    """The basket that this JSON says; equal lines are made one.

    Raises:
        BasketError: it says none.
    """
    fields = _fields(found, "the basket", {"lines"}, {"method", "location"})
    lines = _list(fields["lines"], "lines", MOST_LINES)
    basket = Basket(
        tuple(_line(line, f"lines[{place}]") for place, line in enumerate(lines)),
        _method(fields.get("method")),
        _location(fields.get("location")),
    ).merged()
    for line in basket.lines:
        if line.quantity > MOST_QUANTITY:
            raise BasketError(
                f"lines: {line.quantity} of {line.product} in all; order {MOST_QUANTITY} at most."
            )
    return basket


def parse_text(text: str) -> Basket:
    """The same from text.

    Raises:
        BasketError: it is no JSON, or says no basket.
    """
    try:
        return parse(json.loads(text))
    except BasketError:
        raise
    except (ValueError, RecursionError):
        raise BasketError(
            'The basket is no JSON. Write {"lines": […], "method": …, "location": …}.'
        ) from None


def _line(found: object, place: str) -> Line:
    fields = _fields(found, place, {"product"}, {"options", "quantity"})
    options = _list(fields.get("options", []), f"{place}.options", MOST_OPTIONS)
    codes = tuple(_code(one, f"{place}.options[{n}]") for n, one in enumerate(options))
    if len(set(codes)) < len(codes):
        raise BasketError(f"{place}.options: one is there twice; leave it there once.")
    return Line(
        _code(fields["product"], f"{place}.product"),
        codes,
        _quantity(fields.get("quantity", 1), f"{place}.quantity"),
    )


def _method(found: object) -> str:
    if found is None:
        return ""
    if isinstance(found, str) and found in ("", *METHODS):
        return found
    raise BasketError(f"method: {_shown(found)} is none; write {', '.join(METHODS)} or null.")


def _location(found: object) -> str:
    return "" if found is None or found == "" else _code(found, "location")


def _quantity(found: object, place: str) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= MOST_QUANTITY:
        raise BasketError(f"{place}: {_shown(found)}; write a whole number, 1 to {MOST_QUANTITY}.")
    return found


def _code(found: object, place: str) -> str:
    if isinstance(found, str) and _CODE.fullmatch(found):
        return found
    raise BasketError(
        f"{place}: {_shown(found)} is no code; write 2 to 32 capitals, digits or hyphens."
    )


def _list(found: object, place: str, most: int) -> list[Any]:
    if not isinstance(found, list):
        raise BasketError(f"{place}: {_shown(found)} is no list; write it in [ ].")
    if len(found) > most:
        raise BasketError(f"{place}: {len(found):,} are too many; {most} at most.")
    return found


def _fields(found: object, place: str, needed: set[str], more: set[str]) -> dict[str, Any]:
    names = ", ".join(sorted(needed | more))
    if not isinstance(found, dict):
        raise BasketError(f"{place}: {_shown(found)} is no object; write {{…}} with {names}.")
    if missing := sorted(needed - found.keys()):
        raise BasketError(f"{place}: “{missing[0]}” is missing; there are {names}.")
    if unknown := [name for name in found if name not in needed | more]:
        raise BasketError(f"{place}: {_shown(unknown[0])} is not known; there are {names}.")
    return found


def _shown(found: object) -> str:
    """Nobody wants an error of 100,000 characters, or one that a terminal obeys."""
    if found is None or isinstance(found, bool):
        return {None: "null", True: "true", False: "false"}[found]
    if isinstance(found, str):
        return f"“{_UNPRINTABLE.sub('�', found[:40])}{'…' if len(found) > 40 else ''}”"
    if isinstance(found, int) and abs(found) >= 10**12:
        return "a number of many digits"
    if isinstance(found, int | float):
        return str(found)
    return "a list" if isinstance(found, list) else "an object"
