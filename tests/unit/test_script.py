"""Scripts filled for one customer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.script import Segment, as_json, fill, paragraphs, spoken_time

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in New York


def test_known_placeholders_become_text() -> None:
    assert fill("Hello {first_name}!", {"first_name": "Dana"}) == [Segment("Hello Dana!")]


@pytest.mark.parametrize("values", [{}, {"product": None}, {"product": ""}, {"product": "  "}])
def test_what_is_not_known_stays_visible_as_a_gap(values: dict[str, object]) -> None:
    assert fill("About {product}.", values) == [
        Segment("About "),
        Segment("product", gap=True),
        Segment("."),
    ]


def test_a_gap_is_named_in_words() -> None:
    assert fill("{agent_name}", {})[0].text == "agent name"


def test_other_braces_are_text() -> None:
    template = "{} {0} {Name} {a.b} {a!r} { x } {{first_name}}"
    filled = fill(template, {"first_name": "Dana"})
    assert filled == [Segment("{} {0} {Name} {a.b} {a!r} { x } {Dana}")]


def test_a_value_is_never_filled_again() -> None:
    assert fill("{a}", {"a": "{b}", "b": "secret"}) == [Segment("{b}")]


def test_lines_become_paragraphs() -> None:
    said = paragraphs(fill("One {x}\n\nTwo\nThree", {}))
    assert [[piece.text for piece in paragraph] for paragraph in said] == [
        ["One ", "x"],
        ["Two"],
        ["Three"],
    ]


def test_as_json_is_what_the_desk_paints() -> None:
    assert as_json("Hi {x}", {}) == [[{"text": "Hi ", "gap": False}, {"text": "x", "gap": True}]]


@given(st.text(), st.dictionaries(st.sampled_from(["a", "b"]), st.text()))
def test_any_template_is_filled_without_loss(template: str, values: dict[str, object]) -> None:
    segments = fill(template, values)
    if "{" not in template:
        assert "".join(segment.text for segment in segments) == template
    assert all(segment.text for segment in segments)


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2026-03-02T19:30:00+00:00", "2:30 PM today"),
        ("2026-03-03T14:05:00Z", "9:05 AM tomorrow"),
        ("2026-03-09T04:00:00Z", "12:00 AM on Monday, March 9"),
        ("2026-03-02T19:30:00", ""),
        ("soon", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_moment_is_said_in_the_customers_zone(iso: str | None, said: str) -> None:
    assert spoken_time(iso, "America/New_York", NOON) == said
