"""talk.js stays small and keeps to what a strict content security policy allows."""

from __future__ import annotations

import re

from cordboard.settings import ROOT

SCRIPT = ROOT / "webdesk/static/talk/talk.js"
LIMIT = 10_000


def test_it_is_below_ten_kilobytes() -> None:
    assert len(SCRIPT.read_bytes()) < LIMIT


def test_nothing_in_it_needs_a_laxer_policy() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    forbidden = r"\beval\b|new Function|innerHTML|document\.write|setAttribute\(\"style|\.style\b"
    assert re.findall(forbidden, text) == []


def test_nothing_of_the_visitor_goes_to_an_origin_that_is_not_named() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    targets = re.findall(r"postMessage\([^;]*,\s*([^)]+)\)", text)
    assert targets == ["platform"]
