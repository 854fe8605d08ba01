"""What an agent typed of a new client: each field, or a sentence about what is wrong with it.

No I/O; whoever has the postcodes passes them in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from cordboard.orders.postcodes import PostArea

#: Field -> the longest text that its column takes.
LONGEST = {
    "first_name": 60,
    "last_name": 60,
    "street": 120,
    "city": 80,
    "region": 40,
    "postcode": 12,
    "email": 120,
}
LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "street": "Street and number",
    "city": "City",
    "region": "State",
    "postcode": "Postcode",
    "email": "E-mail",
}
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def check(
    given: Mapping[str, str], area: Callable[[str], PostArea | None] | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed without stray spaces, and field -> what is wrong with it.

    Args:
        given: field -> text; a field that is missing is empty.
        area: what a postcode stands for; None where nobody knows the country's.
    """
    typed = {name: " ".join(given.get(name, "").split()) for name in LONGEST}
    errors = {name: why for name in LONGEST if (why := _wrong(name, typed[name]))}
    if typed["postcode"] and area and "postcode" not in errors:
        found = area(typed["postcode"])
        if found is None:
            errors["postcode"] = f"There is no postcode {typed['postcode']}: listen once more."
        else:
            typed["city"] = typed["city"] or found.city
            typed["region"] = typed["region"] or found.region
    return typed, errors


def _wrong(name: str, text: str) -> str:
    if not text:
        needed = name in ("first_name", "last_name")
        return f"{LABELS[name]} is needed: the client is called by it." if needed else ""
    if len(text) > LONGEST[name]:
        return f"{LABELS[name]} has more than {LONGEST[name]} characters: shorten it."
    if not text.isprintable():
        return f"{LABELS[name]} has characters that cannot be stored: type it anew."
    if name == "email" and not _EMAIL.fullmatch(text):
        return "An e-mail address is written like name@example.com."
    return ""
