"""What the dialogue remembers from one turn to the next; stored in the call's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cordboard.orders import draft as drafts
from cordboard.orders.basket import Basket, Line
from cordboard.orders.draft import Draft, order_id


@dataclass(frozen=True, slots=True)
class Picking:
    """What is being chosen from the list.

    Attributes:
        category, product: codes; empty before.
        options: codes, one for each choice answered so far.
        page: of what is read out, from 0.
    """

    category: str = ""
    product: str = ""
    options: tuple[str, ...] = ()
    page: int = 0


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What a new client has said so far; ``asked_again``: the recording was silence once."""

    number: str = ""
    postcode: str = ""
    method: str = ""
    billing: str = ""
    asked_again: bool = False

    def with_number(self, number: str) -> Enrolling:
        """The same with another number to call back, +E.164."""
        return replace(self, number=number)


@dataclass(frozen=True, slots=True)
class Memory:
    """Where in the dialogue the call is.

    Attributes:
        at: name of the prompt, see ``prompts.py``.
        draft: the order that is being made.
        count: orders begun in this call.
        keyed: the client was found by a number that was keyed: it proves nothing.
        looked_up: that number, +E.164.
        fresh: nothing was keyed yet at the first prompt of the client.
        misses: times in a row that nothing or a wrong key came.
        turns: how many there were.
        retries: times that an order could not be placed as it was read back.
        page: of the callers.
        day: days ahead, for the time that is being asked.
        not_at: codes of locations that are not to be chosen.
        picking: see there.
        enrolling: see there.
        ordered: the order that was placed last, with its time; None: none was.
        number: its number.
        timed: the client was asked when it is wanted, or need not be.
        offered: price, place and time of the suggestion that was taken, as the client has heard
            them; empty when it did not, or has heard of something else since.
        why: why the call goes to a person.
        along: the draft that goes along.
    """

    at: str
    draft: Draft
    count: int = 1
    keyed: bool = False
    looked_up: str = ""
    fresh: bool = True
    misses: int = 0
    turns: int = 0
    retries: int = 0
    page: int = 0
    day: int = 0
    not_at: tuple[str, ...] = ()
    picking: Picking = field(default_factory=Picking)
    enrolling: Enrolling = field(default_factory=Enrolling)
    ordered: Draft | None = None
    number: int = 0
    timed: bool = False
    offered: str = ""
    why: str = ""
    along: str = ""

    @property
    def basket(self) -> Basket:
        """What is wanted so far."""
        return self.draft.basket

    @property
    def draft_kept(self) -> bool:
        """Whether there is something of the draft in the database."""
        return bool(self.basket.lines)

    def with_draft(self, **changes: Any) -> Memory:
        """The same with a changed draft."""
        return replace(self, draft=replace(self.draft, **changes))

    def with_basket(self, **changes: Any) -> Memory:
        """The same with a changed basket; it has not been read back yet."""
        return self.with_draft(basket=replace(self.basket, **changes), total_cents=0)

    def with_line(self, line: Line) -> Memory:
        """The same with one line more."""
        lines = (*self.basket.lines, line)
        return self.with_draft(basket=replace(self.basket, lines=lines).merged(), total_cents=0)

    def anew(self, call: str) -> Memory:
        """The next order of this call, of which there is nothing yet."""
        count = self.count + 1
        draft = Draft(order_id(call, count), suggested=self.draft.suggested)
        begun = replace(self, draft=draft, count=count, picking=Picking())
        return replace(begun, retries=0, day=0, not_at=(), timed=False, offered="")

    def as_json(self) -> dict[str, Any]:
        """What :func:`memory_from_json` reads."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            **plain,
            "draft": self.draft.as_json(),
            "ordered": self.ordered and self.ordered.as_json(),
            "not_at": list(self.not_at),
            "picking": _as_dict(self.picking),
            "enrolling": _as_dict(self.enrolling),
        }


_OBJECTS = ("draft", "ordered", "not_at", "picking", "enrolling")
_PLAIN = tuple(f.name for f in fields(Memory) if f.name not in _OBJECTS)


def memory_from_json(data: Mapping[str, Any]) -> Memory:
    """The memory in a call's state; what an older version did not know is as at the beginning.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    picking = {**data["picking"], "options": tuple(data["picking"]["options"])}
    return Memory(
        **{name: data[name] for name in _PLAIN if name in data},
        draft=drafts.from_json(data["draft"]),
        ordered=drafts.from_json(data["ordered"]) if data["ordered"] else None,
        not_at=tuple(data["not_at"]),
        picking=Picking(**picking),
        enrolling=Enrolling(**data["enrolling"]),
    )


def _as_dict(one: Picking | Enrolling) -> dict[str, Any]:
    values = {f.name: getattr(one, f.name) for f in fields(one)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
