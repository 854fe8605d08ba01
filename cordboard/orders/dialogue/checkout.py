"""What is still missing of an order: delivery method, time, and a location that can serve."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cordboard.orders.dialogue.acts import DropDraft
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.times import LONGEST_CLOCK, MOST_DAYS, moments
from cordboard.orders.dialogue.turns import NUMBER, Keys
from cordboard.orders.dialogue.where import able, earliest, find, methods, zone_of
from cordboard.orders.dialogue.words import METHODS, cannot, left_out, press, soon
from cordboard.orders.phrases import DAYS, away, when
from cordboard.orders.places import Choice

SOON, LATER, LEAVE, BACK = "1", "2", "9", "*"


def _settle(talk: Talk) -> Move:
    """To what is missing next; once nothing is, the order is read back."""
    basket, dropped = talk.catalogue.usable(talk.memory.basket)
    said = left_out(dropped)
    if not basket.lines:
        return leave(talk, "category", *said, "Please choose from the list.")
    if basket.method not in methods(talk, basket):
        basket = replace(basket, method="")
    memory = talk.memory.with_draft(basket=basket)
    talk = replace(talk, memory=memory)
    due_at = memory.draft.due_at
    if not basket.method:
        return talk.to("method", *said)
    if due_at is None and (not memory.timed or basket.method == "appointment"):
        return talk.to("time", *said)
    there = find(talk, basket, due_at).place is not None
    return talk.to("readback" if there else "closed", *said)


def leave(talk: Talk, at: str, *say: str) -> Move:
    """Begin anew, elsewhere; what was kept of the order is dropped."""
    drop = (DropDraft(talk.memory.draft.order),) if talk.memory.draft_kept else ()
    return Move(replace(talk.memory.anew(talk.facts.call), at=at), say, drop)


def _method(talk: Talk) -> Ask | Move:
    ways = methods(talk, talk.memory.basket)
    if not talk.catalogue.methods(talk.memory.basket):
        said = "Goods and a visit cannot be ordered together. Please take something out."
        return talk.to("take_out", said)
    if not ways:
        return talk.person("nothing_open")
    if len(ways) == 1:
        return _with_method(talk, ways[0])
    say = [f"{METHODS[way]}, {press(str(key))}" for key, way in enumerate(ways, start=1)]
    return Ask(tuple(say), Keys())


def _method_pressed(talk: Talk, digits: str) -> Move | None:
    ways = methods(talk, talk.memory.basket)
    if digits == BACK:
        return talk.to("more")
    if digits.isdecimal() and 1 <= int(digits) <= len(ways):
        return _with_method(talk, ways[int(digits) - 1])
    return None


def _with_method(talk: Talk, method: str) -> Move:
    return Move(replace(talk.memory.with_basket(method=method), at="settle", not_at=()))


def _time(talk: Talk) -> Ask | Move:
    if talk.memory.basket.method == "appointment":
        return talk.to("day")
    return Ask((f"As soon as possible, {press(SOON)} For another time, {press(LATER)}",), Keys())


def _time_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == SOON:
        return Move(replace(talk.memory.with_draft(due_at=None), at="settle", timed=True))
    if digits == LATER:
        return talk.to("day")
    return talk.to("more") if digits == BACK else None


def _day(talk: Talk) -> Ask:
    today = talk.now.astimezone(zone_of(talk)).date()
    names = ["today", "tomorrow"]
    names += [DAYS[(today + timedelta(n)).weekday()] for n in range(2, MOST_DAYS)]
    say = [f"For {name}, {press(str(key))}" for key, name in enumerate(names, start=1)]
    return Ask(tuple(say), Keys())


def _day_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == BACK:
        return talk.to("more")
    if digits.isdecimal() and 1 <= int(digits) <= MOST_DAYS:
        return talk.to("clock", day=int(digits) - 1)
    return None


def _clock(_talk: Talk) -> Ask:
    example = "Key the time, such as 8 3 0, and pound. For the evening, such as 2 0 3 0."
    return Ask((example,), Keys(LONGEST_CLOCK, "#", think_s=8.0, opens="0" + NUMBER))


def _clock_pressed(talk: Talk, digits: str) -> Move | None:
    """The first time that these keys can mean and at which some location can serve."""
    if digits == BACK:
        return talk.to("day")
    found = moments(digits, talk.memory.day, talk.now, zone_of(talk))
    if not found:
        return None
    for at in found:
        if find(talk, talk.memory.basket, at).place is not None:
            return Move(replace(talk.memory.with_draft(due_at=at), at="settle", timed=True))
    refusals = find(talk, talk.memory.basket, found[0])
    return talk.to("clock", _why_not(talk, refusals), "Please key another time.")


def _why_not(talk: Talk, choice: Choice) -> str:
    """Of the location that the client would have had, or of any."""
    own = talk.memory.basket.location or talk.client.preference.location
    for place in sorted(talk.client.places, key=lambda place: place.code != own):
        if why := choice.turned_down.get(place.code):
            return cannot(place, why)
    return "Nobody can do that."


def _closed(talk: Talk) -> Ask | Move:
    """No location can serve: the earliest time at which one can, or another method."""
    basket = talk.memory.basket
    at = earliest(talk, basket)
    if at is None:
        others = [way for way in methods(talk, basket) if way != basket.method]
        if not others or not able_by(talk, others):
            return talk.person("nothing_open")
        return talk.to("method", "No location can do that. Please choose another way.")
    return Ask(
        (
            f"{_not_then(talk)} To have it {when(at, talk.now)}, {press(SOON)}",
            f"For another time, {press(LATER)} To leave it, {press(LEAVE)}",
        ),
        Keys(),
    )


def _not_then(talk: Talk) -> str:
    wanted = talk.memory.draft.due_at
    if wanted is None:
        return "No location can do that now."
    return f"No location can have it {when(wanted.astimezone(zone_of(talk)), talk.now)}."


def able_by(talk: Talk, ways: list[str]) -> bool:
    """Whether some location can serve by one of these methods, some time."""
    baskets = (replace(talk.memory.basket, method=way) for way in ways)
    return any(earliest(talk, basket) for basket in baskets)


def _closed_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == SOON:
        at = earliest(talk, talk.memory.basket)
        return Move(replace(talk.memory.with_draft(due_at=at), at="settle", timed=True))
    if digits == LATER:
        return talk.to("day")
    return leave(talk, "menu", "All right, I left it.") if digits == LEAVE else None


def _places(talk: Talk) -> Ask | Move:
    others = _others(talk)
    if not others:
        return talk.to("readback", "No other location can do that.")
    say = [_named(talk, choice, key) for key, choice in enumerate(others, start=1)]
    return Ask((*say, f"To leave it as it was, {press(BACK)}"), Keys())


def _others(talk: Talk) -> list[Choice]:
    draft = talk.memory.draft
    found = able(talk, draft.basket, draft.due_at)
    return [one for one in found if one.place and one.place.code != draft.basket.location]


def _named(talk: Talk, choice: Choice, key: int) -> str:
    about = [choice.place.name if choice.place else ""]
    if choice.distance_m is not None:
        about.append(away(choice.distance_m, talk.client.country))
    if choice.ready_at and not talk.memory.draft.due_at:
        about.append(soon(choice.ready_at, talk.now))
    return f"For {', '.join(about)}, {press(str(key))}"


def _places_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == BACK:
        return talk.to("readback")
    others = _others(talk)
    if digits.isdecimal() and 1 <= int(digits) <= len(others):
        place = others[int(digits) - 1].place
        memory = talk.memory.with_basket(location=place.code if place else "")
        return Move(replace(memory, at="settle"))
    return None


PROMPTS = {
    "settle": Prompt(_settle),
    "method": Prompt(_method, _method_pressed),
    "time": Prompt(_time, _time_pressed),
    "day": Prompt(_day, _day_pressed),
    "clock": Prompt(_clock, _clock_pressed),
    "closed": Prompt(_closed, _closed_pressed),
    "places": Prompt(_places, _places_pressed),
}
