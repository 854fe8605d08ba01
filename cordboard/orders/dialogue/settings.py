"""What a client sets by keys: a person at once, speed dials heard, the own name recorded."""

from __future__ import annotations

from cordboard.orders.dialogue.acts import KeepAudio, Prefer
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import Keys, Record, Recorded
from cordboard.orders.dialogue.words import contents, press

PERSON_AT_ONCE, SPEED_DIALS, NAME, BACK = "1", "2", "3", "*"
#: Longest name, seconds.
NAME_S = 5.0
#: Speed dials that are read out.
MOST_DIALS = 9
_OFF = "From now on, your calls go straight to a person. In such a call, press 7 to come back here."


def _settings(talk: Talk) -> Ask:
    off = talk.client.preference.no_automation
    wish = "To order by keys again" if off else "To always go straight to a person"
    return Ask(
        (
            f"{wish}, {press(PERSON_AT_ONCE)}",
            f"To hear your speed dials, {press(SPEED_DIALS)} To record your name, {press(NAME)}",
            f"To go back, {press(BACK)}",
        ),
        Keys(),
    )


def _pressed(talk: Talk, digits: str) -> Move | None:
    if digits == BACK:
        return talk.to("main")
    if digits == PERSON_AT_ONCE:
        off = not talk.client.preference.no_automation
        return talk.to("main", _OFF if off else "All right.", acts=(Prefer(off),))
    if digits == SPEED_DIALS:
        return talk.to("main", *_dials(talk))
    return talk.to("my_name") if digits == NAME else None


def _dials(talk: Talk) -> list[str]:
    dials = sorted(talk.client.speed_dials.items())[:MOST_DIALS]
    named = ((n, talk.catalogue.usable(basket)[0]) for n, basket in dials)
    said = [f"Star {n}: {contents(basket, talk.catalogue)}." for n, basket in named if basket.lines]
    return said or ["You have no speed dials yet. After an order you can make one."]


def _my_name(_talk: Talk) -> Ask:
    return Ask(("After the tone, say your name, then press pound.",), Record("name", NAME_S))


def _recorded(talk: Talk, recording: Recorded) -> Move:
    if recording.silent:
        return talk.to("main", "I heard nothing, so your name stays as it was.")
    return talk.to("main", "Thank you.", acts=(KeepAudio("name"),))


PROMPTS = {
    "settings": Prompt(_settings, _pressed),
    "my_name": Prompt(_my_name, recorded=_recorded),
}
