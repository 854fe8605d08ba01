"""Which addresses an agent may push as free text."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard import links
from cordboard.links import LONGEST, refusal

HOSTS = ["shop.example.com", ".pages.example.com"]


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com",
        "HTTP://SHOP.EXAMPLE.COM/a?b=c#d",
        "https://shop.example.com:8443/a",
        "https://one.pages.example.com/%20",
    ],
)
def test_the_companys_own_hosts(url: str) -> None:
    assert refusal(url, HOSTS) == ""


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("", "begin with https"),
        ("javascript:alert(1)", "begin with https"),
        ("data:text/html,x", "begin with https"),
        ("//shop.example.com/a", "begin with https"),
        ("ftp://shop.example.com/", "begin with https"),
        ("https://evil.example.net/", "not on this company's list"),
        ("https://shop.example.com.evil.example.net/", "not on this company's list"),
        ("https://evilshop.example.com/", "not on this company's list"),
        ("https://pages.example.com/", "not on this company's list"),
        ("https://shop.example.com@evil.example.net/", "before the @"),
        ("https://evil.example.net\\@shop.example.com/", "character"),
        ("https://shop.example.com/\r\nSet-Cookie:x", "character"),
        ('https://shop.example.com/"onload="x', "character"),
        ("https://sh\u00f6p.example.com/", "character"),
        ("https:///a", "before the @"),
        ("https://[::1/", "complete address"),
        ("https://shop.example.com:99999/", "complete address"),
        ("https://shop.example.com/" + "a" * LONGEST, "characters at most"),
    ],
)
def test_everything_else_is_refused_with_a_reason(url: str, part: str) -> None:
    assert part in refusal(url, HOSTS)


def test_without_a_list_nothing_may_be_pushed() -> None:
    assert "none yet" in refusal("https://shop.example.com/", [])


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    assert refusal("https://" + text, []) != ""


def test_the_examples_hold() -> None:
    assert doctest.testmod(links).failed == 0
