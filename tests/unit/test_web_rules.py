"""What ops may type, and what they are told about the rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard import web_rules as rules
from cordboard.web_rules import Unusable

#: As the database has them (0004): what passes here must be storable.
STORED_URL = re.compile(r'https?://[^/\s"<>]+[^\s"<>]*')
STORED_EXTERNAL = re.compile(
    r"(\+[1-9][0-9]{6,14}|sips?:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,120}(:[0-9]{1,5})?)"
)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//shop.example",
        "ftp://shop.example",
        "https://",
        "https:///path",
        "https://shop.example/a b",
        'https://shop.example/"onload=',
        "https://bank.example@evil.example/",
        "https://shop.example\\@evil.example",
        "https://shop.example:99999/",
        "https://[::1",
        "https://-shop.example",
        "https://shop.example/\nX: 1",
        "https://shop.example/" + "x" * 500,
        "",
    ],
)
def test_addresses_that_no_visitor_is_sent_to(url: str) -> None:
    with pytest.raises(Unusable):
        rules.check_url(url)


@given(st.text(max_size=60) | st.text('htps:/.@#?\\ax1 "<[]', max_size=40))
def test_what_passes_as_an_address_can_be_stored(text: str) -> None:
    try:
        url = rules.check_url(text)
    except Unusable:
        return
    assert STORED_URL.fullmatch(url)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://SHOP.example/", "https://shop.example"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("http://shop.example:80", "http://shop.example"),
    ],
)
def test_origins_are_stored_as_browsers_send_them(typed: str, stored: str) -> None:
    assert rules.check_origin(typed) == stored


@pytest.mark.parametrize(
    "origin",
    ["shop.example", "https://*.shop.example", "https://shop.example/path", "*", "null", "https://a@b",
     "https://shop.example?x=1", "https://shop.example; script-src *", "https://shop example", ""],
)  # fmt: skip
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(Unusable):
        rules.check_origin(origin)


@given(st.text(max_size=40).map(lambda text: "https://" + text))
def test_an_origin_never_breaks_out_of_a_header(text: str) -> None:
    try:
        origin = rules.check_origin(text)
    except Unusable:
        return
    assert re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?", origin)


@pytest.mark.parametrize(
    "host",
    [".com", "https://shop.example", "shop.example/x", "shop.example:80", "*.shop.example",
     "..shop.example", ""],
)  # fmt: skip
def test_hosts_that_are_too_much_or_none(host: str) -> None:
    with pytest.raises(Unusable):
        rules.check_link_host(host)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+1 202-555-0190", "+12025550190"),
        ("(202) 555-0190", "+12025550190"),
        ("sip:desk@partner.example", "sip:desk@partner.example"),
        ("sips:desk@partner.example:5061", "sips:desk@partner.example:5061"),
    ],
)
def test_destinations(typed: str, stored: str) -> None:
    assert rules.check_destination(typed, "US") == stored
    assert STORED_EXTERNAL.fullmatch(stored)


@pytest.mark.parametrize(
    "typed",
    ["", "call me", "12", "sip:", "sip:a b@c", "sip:a@b;x=1", "sip:a@..b", "tel:+1", "+0123456789"],
)
def test_what_is_no_destination(typed: str) -> None:
    with pytest.raises(Unusable):
        rules.check_destination(typed, "US")


def test_a_number_of_ours_would_run_in_circles() -> None:
    with pytest.raises(Unusable, match="come back here"):
        rules.check_destination("202-555-0110", "US", {"+12025550110"})


@given(st.text(max_size=40))
def test_what_passes_as_a_destination_can_be_stored(text: str) -> None:
    try:
        stored = rules.check_destination(text, "US")
    except Unusable:
        return
    assert STORED_EXTERNAL.fullmatch(stored)


def test_an_unknown_placeholder_is_named_with_the_known_ones() -> None:
    with pytest.raises(Unusable, match=r"\{customer\} is not known. Known are: \{company\}"):
        rules.check_template("Hello {customer}", rules.WHISPER_WORDS)


@pytest.mark.parametrize("text", ["{company", "company}", "{{company}}", "{}"])
def test_braces_that_do_not_match(text: str) -> None:
    with pytest.raises(Unusable):
        rules.check_template(text, rules.WHISPER_WORDS)


@pytest.mark.parametrize(
    "pairs",
    [
        [("lower", "x")],
        [("A-B", "x")],
        [("A", "x"), ("A", "y")],
        [("A", "x\r\nX-Evil: 1")],
        [("A", "")],
        [("A", "x" * 257)],
        [(f"K{n}", "x") for n in range(21)],
    ],
)
def test_pairs_that_cannot_travel(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Unusable):
        rules.check_pairs(pairs)


@pytest.mark.parametrize(
    "needs", [[("Spanish", 1)], [("es", 0)], [("es", 10)], [("es", 1), ("es", 2)]]
)
def test_needs_that_no_agent_can_meet(needs: list[tuple[str, int]]) -> None:
    with pytest.raises(Unusable):
        rules.check_needs(needs)
