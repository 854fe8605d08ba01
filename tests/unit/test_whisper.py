"""The whisper: short, clean, and nothing of a visitor's text but words."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.attempt import Attempt, Rule
from cordboard.whisper import MAX_SENTENCE, MAX_WHISPER, phrases

TEMPLATE = "{company}. Web call about {subject}. {page_title}."


def attempt(template: str = TEMPLATE, **more: Any) -> Attempt:
    rule = Rule(subject="tv", name="Television", group="g", whisper_template=template)
    given: dict[str, Any] = {"company": "Halyard Telecom", "page_title": "Sports channels", **more}
    return Attempt(id="a", request="r", number="+1", subscriber="halyard", rule=rule, **given)


def test_each_sentence_is_spoken_by_itself() -> None:
    assert phrases(attempt()) == [
        "Halyard Telecom.",
        "Web call about Television.",
        "Sports channels.",
    ]


def test_what_is_empty_or_unknown_is_not_said() -> None:
    template = "{company}. {page_title}. Note: {note}. {nothing}! Take care."
    assert phrases(attempt(template, page_title="")) == ["Halyard Telecom.", "Take care."]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("call me\r\nX-Evil: 1", "call me X-Evil: 1."),
        ("see https://evil.example/x?y=1 now", "see now."),
        ("{company} {note}", "company note."),
        ("what about it???", "what about it."),
        ("\x00\u2028", ""),
    ],
)
def test_what_a_visitor_typed_is_words_alone(note: str, said: str) -> None:
    assert phrases(attempt("{note}.", note=note)) == ([said] if said else [])


def test_it_is_short_whatever_was_typed() -> None:
    said = phrases(attempt("{note}. {page_title}. " * 20, note="word " * 200, page_title="x" * 500))
    assert all(len(sentence) <= MAX_SENTENCE for sentence in said)
    assert sum(map(len, said)) <= MAX_WHISPER


def test_the_last_pages_are_told_once_each() -> None:
    pages = tuple({"title": title} for title in ("Home", "TV", "TV", "Sports", "Prices"))
    assert phrases(attempt("{pages}.", pages=pages)) == ["TV, Sports, Prices."]


def test_codes_are_spelled() -> None:
    assert phrases(attempt("Customer {customer_code}.", customer_code="H17")) == ["Customer H 1 7."]
