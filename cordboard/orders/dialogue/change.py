"""What a client may change of an order that was read back."""

from __future__ import annotations

from dataclasses import replace

from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import Keys
from cordboard.orders.dialogue.where import billing_of
from cordboard.orders.dialogue.words import PAY, press

ADD, TAKE_OUT, METHOD, BILLING, BACK = "1", "2", "3", "4", "*"
#: Key -> the prompt that it leads to.
PLACES = {ADD: "category", TAKE_OUT: "take_out", METHOD: "method", BILLING: "billing"}


def _change(_talk: Talk) -> Ask:
    return Ask(
        (
            f"To add something, {press(ADD)} To take something out, {press(TAKE_OUT)}",
            f"For pick-up or delivery, {press(METHOD)} To pay in another way, {press(BILLING)}",
            f"To leave it as it is, {press(BACK)}",
        ),
        Keys(),
    )


def _change_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == BACK:
        return talk.to("settle")
    return talk.to(PLACES[digits]) if digits in PLACES else None


def _billing(talk: Talk) -> Ask | Move:
    ways = billing_of(talk)
    if len(ways) == 1:
        return talk.to("settle", f"There is one way to pay. {PAY[ways[0]]}")
    say = [f"{PAY[way]} For that, {press(str(key))}" for key, way in enumerate(ways, start=1)]
    return Ask(tuple(say), Keys())


def _billing_pressed(talk: Talk, digits: str) -> Move | None:
    ways = billing_of(talk)
    if digits == BACK:
        return talk.to("settle")
    if digits.isdecimal() and 1 <= int(digits) <= len(ways):
        memory = talk.memory.with_draft(billing=ways[int(digits) - 1])
        return Move(replace(memory, at="settle"))
    return None


PROMPTS = {
    "change": Prompt(_change, _change_pressed),
    "billing": Prompt(_billing, _billing_pressed),
}
