"""How a prompt is written: what it may look at, what it answers, where the call goes next.

A prompt asks (:class:`Prompt.ask`) and judges what comes (``pressed`` and the like). It answers a
:class:`Move` to another prompt, or None: that was a wrong key. A prompt that has nothing to ask
moves on by itself. Prompts know one another by name alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cordboard.orders.catalogue import Catalogue
from cordboard.orders.dialogue.acts import Act
from cordboard.orders.dialogue.memory import Memory
from cordboard.orders.dialogue.turns import Answered, Recorded, Then, Turn
from cordboard.orders.facts import Client, Facts


@dataclass(frozen=True, slots=True)
class Step:
    """What is next: ``acts`` are done in order, then ``turn`` is played; ``memory`` is stored."""

    turn: Turn
    memory: Memory
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """On to the prompt that ``memory.at`` names; ``say`` is heard before what it asks."""

    memory: Memory
    say: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What a prompt says and expects; ``acts`` are done before, each time that it asks."""

    say: tuple[str, ...]
    then: Then
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """What a prompt may look at; ``heard``: texts that were heard to their end by then."""

    memory: Memory
    facts: Facts
    now: datetime
    heard: tuple[str, ...] = ()

    @property
    def client(self) -> Client:
        """The client who was chosen.

        Raises:
            LookupError: nobody is yet.
        """
        if self.facts.client is None:
            raise LookupError(f"no client is chosen at the prompt {self.memory.at!r}")
        return self.facts.client

    @property
    def catalogue(self) -> Catalogue:
        """What the shop sells now."""
        return self.client.catalogue

    def to(self, at: str, *say: str, acts: tuple[Act, ...] = (), **changes: Any) -> Move:
        """On to another prompt, with ``changes`` of the memory."""
        return Move(replace(self.memory, at=at, **changes), say, acts)

    def person(self, why: str, *say: str, order: str = "") -> Move:
        """On to a person, with the draft there is or with that ``order``."""
        order = order or (self.memory.draft.order if self.memory.basket.lines else "")
        return self.to("person", *say, why=why, along=order)


def talk_of(memory: Memory, facts: Facts, now: datetime) -> Talk:
    """What prompts look at: facts in which locations are called as people say it.

    ``Corner Pantry Loop`` is Loop to whoever has called Corner Pantry.
    """
    if facts.client is None:
        return Talk(memory, facts, now)
    shop = f"{facts.shop.name} "
    places = tuple(
        replace(place, name=place.name.removeprefix(shop)) for place in facts.client.places
    )
    return Talk(memory, replace(facts, client=replace(facts.client, places=places)), now)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One place in the dialogue.

    Attributes:
        ask: what is said and expected, or where the call goes instead.
        pressed: where keys lead; None: they are wrong here.
        answered: where the answer to an act leads.
        recorded: where a recording leads.
        silent: where silence leads, when it is an answer here and no miss.
        person: where 0 leads; as a rule to a person, with the draft.
    """

    ask: Callable[[Talk], Ask | Move]
    pressed: Callable[[Talk, str], Move | None] = lambda _talk, _digits: None
    answered: Callable[[Talk, Answered], Move] | None = None
    recorded: Callable[[Talk, Recorded], Move] | None = None
    silent: Callable[[Talk], Move] | None = None
    person: Callable[[Talk], Move] = lambda talk: talk.person("asked")
