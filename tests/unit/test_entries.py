"""The forms that go back to the merchant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.entries import FORMS, EntryError, parse


def test_an_order_with_what_was_filled_in() -> None:
    typed = {"items": " 2 x Gift basket\r\n1 x Coffee ", "total": "74.50", "remarks": "", "x": "y"}
    assert parse("order", typed) == {
        "items": "2 x Gift basket\n1 x Coffee",
        "total": "74.50",
        "delivery": "delivery",
    }


@pytest.mark.parametrize(
    ("kind", "typed", "part"),
    [
        ("gift", {}, "Choose a form"),
        ("order", {}, "Fill in “What is ordered”"),
        ("order", {"items": " \n "}, "Fill in “What is ordered”"),
        ("order", {"items": "x", "total": "about 20"}, "an amount such as"),
        ("order", {"items": "x", "delivery": "drone"}, "one of: Deliver, Pick up"),
        ("order", {"items": "x" * 2001}, "2000 characters"),
        ("complaint", {"text": "", "about": "billing"}, "Fill in “What happened”"),
        ("note", {"text": "\x00\x07"}, "Fill in “Note”"),
    ],
)
def test_what_is_wrong_is_said(kind: str, typed: dict[str, str], part: str) -> None:
    with pytest.raises(EntryError, match=part):
        parse(kind, typed)


@given(st.sampled_from(sorted(FORMS)), st.text(min_size=1, max_size=200))
def test_stored_text_has_no_control_characters(kind: str, text: str) -> None:
    first = next(field.name for field in FORMS[kind].fields if field.required)
    try:
        values = parse(kind, {first: text})
    except EntryError:
        assert not any(c.isprintable() and not c.isspace() for c in text)
    else:
        assert not any(ord(c) < 32 and c not in "\n\t" for c in values[first])
