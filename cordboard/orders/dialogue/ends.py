"""Where a call leaves the dialogue: to a person, or for good."""

from __future__ import annotations

from cordboard.orders.dialogue.acts import Hangup, ToPerson
from cordboard.orders.dialogue.talk import Ask, Prompt, Talk

#: Reason -> what is said before the caller waits for a person.
_WORDS = {
    "asked": "One moment.",
    "no_automation": "One moment.",
    "silence": "Let me connect you to a person.",
    "wrong_keys": "Let me connect you to a person.",
    "too_long": "Let me connect you to a person who can help.",
    "nothing_open": "Let me connect you to a person who can help.",
    "failed": "Something went wrong on our side. Let me connect you to a person.",
}


def _person(talk: Talk) -> Ask:
    """Said once more after a crash; the act too is then done again, and means the same."""
    why = talk.memory.why
    return Ask((_WORDS[why],), None, (ToPerson(why, talk.memory.along),))


def _over(_talk: Talk) -> Ask:
    return Ask(("Goodbye.",), None, (Hangup(),))


PROMPTS = {"person": Prompt(_person), "over": Prompt(_over)}
