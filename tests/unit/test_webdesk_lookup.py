"""What an agent may search for."""

from __future__ import annotations

import pytest

from webdesk.lookup import parse_query
from webdesk.problems import Problem


@pytest.mark.parametrize(
    ("by", "text", "q"),
    [
        ("account", " 4001 0001 ", "40010001"),
        ("account", "4001-0001", "40010001"),
        ("phone", "(212) 555-0140", "+12125550140"),
        ("phone", "+49 30 1234567", "+49301234567"),
        ("name", "  dana   re ", "dana re"),
    ],
)
def test_queries_are_brought_into_one_form(by: str, text: str, q: str) -> None:
    assert parse_query(by, text, "US") == {"by": by, "q": q}


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("account", ""),
        ("account", "40A10001"),
        ("account", "1" * 13),
        ("account", "٤٠٠١٠٠٠١"),
        ("phone", "12"),
        ("phone", "anonymous"),
        ("name", "x"),
        ("name", "12345"),
        ("name", "a" * 81),
        ("ssn", "900110001"),
        ("", ""),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(by: str, text: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_query(by, text, "US")
    assert refused.value.status == 422
    assert refused.value.detail.endswith(".")
