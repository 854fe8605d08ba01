"""Playing words to the caller, and taking the keys that answer them.

What is played is one or several playbacks in a row: Asterisk plays one after another, so the next
words can be on their way while the last ones are heard, and nobody waits between them. Each text is
a playback of its own: so it is known which were heard to their end before a key was pressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ari_app.call import Call
from ari_app.client import Playback
from ari_app.verbs.say import start_saying
from cordboard.orders.dialogue.turns import Heard, Keys, Pressed, Silence

#: Samples a second of our sounds, each of two bytes; a file begins with its header.
RATE, SAMPLE, HEADER = 8000, 2, 44
#: Playing may begin, and its end be told, so much later, seconds.
LATE_S = 5.0
#: What a sound lasts of which we have no file, seconds.
UNKNOWN_S = 10.0


@dataclass(frozen=True, slots=True)
class Words:
    """What is being said to the caller.

    Attributes:
        playbacks: in order.
        seconds: how long they last together.
        texts: playback and text, of those that say one.
    """

    playbacks: tuple[str, ...] = ()
    seconds: float = 0.0
    texts: tuple[tuple[str, str], ...] = ()

    def over(self, call: Call) -> bool:
        """Whether the last word has been heard, or will never be."""
        return call.finished_playbacks.issuperset(self.playbacks)

    def heard(self, call: Call) -> tuple[str, ...]:
        """The texts that have been heard to their end by now."""
        return tuple(text for name, text in self.texts if name in call.played)

    def after(self, before: Words) -> Words:
        """These words and those that are said before them."""
        playbacks = (*before.playbacks, *self.playbacks)
        return Words(playbacks, before.seconds + self.seconds, (*before.texts, *self.texts))


async def begin_words(call: Call, sounds: list[str], text: str = "") -> Words:
    """Begin to say something, a text or anything else; it follows what is being said already."""
    name = await start_saying(call, call.customer, sounds) if sounds else ""
    if not name:
        return Words()
    return Words((name,), length_s(sounds), ((name, text),) if text else ())


async def hear_out(call: Call, words: Words) -> None:
    """Wait for the last word."""
    await call.until(lambda: words.over(call), within=words.seconds + LATE_S)


async def hush_words(call: Call, words: Words) -> None:
    """Stop all of it: it has been answered. What has not begun is not begun."""
    for name in reversed(words.playbacks):
        if name not in call.finished_playbacks:
            await Playback(call.services.client, name).stop()


async def listen(call: Call, wanted: Keys, words: Words, open_ms: int = 0) -> Heard:
    """The keys that answer these words, or silence.

    Args:
        call: the call.
        wanted: which keys.
        words: what is being said.
        open_ms: keys before that do not count, milliseconds since 1970.

    Raises:
        CallHungUp: the caller left.
    """
    keyed = call.customer.keyed

    def answered() -> bool:
        while keyed and keyed[0].at_ms < open_ms:
            keyed.popleft()
        return bool(keyed)

    if wanted.barge_in:
        until = words.seconds + LATE_S
        await call.until(lambda: answered() or words.over(call), within=until)
    else:
        await hear_out(call, words)
        keyed.clear()
    if not await call.until(answered, within=wanted.think_s):
        return Silence(words.heard(call))
    heard = words.heard(call)
    await hush_words(call, words)
    while not is_complete(wanted, _typed(call)):
        if not await _one_more(call, wanted.next_s):
            break
    return Pressed(answer_of(wanted, _typed(call)), heard)


async def _one_more(call: Call, within_s: float) -> bool:
    keyed = call.customer.keyed
    before = len(keyed)
    return await call.until(lambda: len(keyed) > before, within=within_s)


def is_complete(wanted: Keys, typed: str) -> bool:
    """Whether nothing more has to come after these keys."""
    if not typed:
        return False
    if wanted.ends and wanted.ends in typed:
        return True
    if wanted.opens and typed[0] not in wanted.opens:
        return True
    # The end key of the longest answer is waited for: left over, it would answer the next prompt.
    return len(typed) >= wanted.most + len(wanted.ends)


def answer_of(wanted: Keys, typed: str) -> str:
    """What these keys say: without the key that ended them, and without what came after."""
    if wanted.ends:
        typed = typed.partition(wanted.ends)[0]
    if wanted.opens and typed and typed[0] not in wanted.opens:
        return typed[0]
    return typed[: wanted.most]


def _typed(call: Call) -> str:
    return "".join(key.digit for key in call.customer.keyed)


def length_s(sounds: list[str]) -> float:
    """How long sounds last, seconds."""
    return sum(_length_s(Path(f"{sound.removeprefix('sound:')}.wav")) for sound in sounds)


def _length_s(path: Path) -> float:
    try:
        return (path.stat().st_size - HEADER) / (RATE * SAMPLE)
    except OSError:
        return UNKNOWN_S
