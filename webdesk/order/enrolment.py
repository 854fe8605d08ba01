"""The form by which a new client enrols: what was typed, what is wrong with it. No card data."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import phonenumbers

from cordboard.orders import postcodes

Json = dict[str, Any]

#: Longest text of one field, as the domain ``label`` has it, characters.
LONGEST = 120
LONGEST_NAME = 40

#: A name is spoken on the telephone, to whoever shares the number.
_NAME = re.compile(r"[^\W\d_][\w .'’-]*")
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed, whatever it is."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    number: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    method: str = "pick_up"
    billing: str = "on_delivery"


EMPTY = Entered()


def read(form: Mapping[str, str]) -> Entered:
    """The fields of a form, trimmed and made one line each."""
    given = {
        field.name: one_line(form[field.name])[:400]
        for field in fields(Entered)
        if field.name in form
    }
    return Entered(**given)


def one_line(typed: str) -> str:
    """Without what no line of text has: line ends, other controls, halves of characters."""
    return " ".join(_UNPRINTABLE.sub(" ", typed).split())


def complaints(entered: Entered, country: str) -> dict[str, str]:
    """Field -> what is wrong with it and what to type; empty when it can be taken."""
    wrong: dict[str, str] = {}
    for field, what in (("first_name", "first name"), ("last_name", "last name")):
        value = getattr(entered, field)
        if not _NAME.fullmatch(value) or len(value) > LONGEST_NAME:
            wrong[field] = f"Type your {what}: letters, at most {LONGEST_NAME}."
    if not _EMAIL.fullmatch(entered.email):
        wrong["email"] = "Type an e-mail address, like name@example.com."
    if not e164(entered.number, country):
        wrong["number"] = "Type a telephone number with area code."
    for field, what in (("street", "street and number"), ("city", "city")):
        if not 2 <= len(getattr(entered, field)) <= LONGEST:
            wrong[field] = f"Type your {what}."
    if problem := postcode_problem(entered.postcode, country):
        wrong["postcode"] = problem
    if entered.method not in ("pick_up", "delivery"):
        wrong["method"] = "Choose how you usually get your orders."
    if entered.billing not in ("on_delivery", "payment_link"):
        wrong["billing"] = "Choose how you usually pay."
    return wrong


def postcode_problem(postcode: str, country: str) -> str:
    """Why this is no postcode; empty when it is, or when nobody knows."""
    if not postcodes.covers(country):
        return "" if 2 <= len(postcode) <= 12 else "Type your postcode."
    if postcodes.area(country, postcode) is None:
        return "There is no such ZIP code. Type its five digits."
    return ""


def e164(typed: str, country: str) -> str:
    """A typed number in international form; empty when it is none."""
    try:
        parsed = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def form_key(sent: str) -> str:
    """The key of a form, a new one in place of what is none."""
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        return str(uuid.uuid4())


def as_json(entered: Entered, shop: Json, key: str) -> Json:
    """What ``enrol_client_v1`` takes; the region is the postcode's."""
    area = postcodes.area(shop["country"], entered.postcode)
    return {
        **asdict(entered),
        "id": key,
        "subscriber": shop["sid"],
        "source": "web",
        "number": e164(entered.number, shop["country"]),
        "postcode": area.postcode if area else entered.postcode,
        "region": area.region if area else None,
    }
