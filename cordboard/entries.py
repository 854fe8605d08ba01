"""What an agent may send back to the merchant: the forms, and what may stand in them. No I/O.

The names of kinds and fields are part of the webhook ``entry.saved`` (docs/webhooks.md): they stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: What no text may hold: control characters other than line end and tab.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: as the merchant gets it.
        label: as the agent reads it.
        required: may not be empty.
        longest: characters.
        choices: value -> words, when it is one of a list; a list's first is preselected.
        lines: rows of the input; 1 is a single line.
        pattern: what the text must look like, with ``hint`` in words.
    """

    name: str
    label: str
    required: bool = False
    longest: int = 200
    choices: Mapping[str, str] | None = None
    lines: int = 1
    pattern: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of entry."""

    title: str
    fields: tuple[Field, ...]


FORMS: dict[str, Form] = {
    "order": Form(
        "Order",
        (
            Field("items", "What is ordered", required=True, longest=2000, lines=3),
            Field(
                "total",
                "Total as told to the customer",
                longest=12,
                pattern=r"[0-9]{1,7}(\.[0-9]{2})?",
                hint="an amount such as 24.50",
            ),
            Field("delivery", "Delivery", choices={"delivery": "Deliver", "pickup": "Pick up"}),
            Field("address", "Deliver to, or pick up at", longest=500, lines=2),
            Field("remarks", "Remarks", longest=1000, lines=2),
        ),
    ),
    "complaint": Form(
        "Complaint",
        (
            Field(
                "about",
                "About",
                choices={
                    "product": "Goods",
                    "delivery": "Delivery",
                    "billing": "Billing",
                    "service": "Service",
                    "other": "Something else",
                },
            ),
            Field("text", "What happened", required=True, longest=4000, lines=3),
            Field("wish", "What the customer wants", longest=1000, lines=2),
            Field("urgency", "Urgency", choices={"normal": "Normal", "high": "High"}),
        ),
    ),
    "note": Form("Note", (Field("text", "Note", required=True, longest=4000, lines=3),)),
}


class EntryError(ValueError):
    """A form cannot be stored; the message says which field and what to do."""


def parse(kind: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form, checked; what was left empty is left out.

    Raises:
        EntryError: no such form, a field is missing, too long, or not as it should be.
    """
    form = FORMS.get(kind)
    if form is None:
        raise EntryError("Choose a form: order, complaint or note.")
    found = {field.name: _value(field, typed.get(field.name, "")) for field in form.fields}
    return {name: value for name, value in found.items() if value}


def _value(field: Field, typed: str) -> str:
    value = _CONTROL.sub("", typed.replace("\r\n", "\n")).strip()
    if field.choices is not None:
        value = value or next(iter(field.choices))
        if value not in field.choices:
            raise EntryError(f"“{field.label}” is one of: {', '.join(field.choices.values())}.")
        return value
    if field.required and not value:
        raise EntryError(f"Fill in “{field.label}” first.")
    if len(value) > field.longest:
        raise EntryError(f"“{field.label}” holds {field.longest} characters at most.")
    if value and field.pattern and not re.fullmatch(field.pattern, value):
        raise EntryError(f"“{field.label}” must be {field.hint}.")
    return value
