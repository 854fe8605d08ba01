"""Whom a visitor may ask for: somebody by first name, or somebody with a skill."""

from __future__ import annotations

from typing import Any

from webdesk.services import services
from webdesk.talk import store

Json = dict[str, Any]

#: Skills that are languages are called by their names.
LANGUAGES = {
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "pl": "Polish",
    "pt": "Portuguese",
    "zh": "Chinese",
}


def choices(group: str | None) -> list[Json]:
    """``[{value, text, wish}]``; ``wish`` is what the request then says. Empty without a group.

    A value names a person by number: log-in names are nobody's business.
    """
    if group is None:
        return []
    pool = services().pool
    people = [
        {
            "value": f"person-{person['id']}",
            "text": person["first_name"],
            "wish": {"wanted_agent": person["username"]},
        }
        for person in store.people(pool, group)
    ]
    skilled = [
        {"value": f"skill-{skill}", "text": skill_text(skill), "wish": {"wanted_skill": skill}}
        for skill in store.skills(pool, group)
    ]
    return people + skilled


def skill_text(skill: str) -> str:
    """A skill as a visitor reads it.

    >>> skill_text("es"), skill_text("home-wiring")
    ('Somebody who speaks Spanish', 'Somebody for home wiring')
    """
    if skill in LANGUAGES:
        return f"Somebody who speaks {LANGUAGES[skill]}"
    return f"Somebody for {skill.replace('-', ' ')}"


def wish_of(group: str | None, value: str) -> Json:
    """What the request says for a choice; nothing for one that is none."""
    if not value:
        return {}
    return next((found["wish"] for found in choices(group) if found["value"] == value), {})
