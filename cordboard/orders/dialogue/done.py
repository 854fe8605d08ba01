"""The order is placed: its number, and the offer to make it a speed dial."""

from __future__ import annotations

from dataclasses import replace

from cordboard.orders.dialogue.acts import AssignSpeedDial
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import NUMBER, TWICE_S, Keys
from cordboard.orders.dialogue.where import place_named
from cordboard.orders.dialogue.words import press
from cordboard.orders.phrases import items, spelled, when_soon

ANOTHER = "*"
HIGHEST = 99
#: As ``speed_dial.name`` has it.
LONGEST_NAME = 120


def _done(talk: Talk) -> Ask:
    say = ["Thank you.", f"Order {spelled(str(talk.memory.number))}{_when(talk)}."]
    if not talk.memory.keyed and not _has_speed_dial(talk):
        free = _free(talk)
        say.append(f"To make this star {free}, key {free} and pound.")
    say.append(f"For another order, {press(ANOTHER)} Or just hang up.")
    return Ask(tuple(say), Keys(2, "#", think_s=4.0, opens=NUMBER, deaf_s=TWICE_S))


def _when(talk: Talk) -> str:
    """The time there; where it is made, and how it gets to the client, was said just before."""
    ordered = talk.memory.ordered
    if ordered is None or ordered.due_at is None:
        return ""
    place = place_named(talk, ordered.basket.location)
    zone = place.zone if place else talk.facts.shop.zone
    return f" {when_soon(ordered.due_at.astimezone(zone), talk.now)}"


def _has_speed_dial(talk: Talk) -> bool:
    ordered = talk.memory.ordered
    return ordered is not None and ordered.basket in talk.client.speed_dials.values()


def _free(talk: Talk) -> int:
    """The first number that is not a speed dial yet."""
    taken = talk.client.speed_dials
    return next((n for n in range(1, HIGHEST + 1) if n not in taken), HIGHEST)


def _pressed(talk: Talk, digits: str) -> Move | None:
    if digits == ANOTHER:
        return talk.to("menu")
    if not digits:
        return talk.to("over")
    ordered = talk.memory.ordered
    if not digits.isdecimal() or not 1 <= int(digits) <= HIGHEST or ordered is None:
        return None
    if talk.memory.keyed:
        return None
    basket, _ = talk.catalogue.usable(replace(ordered.basket))
    name = items(basket, talk.catalogue)[:LONGEST_NAME]
    act = AssignSpeedDial(int(digits), name, ordered.basket)
    return talk.to("over", f"Star {int(digits)} orders this from now on.", acts=(act,))


PROMPTS = {"done": Prompt(_done, _pressed, silent=lambda talk: talk.to("over"))}
