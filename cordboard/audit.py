"""What an audit entry says: the differences that an edit made. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Json = dict[str, Any]

#: Bookkeeping, not content.
UNSAID = frozenset({"id", "version", "updated_at", "created_at"})


def plain(value: object) -> Any:
    """A column's value as JSON has it.

    >>> plain(Decimal("1.50"))
    '1.50'
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return value


def content(row: Mapping[str, object]) -> Json:
    """What a new row says."""
    return {name: plain(value) for name, value in row.items() if name not in UNSAID}


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[Any]]:
    """Field -> [before, after], for each field of both rows that changed.

    >>> differences({"name": "a", "version": 1}, {"name": "b", "version": 2})
    {'name': ['a', 'b']}
    """
    return {
        name: [plain(before[name]), plain(value)]
        for name, value in after.items()
        if name in before and name not in UNSAID and before[name] != value
    }
