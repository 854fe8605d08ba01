"""What an agent typed of a new client is checked before it is stored."""

from __future__ import annotations

from functools import partial

import pytest

from cordboard.orders import postcodes
from cordboard.orders.typed_client import check

US = partial(postcodes.area, "US")
TYPED = {"first_name": "Ada", "last_name": "Moor", "postcode": "60601"}


def test_a_postcode_gives_city_and_state() -> None:
    typed, errors = check({**TYPED, "first_name": "  Ada   Ann "}, US)
    assert errors == {}
    assert (typed["first_name"], typed["city"], typed["region"]) == ("Ada Ann", "Chicago", "IL")


def test_what_was_typed_of_the_city_stands() -> None:
    assert check({**TYPED, "city": "The Loop"}, US)[0]["city"] == "The Loop"


def test_where_no_postcodes_are_known_none_is_wrong() -> None:
    assert check({**TYPED, "postcode": "EC1A 1BB"}, None)[1] == {}


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("first_name", " ", "is needed"),
        ("last_name", "", "is needed"),
        ("postcode", "00000", "There is no postcode 00000"),
        ("postcode", "60601-12345678", "shorten it"),
        ("street", "a" * 121, "shorten it"),
        ("street", "1 Elm\x07Street", "cannot be stored"),
        ("email", "ada@example", "name@example.com"),
        ("email", "a da@example.com", "name@example.com"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(field: str, text: str, said: str) -> None:
    typed, errors = check({**TYPED, field: text}, US)
    assert list(errors) == [field]
    assert said in errors[field]
    assert typed["last_name"] == ("" if field == "last_name" else "Moor"), "nothing typed is lost"
