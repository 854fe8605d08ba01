"""The dialogue's engine: what was heard leads to a prompt, the prompt says what is next.

It always ends: nothing or a wrong key three times in a row leads to a person, and so do more turns
than any order takes. A draft is saved whenever it changes, before anything else is done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cordboard.orders.dialogue.acts import Act, SaveDraft
from cordboard.orders.dialogue.memory import Memory
from cordboard.orders.dialogue.prompts import ENDS, PROMPTS
from cordboard.orders.dialogue.talk import Ask, Move, Step, Talk, talk_of
from cordboard.orders.dialogue.turns import (
    Answered,
    Heard,
    Pressed,
    Recorded,
    Silence,
    Turn,
)
from cordboard.orders.draft import Draft, order_id
from cordboard.orders.facts import Facts

#: Times in a row that nothing, or a wrong key, may come.
MISSES = 3
#: Turns of one call: the longest orders take half as many.
MOST_TURNS = 150
#: Prompts that may follow one another without asking anything.
MOST_MOVES = 12
PERSON = "0"

SORRY_SILENCE = "Sorry, I heard nothing."
SORRY_KEY = "Sorry, that is not one of the choices."


def begin(facts: Facts, now: datetime) -> Step:
    """The first step of a call."""
    memory = Memory("who", Draft(order_id(facts.call, 1)))
    return _settle(talk_of(memory, facts, now), Move(memory))


def again(memory: Memory, facts: Facts, now: datetime) -> Step:
    """The step once more, after whoever played it was gone; its acts may be done again.

    A prompt that this version does not have any more leads to a person.
    """
    talk = talk_of(memory, facts, now)
    return _settle(talk, Move(memory) if memory.at in PROMPTS else talk.person("failed"))


def hear(memory: Memory, heard: Heard, facts: Facts, now: datetime) -> Step:
    """The step that follows from what was heard."""
    if memory.at in ENDS:
        return again(memory, facts, now)
    memory = replace(memory, turns=memory.turns + 1)
    talk = talk_of(memory, facts, now)
    if memory.turns > MOST_TURNS:
        return _settle(talk, talk.person("too_long"))
    move = _judge(talk, heard)
    if move is None:
        return _settle(talk, _missed(talk, heard))
    return _settle(talk, replace(move, memory=replace(move.memory, misses=0)))


def _judge(talk: Talk, heard: Heard) -> Move | None:
    """Where it leads; None when it means nothing here."""
    prompt = PROMPTS[talk.memory.at]
    if prompt.answered and not isinstance(heard, Answered):
        # Whatever came before the answer: the act is asked for again, and done once.
        return Move(talk.memory)
    match heard:
        case Pressed(digits=digits) if digits == PERSON:
            return prompt.person(talk)
        case Pressed(digits, texts):
            return prompt.pressed(replace(talk, heard=texts), digits)
        case Silence(texts):
            return prompt.silent(replace(talk, heard=texts)) if prompt.silent else None
        case Recorded():
            return prompt.recorded(talk, heard) if prompt.recorded else None
        case Answered():
            return prompt.answered(talk, heard) if prompt.answered else None


def _missed(talk: Talk, heard: Heard) -> Move:
    misses = talk.memory.misses + 1
    silence = isinstance(heard, Silence)
    if misses >= MISSES:
        return talk.person("silence" if silence else "wrong_keys")
    sorry = SORRY_SILENCE if silence else SORRY_KEY
    return Move(replace(talk.memory, misses=misses), (sorry,))


def _settle(talk: Talk, move: Move) -> Step:
    """Follow moves to the prompt that asks something."""
    say, acts = move.say, move.acts
    for _ in range(MOST_MOVES):
        asked = PROMPTS[move.memory.at].ask(replace(talk, memory=move.memory))
        if isinstance(asked, Ask):
            acts = (*_saved(talk.memory, move.memory), *acts, *asked.acts)
            return Step(Turn((*say, *asked.say), asked.then), move.memory, acts)
        move = asked
        say, acts = (*say, *move.say), (*acts, *move.acts)
    raise RuntimeError(f"the prompts go round in circles, at {move.memory.at!r}")


def _saved(before: Memory, after: Memory) -> tuple[Act, ...]:
    """The draft is kept when it changed and there is something in it."""
    if after.draft == before.draft or not after.basket.lines:
        return ()
    return (SaveDraft(after.draft),)
