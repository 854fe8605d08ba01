"""What the desk makes of a card."""

from __future__ import annotations

import orjson
import pytest

from webdesk.present import identified_text, number_text, present_card, present_event, web_url
from webdesk.snapshot import merge_cards


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
