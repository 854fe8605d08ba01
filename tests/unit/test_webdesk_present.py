"""What the desk makes of a card."""

from __future__ import annotations

import orjson
import pytest

from webdesk.present import (
    dollar_text,
    identified_text,
    number_text,
    percent_text,
    present_card,
    present_event,
    web_url,
)
from webdesk.snapshot import merge_cards, merge_web


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+12125550140", "+1 212-555-0140"),
        ("+493012345678", "+49 30 12345678"),
        ("anonymous", "anonymous"),
        ("", "No number"),
        (None, "No number"),
    ],
)
def test_numbers_are_written_as_people_write_them(number: str | None, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize("url", ["http://a/x", "https://crm.example/?a=1"])
def test_web_urls_pass(url: str) -> None:
    assert web_url(url) == url


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "data:text/html,x", "//a/x", "/x", "https://", "http://[", 7],
)
def test_other_urls_never_reach_the_page(url: object) -> None:
    assert web_url(url) == ""


def test_how_a_caller_was_identified_is_said_in_words() -> None:
    assert identified_text(["ani"]) == "caller ID"
    assert identified_text(["ani", "ssn"]) == "caller ID and social security number"
    assert identified_text(["ani", "account", "ssn"]).startswith("caller ID, account number and")
    assert identified_text([]) == ""


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.304, "30%"),
        (0.0254, "2.5%"),
        (0.0996, "10%"),
        (0.0004, "under 0.1%"),
        (0, "0%"),
        (None, ""),
    ],
)
def test_probabilities_are_written_as_percent(p: float | None, text: str) -> None:
    assert percent_text(p) == text


@pytest.mark.parametrize(
    ("cents", "text"),
    [(36000, "$360"), (1250, "$12.50"), (0, "$0.00"), (123456789, "$1,234,568"), (None, "")],
)
def test_cents_are_written_as_dollars(cents: int | None, text: str) -> None:
    assert dollar_text(cents) == text


@pytest.mark.parametrize("field", ["call", "changed"])
def test_a_ranking_never_brings_an_address_to_the_page(field: str) -> None:
    entry = {"code": "X-1", "p": 0.3, "value_cents": 1000, "ev_cents": 300, "url": "javascript:x"}
    kind = {"call": "call.offered", "changed": "offer.attached"}[field]
    event = {"call_id": "1", field: {"ranking": [entry, {**entry, "url": "http://a/{call}"}]}}
    text = present_event(kind, orjson.dumps(event).decode(), "Ava", {})
    shown = orjson.loads(text)[field]["ranking"]
    assert [one["has_page"] for one in shown] == [False, True]
    assert "javascript" not in text
    assert (shown[0]["p_text"], shown[0]["value_text"], shown[0]["ev_text"]) == (
        "30%", "$10.00", "$3.00",
    )  # fmt: skip


def test_an_offer_with_a_bad_url_stays_but_cannot_be_opened() -> None:
    offer = {"kind": "sales", "code": "X-1", "url": "javascript:alert(1)"}
    assert present_card({"offers": [offer]}, "Ava")["offers"] == [{**offer, "url": ""}]


def test_the_outage_script_is_filled_and_shows_what_is_unknown() -> None:
    card = {
        "customer": {"name": "Lena Fox", "account": "40010005"},
        "outage": {"title": "Cut", "script": "Hello {first_name}, {product}: {expected_end}."},
    }
    script = present_card(card, "Ava")["outage"]["script"]
    assert [(piece["text"], piece["gap"]) for piece in script[0]] == [
        ("Hello Lena, ", False),
        ("product", True),
        (": ", False),
        ("expected end", True),
        (".", False),
    ]


def test_a_change_of_some_fields_adds_only_what_belongs_to_them() -> None:
    assert present_card({"verified": True}, "Ava") == {"verified": True}


def test_an_event_is_one_line_whatever_was_in_it() -> None:
    data = orjson.dumps({"call_id": "x", "body": "a\nb"}, option=orjson.OPT_INDENT_2).decode()
    assert "\n" not in present_event("note.saved", data, "Ava", {})


def test_offered_calls_are_presented_on_their_way() -> None:
    data = orjson.dumps({"call": {"ani": "+12125550140"}}).decode()
    shown = orjson.loads(present_event("call.offered", data, "Ava", {}))
    assert shown["call"]["ani_text"] == "+1 212-555-0140"


def test_merged_cards_take_each_fact_from_who_knows_it_best() -> None:
    live = {"id": "x", "waited_s": 17, "note": "", "customer": None, "cti": {"CALL_ID": "x"}}
    stored = {
        "note": "typed",
        "customer": {"name": "Dana Reed"},
        "cti": {"LOOKUP_QUERY": "name=dana"},
    }
    merged = merge_cards(live, stored)
    assert merged["waited_s"] == 17
    assert merged["note"] == "typed"
    assert merged["customer"] == {"name": "Dana Reed"}
    assert merged["cti"] == {"CALL_ID": "x", "LOOKUP_QUERY": "name=dana"}


def test_a_card_of_one_side_alone_is_taken_as_it_is() -> None:
    assert merge_cards({"id": "x"}, {}) == {"id": "x"}
    assert merge_cards({}, {"id": "x"}) == {"id": "x"}


def test_addresses_that_a_visitor_made_up_are_taken_out() -> None:
    bad, good = "javascript:alert(1)", "https://shop.example.com/a"
    web = {"page_url": bad, "pages": [{"url": bad, "title": "<b>"}, {"url": good}], "note": "hi"}
    shown = present_card({"web": web}, "Ava")["web"]
    assert shown["page_url"] == ""
    assert [page["url"] for page in shown["pages"]] == ["", good]
    assert shown["pages"][0]["title"] == "<b>"
    assert present_card({"web": None}, "Ava")["web"] is None


def test_a_push_is_known_at_once_and_so_is_what_became_of_it() -> None:
    live = {"whisper": "A call", "pushes": [{"push_id": "b", "at_ms": 2, "framing": "frame"}]}
    stored = {
        "note": "hi",
        "whisper": "",
        "pushes": [
            {"push_id": "a", "at_ms": 1, "viewed_seconds": 12},
            {"push_id": "b", "at_ms": 2, "viewed_seconds": 3},
        ],
    }
    web = merge_web(live, stored)
    assert web is not None
    assert (web["whisper"], web["note"]) == ("A call", "hi")
    assert web["pushes"] == [
        {"push_id": "a", "at_ms": 1, "viewed_seconds": 12},
        {"push_id": "b", "at_ms": 2, "framing": "frame", "viewed_seconds": 3},
    ]


@pytest.mark.parametrize("known", [None, {"subject": "Fiber"}])
def test_a_card_is_of_a_web_call_when_either_side_says_so(known: dict[str, str] | None) -> None:
    assert merge_web(known, None) == known
    assert merge_web(None, known) == known
