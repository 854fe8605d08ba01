"""A company's colour made readable: contrast as WCAG 2.2 measures it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

#: Least contrast of text (WCAG 2.2, 1.4.3).
TEXT = 4.5

#: The backgrounds of `cordboard.css` on which text has the least contrast, by day and by night.
DAY, NIGHT = "#f1f4f6", "#1b232b"
_BLACK, _WHITE = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class Theme:
    """The accent as it is used on one kind of background; each value is ``#rrggbb``."""

    accent: str
    hover: str
    ink: str
    soft: str


def contrast(one: str, other: str) -> float:
    """Ratio from 1 to 21.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """``one`` with a ``share`` (0 to 1) of ``other``."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def legible(colour: str, background: str) -> str:
    """``colour``, darkened or lightened as little as makes it readable on ``background``."""
    away = _BLACK if _luminance(background) > 0.5 else _WHITE
    tried = (mix(colour, away, step / 20) for step in range(21))
    return next(shade for shade in tried if contrast(shade, background) >= TEXT)


def theme(accent: str, background: str) -> Theme:
    """The colours of buttons and links in a company's ``accent``."""
    # On its own soft shade, the worst case, it must be readable too.
    soft = mix(background, accent, 0.12)
    shade = legible(legible(accent, background), soft)
    ink = max((_WHITE, _BLACK), key=lambda colour: contrast(colour, shade))
    return Theme(shade, mix(shade, _BLACK if ink == _WHITE else _WHITE, 0.15), ink, soft)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    red, green, blue = (_linear(value / 255) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
