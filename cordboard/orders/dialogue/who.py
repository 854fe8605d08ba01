"""Who is it? The client of the number, one of several, or somebody new."""

from __future__ import annotations

from dataclasses import replace

from cordboard.identity import normalise_number
from cordboard.orders.dialogue.acts import Act, Choose, LookUp, Prefer, Unchoose
from cordboard.orders.dialogue.memory import Enrolling
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import NUMBER, Answered, Answers, Keys
from cordboard.orders.dialogue.words import press
from cordboard.orders.facts import Caller

#: Callers who are named at once; there is a key for each.
A_PAGE = 9
NEW, OTHER_NUMBER = "1", "2"
MORE, SOMEBODY_ELSE = "*", "#"
#: Turns automation on again.
AUTOMATION = "7"
#: Numbers that may be keyed in one call.
MOST_NUMBERS = 3
#: Longest telephone number, digits (E.164).
LONGEST_NUMBER = 15


def _who(talk: Talk) -> Ask | Move:
    callers = talk.facts.callers
    if not callers:
        return talk.to("new")
    # Who only claimed the number is asked: it may be somebody else's, who knows nothing of that.
    if len(callers) == 1 and not callers[0].claimed:
        return talk.to("choosing", page=0)
    page = _page(talk)
    say = [part for key, caller in enumerate(page, start=1) for part in _named(caller, key)]
    if _pages(talk) > 1:
        say.append(f"For more names, {press(MORE)}")
    say.append(f"For somebody else, {press(SOMEBODY_ELSE)}")
    return Ask(("Who is calling?", *say), Keys())


def _named(caller: Caller, key: int) -> tuple[str, ...]:
    """A name as it was recorded, or spoken; who has neither is called a client."""
    if caller.audio:
        return "For", f"audio:{caller.id}:name", press(str(key))
    return (f"For {caller.first_name or 'a client without a name'}, {press(str(key))}",)


def _pages(talk: Talk) -> int:
    return -(-len(talk.facts.callers) // A_PAGE)


def _page(talk: Talk) -> tuple[Caller, ...]:
    begin = talk.memory.page * A_PAGE
    return talk.facts.callers[begin : begin + A_PAGE]


def _who_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == SOMEBODY_ELSE:
        return talk.to("new")
    if digits == MORE and _pages(talk) > 1:
        return talk.to("who", page=(talk.memory.page + 1) % _pages(talk))
    page = _page(talk)
    if digits.isdecimal() and 1 <= int(digits) <= len(page):
        return talk.to("choosing", page=talk.memory.page * A_PAGE + int(digits) - 1)
    return None


def _choosing(talk: Talk) -> Ask | Move:
    """``memory.page`` is the place of the caller among ``facts.callers`` here."""
    callers, place = talk.facts.callers, talk.memory.page
    if place >= len(callers):
        return talk.to("new", page=0)
    return Ask((), Answers(), (Choose(callers[place].id, talk.memory.keyed),))


def _chosen(talk: Talk, answer: Answered) -> Move:
    client = talk.facts.client
    if answer.refused or client is None:
        return talk.person("failed")
    # A number that was keyed proves nothing: nothing is told of orders.
    to_tell = client.moved is not None and not talk.memory.keyed
    at = "moved" if to_tell else _onward(talk)
    return talk.to(at, page=0, retries=0)


def onward(talk: Talk, *acts: Act) -> Move:
    """On to a person, for whom that is preferred, or to what the call is about."""
    return talk.to(_onward(talk), acts=acts)


def _onward(talk: Talk) -> str:
    return "straight" if talk.client.preference.no_automation else "start"


def _straight(talk: Talk) -> Ask:
    """Straight to a person, but for the key by which the client gets the menu back."""
    way_back = f"To order by keys again, {press(AUTOMATION)}"
    return Ask((f"{hello(talk)} I am connecting you.", way_back), Keys(think_s=0.5))


def _straight_pressed(talk: Talk, digits: str) -> Move:
    if digits != AUTOMATION or talk.memory.keyed:
        return talk.person("no_automation")
    return talk.to("start", "All right.", acts=(Prefer(False),))


def hello(talk: Talk) -> str:
    """Greets the client by name, once there is one."""
    name = talk.client.first_name
    return f"Hello {name}." if name else "Hello."


def has_somebody_else(talk: Talk) -> bool:
    """Whether a caller may say to be another than the client who was chosen.

    Not while an order is begun; nor by a number that was keyed: nobody tries one after another.
    """
    return not talk.memory.keyed and not talk.memory.draft_kept


def somebody_else(talk: Talk) -> Move:
    """To the choice among those of the number, or, where there is none, as somebody new.

    What was suggested, and an order that was begun, are not theirs.
    """
    memory = talk.memory.anew(talk.facts.call).with_draft(suggested=())
    at = "who" if len(talk.facts.callers) > 1 else "new"
    memory = replace(memory, at=at, page=0, fresh=True, enrolling=Enrolling())
    return Move(memory, acts=(Unchoose(),))


def _new(talk: Talk) -> Ask:
    known = f"If you have ordered from another number, {press(OTHER_NUMBER)}"
    first = f"Welcome to {talk.facts.shop.name}. To order for the first time, {press(NEW)}"
    return Ask((first, known, f"For a person, {press('0')}"), Keys())


def _new_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == NEW:
        return talk.to("enrol_number", retries=0)
    return talk.to("key_number") if digits == OTHER_NUMBER else None


def _key_number(_talk: Talk) -> Ask:
    return Ask(
        ("Key your telephone number with its area code, then press pound.",),
        Keys(LONGEST_NUMBER, "#", think_s=8.0, opens=NUMBER),
    )


def _number_keyed(talk: Talk, digits: str) -> Move | None:
    number = normalise_number(digits, talk.facts.shop.country)
    if number is None:
        return None
    return talk.to("looking_up", looked_up=number)


def _looking_up(talk: Talk) -> Ask:
    return Ask((), Answers(), (LookUp(talk.memory.looked_up),))


def _looked_up(talk: Talk, answer: Answered) -> Move:
    if answer.refused or not talk.facts.callers:
        # Nobody tries one number after another to hear who lives there.
        tries = talk.memory.retries + 1
        if tries >= MOST_NUMBERS:
            return talk.person("wrong_keys")
        return talk.to("new", "I know nobody by that number.", retries=tries)
    # The number that the call comes from proves as much keyed as not.
    return talk.to("who", page=0, keyed=talk.memory.looked_up != talk.facts.number)


PROMPTS = {
    "who": Prompt(_who, _who_pressed),
    "choosing": Prompt(_choosing, answered=_chosen),
    "straight": Prompt(
        _straight,
        _straight_pressed,
        silent=lambda talk: talk.person("no_automation"),
        person=lambda talk: talk.person("no_automation"),
    ),
    "new": Prompt(_new, _new_pressed),
    "key_number": Prompt(_key_number, _number_keyed),
    "looking_up": Prompt(_looking_up, answered=_looked_up),
}
