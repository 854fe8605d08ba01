"""An order that is made elsewhere than the client was told comes before everything else."""

from __future__ import annotations

from cordboard.orders.dialogue.acts import Told
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import Keys
from cordboard.orders.dialogue.where import place_named
from cordboard.orders.dialogue.who import SOMEBODY_ELSE, onward, somebody_else
from cordboard.orders.phrases import spelled, when


def _moved(talk: Talk) -> Ask | Move:
    say = _sentences(talk)
    return Ask(say, Keys(think_s=0.5)) if say else onward(talk)


def _sentences(talk: Talk) -> tuple[str, ...]:
    """What is said of it; nothing when there is no such order, or not any more."""
    moved = talk.client.moved
    place = place_named(talk, moved.location) if moved else None
    if moved is None or place is None:
        return ()
    at = when(moved.due_at.astimezone(place.zone), talk.now)
    return (
        f"Your order {spelled(str(moved.number))} is made elsewhere now.",
        f"It is for {place.name}, {place.street}, {at}.",
    )


def _heard(talk: Talk) -> Move:
    """Told is who heard all of it: a sentence may not have been made or played.

    Nor is who interrupts, and may have heard half of it: a person calls all the same.
    """
    moved, said = talk.client.moved, _sentences(talk)
    if moved is None or not said or not set(said) <= set(talk.heard):
        return onward(talk)
    return onward(talk, Told(moved.order, moved.location))


def _pressed(talk: Talk, digits: str) -> Move:
    return somebody_else(talk) if digits == SOMEBODY_ELSE else onward(talk)


PROMPTS = {"moved": Prompt(_moved, _pressed, silent=_heard)}
