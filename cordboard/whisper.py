"""What an agent who signed on hears of a web call: the rule's template, filled and short. No I/O.

It is spoken sentence by sentence: each is kept, and most (company, subject) are the same for
thousands of calls. What visitors typed is in it, so it is cleaned and cut before it is spoken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from cordboard.attempt import Attempt

#: Longest value of one place of the template, longest sentence and longest whisper, characters.
MAX_VALUE, MAX_SENTENCE, MAX_WHISPER = 120, 160, 400
#: Titles of so many pages, the last ones viewed, are said.
MAX_PAGES = 3

_PLACE = re.compile(r"\{([a-z_]{1,32})\}")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?])\s+")


def phrases(attempt: Attempt) -> list[str]:
    """The sentences to speak, in order; those in which nothing is left to say are left out."""
    said = values(attempt)
    return shorten(fill(sentence, said) for sentence in _END.split(attempt.rule.whisper_template))


def values(attempt: Attempt) -> dict[str, str]:
    """What each place of a template stands for."""
    return {
        "company": attempt.company,
        "subject": attempt.rule.name,
        "page_title": attempt.page_title,
        "pages": ", ".join(_titles(attempt.pages)),
        "note": attempt.note,
        # Digit for digit: nobody understands a code as one big number.
        "customer_code": " ".join(attempt.customer_code),
        "whisper_code": attempt.whisper_code.replace("-", " "),
    }


def fill(sentence: str, said: Mapping[str, str]) -> str:
    """The sentence with its places filled; nothing when it has places and all of them are empty."""
    places = [clean(said.get(name, "")) for name in _PLACE.findall(sentence)]
    if places and not any(places):
        return ""
    filled = iter(places)
    return _PLACE.sub(lambda _: next(filled), sentence).strip()


def clean(text: str) -> str:
    """``text`` as it may be spoken: one line, no addresses, no full stop at its end, short."""
    shown = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    words = _ADDRESS.sub(" ", shown).replace("{", " ").replace("}", " ").split()
    return cut(" ".join(words), MAX_VALUE).rstrip(".!? ")


def shorten(sentences: Iterable[str]) -> list[str]:
    """Those that say something, each and all together of bounded length."""
    kept: list[str] = []
    left = MAX_WHISPER
    for sentence in sentences:
        short = cut(sentence, min(MAX_SENTENCE, left))
        if any(c.isalnum() for c in short):
            kept.append(short)
            left -= len(short)
    return kept


def cut(text: str, longest: int) -> str:
    """At most ``longest`` characters of ``text``, cut between words where there are any."""
    if len(text) <= longest:
        return text
    head, space, _ = text[: longest + 1].rpartition(" ")
    return head if space else text[:longest]


def _titles(pages: tuple[Mapping[str, Any], ...]) -> list[str]:
    """Titles of the pages viewed last, each once, oldest first."""
    titles = [str(page.get("title") or "") for page in pages]
    return list(dict.fromkeys(filter(None, titles)))[-MAX_PAGES:]
