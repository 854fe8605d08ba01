"""Pages that a visitor viewed, as a site's script tells them: hostile until cleaned. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

#: Most pages that are kept of one visit.
MAX_PAGES = 50
_MAX_URL, _MAX_TITLE = 500, 200
#: Longest look at one page that is believed, seconds.
_MAX_SECONDS = 24 * 3600
#: Moments that are believed, milliseconds since 1970: until the year 2286.
_MAX_MS = 9_999_999_999_999

_URL = re.compile(r"https?://[^/\s\"<>\\]+[^\s\"<>\\]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def clean_pages(pages: Iterable[Any]) -> list[dict[str, Any]]:
    """``[{url, title, at_ms, seconds}]`` of those that have this form, in their order."""
    return [page for page in map(_clean, pages) if page]


def _clean(page: Any) -> dict[str, Any] | None:
    if not isinstance(page, dict):
        return None
    url, title = page.get("url"), page.get("title")
    if not isinstance(url, str) or len(url) > _MAX_URL or not _URL.fullmatch(url):
        return None
    return {
        "url": url,
        "title": _CONTROL.sub(" ", title).strip()[:_MAX_TITLE] if isinstance(title, str) else "",
        "at_ms": _whole(page.get("at_ms"), _MAX_MS),
        "seconds": _whole(page.get("seconds"), _MAX_SECONDS),
    }


def _whole(value: Any, most: int) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    return int(min(max(value, 0), most)) if is_number else 0
