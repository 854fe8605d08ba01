"""One request's attempts on a line of time: coordinates for an SVG. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webdesk.ops.timeline import TONES, clock, moment, words

Json = dict[str, Any]

#: Width of the drawing; its height grows with the attempts.
WIDTH = 1000
LEFT, RIGHT, ROW = 12, 12, 34
#: Narrowest bar that can be seen.
NARROWEST = 6


@dataclass(frozen=True, slots=True)
class Axis:
    """The line of time; whatever has no end yet reaches to ``now``."""

    begin: datetime
    end: datetime
    now: datetime

    def x(self, at: datetime | None) -> float:
        """Where a moment is, at most at the ends of the line."""
        span = max((self.end - self.begin).total_seconds(), 1.0)
        share = ((at or self.now) - self.begin).total_seconds() / span
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0), 1)


def drawing(request: Json, now: datetime) -> Json:
    """The attempts of a request.

    A bar goes from when an attempt was claimed to its end (or now); the part from dialling on is
    filled. The line goes from when the request was made to its end, or to the later of now and due.
    """
    axis = _axis(request, now)
    bars = [_bar(axis, row, attempt) for row, attempt in enumerate(request["attempts"])]
    rows = max(len(bars), 1) * ROW
    waits = request["state"] == "waiting"
    return {
        "width": WIDTH,
        "height": 44 + rows,
        "base": 34 + rows,
        "bars": bars,
        "due_x": axis.x(moment(request["due"])) if waits else None,
        "begin": clock(axis.begin.isoformat()),
        "end": clock(axis.end.isoformat()),
    }


def _axis(request: Json, now: datetime) -> Axis:
    begin = moment(request["created"])
    assert begin is not None
    times = [moment(request[name]) for name in ("due", "ended")]
    times += [moment(attempt["ended"]) for attempt in request["attempts"]]
    if not request["ended"]:
        times.append(now)
    return Axis(begin, max(time for time in times if time), now)


def _bar(axis: Axis, row: int, attempt: Json) -> Json:
    from_x, to_x = axis.x(moment(attempt["claimed"])), axis.x(moment(attempt["ended"]))
    dialled = moment(attempt["dialled"])
    label = words(attempt["outcome"] or attempt["state"])
    if attempt["sip_code"]:
        label += f", SIP {attempt['sip_code']}"
    # Beyond the middle the words stand before the bar, so that they fit.
    before = from_x > WIDTH / 2
    return {
        "number": attempt["attempt"],
        "x": from_x,
        "width": max(to_x - from_x, NARROWEST),
        "dialled_x": axis.x(dialled) if dialled else None,
        "dialled_width": max(to_x - axis.x(dialled), NARROWEST) if dialled else 0,
        "y": 30 + row * ROW,
        "label": label,
        "label_x": from_x - 8 if before else max(to_x, from_x + NARROWEST) + 8,
        "anchor": "end" if before else "start",
        "tone": TONES.get(attempt["outcome"] or "dialling", "bad"),
    }
