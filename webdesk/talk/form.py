"""What a visitor typed on the welcome page: read, kept as it was typed, and checked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from cordboard.visitor_pages import MAX_PAGES, clean_pages

Json = dict[str, Any]

MAX_NOTE = 1000
_KEY = re.compile(r"[0-9a-f-]{36}")
_NUMBER = re.compile(r"[+0-9 ()./\-]{1,40}")
#: Longest value of a field that is kept as it was typed; more is refused all the same.
_LONGEST = {"note": 4000, "pages": 60_000}


@dataclass(frozen=True, slots=True)
class Entered:
    """The form as it was typed; every field is text, whatever a browser sent."""

    number: str = ""
    whose: str = "typed"
    when: str = "now"
    pick: str = "own"
    at: str = ""
    offer: str = ""
    note: str = ""
    person: str = ""
    consent: bool = False
    zone: str = ""
    pages: str = "[]"
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def is_later(self) -> bool:
        """Whether a time was chosen, by an offer's button or in the form."""
        return bool(self.offer) or self.when == "later"

    @property
    def offered(self) -> str:
        """The offered time that was chosen, "" for one that was typed."""
        return self.offer or ("" if self.pick == "own" else self.pick)


def read(form: Mapping[str, str]) -> Entered:
    """The fields of a form that was sent, without control characters, of bearable length."""
    names = ("number", "whose", "when", "pick", "at", "offer", "note", "person", "zone", "pages")
    values = {name: _text(form.get(name, ""), _LONGEST.get(name, 80)) for name in names}
    key = form.get("key", "")
    if values["offer"]:
        # A page that comes back, for the number's sake say, has this time chosen.
        values |= {"when": "later", "pick": values["offer"]}
    return Entered(
        consent=form.get("consent") == "yes",
        key=key if _KEY.fullmatch(key) else str(uuid.uuid4()),
        **{**values, "pick": values["pick"] or "own"},
    )


def _text(value: str, longest: int) -> str:
    kept = "".join(
        c for c in value if c in "\n\t" or (c.isprintable() and not c.isspace()) or c == " "
    )
    return kept[:longest].strip()


def complaints(entered: Entered, *, known: bool) -> dict[str, str]:
    """Field -> what is wrong with it, as far as the form alone tells."""
    found = {}
    if not (known and entered.whose == "known"):
        if not entered.number:
            found["number"] = "Give the number at which we can call you."
        elif not _NUMBER.fullmatch(entered.number):
            found["number"] = "A telephone number has digits only, with + for another country."
    if len(entered.note) > MAX_NOTE:
        found["note"] = f"Please shorten it: {len(entered.note)} of {MAX_NOTE} characters."
    if not entered.consent:
        found["consent"] = "We need your consent before we may call you."
    return found


def pages(entered: Entered) -> list[Json]:
    """The pages viewed, as the site's script counted them; what is not of that form is left out."""
    try:
        found = orjson.loads(entered.pages)
    except orjson.JSONDecodeError:
        return []
    return clean_pages(found if isinstance(found, list) else [])[-MAX_PAGES:]
