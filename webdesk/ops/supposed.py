"""What a form of the page *What if?* supposes of a contact, and of who is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from cordboard.question import CHANNELS, KINDS
from cordboard.wall_clock import read_moment

Json = dict[str, Any]

OUTAGES = {"": "As it is", "on": "Suppose there is one", "off": "Suppose there is none"}
LONGEST = 80
MOST_AGENTS = 999
LONGEST_WAIT_S = 3600


@dataclass(frozen=True, slots=True)
class Supposed:
    """What the form supposes; ``errors`` names fields that could not be read."""

    channel: str
    kinds: tuple[str, ...]
    reason: str
    group: str
    at_text: str
    at: datetime | None
    outage: str
    free: dict[str, int]
    waits: dict[str, int | None]
    missing: frozenset[str]
    errors: dict[str, str]


def read(zone: ZoneInfo, groups: list[str]) -> Supposed:
    """The form as it was sent; before that, a call with one agent free in each group.

    An emptied number of agents is none: what is left out must not let in anybody.
    """
    args = request.args
    errors: dict[str, str] = {}
    sent = bool(args.get("asked"))
    text = args.get("at", "").strip()[:LONGEST]
    at = None
    try:
        at = read_moment(text, zone) if text else None
    except ValueError as error:
        errors["at"] = str(error)
    channel = args.get("channel", "phone")
    outage = args.get("outage", "")
    return Supposed(
        channel=channel if channel in CHANNELS else "phone",
        kinds=tuple(kind for kind in KINDS if kind in args.getlist("kind")) if sent else KINDS,
        reason=args.get("reason", "").strip()[:LONGEST],
        group=next((code for code in groups if code == args.get("group")), "")
        or next(iter(groups), ""),
        at_text=text,
        at=at,
        outage=outage if outage in OUTAGES else "",
        free={
            code: _number(f"free.{code}", MOST_AGENTS, 0 if sent else 1, errors) or 0
            for code in groups
        },
        waits={code: _number(f"wait.{code}", LONGEST_WAIT_S, None, errors) for code in groups},
        missing=frozenset(args.getlist("missing")),
        errors=errors,
    )


def _number(name: str, most: int, default: int | None, errors: dict[str, str]) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
        errors[name] = f"Write a whole number from 0 to {most}."
        return default
    return int(text)


def resources(supposed: Supposed, skills: list[str]) -> dict[str, Json]:
    """As the ACD would tell it: whoever is free has every skill but the missing ones."""
    return {
        group: {
            "free": free,
            "skills": {skill: 0 if skill in supposed.missing else free for skill in skills},
            "wait_s": supposed.waits[group],
            "skill_waits": {
                skill: None if skill in supposed.missing else supposed.waits[group]
                for skill in skills
            },
        }
        for group, free in supposed.free.items()
    }
