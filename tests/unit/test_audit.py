"""What an audit entry says of an edit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from cordboard.audit import content, differences, plain


def test_only_what_changed_is_said_with_both_values() -> None:
    before = {"id": 7, "title": "Old", "url": "https://a.example", "version": 1}
    after = {"id": 7, "title": "New", "url": "https://a.example", "version": 2}
    assert differences(before, after) == {"title": ["Old", "New"]}


def test_an_edit_that_changes_nothing_says_nothing() -> None:
    row = {"id": 7, "title": "Same", "version": 1}
    assert differences(row, {**row, "version": 2}) == {}


def test_a_new_row_is_said_without_its_bookkeeping() -> None:
    row = {"id": 7, "title": "New", "version": 1, "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert content(row) == {"title": "New"}


def test_values_become_json() -> None:
    one = UUID(int=1)
    assert plain({"a": [Decimal("1.50"), one]}) == {"a": ["1.50", str(one)]}
    assert plain(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00+00:00"
