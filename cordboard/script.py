"""Suggested scripts: a template filled for one customer, what is unknown left visible as a gap.

A template holds placeholders like ``{first_name}``. The result is a list of segments, so that the
page can mark gaps and escape every text by itself; nothing here is HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a script: text to say, or a gap, whose text names what is not known."""

    text: str
    gap: bool = False


def fill(template: str, values: Mapping[str, object]) -> list[Segment]:
    """Fill a template; a placeholder with no (or an empty) value becomes a gap.

    >>> fill("Hello {first_name}, about {product}", {"first_name": "Dana"})[-1]
    Segment(text='product', gap=True)
    """
    segments: list[Segment] = []
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        _add_text(segments, template[end : found.start()])
        value = values.get(found[1])
        text = "" if value is None else str(value).strip()
        if text:
            _add_text(segments, text)
        else:
            segments.append(Segment(found[1].replace("_", " "), gap=True))
        end = found.end()
    _add_text(segments, template[end:])
    return segments


def paragraphs(segments: list[Segment]) -> list[list[Segment]]:
    """Segments split where the script has an empty line, or any line end."""
    result: list[list[Segment]] = [[]]
    for segment in segments:
        if segment.gap:
            result[-1].append(segment)
            continue
        first, *more = re.split(r"\s*\n\s*", segment.text)
        _add_text(result[-1], first)
        for text in more:
            result.append([])
            _add_text(result[-1], text)
    return [paragraph for paragraph in result if paragraph]


def as_json(template: str, values: Mapping[str, object]) -> list[list[dict[str, Any]]]:
    """The filled script as the desk receives it: paragraphs of segments."""
    return [[asdict(s) for s in paragraph] for paragraph in paragraphs(fill(template, values))]


def spoken_time(iso: str | None, zone: str, now: datetime) -> str:
    """When something is expected, as one says it in the customer's zone; "" when that is unknown.

    Args:
        iso: the moment, ISO 8601 with its offset.
        zone: IANA name of the time zone.
        now: the present, with a time zone.
    """
    if not iso:
        return ""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        return ""
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    clock = local.strftime("%I:%M %p").lstrip("0")
    days = (local.date() - today).days
    if days == 0:
        return f"{clock} today"
    if days == 1:
        return f"{clock} tomorrow"
    return f"{clock} on {local:%A}, {local:%B} {local.day}"


def _add_text(segments: list[Segment], text: str) -> None:
    if not text:
        return
    if segments and not segments[-1].gap:
        segments[-1] = Segment(segments[-1].text + text)
    else:
        segments.append(Segment(text))
