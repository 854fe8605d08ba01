"""0 as the first key of a call: who does it three times in a row wants no automation."""

from __future__ import annotations

from dataclasses import replace

from cordboard.orders.dialogue.acts import Act, CountZero
from cordboard.orders.dialogue.talk import Move, Talk
from cordboard.orders.facts import ZEROS


def to_person(talk: Talk, order: str = "") -> Move:
    """0 at once is counted: who does it three times in a row wants no automation."""
    if not talk.memory.fresh or talk.memory.keyed:
        return talk.person("asked", order=order)
    move = talk.person("asked", order=order)
    said: tuple[str, ...] = ()
    if talk.client.preference.zero_at_once + 1 >= ZEROS:
        said = ("From now on, your calls go straight to a person.",)
    return replace(move, say=said, acts=(CountZero(True),))


def not_zero(talk: Talk) -> tuple[Act, ...]:
    """Something else than 0 was the first key: it is counted from nothing again."""
    counted = talk.client.preference.zero_at_once > 0
    return (CountZero(False),) if talk.memory.fresh and counted and not talk.memory.keyed else ()
